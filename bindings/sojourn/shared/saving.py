"""The place that content is saved to: a path, or a file that is open."""

from __future__ import annotations

import io
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sojourn_core.values.errors import not_taken

if TYPE_CHECKING:
    from os import PathLike


class Writable(Protocol):
    """A file that is open for bytes. In asyncio its ``write`` may give something to await."""

    def write(self, data: bytes, /) -> Any: ...


Target: TypeAlias = "str | PathLike[str] | Writable"


def sink_for(target: Target) -> AbstractContextManager[Writable]:
    """Return where content is written to; as a context, which decides on a path's file at its end.

    Raises:
        InvalidArgument: It is no path, and no file that takes bytes.
    """
    taken = "a path, or a file that is open for bytes"
    if isinstance(target, (str, os.PathLike)):
        from sojourn.local.file_sink import FileSink

        return FileSink(os.fspath(target))
    if isinstance(target, io.TextIOBase) or not callable(getattr(target, "write", None)):
        raise not_taken("target", taken, target)
    return nullcontext(target)


def rest_of(data: bytes, written: Any) -> bytes:
    """Return what a ``write`` has left out; a file without a buffer may do so."""
    return data[written:] if isinstance(written, int) and 0 <= written < len(data) else b""
