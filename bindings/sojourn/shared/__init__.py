"""What both bindings are, without I/O."""
