"""Mappings as pairs, and pairs as mappings."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

_NOT_PAIRS: Final = (str, bytes, bool, int)


def dict_to_sequence(d: Any) -> Any:
    """The items of a mapping; what is none, as it is."""
    return d.items() if hasattr(d, "items") else d


def from_key_val_list(value: Any) -> OrderedDict[Any, Any] | None:
    """An ordered mapping of a mapping or of pairs; None of None.

    Raises:
        ValueError: It is neither.
    """
    if value is None:
        return None
    _check(value)
    return OrderedDict(value)


def to_key_val_list(value: Any) -> list[Any] | None:
    """The pairs of a mapping, or pairs as they are, in a list; None of None.

    Raises:
        ValueError: It is neither.
    """
    if value is None:
        return None
    _check(value)
    return list(dict_to_sequence(value))


def _check(value: object) -> None:
    if isinstance(value, _NOT_PAIRS):
        raise ValueError("cannot encode objects that are not 2-tuples")
