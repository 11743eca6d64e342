"""What a request carries: forms, JSON, octets, files and iterators.

Octets that are there at once stay ``bytes``. Everything that is read while it is sent is wrapped
in ``Content``, which knows how long it is, whether it can be sent again, and how to take the next
chunk, and nothing about how it goes over the wire.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from io import StringIO
from typing import Any, Final, Protocol, TypeAlias, TypeGuard, cast
from urllib.parse import urlencode

from sojourn_core.values.errors import (
    InvalidContent,
    InvalidContentType,
    InvalidJSONError,
    UnencodableJSON,
    UnrewindableBodyError,
)
from sojourn_core.values.limits import KIB

Chunk: TypeAlias = "bytes | bytearray | memoryview | str"


class Readable(Protocol):
    """A file, or what is like one."""

    def read(self, size: int, /) -> Chunk: ...


Stream: TypeAlias = "Readable | Iterable[Chunk] | AsyncIterable[Chunk]"
Body: TypeAlias = "bytes | Stream | None"

FORM_TYPE: Final = "application/x-www-form-urlencoded"
JSON_TYPE: Final = "application/json"

# Large enough that a read costs little beside the write that follows it; TLS records hold 16 KiB,
# http.client reads 8 KiB.
_READ_SIZE: Final = 64 * KIB
_OCTETS: Final = (bytes, bytearray, memoryview)


def encode_form(data: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> bytes:
    """A form as ``application/x-www-form-urlencoded``, octet for octet as Requests sends it.

    Args:
        data: A mapping, or pairs of name and value. A value that is a collection gives one pair
            for each of its members; None gives none; str is UTF-8, bytes are taken as they are,
            and anything else is written as ``str`` writes it.

    Raises:
        InvalidContent: An item is not a pair, or text cannot be UTF-8.
    """
    try:
        return urlencode(list(form_pairs(data)), doseq=True).encode("ascii")
    except UnicodeEncodeError as error:
        raise InvalidContent(f"form data cannot be encoded as UTF-8: {error.reason}") from error


def form_pairs(data: Mapping[Any, Any] | Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each name and value of form data, as they were given: see ``encode_form``.

    Raises:
        InvalidContent: An item is not a pair.
    """
    for name, value in pairs_of(data, "form data"):
        one = isinstance(value, (str, bytes)) or not hasattr(value, "__iter__")
        values: Iterable[Any] = [value] if one else value
        for member in values:
            if member is not None:
                yield name, member


def pairs_of(given: Mapping[Any, Any] | Iterable[Any], what: str) -> Iterator[tuple[Any, Any]]:
    """The items of a mapping, or of an iterable of pairs; ``what`` names it in the error.

    Raises:
        InvalidContent: An item is not a pair.
    """
    items: Iterable[Any] = given.items() if _is_mapping(given) else given
    for position, item in enumerate(items):
        if isinstance(item, (str, *_OCTETS)):
            # Requests takes "ab" for the pair of "a" and "b", which nobody can have meant.
            raise _not_a_pair(position, item, what)
        try:
            name, value = item
        except (TypeError, ValueError):
            raise _not_a_pair(position, item, what) from None
        yield name, value


def encode_json(value: Any) -> bytes:
    """A value as JSON, octet for octet as Requests sends it: ASCII, blanks after ``,`` and ``:``.

    Raises:
        InvalidJSONError: The value has no JSON form: NaN and the infinities (RFC 8259 section 6),
            objects of other types, and what contains itself.
    """
    try:
        return json.dumps(value, allow_nan=False).encode("ascii")
    except TypeError as error:
        raise UnencodableJSON(f"value cannot be encoded as JSON: {error}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidJSONError(f"value cannot be encoded as JSON: {error}") from error


def prepare_content(data: Any, json: Any = None) -> tuple[Body, str | None]:
    """What ``data=`` and ``json=`` of a request stand for.

    Args:
        data: None, str, octets, a file, an iterable or an async iterable of chunks, a list or
            tuple of octets, or a form: a mapping, or a list or tuple of pairs.
        json: A value to be sent as JSON; used only if ``data`` is empty.

    Returns:
        The body, and the Content-Type that it asks for. The body is None if there is nothing to
        send, octets if they are all there, else ``data`` itself, to be wrapped in ``Content``.
        Only forms and JSON ask for a type: octets, text and streams could be anything.

    Raises:
        InvalidContent: ``data`` is of a type that cannot be sent.
        InvalidJSONError: ``json`` has no JSON form.
    """
    if not data:
        return (None, None) if json is None else (encode_json(json), JSON_TYPE)
    if isinstance(data, (str, *_OCTETS)):
        return _octets_of(cast("object", data)), None
    if _is_mapping(data):
        return encode_form(data), FORM_TYPE
    if isinstance(data, (list, tuple)):
        items = cast("Sequence[Any]", data)
        if all(isinstance(item, _OCTETS) for item in items):
            return items, None
        return encode_form(items), FORM_TYPE
    if _is_sync(data) or hasattr(data, "__aiter__"):
        return cast("Stream", data), None
    raise InvalidContentType(f"content cannot be of type {type(data).__name__}")


class Content:
    """Content that is read while it is sent.

    Attributes:
        length: How many octets it has, from where it stands on; None if that is not known.
        is_async: Whether only ``achunks`` can take its chunks.
        touched: Whether a chunk was ever taken, or at least asked for.
    """

    __slots__ = ("_body", "_iterator", "_start", "is_async", "length", "touched")

    def __init__(self, body: Stream) -> None:
        if not _is_sync(body) and not hasattr(body, "__aiter__"):
            raise InvalidContentType(f"content cannot be of type {type(body).__name__}")
        self._body: Any = body
        self._iterator: Any = None
        self._start = _position_of(body)
        self.is_async = not _is_sync(body)
        self.length = _length_of(body, self._start)
        self.touched = False

    @property
    def rewindable(self) -> bool:
        """Whether all of it can be read once more: a file that can seek, or a container."""
        if _is_file(self._body):
            return self._start is not None
        begin = iter if _is_sync(self._body) else aiter
        first = begin(self._body)
        # What gives the same iterator each time (as each iterator does) cannot start anew.
        return first is not self._body and begin(self._body) is not first

    def chunks(self) -> Iterator[bytes]:
        """Its chunks, none of them empty. A second call goes on where the first was left.

        Raises:
            InvalidContent: A chunk is neither octets nor text, or the content is async. Errors
                of the user's own iterator or file pass through.
        """
        if self.is_async:
            name = type(self._body).__name__
            raise InvalidContent(f"content of type {name} can only be sent by an async session")
        return self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        if self._iterator is None:
            self._iterator = _reads(self._body) if _is_file(self._body) else iter(self._body)
        self.touched = True  # Before the first one: to ask for it may move the file already.
        for chunk in self._iterator:
            if octets := _octets_of(chunk):
                yield octets

    async def achunks(self) -> AsyncIterator[bytes]:
        """Its chunks as ``chunks`` gives them, for sync and async content alike."""
        if not hasattr(self._body, "__aiter__"):
            for octets in self.chunks():
                yield octets
            return
        if self._iterator is None:
            self._iterator = aiter(self._body)
        self.touched = True
        async for chunk in self._iterator:
            if octets := _octets_of(chunk):
                yield octets

    def rewind(self) -> None:
        """Go back to where the content started.

        Raises:
            UnrewindableBodyError: A chunk was taken, and the content cannot be had again.
        """
        if not self.touched:
            return
        if not self.rewindable:
            name = type(self._body).__name__
            raise UnrewindableBodyError(f"content of type {name} cannot be sent again")
        self.close()
        self._iterator = None
        if self._start is not None:
            try:
                self._body.seek(self._start)
            except (OSError, ValueError) as error:  # ValueError: the file is closed.
                raise UnrewindableBodyError(f"the file cannot be rewound: {error}") from error

    def close(self) -> None:
        """Close the user's iterator, so that its ``finally`` runs now. Files stay open.

        An async iterator is left to ``aclose``.
        """
        iterator = self._closable()
        if hasattr(iterator, "close"):
            iterator.close()

    async def aclose(self) -> None:
        """Close the user's iterator, sync or async. Files stay open."""
        iterator = self._closable()
        if hasattr(iterator, "aclose"):
            await iterator.aclose()
        else:
            self.close()

    def _closable(self) -> Any:
        """The user's iterator: the one that was made, or the body if it is one itself."""
        if _is_file(self._body):
            return None
        if self._iterator is not None:
            return None if hasattr(self._iterator, "read") else self._iterator
        is_iterator = hasattr(self._body, "__next__") or hasattr(self._body, "__anext__")
        return self._body if is_iterator else None


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _is_file(body: Any) -> bool:
    # Async files have read() as well, but it gives no octets; their iterator does.
    return hasattr(body, "read") and not hasattr(body, "__aiter__")


def _is_sync(body: Any) -> bool:
    return _is_file(body) or hasattr(body, "__iter__")


def _reads(file: Any) -> Iterator[Chunk]:
    while chunk := file.read(_READ_SIZE):
        yield chunk


def _octets_of(chunk: object) -> bytes:
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, (bytearray, memoryview)):
        # A copy: its owner may fill the buffer anew before this is sent.
        return bytes(cast("bytearray", chunk))
    if isinstance(chunk, str):
        try:
            return chunk.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidContent(f"text cannot be encoded as UTF-8: {error.reason}") from error
    raise InvalidContent(f"a chunk of content cannot be of type {type(chunk).__name__}")


def _not_a_pair(position: int, item: object, what: str) -> InvalidContent:
    # The item may hold a secret, as forms do; its type does not.
    return InvalidContent(
        f"item {position} of the {what}, of type {type(item).__name__}, is not a pair"
    )


def _position_of(body: Any) -> Any:
    """Where a file stands now, if it can be put back there; for text that is no number."""
    if not _is_file(body) or not hasattr(body, "seek") or not hasattr(body, "tell"):
        return None
    if hasattr(body, "seekable") and not body.seekable():
        return None
    try:
        position = body.tell()
        body.seek(position)
    except OSError:
        return None
    return position


def _length_of(body: Any, start: Any) -> int | None:
    """How many octets there are, as far as that can be told without reading them.

    An async file may know where it ends, but asking it takes an await.
    """
    stated = getattr(body, "len", None)  # As requests-toolbelt's encoder has it.
    if isinstance(stated, int):
        return stated
    if start is not None:
        return _text_size(body, start) if isinstance(body.read(0), str) else _size_from(body, start)
    # Members of a collection are chunks, but of anything else that has a length it is octets:
    # so people give Requests iterators with a progress bar.
    if hasattr(body, "__len__") and not isinstance(body, (Sequence, AbstractSet)):
        return len(body)
    return None


def _size_from(file: Any, start: int) -> int | None:
    try:
        file.seek(0, 2)
        end: int = file.tell()
    except OSError:  # Some can only seek to where they were.
        return None
    file.seek(start)
    return max(0, end - start)


def _text_size(file: Any, start: int) -> int | None:
    """The octets of text that is in memory as a whole; text on a disk would have to be read."""
    if not isinstance(file, StringIO):
        return None
    text: str = file.getvalue()
    return len(text[start:].encode("utf-8", "surrogatepass"))
