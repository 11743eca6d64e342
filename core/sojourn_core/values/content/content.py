"""The content of a request: bytes that are there at once, files and iterators.

What is there at once stays ``bytes``. Everything that is read while it is sent is wrapped in
``Content``, which knows how long it is, whether it can be sent again, and how to take the next
chunk, and nothing about how it goes over the wire.
"""

from __future__ import annotations

from io import BufferedReader, FileIO
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast

from sojourn_core.values.errors import (
    InvalidContent,
    InvalidContentType,
    UnrewindableBodyError,
)

from .files import (
    Chunk,
    areads,
    below_text,
    is_file,
    is_sync,
    length_of,
    position_of,
    reads,
    reads_async,
)
from .forms import FORM_TYPE, JSON_TYPE, encode_form, encode_json, is_mapping
from .trailing import WithTrailers

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence

    from sojourn_core.values.fields import FieldLine


class Readable(Protocol):
    """A file, or what is like one."""

    def read(self, size: int, /) -> Chunk: ...


Stream: TypeAlias = "Readable | Iterable[Chunk] | AsyncIterable[Chunk]"
Body: TypeAlias = "bytes | Stream | None"

_OCTETS: Final = (bytes, bytearray, memoryview)


def prepare_content(data: Any, json: Any = None) -> tuple[Body, str | None]:
    """Return the content that ``data=`` and ``json=`` of a request stand for, and its type.

    Args:
        data: None, str, bytes or anything else with a buffer, a file, an iterable or an async
            iterable of chunks, a list or tuple of bytes, or a form: a mapping, or a list or tuple
            of pairs.
        json: A value to be sent as JSON; used only if ``data`` is empty.

    Returns:
        The body, and the Content-Type that it asks for. The body is None if there is nothing to
        send, bytes if they are all there, else ``data`` itself, to be wrapped in ``Content``.
        Only forms and JSON ask for a type: bytes, text and streams could be anything.

    Raises:
        InvalidContent: ``data`` is of a type that cannot be sent.
        InvalidJSONError: ``json`` has no JSON form.
    """
    if not data:
        return (None, None) if json is None else (encode_json(json), JSON_TYPE)
    if isinstance(data, (str, *_OCTETS)):
        return _octets_of(cast("object", data)), None
    if is_mapping(data):
        return encode_form(data), FORM_TYPE
    if isinstance(data, (list, tuple)):
        items = cast("Sequence[Any]", data)
        if all(isinstance(item, _OCTETS) for item in items):
            return items, None
        return encode_form(items), FORM_TYPE
    octets = buffered(data)
    if octets is not None:
        return octets, None
    if (
        isinstance(data, WithTrailers)
        or is_sync(data)
        or hasattr(data, "__aiter__")
        or reads_async(data)
    ):
        return cast("Stream", data), None
    raise InvalidContentType(f"content cannot be of type {type(data).__name__}")


class Content:
    """Content that is read while it is sent.

    Attributes:
        length: How many bytes it has, from where it stands on; None if that is not known.
        is_async: True if only ``achunks`` can take its chunks.
        touched: True once a chunk was taken, or at least asked for.
        start: Where its file stood at first; None for what is no file, or cannot be put back.
        announced: The names of its trailer fields, if it was given any.
        trailers: The lines of these, once the content was taken to its end.
    """

    __slots__ = (
        "_body",
        "_file",
        "_iterator",
        "_next",
        "_rewindable",
        "_skipped",
        "_taken",
        "_trailing",
        "is_async",
        "length",
        "start",
        "touched",
        "trailers",
    )

    def __init__(self, body: Stream | WithTrailers) -> None:
        self._trailing: WithTrailers | None = None
        self.trailers: Sequence[FieldLine] = ()
        if isinstance(body, WithTrailers):
            self._trailing = body
            body = body.content
        self.is_async = not is_sync(body)
        if self.is_async and not hasattr(body, "__aiter__") and not reads_async(body):
            raise InvalidContentType(f"content cannot be of type {type(body).__name__}")
        self._body: Any = body
        self._iterator: Any = None  # It is for this time that the content is sent,
        self._next: Any = None  # and this for the next, if somebody asked for ``rewindable``.
        self._taken = False
        self._skipped = 0  # Bytes of a file that were sent by themselves.
        self.start: Any = position_of(body)
        self._file: Any = below_text(body, self.start)
        self._rewindable: bool | None = self.start is not None if is_file(body) else None
        self.length = length_of(self._file, self.start) if self._trailing is None else None
        self.touched = False

    def __repr__(self) -> str:
        return f"<Content of type {type(self._body).__name__}, length {self.length}>"

    @property
    def announced(self) -> tuple[str, ...]:
        """The names of its trailer fields."""
        return () if self._trailing is None else self._trailing.names

    @property
    def rewindable(self) -> bool:
        """True if all of it can be read once more: a file that can seek, or a container.

        A container has to be asked for two iterators to tell: what gives the same one each time, as
        each iterator does, cannot start anew. That is done once, and both are used, since asking
        may cost something, such as opening a file.
        """
        if self._rewindable is None:
            if self._iterator is None:
                self._iterator = self._begin()
            if self._iterator is not self._body:
                self._next = self._begin()
            self._rewindable = self._next is not None and self._next is not self._iterator
        return self._rewindable

    @property
    def file(self) -> Any:
        """The file itself, if its bytes are on a disk as they are read; else None."""
        body = self._body
        raw = body.raw if type(body) is BufferedReader else body
        return body if type(raw) is FileIO and self.start is not None else None

    def skip(self, size: int) -> None:
        """Leave out the first bytes of a ``file``, where nothing was read: they were sent."""
        self.touched = self._taken = True
        self._skipped = size

    def refuse_if_async(self) -> None:
        """Refuse content that a blocking session cannot read.

        Raises:
            InvalidContent: It is async.
        """
        if self.is_async:
            name = type(self._body).__name__
            raise InvalidContent(
                f"content of type {name} can only be sent by an async session", maybe_sent=False
            )

    def chunks(self) -> Iterator[bytes]:
        """Return its chunks, none of them empty. A second call goes on where the first was left.

        Raises:
            InvalidContent: A chunk is neither bytes nor text, or the content is async. Errors
                of the user's own iterator or file pass through.
        """
        self.refuse_if_async()
        return self._chunks()

    def _chunks(self, *, waits: bool = False) -> Iterator[bytes]:
        """Yield its chunks; whoever ``waits`` asks for its trailers by itself."""
        if self._iterator is None or not hasattr(self._iterator, "__next__"):
            self._iterator = self._begin()
        # Before the first one: to ask for it may move the file already.
        self.touched = self._taken = True
        for chunk in self._iterator:
            octets = chunk if type(chunk) is bytes else _octets_of(chunk)
            if octets:
                yield octets
        if self._trailing is not None and not waits:
            self.trailers = self._trailing.lines()

    async def achunks(self) -> AsyncIterator[bytes]:
        """Yield its chunks as ``chunks`` gives them, for sync and async content alike."""
        if not self.awaits:
            for octets in self._chunks(waits=True):
                yield octets
        else:
            self._begin_async()
            async for chunk in self._iterator:
                octets = chunk if type(chunk) is bytes else _octets_of(chunk)
                if octets:
                    yield octets
        if self._trailing is not None:
            self.trailers = await self._trailing.alines()

    def take(self) -> bytes | None:
        """Return its next chunk, which is not empty; None when there is no more.

        Raises:
            InvalidContent: As ``chunks`` does.
        """
        self.refuse_if_async()
        return next(self._chunks(), None)

    async def atake(self) -> bytes | None:
        """Return its next chunk as ``take`` does, for sync and async content alike.

        No generator of its own is left behind: what nobody closes, an event loop would.
        """
        if not self.awaits:
            chunk = next(self._chunks(waits=True), None)
            if chunk is not None:
                return chunk
        else:
            self._begin_async()
            async for each in self._iterator:
                if octets := _octets_of(each):
                    return octets
        if self._trailing is not None:
            self.trailers = await self._trailing.alines()
        return None

    @property
    def awaits(self) -> bool:
        """Its chunks are awaited, where that is possible."""
        return self.is_async or hasattr(self._body, "__aiter__")

    def _begin_async(self) -> None:
        if self._iterator is None or not hasattr(self._iterator, "__anext__"):
            self._iterator = (
                aiter(self._body) if hasattr(self._body, "__aiter__") else self._begin()
            )
        self.touched = self._taken = True

    def _begin(self) -> Any:
        body = self._body
        if is_file(body):
            if self.is_async:
                return areads(body)
            return reads(self._file, self.start + self._skipped if self._skipped else None)
        return aiter(body) if self.is_async else iter(body)

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
        if self._taken:
            following, self._next = self._next, None
            self.close()
            self._iterator = following
            self._taken = False
        if self.start is not None:
            self._iterator = None
            self._skipped = 0
            try:
                self._body.seek(self.start)
            except (OSError, ValueError) as error:  # ValueError: the file is closed.
                raise UnrewindableBodyError(f"the file cannot be rewound: {error}") from error

    def close(self) -> None:
        """Close the user's iterator, so that its ``finally`` runs now. Files stay open.

        An async iterator is left to ``aclose``.
        """
        for iterator in self._closable():
            if hasattr(iterator, "close"):
                iterator.close()

    async def aclose(self) -> None:
        """Close the user's iterator, sync or async. Files stay open."""
        for iterator in self._closable():
            if hasattr(iterator, "aclose"):
                await iterator.aclose()
            elif hasattr(iterator, "close"):
                iterator.close()

    def _closable(self) -> list[Any]:
        """Return the user's iterators: those that were made, or the body if it is one itself."""
        if is_file(self._body):
            return []
        made = [each for each in (self._iterator, self._next) if each is not None]
        self._next = None  # It is of no use when it is closed.
        if not self._taken:
            self._iterator = None
        if not made:
            is_iterator = hasattr(self._body, "__next__") or hasattr(self._body, "__anext__")
            return [self._body] if is_iterator else []
        return [each for each in made if not hasattr(each, "read")]


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
    octets = buffered(chunk)
    if octets is not None:
        return octets
    raise InvalidContentType(f"a chunk of content cannot be of type {type(chunk).__name__}")


def octets_at_hand(body: Any) -> bytes | None:
    """Return content that is there at once as bytes; None for content that is streamed.

    Raises:
        InvalidContent: It is text that cannot be encoded as UTF-8.
    """
    if isinstance(body, (str, *_OCTETS)):
        return _octets_of(cast("object", body))
    return buffered(body)


def buffered(value: Any) -> bytes | None:
    """Return a copy of the bytes of an object with a buffer; None for files and all others.

    Arrays have one, and iterating over them gives numbers.
    """
    if hasattr(value, "read"):  # A file that is mapped to memory has both, and a position.
        return None
    try:
        return bytes(memoryview(value))
    except TypeError:
        return None
