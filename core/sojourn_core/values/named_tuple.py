"""Named tuples that are made as fast as those of ``collections``.

``typing.NamedTuple`` compiles each annotation that is text, which is two thirds of its work.
Type checkers take this one for that one.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, Final

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    _ABOUT_THE_CLASS: Final = frozenset({"__module__", "__qualname__", "__annotations__"})

    class _NamedTupleType(type):
        """Makes a class of ``collections.namedtuple`` from the body of a class."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:  # The base itself, which no class keeps.
                return super().__new__(cls, name, bases, body)
            fields = body["__annotations__"]
            defaults = [body.pop(field) for field in fields if field in body]
            made = collections.namedtuple(name, fields, defaults=defaults)  # noqa: PYI024
            made.__annotations__ = made.__new__.__annotations__ = fields
            made.__module__ = body["__module__"]
            made.__qualname__ = body["__qualname__"]
            for key in body.keys() - _ABOUT_THE_CLASS:
                setattr(made, key, body[key])
            return made

    class NamedTuple(metaclass=_NamedTupleType):
        """Base of a class whose fields are its annotations, and whose instances are tuples."""
