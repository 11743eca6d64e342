"""Programs annotated as users annotate theirs; type checkers read them, and nothing runs them."""
