"""The two mappings of Requests: header fields by name in any case, and names to look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self, cast

from sojourn_core.values.fields import FieldLine, Fields


class CaseInsensitiveDict(Fields):
    """A mapping whose keys are found in any case, and keep the case in which they were set last.

    Keys are text, or objects with ``lower()``; values may be of any type. It is the core's
    ``Fields`` as well. One that ``from_lines`` made may repeat a name: then reading the name joins
    its lines, ``lines`` and ``get_all`` give each, and setting the name replaces all of them where
    the first one stood.

    Args:
        data: A mapping, or an iterable of pairs. Of equal names the last one counts.
        **kwargs: Further names and values.
    """

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__()
        self.update(() if data is None else data, **kwargs)

    @classmethod
    def from_lines(cls, lines: list[FieldLine], index: dict[str, str] | None = None) -> Self:
        """Make one that owns ``lines``, a list of pairs of name and value."""
        return cast("Self", super().from_lines(lines, index))

    def __getitem__(self, key: Any) -> Any:
        return self.by_name()[key.lower()]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._put(key.lower(), (key, value))

    def __delitem__(self, key: Any) -> None:
        lowered = key.lower()
        if not self.discard(lowered):
            raise KeyError(lowered)

    def __contains__(self, key: object) -> bool:
        return cast("Any", key).lower() in self.by_name()

    def __eq__(self, other: object) -> bool:
        """Return True if the names, in any case, have equal values."""
        if not isinstance(other, Mapping):
            return NotImplemented
        given = CaseInsensitiveDict(other)
        return self.by_name() == given.by_name()

    __hash__ = None  # Mutable, and equal by content.

    def __repr__(self) -> str:
        return str(dict(self.items()))

    def clear(self) -> None:
        """Remove everything."""
        Fields.__init__(self)

    def copy(self) -> CaseInsensitiveDict:
        """Return a copy with the same lines."""
        return CaseInsensitiveDict.from_lines(self.lines.copy())

    def lower_items(self) -> Iterator[tuple[str, Any]]:
        """Iterate over pairs of name in lower case and value."""
        return super().lower_items()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lines": self.lines}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Fields.__init__(self)
        self.__dict__.update(state)
        self._lines = list(
            self.__dict__.pop("_lines")
        )  # The original of a copy keeps its own list.


class LookupDict(dict[str, Any]):
    """Names, read as attributes or as items; a missing item is None.

    The names are attributes; as a dictionary it is empty.

    Args:
        name: The name in its ``repr``.
    """

    name: Any

    def __init__(self, name: Any = None) -> None:
        self.name = name
        super().__init__()

    def __repr__(self) -> str:
        return f"<lookup '{self.name}'>"

    def __getattr__(self, key: str) -> Any:
        # Type checkers need it; attributes that are set are found without it.
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __getitem__(self, key: str) -> Any:
        return self.__dict__.get(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a name, or the default."""
        return self.__dict__.get(key, default)
