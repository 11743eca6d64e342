"""Field lines: ordered, case-insensitive, repeatable (RFC 9110 section 5).

``Fields`` keeps lines as they were sent: each one, in order, with its name's case. Reading a name
gives its values joined with ``", "``, which is a view and not the data (RFC 9110 section 5.3);
``get_all`` gives the values one by one. Setting a name replaces all its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Final, TypeAlias, cast, overload

from .errors import InvalidHeader
from .line_order import LineOrder
from .masking import shown

# Methods that are known to be tokens.
COMMON_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})

FieldLine: TypeAlias = tuple[str, str]
FieldsInput: TypeAlias = (
    "Mapping[str, str | bytes | None] | Iterable[tuple[str | bytes, str | bytes]]"
)

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# Visible characters, obs-text, and blanks between them (RFC 9110 section 5.5).
_VALUE: Final = re.compile(
    r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?"
)
_UNSENDABLE: Final = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_NONE: Final[dict[str, list[str]]] = {}  # Shared by all that repeat nothing; never filled.
# Up to so many lines a change goes through them, which is faster than to keep their order apart.
_SCANNED_MAX: Final = 32


class Fields(MutableMapping[str, str]):
    """A section of field lines.

    Attributes:
        repeated: The values of names with several lines, one by one, once ``by_name`` was called;
            not to be changed.

    ``len`` and iteration count names, as a mapping does; ``lines`` has each line. A change takes
    the same time however many lines there are.
    """

    # Lines are in ``_order`` if that is not None, and else in ``_lines``. ``_index`` is None or up
    # to date, but for the joined values of the names in ``_stale``. ``_shared``: with a copy. The
    # hot path looks at ``_index`` first, where names are all that it asks for: no call is added.
    __slots__ = ("_index", "_lines", "_order", "_shared", "_stale", "repeated")

    def __init__(self, fields: FieldsInput | None = None, /) -> None:
        self._lines: list[FieldLine] = []
        self._order: LineOrder | None = None
        self._index: dict[str, str] | None = None
        self.repeated: dict[str, list[str]] = _NONE
        self._stale: set[str] | None = None
        self._shared = False
        if fields is not None:
            self.extend(fields)

    @classmethod
    def from_lines(cls, lines: list[FieldLine], index: dict[str, str] | None = None) -> Fields:
        """Build fields that own ``lines``: pairs of name and value, already text.

        Args:
            lines: The lines.
            index: Their values by their names in lower case, if no name repeats; None otherwise.
        """
        made = cls.__new__(cls)
        made._lines = lines
        made._order = None
        made._index = index
        made.repeated = _NONE
        made._stale = None
        made._shared = False
        return made

    @property
    def lines(self) -> list[FieldLine]:
        """Field lines, as pairs of name and value, in order. The list must not be changed."""
        order = self._order
        return self._lines if order is None else order.lines()

    def by_name(self) -> dict[str, str]:
        """Return the joined value of each name, in lower case. Not to be changed or kept."""
        index = self._index
        if index is None:
            lines = self._lines if self._order is None else self.lines
            index = {name.lower(): value for name, value in lines}
            self.repeated = _NONE if len(index) == len(lines) else self._join(index)
            self._stale = None
            self._index = index
        elif self._stale is not None:
            for name in self._stale:
                index[name] = ", ".join(self.repeated[name])
            self._stale = None
        return index

    def _join(self, index: dict[str, str]) -> dict[str, list[str]]:
        """Set the joined values of repeated names in ``index``; return their values one by one."""
        repeated: dict[str, list[str]] = {}
        for name, value in self.lines:
            repeated.setdefault(name.lower(), []).append(value)
        repeated = {name: values for name, values in repeated.items() if len(values) > 1}
        for name, values in repeated.items():
            index[name] = ", ".join(values)
        return repeated

    def repeats(self, name: str) -> bool:
        """Tell whether there are several lines of this name."""
        self.by_name()
        return name.lower() in self.repeated

    def get_all(self, name: str) -> list[str]:
        """List the value of every line of this name, in order; empty if there is none."""
        name = name.lower()
        value = self.by_name().get(name)
        if value is None:
            return []
        return self.repeated[name].copy() if name in self.repeated else [value]

    def first(self, name: str) -> str | None:
        """Return the value of the first line of this name, or None."""
        name = name.lower()
        value = self.by_name().get(name)
        if name in self.repeated:
            return self.repeated[name][0]
        return value

    def add(self, name: str, value: str) -> None:
        """Append a line, beside any others of that name."""
        self._append(name.lower(), (name, value))

    def _own(self) -> dict[str, str]:
        """Leave what is shared to the copies: it is to be changed. Return the index."""
        self._shared = False
        self._lines = self._lines.copy()
        index = self._index
        self._index = index = self.by_name() if index is None else index.copy()
        return index

    def _append(self, lowered: str, line: FieldLine) -> None:
        if self._shared:
            self._own()
        if self._order is None:
            self._lines.append(line)
        else:
            self._order.append(lowered, line)
        index = self._index
        if index is None:
            return
        if lowered not in index:
            index[lowered] = line[1]
            return
        # Its joined value is made when somebody asks: made each time, it would grow by squares.
        if self.repeated is _NONE:
            self.repeated = {}
        values = self.repeated.get(lowered)
        if values is None:
            self.repeated[lowered] = [index[lowered], line[1]]
        else:
            values.append(line[1])
        if self._stale is None:
            self._stale = set()
        self._stale.add(lowered)

    def extend(self, fields: FieldsInput) -> None:
        """Append each line of ``fields``; a value that is None is left out."""
        pairs: Iterable[tuple[str | bytes, str | bytes | None]]
        if isinstance(fields, Fields):
            pairs = fields.lines
        elif isinstance(fields, Mapping):
            pairs = cast("Mapping[str, str | bytes | None]", fields).items()
        else:
            pairs = fields
        for name, value in pairs:
            if value is not None:
                self.add(as_text(name), as_text(value))

    def _put(self, lowered: str, line: FieldLine) -> None:
        """Put a line in the place of the first of its name, and remove the others of that name."""
        index = self._index
        if index is None:
            index = self.by_name()
        if lowered not in index:
            self._append(lowered, line)
            return
        if self._shared:
            index = self._own()
        order = self._changed_order()
        if order is not None:
            order.replace(lowered, line)
        else:
            lines: list[FieldLine] = []
            placed = False
            for known in self._lines:
                if known[0].lower() != lowered:
                    lines.append(known)
                elif not placed:
                    lines.append(line)
                    placed = True
            self._lines = lines
        index[lowered] = line[1]
        self._forget_repeated(lowered)

    def discard(self, name: str) -> bool:
        """Remove every line of this name.

        Returns:
            Whether there was one.
        """
        wanted = name.lower()
        index = self._index
        if index is None:
            index = self.by_name()
        if wanted not in index:
            return False
        if self._shared:
            index = self._own()
        order = self._changed_order()
        if order is not None:
            order.remove(wanted)
        else:
            self._lines = [line for line in self._lines if line[0].lower() != wanted]
        del index[wanted]
        self._forget_repeated(wanted)
        return True

    def _changed_order(self) -> LineOrder | None:
        """Return the order of many lines for a change of it; None if there are few."""
        order = self._order
        if order is None and len(self._lines) > _SCANNED_MAX:
            order = self._order = LineOrder(self._lines)
            self._lines = []
        return order

    def _forget_repeated(self, lowered: str) -> None:
        if self.repeated is not _NONE:
            self.repeated.pop(lowered, None)
            if self._stale is not None:
                self._stale.discard(lowered)

    def clear(self) -> None:
        """Remove every line."""
        Fields.__init__(self)

    def popitem(self) -> FieldLine:
        """Remove the first name with all its lines, and return it with its joined value.

        Raises:
            KeyError: There is none.
        """
        if self._order is not None and self._index:
            name = self._order.first_name()
        else:
            name = next(iter(self), "")
        value = self[name]
        self.discard(name)
        return name, value

    def copy(self) -> Fields:
        """Return fields with the same lines, which they share until either is changed."""
        if self._order is not None or self.repeated is not _NONE:
            return Fields.from_lines([*self.lines])
        made = Fields.__new__(Fields)
        made._lines, made._index, made.repeated = self._lines, self._index, _NONE
        made._order = made._stale = None
        made._shared = self._shared = True
        return made

    @overload
    def __getitem__(self, name: str) -> str: ...
    @overload
    def __getitem__(self, name: bytes) -> str: ...
    def __getitem__(self, name: str | bytes) -> str:
        return self.by_name()[as_text(name).lower()]

    def __setitem__(self, name: str | bytes, value: str | bytes) -> None:
        name = name if isinstance(name, str) else as_text(name)
        value = value if isinstance(value, str) else as_text(value)
        self._put(name.lower(), (name, value))

    def __delitem__(self, name: str) -> None:
        if not self.discard(as_text(name)):
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for name, _ in self.lines:
            lowered = name.lower()
            if lowered not in seen:
                seen.add(lowered)
                yield name

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        index = self._index
        return name.lower() in (self.by_name() if index is None else index)

    def __len__(self) -> int:
        index = self._index
        return len(self.by_name() if index is None else index)

    def __eq__(self, other: object) -> bool:
        """Compare the values of each name; names compare without case."""
        if isinstance(other, Fields):
            return self.by_name() == other.by_name() and self.repeated == other.repeated
        if isinstance(other, Mapping):
            given = cast("Mapping[object, object]", other)
            return dict(self.lower_items()) == {
                str(name).lower(): value for name, value in given.items()
            }
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # Mutable, and equal by content.

    def __getstate__(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Fields.__init__(self)
        self._lines = list(state["lines"])  # Not the list of what was copied.

    def __repr__(self) -> str:
        return f"Fields({[(name, shown(name, value)) for name, value in self.lines]!r})"

    def lower_items(self) -> Iterator[FieldLine]:
        """Iterate over names in lower case, each with its joined value."""
        return iter(self.by_name().items())


def as_text(value: str | bytes) -> str:
    """Return bytes as text, one code point for each byte; text stays as it is."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value


def is_token(text: str) -> bool:
    """Tell whether text is a token, as methods and field names are (RFC 9110 section 5.6.2)."""
    return text in COMMON_METHODS or _TOKEN.fullmatch(text) is not None


def check_field(name: object, value: object) -> FieldLine:
    """Return a field line as text, if it can be sent; without blanks at the end of its value.

    They are no part of it (RFC 9112 section 5). Neither are those before it; a value that begins
    with one is refused all the same, for it was mostly meant to be another line or another value.

    Raises:
        InvalidHeader: It cannot; the message names the field and never holds its value.
    """
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
        raise InvalidHeader(f"field name {cut(name)} is not a token")
    if not isinstance(value, str):
        raise InvalidHeader(
            f"the value of field {name!r} must be str or bytes, not {type(value).__name__}"
        )
    if _VALUE.fullmatch(value) is None:
        stripped = value.rstrip(" \t")
        if not stripped or _VALUE.fullmatch(stripped) is None:
            raise InvalidHeader(f"the value of field {name!r} {_complaint(value)}")
        value = stripped
    return name, value


def is_field(name: object, value: object) -> bool:
    """Tell whether a field name and a value can be sent as they are; see ``check_field``."""
    return (
        isinstance(name, str)
        and isinstance(value, str)
        and _TOKEN.fullmatch(name) is not None
        and _VALUE.fullmatch(value) is not None
    )


def _complaint(value: str) -> str:
    if value[0] in " \t":
        return "starts with a blank"
    found = _UNSENDABLE.search(value)
    assert found is not None, "the value can be sent"
    if found[0] > "\xff":
        kind = "character outside ISO-8859-1"
    else:
        kind = "line break" if found[0] in "\r\n" else "control character"
    return f"has a {kind} at position {found.start()}"


def cut(value: object, most: int = 64) -> str:
    """Return the ``repr`` of a value for a message, cut to ``most`` characters."""
    # Of a long text only the start is quoted: the rest may be 100 MiB.
    text = repr(value[: most + 1] if isinstance(value, (str, bytes)) else value)
    return text if len(text) <= most else text[:most] + "…"
