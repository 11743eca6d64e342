"""Programs that type checkers must let pass."""
