"""Programs that type checkers must refuse, at the marked lines and at no others."""
