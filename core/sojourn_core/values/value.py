"""Values: records that are compared, hashed and shown by their fields."""

from __future__ import annotations

from .record import fields_of, key_of


class Shown:
    """A record that is shown by its fields, and is equal to itself alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        names = [name for name, given in fields_of(self).items() if given.repr]
        shown = [f"{name}={getattr(self, name)!r}" for name in names]
        return f"{type(self).__qualname__}({', '.join(shown)})"


class Value(Shown):
    """A record that is equal to others of its class by its fields, and hashed by them."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return key_of(self) == key_of(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(key_of(self))
