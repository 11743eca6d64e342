"""The two mappings of Requests: header fields by name in any case, and names to look up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from sojourn_core.values.fields import FieldLine, Fields, as_text

if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterable, Iterator, ValuesView

V = TypeVar("V")
D = TypeVar("D")


class Sent(str):
    """A field value as it is sent, which was given in another form.

    Attributes:
        given: The value as it was given.
    """

    __slots__ = ("given",)
    given: Any

    def __reduce__(self) -> tuple[Any, ...]:
        return as_sent, (self.given,)


def as_sent(value: Any) -> Any:
    """Return a field value as the text that is sent, if it can be one: see ``Sent``."""
    kind: Any = value.__class__
    if kind is str:
        text = value.strip(" \t")
        if len(text) == len(value):
            return value
    elif isinstance(value, bytes):
        text = value.decode("latin-1").strip(" \t")
    elif isinstance(value, int):
        text = str(value)
    else:
        return value
    made = Sent(text)
    made.given = value
    return made


class CaseInsensitiveDict(Fields, Generic[V]):
    """A mapping whose keys are found in any case, and keep the case in which they were set last.

    Keys are text, or objects with ``lower()``; values may be of any type. It is the core's
    ``Fields`` as well, whose lines are text: a value that is bytes, a number, or text with blanks
    around it stands there as it is sent, and is given back as it was set. One that ``from_lines``
    made may repeat a name: then reading the name joins its lines, ``lines`` and ``get_all`` give
    each, and setting the name replaces all of them where the first one stood.

    Args:
        data: A mapping, or an iterable of pairs. Of equal names the last one counts.
        **kwargs: Further names and values.
    """

    def __init__(
        self, data: Mapping[str, V] | Iterable[tuple[str, V]] | None = None, **kwargs: V
    ) -> None:
        Fields.__init__(self)
        if data is not None or kwargs:
            given: Any = data
            self.update(() if data is None else given, **kwargs)

    @classmethod
    def from_lines(cls, lines: list[FieldLine], index: dict[str, str] | None = None) -> Self:
        """Make one that owns ``lines``, a list of pairs of name and value."""
        made: Any = super().from_lines(lines, index)
        own: Self = made
        return own

    def __getitem__(self, key: str) -> V:  # type: ignore[override]
        value: Any = self.by_name()[key.lower()]
        return value.given if type(value) is Sent else value  # type: ignore[no-any-return]

    def __setitem__(self, key: str, value: V) -> None:  # type: ignore[override]
        self._put(key.lower(), (key, as_sent(value)))

    def __delitem__(self, key: str) -> None:
        lowered = key.lower()
        if not self.discard(lowered):
            raise KeyError(lowered)

    def __contains__(self, key: object) -> bool:
        named: Any = key
        return named.lower() in self.by_name()

    def __eq__(self, other: object) -> bool:
        """Return True if the names, in any case, have equal values."""
        if not isinstance(other, Mapping):
            return NotImplemented
        given = CaseInsensitiveDict(other)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return dict(self.lower_items()) == dict(given.lower_items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]

    __hash__ = None  # Mutable, and equal by content.

    def __repr__(self) -> str:
        return str(dict(self.items()))

    def clear(self) -> None:
        """Remove everything."""
        Fields.__init__(self)

    def copy(self) -> CaseInsensitiveDict[V]:
        """Return a copy with the same lines."""
        return CaseInsensitiveDict.from_lines(self.lines.copy())  # pyright: ignore[reportUnknownVariableType]

    def lower_items(self) -> Iterator[tuple[str, V]]:  # type: ignore[override]
        """Iterate over pairs of name in lower case and value."""
        return ((name, self[name]) for name in self.by_name())

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def get(self, key: str, default: None = None, /) -> V | None: ...
        @overload
        def get(self, key: str, default: V | D, /) -> V | D: ...
        def get(self, key: str, default: object = None, /) -> object: ...  # pyright: ignore[reportIncompatibleMethodOverride]
        def items(self) -> ItemsView[str, V]: ...  # type: ignore[override]
        def values(self) -> ValuesView[V]: ...  # type: ignore[override]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lines": self.lines}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Fields.__init__(self)
        self.__dict__.update(state)
        self._lines = list(
            self.__dict__.pop("_lines")
        )  # The original of a copy keeps its own list.


def in_fields(headers: Any) -> CaseInsensitiveDict[Any]:
    """Return the lines of a mapping of any kind, each pair of its ``items()`` one line.

    A name that is bytes is the text that it stands for, so that rules for that name hold for it.
    """
    if isinstance(headers, CaseInsensitiveDict) and has_text_names(headers):  # pyright: ignore[reportUnknownArgumentType]
        return headers  # pyright: ignore[reportUnknownVariableType]
    pairs: Any = headers.lines if isinstance(headers, Fields) else headers.items()
    lines = [(as_text(name), as_sent(value)) for name, value in pairs]
    return CaseInsensitiveDict.from_lines(lines)  # pyright: ignore[reportUnknownVariableType]


def has_text_names(fields: Fields) -> bool:
    """Return False if a program has set a field whose name is bytes."""
    try:
        "".join(fields.by_name())
    except TypeError:
        return False
    return True


class AsFields:
    """The headers of a request as fields, for as long as it is prepared by the core.

    A program may have put a mapping of another kind there. It is put back at the end, changed as
    the fields were. A Content-Type that the mapping does not find under ``content-type`` is out of
    sight meanwhile: as with Requests, that of the content takes its place.

    Args:
        request: A prepared request.
    """

    def __init__(self, request: Any) -> None:
        self._request = request
        self._given: Any = None

    def __enter__(self) -> None:
        given = self._request.headers
        if not isinstance(given, Fields):
            self._given = given
            hidden = None if "content-type" in given else "content-type"
            lines = in_fields(given).lines
            self._before = [line for line in lines if line[0].lower() != hidden]
            self._request.headers = CaseInsensitiveDict.from_lines(self._before.copy())

    def __exit__(self, *_: object) -> None:
        given = self._given
        if given is None:
            return
        fields, self._request.headers = self._request.headers, given
        for name in {name for name, _ in self._before} - {name for name, _ in fields.lines}:
            given.pop(name, None)
        for line in fields.lines:
            if line not in self._before:
                given[line[0]] = line[1]


class LookupDict(dict[str, V]):
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

    def __getattr__(self, key: str) -> V | None:
        # Type checkers need it; attributes that are set are found without it.
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __getitem__(self, key: str) -> V | None:  # type: ignore[override]
        return self.__dict__.get(key)

    @overload
    def get(self, key: str, default: None = None) -> V | None: ...
    @overload
    def get(self, key: str, default: V | D) -> V | D: ...
    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a name, or the default."""
        return self.__dict__.get(key, default)
