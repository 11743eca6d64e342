"""Files as content: what counts as one, where it stands, how long it is, and how it is read.

A text file that has a file of bytes below it is sent as the bytes that are there: their number is
known, whatever the text would be.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from io import StringIO
from typing import Any, Final, TypeAlias

from sojourn_core.values.errors import InvalidContent
from sojourn_core.values.limits import KIB

Chunk: TypeAlias = "bytes | bytearray | memoryview | str"

# This is large enough that a read costs little beside the write that follows it; TLS records hold
# 16 KiB, http.client reads 8 KiB.
_READ_SIZE: Final = 64 * KIB


def is_file(body: Any) -> bool:
    # Async files have read() as well, but it gives no bytes; their iterator does.
    return hasattr(body, "read") and not hasattr(body, "__aiter__")


def is_sync(body: Any) -> bool:
    if is_file(body):
        return not reads_async(body)
    return hasattr(body, "__iter__")


def reads_async(body: Any) -> bool:
    from inspect import iscoroutinefunction  # Few programs stream content.

    return iscoroutinefunction(getattr(body, "read", None))


def reads(file: Any, position: int | None) -> Iterator[Chunk]:
    if position is not None:
        file.seek(position)
    while chunk := file.read(_READ_SIZE):
        yield chunk


async def areads(file: Any) -> AsyncIterator[Chunk]:
    while chunk := await file.read(_READ_SIZE):
        yield chunk


def position_of(body: Any) -> Any:
    """Tell where a file stands now, if it can be put back there; for text that is no number.

    Raises:
        InvalidContent: The file does not know: what is read from where it says that it stands would
            not be what was meant.
    """
    if not is_file(body) or not hasattr(body, "seek") or not hasattr(body, "tell"):
        return None
    if reads_async(body):  # To ask where it stands may take an await.
        return None
    if hasattr(body, "seekable") and not body.seekable():
        return None
    try:
        position = body.tell()
        lie = _false_start(body) if position else None
        body.seek(position)
    except OSError:
        return None
    if lie is not None:
        name = type(body).__name__
        said = f"the file of type {name} says that it stands at {lie} at its start"
        raise InvalidContent(said, maybe_sent=False)
    return position


def _false_start(body: Any) -> Any:
    """Go to the start of a file; return where it says that it stands there, None if it is 0."""
    try:
        body.seek(0)
    except (OSError, ValueError):  # Some can only seek to where they were.
        return None
    return body.tell() or None


def below_text(file: Any, start: Any) -> Any:
    """Return the file of bytes that a text file has below it, where it stands at the same place.

    Args:
        file: Any content.
        start: Where it stands, as ``position_of`` found it.

    Returns:
        The file of bytes; or ``file``, if it gives bytes, has none below it, or has read beyond
        what it gave: its position is a number of bytes only where its decoder holds nothing back.
    """
    below: Any = getattr(file, "buffer", None)
    if start is None or not hasattr(below, "read") or not isinstance(file.read(0), str):
        return file
    try:
        file.seek(start)
        return below if below.tell() == start else file
    except (OSError, AttributeError):
        return file


def length_of(body: Any, start: Any) -> int | None:
    """Tell how many bytes there are, as far as that can be told without reading all of them.

    An async file may know where it ends, but asking it takes an await.
    """
    stated = getattr(body, "len", None)  # As requests-toolbelt's encoder has it.
    if isinstance(stated, int):
        return stated
    if start is not None:
        return _text_size(body, start) if isinstance(body.read(0), str) else _size_from(body, start)
    # The length of a collection counts its chunks, but that of anything else counts bytes: people
    # give Requests such iterators, with a progress bar.
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
    if end <= start and file.read(_READ_SIZE):
        # Those of /proc and devices say 0, and have something to read all the same.
        file.seek(start)
        return None
    return max(0, end - start)


def _text_size(file: Any, start: int) -> int | None:
    """Count the bytes of text that is in memory; any other would have to be read for that."""
    if not isinstance(file, StringIO):
        return None
    text: str = file.getvalue()
    return len(text[start:].encode("utf-8", "surrogatepass"))
