"""Content to be sent: its length, its file name, its start."""

from __future__ import annotations

import io
import os
import warnings
from typing import TYPE_CHECKING, Any, cast

from sojourn.compat.exceptions import FileModeWarning
from sojourn_core.values.errors import UnrewindableBodyError

if TYPE_CHECKING:
    from collections.abc import Iterator


def super_len(o: Any) -> int:
    """Return how many bytes of content are left to be sent; 0 if that cannot be known.

    Args:
        o: Text, which is sent as UTF-8; an object with ``len()`` or an attribute ``len``; or a
            file, of which what lies before ``tell()`` does not count.
    """
    if isinstance(o, str):
        return len(o.encode())
    total = _whole_len(o)
    position: int = 0
    if hasattr(o, "tell"):
        try:
            position = o.tell()
        except OSError:  # It is a pipe, as stdin may be.
            return 0
        if total is None and hasattr(o, "seek"):
            total = _seekable_len(o, position)
    left = (total or 0) - position
    return max(0, left)


def _seekable_len(o: Any, position: int) -> int:
    """Return the size of a file, whose position is restored; 0 if it cannot seek."""
    try:
        o.seek(0, os.SEEK_END)
        end: int = o.tell()
        o.seek(position or 0)
    except OSError:
        return 0
    return end


def _whole_len(o: Any) -> int | None:
    """Return the whole length of an object that tells it without seeking; else None."""
    if hasattr(o, "__len__"):
        return len(o)
    if hasattr(o, "len"):
        return cast("int", o.len)
    if not hasattr(o, "fileno"):
        return None
    try:
        descriptor = o.fileno()
    except (io.UnsupportedOperation, AttributeError):
        # BytesIO has the method and no descriptor; a file of Tarfile.extractfile() raises an
        # AttributeError.
        return None
    length = os.fstat(descriptor).st_size
    if "b" not in o.mode:
        warnings.warn(
            "the length of a file that was opened as text was measured in bytes, which may not be "
            "what is sent; open it in binary mode",
            FileModeWarning,
            stacklevel=3,
        )
    return length


def guess_filename(obj: Any) -> str | None:
    """Return the name of an open file; None if it has none, such as ``<stdin>``."""
    name: Any = getattr(obj, "name", None)
    if not name or not isinstance(name, (str, bytes)):
        return None
    if name[0] == "<" or name[-1] == ">":
        return None
    found: Any = os.path.basename(name)  # noqa: PTH119 - bytes may be a name as well
    return found  # type: ignore[no-any-return]  # Bytes for bytes; Requests says str as well.


def rewind_body(prepared_request: Any) -> None:
    """Seek the content of a request to its position when the request was prepared.

    Raises:
        UnrewindableBodyError: The content cannot seek.
    """
    seek = getattr(prepared_request.body, "seek", None)
    position = prepared_request._body_position
    if seek is None or not isinstance(position, int):
        raise UnrewindableBodyError("Unable to rewind request body for redirect.")
    try:
        seek(position)
    except OSError as error:
        raise UnrewindableBodyError(
            "An error occurred when rewinding request body for redirect."
        ) from error


def iter_slices(string: Any, slice_length: int | None) -> Iterator[Any]:
    """Iterate over slices of text or bytes; one slice if no positive length is given."""
    if slice_length is None or slice_length <= 0:
        slice_length = len(string) or 1
    for start in range(0, len(string), slice_length):
        yield string[start : start + slice_length]
