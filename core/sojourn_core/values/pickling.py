"""Values that are pickled by the names of their fields.

A frozen value with slots is otherwise pickled by position, and a field that a later release adds in
between would shift all those behind it, settings of safety among them.
"""

from __future__ import annotations

from typing import Any, TypeVar

from .record import names_of

T = TypeVar("T")


class NamedState:
    """Base of frozen records that are pickled by the names of their fields."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), {name: getattr(self, name) for name in names_of(self)})


def _made(kind: type[T], values: dict[str, Any]) -> T:
    """Build a value of these fields; names that this release does not know are left out."""
    known = names_of(kind)
    return kind(**{name: value for name, value in values.items() if name in known})
