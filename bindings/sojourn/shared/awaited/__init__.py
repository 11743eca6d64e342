"""The common half of bindings whose calls are awaited. It names no event loop."""
