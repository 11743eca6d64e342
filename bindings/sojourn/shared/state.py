"""Settings that can travel: each is data, or a function or a class that is found by its name."""

from __future__ import annotations

import io
import pickle
from types import BuiltinFunctionType, FunctionType
from typing import Any

# Found by name, or else left for the pickler to refuse: some picklers take functions along,
# and a deep copy shares them.
_BY_NAME = (type, FunctionType, BuiltinFunctionType)


class _Trial(pickle.Pickler):
    """Pickles what is data, and lets functions and classes pass."""

    def reducer_override(self, obj: Any) -> Any:
        """Put an empty text in the place of a function or a class."""
        return (str, ()) if isinstance(obj, _BY_NAME) and obj is not str else NotImplemented


def has_form_as_data(value: object) -> bool:
    """Tell whether a setting can be pickled: a TLS context, a lock, a socket and a file cannot."""
    if isinstance(value, (str, int, float, type(None))):
        return True
    try:
        _Trial(io.BytesIO()).dump(value)
    except (TypeError, pickle.PicklingError):  # AttributeError and others are of the caller's own.
        return False
    return True
