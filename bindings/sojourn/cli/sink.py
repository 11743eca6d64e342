"""A file that is there as a whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from types import TracebackType


class FileSink:
    """Writes a new file beside the one that is meant, and puts it in its place at the end.

    If it does not come to an end, whatever was there stays as it was. A device or a pipe cannot be
    replaced, and is written to directly.

    Args:
        path: Where the content is to be; a symbolic link is followed.

    Raises:
        OSError: Whatever the file system has against it.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(os.path.realpath(path))
        self._part: Path | None = None
        self._file: BinaryIO | None = None

    def __enter__(self) -> BinaryIO:
        path = self._path
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():
            self._file = path.open("wb")
            return self._file
        # Opened as any new file is, so that its permissions are those the user has chosen.
        self._part = path.with_name(f".{path.name[:64]}.{secrets.token_hex(4)}.part")
        try:
            self._file = self._part.open("xb")
        except BaseException:  # An interrupt may come when the file is there already.
            self._part.unlink(missing_ok=True)
            raise
        return self._file

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        part = self._part
        try:
            self._file.close()  # It may fail: that is when the last octets are written.
            if part is not None and kind is None:
                if self._path.exists():
                    shutil.copymode(self._path, part)
                part.replace(self._path)
                part = None
        finally:
            if part is not None:
                part.unlink()
