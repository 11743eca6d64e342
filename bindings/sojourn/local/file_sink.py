"""A file to write content to, by its path: it is whole or not there, or it is open already."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

# Here the system shows the descriptors of this process as files; /dev/stdout leads here as well.
_DESCRIPTORS: Final = ("/proc/self/fd", "/dev/fd")
_LINKS_MAX: Final = 40  # As many as Linux follows (path_resolution(7)).
_NAME_MAX: Final = 32  # Characters of a file's name in its part's, which may not be too long.

# Files that are not complete, from before they are made to after they are gone.
_parts: set[Path] = set()


class FileSink:
    """A file that is written beside the one that is meant, and put in its place at the end.

    If it does not come to an end, whatever was there stays as it was. What is no regular file (a
    pipe, a terminal, a device) cannot be replaced, and what is open as a descriptor of this process
    must not be: both are written to as the content comes.

    Args:
        path: Where the content is to be; a symbolic link is followed.
        nothing: Whether there is no content to come: the file stays as it is, or is not made.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, path: str, *, nothing: bool = False) -> None:
        self._given = path
        self._path = Path(os.path.realpath(path))
        self._part: Path | None = None
        self._file: BinaryIO | None = None
        self._nothing = nothing

    def __enter__(self) -> Self:
        descriptor = _descriptor_at(self._given)
        if descriptor is not None:
            self._file = os.fdopen(os.dup(descriptor), "wb")
            return self
        path = self._path
        if path.is_dir() or self._given.endswith(os.sep):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():
            self._file = os.fdopen(os.open(path, os.O_WRONLY), "wb")
            return self
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if not self._nothing:
            self._part = part = path.with_name(
                f".{path.name[:_NAME_MAX]}.{secrets.token_hex(4)}.part"
            )
            _parts.add(part)
            # Opened as any new file is, so that its permissions are those the user has chosen.
            self._file = part.open("xb")
        return self

    def write(self, data: bytes) -> None:
        """Write some of the content."""
        assert self._file is not None, "there is content only if something is to be written"
        self._file.write(data)
        if self._part is None:  # Somebody may be waiting for it.
            self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._file is not None:
                self._file.close()  # It may fail: the last bytes are written then.
            if self._part is not None and kind is None:
                if self._path.exists():
                    shutil.copymode(self._path, self._part)
                self._part.replace(self._path)
        finally:
            if self._part is not None:
                _remove(self._part)


def remove_parts() -> None:
    """Remove the files that did not become complete, at whatever moment the program ended."""
    for part in list(_parts):
        _remove(part)


def _remove(part: Path) -> None:
    part.unlink(missing_ok=True)
    _parts.discard(part)


def _descriptor_at(path: str) -> int | None:
    """Return the descriptor of this process that a path stands for; None if it is another file.

    Raises:
        OSError: It is a standard stream that the process was started without.
    """
    found = _named_descriptor(path)
    if found is None:
        found = _same_as_a_stream(path)
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if found is not None and found < len(streams) and streams[found] is None:
        raise OSError(errno.EBADF, "it is closed")
    return found


def _named_descriptor(path: str) -> int | None:
    """Return the number of ``/dev/fd/N``, by whatever symbolic links a path leads there."""
    folders = {os.path.realpath(folder) for folder in _DESCRIPTORS}
    for _ in range(_LINKS_MAX):
        folder, name = os.path.split(path)
        if name.isdecimal() and os.path.realpath(folder) in folders:
            return int(name)
        try:
            path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118 - no Path: "" stays ""
        except OSError:
            return None
    return None


def _same_as_a_stream(path: str) -> int | None:
    """Return the number of the standard output or error, if a path is the very file behind it."""
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return None
    for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            if stream is not None and os.path.samestat(status, os.fstat(descriptor)):
                stream.flush()
                return descriptor
        except OSError:
            continue
    return None
