"""``files=`` of a request: multipart/form-data, read while it is sent (RFC 7578).

A part is a head, content and a line break, and a delimiter stands before each. Heads and delimiters
are bytes from the start; content that is a file or an iterator stays what it is, and is read when
its turn comes. So the length is a sum that is known before anything is read, if each part's is; and
the whole can be sent again if each part can: each file goes back to where it stood when it was
given. The bytes are those that Requests sends, except for what it cannot have meant to send.

Names are UTF-8, and what would end a quoted name early is percent-encoded, as HTML has it
("multipart/form-data encoding algorithm").
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, aclosing
from typing import Any, Final, TypeAlias, cast

from sojourn_core.values.errors import InvalidContent, InvalidContentType, InvalidHeader
from sojourn_core.values.fields import cut, is_token

from .content import Content, buffered
from .files import reads_async
from .forms import form_pairs, pairs_of
from .text import parameters_of

_Piece: TypeAlias = "bytes | Content"

_BOUNDARY_OCTETS: Final = 16  # As urllib3 and curl: no content can hold it but by design.
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_IN_QUOTES: Final = {ord("\n"): "%0A", ord("\r"): "%0D", ord('"'): "%22"}
# A tab may stand in a value; other control characters, line breaks above all, may not. Surrogates
# have no place in UTF-8.
_UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_OWN_FIELDS: Final = frozenset({"Content-Disposition", "Content-Type", "Content-Location"})
_SEPARATORS: Final = re.compile(r"[/\\]")
_STREAMS: Final = ("read", "__iter__", "__aiter__")


class _Parts:
    """The part that both kinds of multipart content have in common.

    Attributes:
        len: How many bytes there are; None if a part does not know its own length. The name is
            the one by which ``Content`` finds it, and which requests-toolbelt gave it.
        rewindable: True if all of it can be read once more.
    """

    __slots__ = ("_pieces", "len", "rewindable")

    def __init__(self, pieces: list[_Piece]) -> None:
        streams = _streams(pieces)
        self._pieces = pieces
        self.len = _length_of(pieces)
        self.rewindable = all(stream.rewindable for stream in streams)


class Multipart(_Parts):
    """Multipart content: an iterable of bytes, whose parts are read one after the other.

    If it is rewindable, each ``iter`` starts anew when its first chunk is asked for. They share the
    files, so one has to end before the next. If it is not, there is one iterator for good.
    """

    __slots__ = ("_once",)

    def __init__(self, pieces: list[_Piece]) -> None:
        super().__init__(pieces)
        self._once = None if self.rewindable else _chunks(pieces)

    def __iter__(self) -> Iterator[bytes]:
        return _chunks(self._pieces) if self._once is None else self._once


class AsyncMultipart(_Parts):
    """Multipart content with a part that only an async session can read; otherwise the same."""

    __slots__ = ("_once",)

    def __init__(self, pieces: list[_Piece]) -> None:
        super().__init__(pieces)
        self._once = None if self.rewindable else _achunks(pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _achunks(self._pieces) if self._once is None else self._once


def boundary_from(entropy: bytes) -> str:
    """Build a boundary of 32 hexadecimal digits from 16 random bytes.

    Raises:
        InvalidContent: There are more or fewer bytes.
    """
    if len(entropy) != _BOUNDARY_OCTETS:
        raise InvalidContent(
            f"a boundary is made of {_BOUNDARY_OCTETS} bytes of entropy, not {len(entropy)}"
        )
    return entropy.hex()


def boundary_of(content_type: str) -> str | None:
    """Return the boundary that a Content-Type given by hand names, or None if it names none.

    Raises:
        InvalidHeader: It is not 1 to 70 of the characters of RFC 2046 section 5.1.1.
    """
    if not _is_multipart(content_type):
        return None
    for boundary in parameters_of(content_type, "boundary"):
        if _BOUNDARY.fullmatch(boundary) is None:
            raise InvalidHeader(
                f"the boundary {cut(boundary)} of field 'Content-Type' is not one"
                " (RFC 2046 section 5.1.1)"
            )
        return boundary
    return None


def with_boundary(content_type: str, boundary: str) -> str:
    """Return a Content-Type given by hand with the boundary of the content, if it takes one."""
    if not _is_multipart(content_type):
        return content_type
    return f"{content_type.rstrip('; ')}; {_parameter(boundary)}"


def _is_multipart(content_type: str) -> bool:
    return content_type.lstrip(" \t")[:10].lower() == "multipart/"


def _parameter(boundary: str) -> str:
    # Some characters of a boundary may not stand in a parameter without quotes.
    return f"boundary={boundary}" if is_token(boundary) else f'boundary="{boundary}"'


def encode_multipart(
    data: Any, files: Any, boundary: str, *, at_once: bool = False
) -> tuple[Multipart | AsyncMultipart | bytes, str]:
    """Return the content that ``data=`` and ``files=`` of a request stand for, and its type.

    Args:
        data: None, a mapping, or a list or tuple of pairs: fields without a filename, which come
            first. Values are taken as ``encode_form`` takes them.
        files: A mapping or pairs of name and value. A value is content, which then has the
            filename of its file, or else its own name for one; or a tuple of a filename (None for
            none) and content, to which a Content-Type and a mapping of further fields may be
            added. Content is str, bytes, an int, a file, an iterable or an async iterable of
            chunks. A part whose content is None is left out. A file that is given again has
            been read to its end by then, and its second part is empty.
        boundary: What divides the parts: 1 to 70 characters (RFC 2046 section 5.1.1), which must
            not occur in any of them; see ``boundary_from``.
        at_once: Read each file now, as text if it gives text.

    Returns:
        The content, and its Content-Type. It is bytes if they are all there; else it is to be
        wrapped in ``Content``, and only an async session can send it if it is an
        ``AsyncMultipart``.

        Of the further fields, those named exactly Content-Disposition, Content-Type and
        Content-Location are left out, as are those without a value: Requests does so.

    Raises:
        InvalidContent: What is given is no such data, files or boundary.
        InvalidHeader: A field of a part cannot be sent.
    """
    if _BOUNDARY.fullmatch(boundary) is None:
        raise InvalidContent(f"boundary {cut(boundary)} is not one (RFC 2046 section 5.1.1)")
    pieces: list[_Piece] = []
    for name, content in (*_fields(data), *_files(files, at_once)):
        pieces += f"--{boundary}\r\n".encode("ascii"), name, content, b"\r\n"
    pieces = _joined([*pieces, f"--{boundary}--\r\n".encode("ascii")])
    content_type = f"multipart/form-data; {_parameter(boundary)}"
    streams = _streams(pieces)
    if not streams:
        return b"".join(cast("list[bytes]", pieces)), content_type
    is_async = any(stream.is_async for stream in streams)
    return AsyncMultipart(pieces) if is_async else Multipart(pieces), content_type


def _fields(data: Any) -> Iterator[tuple[bytes, bytes]]:
    """Yield the head and the content of each part that ``data`` stands for."""
    if isinstance(data, (str, bytes)):
        raise InvalidContent("data must not be a string if there are files")
    if not data:
        return
    if not isinstance(data, (Mapping, list, tuple)):
        raise InvalidContentType(f"data of type {type(data).__name__} cannot be sent with files")
    for name, value in form_pairs(cast("Sequence[Any]", data)):
        head = _head(_text(name, "name of a field"), None)
        # A str goes through str() as well: members of an enum have their own.
        yield head, value if isinstance(value, bytes) else _utf8(str(value), "value", name)


def _files(files: Any, at_once: bool) -> Iterator[tuple[bytes, _Piece]]:
    """Yield the head and the content of each part that ``files`` stands for."""
    if not files:
        raise InvalidContent("there are no files")
    if isinstance(files, (str, bytes)) or not hasattr(files, "__iter__"):
        raise InvalidContentType(f"files cannot be of type {type(files).__name__}")
    read: list[Any] = []
    for given, value in pairs_of(cast("Iterable[Any]", files), "files"):
        name = _text(given, "name of a file")
        if isinstance(value, (tuple, list)):
            members = cast("Sequence[Any]", value)
            if not 2 <= len(members) <= 4:
                raise InvalidContent(f"file {cut(name)} has {len(members)} members, not 2 to 4")
            filename, content, content_type, fields = (*members, None, None)[:4]
        else:
            filename, content, content_type, fields = _filename_of(value) or name, value, None, None
        if content is None:
            continue
        if hasattr(content, "read"):
            content = _unread(content, read, at_once)
        if filename is not None:
            filename = _text(filename, f"filename of {cut(name)}")
        yield _head(name, filename, content_type, fields), _content(name, content)


def _unread(file: Any, read: list[Any], at_once: bool) -> Any:
    """Return what a part has of a file: nothing, if a part before it has read it.

    Args:
        file: The file.
        read: The files of the parts before it, to which it is added.
        at_once: Read it now.
    """
    if any(file is other for other in read):
        return b""
    read.append(file)
    return file.read() if at_once and not reads_async(file) else file


def _content(name: str, content: Any) -> _Piece:
    if isinstance(content, bytes):
        return content
    octets = buffered(content)
    if octets is not None:
        return octets
    if isinstance(content, int):
        return str(content).encode("ascii")
    if isinstance(content, str):
        return _utf8(content, "content", name)
    # The keys of a mapping are an iterable of chunks too, but they cannot have been meant.
    is_stream = any(hasattr(content, each) for each in _STREAMS)
    if isinstance(content, Mapping) or not is_stream:
        kind = type(cast("object", content)).__name__
        raise InvalidContentType(f"content of file {cut(name)} cannot be of type {kind}")
    return Content(content)


def _filename_of(file: Any) -> str | bytes | None:
    """Return the last segment of a file's own name: not of ``<stdin>``, nor of a descriptor.

    A backslash divides segments whatever the system: a path of Windows is nobody's business
    (RFC 7578 section 4.2).
    """
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        # Bytes do not compare with characters, so Requests takes each name of bytes.
        name = _text(name, "name of a file object")
    elif not isinstance(name, str) or name.startswith("<") or name.endswith(">"):
        return None
    return _SEPARATORS.split(name)[-1]


def _head(name: str, filename: str | None, content_type: Any = None, fields: Any = None) -> bytes:
    """Build the head of a part, to its empty line; the order of fields is urllib3's."""
    disposition = f'form-data; name="{name.translate(_IN_QUOTES)}"'
    if filename is not None:
        disposition += f'; filename="{filename.translate(_IN_QUOTES)}"'
    lines = [f"Content-Disposition: {disposition}"]
    if content_type:
        lines.append(f"Content-Type: {_value('Content-Type', content_type)}")
    try:
        further: dict[Any, Any] = dict(fields or ())
    except (TypeError, ValueError):
        raise InvalidHeader(f"fields of file {cut(name)} are not a mapping") from None
    for key, value in further.items():
        field = key.decode("latin-1") if isinstance(key, bytes) else key
        if not isinstance(field, str) or not is_token(field):
            raise InvalidHeader(f"field name {cut(field)} of file {cut(name)} is not a token")
        if value and field not in _OWN_FIELDS:
            lines.append(f"{field}: {_value(field, value)}")
    return _utf8("\r\n".join([*lines, "", ""]), "head", name)


def _value(field: str, value: Any) -> str:
    """Return the value of a field of a part, as text. Messages never hold it.

    Unlike a field of the request, it may hold any character: those of a part are UTF-8
    (RFC 7578 section 5.1).
    """
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if not isinstance(value, str):
        kind = type(value).__name__
        raise InvalidHeader(f"the value of field {field!r} must be str or bytes, not {kind}")
    found = _UNSENDABLE.search(value)
    if found is not None:
        kind = "line break" if found[0] in "\r\n" else "character that cannot be sent"
        raise InvalidHeader(f"the value of field {field!r} has a {kind} at {found.start()}")
    return value


def _text(name: Any, what: str) -> str:
    if isinstance(name, bytes):
        try:
            return name.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidContent(f"{what} is not UTF-8: {cut(name)}") from None
    if not isinstance(name, str):
        raise InvalidContent(f"{what} must be str or bytes, not {type(name).__name__}")
    return name


def _utf8(text: str, what: str, name: Any) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        # Not from the error: it holds all of the text.
        reason = error.reason
        raise InvalidContent(f"{what} of {cut(name)} cannot be UTF-8: {reason}") from None


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Join the bytes that follow each other in pieces, since each piece is a write of its own."""
    joined: list[_Piece] = []
    octets: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            octets.append(piece)
        else:
            joined += b"".join(octets), piece
            octets = []
    return [*joined, b"".join(octets)]


def _streams(pieces: list[_Piece]) -> list[Content]:
    return [piece for piece in pieces if isinstance(piece, Content)]


def _length_of(pieces: list[_Piece]) -> int | None:
    length = 0
    for piece in pieces:
        more = len(piece) if isinstance(piece, bytes) else piece.length
        if more is None:
            return None
        length += more
    return length


def _chunks(pieces: list[_Piece]) -> Iterator[bytes]:
    """Yield the bytes of all pieces, from the start of each. Ended early, it closes iterators."""
    streams = _streams(pieces)
    for stream in streams:
        stream.rewind()
    with ExitStack() as stack:
        for stream in streams:
            stack.callback(stream.close)
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from piece.chunks()


async def _achunks(pieces: list[_Piece]) -> AsyncIterator[bytes]:
    """Do what ``_chunks`` does, with pieces that may be async."""
    streams = _streams(pieces)
    for stream in streams:
        stream.rewind()
    async with AsyncExitStack() as stack:
        for stream in streams:
            stack.push_async_callback(stream.aclose)
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                chunks = cast("Any", piece.achunks())  # A generator, which its type does not say.
                async with aclosing(chunks):
                    async for chunk in chunks:
                        yield chunk
