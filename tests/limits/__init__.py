"""Every limit: one step below it passes, and one step above fails with an error that names it."""
