"""The common half of both bindings, without I/O."""
