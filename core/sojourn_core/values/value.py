"""Values: dataclasses that are compared, hashed and shown by their fields.

``dataclasses`` writes and compiles these three methods for each class anew, which is most of what
it takes to import them; here they are once, for all that ask it for neither ``eq`` nor ``repr``.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any


class Value:
    """A dataclass that is equal to others of its class by its fields, and hashed by them."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return _compared(self) == _compared(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(_compared(self))

    def __repr__(self) -> str:
        this: Any = self
        shown = [f"{each.name}={getattr(self, each.name)!r}" for each in fields(this) if each.repr]
        return f"{type(self).__qualname__}({', '.join(shown)})"


def _compared(value: Any) -> tuple[Any, ...]:
    """Return what a value is compared by."""
    return tuple([getattr(value, each.name) for each in fields(value) if each.compare])
