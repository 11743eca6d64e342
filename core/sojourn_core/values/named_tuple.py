"""Named tuples that are made without compiling anything.

``typing.NamedTuple`` compiles each annotation that is text, and ``collections.namedtuple`` the
constructor of each class: together as much as a fifth of the time in which the library starts. Here
the constructor is compiled when the first tuple is made. Type checkers take this class for that of
``typing``, which it does the work of.
"""

from __future__ import annotations

import collections
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from .record import Late, compiled

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NamedTuple, Self
else:

    class _Fields(tuple):
        """The methods of a named tuple."""

        __slots__ = ()

        @classmethod
        def _make(cls, values: Iterable[Any]) -> Self:
            """Make a tuple of values that are there."""
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changes: Any) -> Self:
            """Return a copy in which some fields differ."""
            made = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"Got unexpected field names: {[*changes]!r}")
            return made

        __replace__ = _replace

        def _asdict(self) -> dict[str, Any]:
            """Return the fields by name."""
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            shown = [f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)]
            return f"{type(self).__name__}({', '.join(shown)})"

    class _NamedTupleType(type):
        """Makes a class of named tuples from the body of a class."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:  # The base itself, which no class keeps.
                return super().__new__(cls, name, bases, body)
            names = tuple(body["__annotations__"])
            body["__slots__"] = ()
            body["_fields"] = body["__match_args__"] = names
            body["_field_defaults"] = {name: body[name] for name in names if name in body}
            body["__new__"] = Late(_constructor)
            for index, field in enumerate(names):
                body[field] = _GETTER(index, f"Alias for field number {index}")
            return type(name, (_Fields,), body)

    class NamedTuple(metaclass=_NamedTupleType):
        """Base of a class whose fields are its annotations, and whose instances are tuples."""


def _getter(index: int, text: str) -> property:
    return property(itemgetter(index), doc=text)


_MAKE: Final[Any] = vars(tuple)["__new__"]
# That of ``collections`` is the faster one, where there is one.
_GETTER: Final[Callable[[int, str], Any]] = getattr(collections, "_tuplegetter", _getter)


def _constructor(kind: Any) -> Any:
    """Compile the constructor of a class of named tuples."""
    values = "".join(f"{name}, " for name in kind._fields)
    steps = [f"return make(cls, ({values}))"]
    made = compiled(kind, "__new__", ["cls", *kind._fields], steps, {"make": _MAKE})
    made.__defaults__ = tuple(kind._field_defaults.values())
    return staticmethod(made)
