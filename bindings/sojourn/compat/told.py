"""Errors told as Requests tells them: their text and ``args[0]`` are those that programs look for.

The classes are Sojourn's own; each is caught by the clauses that catch Requests' error.
"""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sojourn_core.values.errors import (
    AddressRefused,
    ChunkedEncodingError,
    ConflictingLengths,
    ConnectionError,
    ConnectTimeout,
    ContentDecodingError,
    IncompleteHead,
    NameResolutionError,
    ProxyError,
    ReadTimeout,
    RemoteProtocolError,
    RequestException,
    RetryError,
    SSLError,
    StalledContent,
    WriteTimeout,
)
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.url.endpoint import DEFAULT_PORTS

from . import causes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.messages.send import Send
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.timeouts import Timeouts

_ABORTED: Final = "Connection aborted."
_NO_PROXY: Final = "Unable to connect to proxy"
# Of a connection that was there.
_LOST: Final = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


class Sending(NamedTuple):
    """The facts of a request that was not answered, as errors tell them.

    Attributes:
        pool: The connections to its origin, or to the proxy that forwards it.
        connection: The connection that was to be made.
        timeouts: Seconds for each phase.
        proxied: It was to go to a proxy.
        forwarded: It was to be forwarded by a proxy.
        by_socks: It was to go to a proxy that urllib3 takes for a part of the socket.
    """

    pool: causes.Place
    connection: causes.Place
    timeouts: Timeouts
    proxied: bool
    forwarded: bool
    by_socks: bool = False


def tell_sending(
    error: RequestException, url: str, target: str, command: Send, *, retried: bool
) -> None:
    """Give an error of a request that was not answered the text and ``args`` of Requests'.

    Args:
        error: The error.
        url: The URL of the request.
        target: The request-target.
        command: The command that was carried out.
        retried: Retries were allowed, and none is left.
    """
    known = causes.library()
    sending = _sending(url, command.route.proxy, command.settings.timeouts)
    for kind, cause_of in _CAUSES:
        if isinstance(error, kind):
            cause, wraps = cause_of(known, error, sending)
            break
    else:
        return
    if isinstance(cause, known.ProxyError):
        causes.caught_as(error, ProxyError)
    if wraps or (retried and not isinstance(error, (ConflictingLengths, IncompleteHead))):
        cause = known.MaxRetryError(sending.pool, target, cause)
        if isinstance(error, ReadTimeout):
            causes.caught_as(error, ConnectionError)
    error.args = (cause,)


def _sending(url: str, proxy: Proxy | None, timeouts: Timeouts) -> Sending:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    origin = parts.hostname or "", parts.port or DEFAULT_PORTS.get(scheme)
    by_socks = proxy is not None and proxy.is_socks
    if by_socks:
        proxy = None
    proxied = proxy is not None
    peer = origin if proxy is None else (proxy.url.host, proxy.url.origin.port)
    pool: causes.Place
    connection: causes.Place
    if scheme == "https":
        pool, connection = causes.HTTPSConnectionPool(*origin), causes.HTTPSConnection(*peer)
        return Sending(pool, connection, timeouts, proxied, False, by_socks)
    pool, connection = causes.HTTPConnectionPool(*peer), causes.HTTPConnection(*peer)
    return Sending(pool, connection, timeouts, proxied, proxied, by_socks)


# Each returns the cause, and whether it is told as the end of all retries even if there were none.


def _of_retries(known: Any, error: RetryError, _: Sending) -> tuple[Any, bool]:
    return known.ResponseError(str(error)), True


def _of_read_timeout(known: Any, _: ReadTimeout, sending: Sending) -> tuple[Any, bool]:
    return _unanswered(known, sending, sending.timeouts.read), False


def _of_connect_timeout(known: Any, error: ConnectTimeout, sending: Sending) -> tuple[Any, bool]:
    host, seconds = sending.connection.host, sending.timeouts.connect
    if error.connected:  # Requests raises a ReadTimeout here.
        causes.caught_as(error, ReadTimeout)
        return _unanswered(known, sending, seconds), False
    said = f"Connection to {host} timed out. (connect timeout={seconds})"
    cause = known.ConnectTimeoutError(sending.connection, said)
    return known.ProxyError(_NO_PROXY, cause) if sending.proxied else cause, True


def _of_write_timeout(known: Any, _error: WriteTimeout, _: Sending) -> tuple[Any, bool]:
    return known.ProtocolError(_ABORTED, TimeoutError("timed out")), False


def _of_lengths(known: Any, error: ConflictingLengths, _: Sending) -> tuple[Any, bool]:
    said = f"Content-Length contained multiple unmatching values ({error})"
    return known.InvalidHeader(said), False


def _of_short_head(known: Any, error: IncompleteHead, _: Sending) -> tuple[Any, bool]:
    return _cut(known, error, 0), False


def _of_protocol(known: Any, error: RemoteProtocolError, _: Sending) -> tuple[Any, bool]:
    return known.ProtocolError(_ABORTED, _not_http(error)), False


def _of_tls(known: Any, error: SSLError, _: Sending) -> tuple[Any, bool]:
    below = error.__cause__
    return known.SSLError(below if isinstance(below, OSError) else _ended_in_handshake()), True


def _of_resolution(known: Any, error: NameResolutionError, sending: Sending) -> tuple[Any, bool]:
    return _unresolved(known, sending.connection, error.__cause__ or _copy(error)), True


def _of_proxy(known: Any, error: ProxyError, sending: Sending) -> tuple[Any, bool]:
    below, response = error.__cause__, error.response
    cause: Any
    if sending.by_socks:
        return _unconnected(known, sending.connection, below or _copy(error)), True
    if response is not None:
        reason = (response.reason or "").strip()
        cause = OSError(f"Tunnel connection failed: {response.status_code} {reason}")
    elif below is None:  # It gave no answer to CONNECT.
        cause = _closed() if "ended" in str(error) else _not_http(error)
        return known.ProtocolError(_ABORTED, cause), False
    elif isinstance(below, SSLError):  # In the handshake with the proxy.
        cause, _ = _of_tls(known, below, sending)
    elif isinstance(below, _LOST):
        return known.ProtocolError(_ABORTED, below), False
    elif type(below).__name__ == "gaierror":
        cause = _unresolved(known, sending.connection, below)
    else:
        cause = _unconnected(known, sending.connection, below)
    return known.ProxyError(_NO_PROXY, cause), True


def _of_connection(known: Any, error: ConnectionError, sending: Sending) -> tuple[Any, bool]:
    below = error.__cause__
    if isinstance(error, AddressRefused):
        return _unconnected(known, sending.connection, _copy(error)), True
    if isinstance(below, OSError) and not isinstance(below, _LOST) and not error.maybe_sent:
        return _unconnected(known, sending.connection, below), True
    if sending.forwarded:
        return known.ProxyError(_NO_PROXY, below or _closed()), True
    return known.ProtocolError(_ABORTED, below or _closed()), False


# The first that fits counts.
_CAUSES: Final[tuple[tuple[type[Any], Callable[..., tuple[Any, bool]]], ...]] = (
    (RetryError, _of_retries),
    (ReadTimeout, _of_read_timeout),
    (ConnectTimeout, _of_connect_timeout),
    (WriteTimeout, _of_write_timeout),
    (ConflictingLengths, _of_lengths),
    (IncompleteHead, _of_short_head),
    (RemoteProtocolError, _of_protocol),
    (SSLError, _of_tls),
    (NameResolutionError, _of_resolution),
    (ProxyError, _of_proxy),
    (ConnectionError, _of_connection),
)


def _unanswered(known: Any, sending: Sending, seconds: float | None) -> Any:
    said = f"Read timed out. (read timeout={seconds})"
    return known.ReadTimeoutError(sending.pool, None, said)


def _unresolved(known: Any, connection: causes.Place, below: BaseException) -> Any:
    return known.NameResolutionError(connection.host, connection, below)


def _unconnected(known: Any, connection: causes.Place, below: BaseException) -> Any:
    said = f"Failed to establish a new connection: {below}"
    return known.NewConnectionError(connection, said)


def _not_http(error: RequestException) -> client.HTTPException:
    kind = client.BadStatusLine if "status line" in str(error) else client.HTTPException
    return kind(str(error))


def _closed() -> Exception:
    return client.RemoteDisconnected("Remote end closed connection without response")


def _ended_in_handshake() -> Exception:
    import ssl

    said = "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"
    return ssl.SSLEOFError(int(ssl.SSL_ERROR_EOF), said)


def _broken(known: Any, below: BaseException) -> Any:
    return known.ProtocolError(f"Connection broken: {below!r}", below)


# --- content ----------------------------------------------------------------------------------


def tell_content(error: RequestException, raw: Any) -> None:
    """Give an error of content the text and ``args`` of Requests', and have it caught as urllib3's.

    Args:
        error: The error.
        raw: The raw response, or whatever is read in its place.
    """
    known = causes.library()
    base: str | None = None
    cause: Any = None
    if isinstance(error, ContentDecodingError):
        base = "DecodeError"
        codings = str(raw.headers.get("content-encoding", "")).lower()
        said = f"Received response with content-encoding: {codings}, but failed to decode it."
        cause = known.DecodeError(said, error.__cause__ or _copy(error))
    elif isinstance(error, StalledContent):
        base = "ReadTimeoutError"
        parts = urlsplit(getattr(raw, "asked", None) or "")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        secure = parts.scheme == "https"
        kind = causes.HTTPSConnectionPool if secure else causes.HTTPConnectionPool
        cause = known.ReadTimeoutError(kind(parts.hostname or "", port), None, "Read timed out.")
    elif isinstance(error, SSLError):
        base = "SSLError"
        cause = known.SSLError(error.__cause__ or _copy(error))
    elif isinstance(error, ChunkedEncodingError):
        base = "ProtocolError"
        cause = _cut(known, error, getattr(raw, "received", 0))
        if error.__cause__ is None and isinstance(cause.args[-1], known.IncompleteRead):
            error.__cause__ = cause.args[-1]  # There programs look for what is missing.
    if base is not None:
        if not (error.args and isinstance(error.args[0], BaseException)):
            error.args = (cause,)
        if known is not causes:
            causes.caught_as(error, getattr(known, base))


def tell_read(error: ChunkedEncodingError, raw: Any, begun: int) -> None:
    """Tell of content in chunks that broke off in ``raw.read`` what ``http.client`` tells.

    It does not know how much is missing, and counts the bytes of chunks that the read has ended.

    Args:
        error: The error.
        raw: The raw response.
        begun: The position at which the read began.
    """
    known = causes.library()
    if isinstance(error.__cause__, OSError):
        return
    ends = [end for end in raw._chunk_ends or () if begun < end <= raw.received]
    below = causes.IncompleteRead(ends[-1] - begun if ends else 0, None)
    error.args, error.__cause__ = (_broken(known, below),), below


def _cut(known: Any, error: ChunkedEncodingError, received: int) -> Any:
    below, missing = error.__cause__, error.missing
    if isinstance(below, OSError):
        return _broken(known, below)
    if missing is None:
        return _broken(known, client.HTTPException(str(error)))
    if missing == 0:
        return known.ProtocolError("Response ended prematurely")
    return _broken(known, known.IncompleteRead(received, missing))


def _copy(error: RequestException) -> Exception:
    """Return an exception with the text of an error, which must not hold itself."""
    return Exception(str(error))
