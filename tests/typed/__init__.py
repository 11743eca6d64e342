"""Programs annotated as users annotate theirs. Type checkers read them; nothing runs them."""
