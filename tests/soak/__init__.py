"""Many requests over real sockets, and what they leave behind; see ``__main__``."""
