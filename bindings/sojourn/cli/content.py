"""The content of the command line: text that was typed, and files that it names.

Files are read while they are sent, so that their size is no matter of memory. ``-d`` and ``--json``
put pieces together, and ``-d`` leaves line ends out: the length is counted first, by reading each
file once. What can be read only once (a pipe, a terminal) is kept in memory for them.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from . import codes
from .output import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import ExitStack

_PIECE_SIZE: Final = 1 << 16
_LINE_ENDS: Final = b"\r\n"


def content_of(text: str, files: ExitStack) -> bytes | BinaryIO:
    """Return the content of ``--data-binary``: bytes, or the file that is named, as it is.

    Args:
        text: What was typed.
        files: What closes the file.

    Raises:
        Ending: The file cannot be read.
    """
    return _file(text, files) if text.startswith("@") else _typed(text)


def joined_content(
    texts: Sequence[str], separator: bytes, files: ExitStack, *, line_ends: bool
) -> bytes | Joined:
    """Return the content of ``-d`` and of ``--json``, whose pieces are put together.

    Args:
        texts: What was typed, once for each option.
        separator: What stands between two pieces.
        files: What closes files.
        line_ends: Whether files keep their line ends.

    Raises:
        Ending: A file cannot be read.
    """
    pieces: list[bytes | BinaryIO] = []
    without = b"" if line_ends else _LINE_ENDS
    for text in texts:
        if pieces and separator:
            pieces.append(separator)
        pieces.append(_repeatable(text, files, without) if text.startswith("@") else _typed(text))
    if all(isinstance(piece, bytes) for piece in pieces):
        return b"".join(cast("list[bytes]", pieces))
    try:
        return Joined(pieces, without)
    except OSError as error:
        why = error.strerror or error
        raise codes.Ending(codes.USAGE, f"the content cannot be read: {why}") from error


class Joined:
    """Content of several pieces, which can be read again and again.

    Args:
        pieces: Bytes, and files that can seek, which are read from where they stand.
        without: The values of bytes that are left out of files.
    """

    def __init__(self, pieces: Sequence[bytes | BinaryIO], without: bytes) -> None:
        self._pieces = [(each, 0 if isinstance(each, bytes) else each.tell()) for each in pieces]
        self._without = without
        self._length = sum(len(data) for data in self)

    def __len__(self) -> int:
        """Return the number of bytes."""
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """Read it from its beginning."""
        for piece, start in self._pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            piece.seek(start)
            while data := piece.read(_PIECE_SIZE):
                yield data.translate(None, self._without)


def _typed(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _repeatable(text: str, files: ExitStack, without: bytes) -> bytes | BinaryIO:
    """Return the file that is named, or what is in it if it can be read only once."""
    file = _file(text, files)
    try:
        if hasattr(file, "fileno") and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
    except (OSError, ValueError):  # A stream that is no file of the system.
        pass
    try:
        return file.read().translate(None, without)
    except OSError as error:
        raise _unreadable(text[1:], error) from error


def _file(text: str, files: ExitStack) -> BinaryIO:
    path = text[1:]
    try:
        if path == "-":
            return opened(sys.stdin).buffer
        return files.enter_context(Path(path).open("rb"))
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL.
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> codes.Ending:
    what = "standard input" if path == "-" else path
    why = getattr(error, "strerror", None) or error
    return codes.Ending(codes.USAGE, f"{what} cannot be read: {why}")
