"""Content from a file that is not Sojourn's own: of a response made by hand, or by urllib3.

Mocks and adapters return such responses. Errors of their files are converted to those that Requests
raises; urllib3 is not imported, its errors are recognised by their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    RequestException,
    SSLError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Errors by the name of a class or of one of its bases; the first that fits counts.
_RAISED: Final[dict[str, type[RequestException]]] = {
    "ProtocolError": ChunkedEncodingError,
    "DecodeError": ContentDecodingError,
    "ReadTimeoutError": ConnectionError,
    "SSLError": SSLError,
    "HTTPException": ChunkedEncodingError,  # http.client's: a malformed chunk, an early end.
    "HTTPError": ConnectionError,
}
_PACKAGES: Final = frozenset({"urllib3", "http", "ssl"})


def pieces_of(raw: Any, size: int | None, *, waits: bool = True) -> Iterator[bytes]:
    """Iterate over the pieces that a file gives.

    Args:
        raw: Has ``stream(size, decode_content=True)``, as urllib3's responses, or ``read(size)``.
        size: Bytes to read at once; None for all, or as they arrive.
        waits: Read as many as that, even if some are there already and the file can give them.

    Raises:
        RequestException: The file raised an error of the network or of its content.
    """
    try:
        if hasattr(raw, "stream"):
            yield from raw.stream(size, decode_content=True)
            return
        read = raw.read
        if not waits and hasattr(raw, "read1"):
            read = raw.read1
            size = -1 if size is None else size  # Not all files take None there.
        while data := read(size):
            yield data
    except Exception as error:
        raised = raised_for(error)
        if raised is None:
            raise
        try:
            raise raised from error
        finally:
            del raised  # It leads to this frame, which must not lead to it.


def raised_for(error: Exception) -> RequestException | None:
    """Return the error that Requests raises for this one; None if it is raised as it is."""
    if isinstance(error, RequestException):
        return None
    names = {
        kind.__name__
        for kind in type(error).__mro__
        if not _PACKAGES.isdisjoint(kind.__module__.split("."))
    }
    for name, raised in _RAISED.items():
        if name in names:
            return raised(error)
    return ConnectionError(error) if isinstance(error, OSError) else None
