"""Known attacks on cookies, as conversations that must come to nothing."""
