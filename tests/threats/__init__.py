"""Known attacks on HTTP clients, each of which must come to nothing."""
