"""The two mappings of Requests: header fields without regard to case, and names to look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self, cast

from sojourn_core.values.fields import FieldLine, Fields


class CaseInsensitiveDict(Fields):
    """A mapping whose keys are found in any case, and given back as they were set last.

    Keys are text, or whatever has ``lower()``; values are kept as they are, whatever they are. It
    is a section of field lines as well: what the core takes as ``Fields``. One that was made by
    ``from_lines`` may repeat a name. Then reading gives the joined view, ``lines`` and ``get_all``
    give what there is, and setting the name replaces all its lines, where the first one stood.

    Args:
        data: A mapping, or an iterable of pairs. Of equal names the last one counts.
        **kwargs: More of them.
    """

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__()
        self.update(() if data is None else data, **kwargs)

    @classmethod
    def from_lines(cls, lines: list[FieldLine]) -> Self:
        """One that owns ``lines``: name and value pairs."""
        return cast("Self", super().from_lines(lines))

    def __getitem__(self, key: Any) -> Any:
        return self.by_name()[key.lower()]

    def __setitem__(self, key: Any, value: Any) -> None:
        lowered = key.lower()
        index = self.by_name()
        if lowered not in index:
            self._lines.append((key, value))
            index[lowered] = value
            return
        position = next(i for i, line in enumerate(self._lines) if line[0].lower() == lowered)
        if lowered in self._repeated:
            self._lines = [line for line in self._lines if line[0].lower() != lowered]
            self._lines.insert(position, (key, value))
            self._index = None
        else:
            self._lines[position] = (key, value)
            index[lowered] = value

    def __delitem__(self, key: Any) -> None:
        lowered = key.lower()
        if not self.discard(lowered):
            raise KeyError(lowered)

    def __contains__(self, key: object) -> bool:
        return cast("Any", key).lower() in self.by_name()

    def __eq__(self, other: object) -> bool:
        """Whether names, compared without case, have equal values."""
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
        """One of its own, with the same lines."""
        return CaseInsensitiveDict.from_lines(self._lines.copy())

    def lower_items(self) -> Iterator[tuple[str, Any]]:
        """Name in lower case, and value."""
        return super().lower_items()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lines": self._lines}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Fields.__init__(self)
        self.__dict__.update(state)
        self._lines = list(self.__dict__.pop("_lines"))  # Not the one of what was copied.


class LookupDict(dict[str, Any]):
    """Names, read as attributes or as items; an item that is not there is None.

    The names are attributes, and as a dictionary it is empty.

    Args:
        name: What ``repr`` calls it.
    """

    name: Any

    def __init__(self, name: Any = None) -> None:
        self.name = name
        super().__init__()

    def __repr__(self) -> str:
        return f"<lookup '{self.name}'>"

    def __getattr__(self, key: str) -> Any:
        # It is here for type checkers: what is set has been found before this is asked.
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __getitem__(self, key: str) -> Any:
        return self.__dict__.get(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a name, or the default."""
        return self.__dict__.get(key, default)
