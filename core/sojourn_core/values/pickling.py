"""Values that are pickled by the names of their fields.

A frozen value with slots is otherwise pickled by position, and a field that a later release adds in
between would shift all those behind it, settings of safety among them.
"""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


class NamedState:
    """Base of frozen dataclasses that are pickled by the names of their fields."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        from dataclasses import fields  # It takes long to load, and few programs pickle.

        this: Any = self
        return _made, (type(self), {f.name: getattr(self, f.name) for f in fields(this)})


def _made(kind: type[T], values: dict[str, Any]) -> T:
    """Build a value of these fields; names that this release does not know are left out."""
    from dataclasses import fields

    this: Any = kind
    known = {field.name for field in fields(this)}
    return kind(**{name: value for name, value in values.items() if name in known})
