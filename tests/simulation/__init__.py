"""Sessions against a simulated network and clock, with seeded faults; see ``__main__``."""
