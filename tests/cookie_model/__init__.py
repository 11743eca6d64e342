"""The cookie jar against a naive model of the standard, program by program."""
