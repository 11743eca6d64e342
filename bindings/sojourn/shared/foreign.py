"""Content from a file that is not Sojourn's own: of a response made by hand, or by urllib3.

Mocks and adapters hand such responses over. What their files raise becomes the error that Requests
raises for it; urllib3 is not imported, its errors are known by their names.
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

# By the name of a class or of one of its bases, the first that fits.
_RAISED: Final[dict[str, type[RequestException]]] = {
    "ProtocolError": ChunkedEncodingError,
    "DecodeError": ContentDecodingError,
    "ReadTimeoutError": ConnectionError,
    "SSLError": SSLError,
    "HTTPException": ChunkedEncodingError,  # Of http.client: a broken chunk, an early end.
    "HTTPError": ConnectionError,
}
_PACKAGES: Final = frozenset({"urllib3", "http", "ssl"})


def pieces_of(raw: Any, size: int | None) -> Iterator[bytes]:
    """What a file gives, piece by piece, as it gives them.

    Args:
        raw: Has ``stream(size, decode_content=True)``, as urllib3's responses, or ``read(size)``.
        size: Octets to ask for at once; None for all, or as it comes.

    Raises:
        RequestException: Whatever the file raises for want of more octets.
    """
    try:
        if hasattr(raw, "stream"):
            yield from raw.stream(size, decode_content=True)
            return
        while data := raw.read(size):
            yield data
    except Exception as error:
        raised = raised_for(error)
        if raised is None:
            raise
        raise raised from error


def raised_for(error: Exception) -> RequestException | None:
    """The error that it is for users of Requests; None for one that passes as it is."""
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
