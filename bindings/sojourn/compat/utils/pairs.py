"""Mappings as pairs, and pairs as mappings."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

_NOT_PAIRS: Final = (str, bytes, bool, int)


def dict_to_sequence(d: Any) -> Any:
    """Return the items of a mapping; anything else is returned as it is."""
    return d.items() if hasattr(d, "items") else d


def from_key_val_list(value: Any) -> OrderedDict[Any, Any] | None:
    """Convert a mapping or pairs to an ordered mapping; None stays None.

    Raises:
        ValueError: It is neither a mapping nor pairs.
    """
    if value is None:
        return None
    _check(value)
    return OrderedDict(value)


def to_key_val_list(value: Any) -> list[Any] | None:
    """Convert a mapping or pairs to a list of pairs; None stays None.

    Raises:
        ValueError: It is neither a mapping nor pairs.
    """
    if value is None:
        return None
    _check(value)
    return list(dict_to_sequence(value))


def _check(value: object) -> None:
    if isinstance(value, _NOT_PAIRS):
        raise ValueError("cannot encode objects that are not 2-tuples")
