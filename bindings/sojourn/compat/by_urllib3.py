"""Requests that a pool of urllib3 sends, as it does below Requests.

It is a pool that a program's override has returned; or any, once ``use_urllib3`` was called. Then
tools that patch urllib3, ``http.client`` or sockets see what they saw with Requests. urllib3 is not
imported before that: its errors are recognised by their names.
"""

from __future__ import annotations

from importlib import import_module
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.foreign import raised_for
from sojourn_core.values.content.content import Content
from sojourn_core.values.content.shielded import ContentError
from sojourn_core.values.errors import (
    ConnectionError,
    ConnectTimeout,
    DeadlineExceeded,
    InvalidHeader,
    PolicyRefused,
    ProxyError,
    ReadTimeout,
    RequestException,
    RetryError,
    SSLError,
)
from sojourn_core.values.record import fields_of

from .retries import Retries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.values.timeouts import Timeouts

_HOME: Final = "urllib3"


class _Choice:
    is_made = False


def use_urllib3() -> None:
    """Have urllib3 send what sessions of this package send, in this process, from now on.

    Redirects, cookies and credentials are decided as before. Connections, their limits and TLS are
    urllib3's, and so are ``response.raw`` and the removal of content codings: it is what Requests
    does. Sessions that are there already are no exception.

    Raises:
        ImportError: urllib3 is not installed.
    """
    try:
        import_module(_HOME)
    except ImportError as error:
        said = "use_urllib3 takes the extra urllib3: pip install 'sojourn[urllib3]'"
        raise ImportError(said, name=_HOME) from error
    _Choice.is_made = True


def urllib3_is_used() -> bool:
    """Return True once ``use_urllib3`` was called."""
    return _Choice.is_made


class _Streamed:
    """Content that is read while it is sent; each time it is sent, from its start."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._content.rewind()
            yield from self._content.chunks()
        except Exception as error:
            raise ContentError(error) from error


def send_by(pool: Any, request: Any, target: str, timeouts: Timeouts, retries: Any) -> Any:
    """Send a request by a pool of urllib3, and return the raw response.

    Raises:
        PolicyRefused: There are networks that must not be connected to, which urllib3 does not ask.
        ConnectionError: The exchange failed, or a sibling of that error.
        ReadTimeout: The peer was silent for too long.
        RetryError: No retry is left.
        DeadlineExceeded: The time of the whole call is over.
    """
    # A program's own class stands below that of urllib3, or of its copy in another package.
    homes = [kind.__module__.partition(".connectionpool") for kind in type(pool).__mro__]
    library: Any = import_module(next((package for package, found, _ in homes if found), _HOME))
    connect, read = _seconds(request, timeouts)
    body = request.body
    content = getattr(request, "content", None)
    streamed = _Streamed(content) if isinstance(content, Content) else None
    raised: Exception | None
    try:
        return pool.urlopen(
            method=request.method,
            url=target,
            body=body if streamed is None else streamed,
            headers=request.headers,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            retries=_as_theirs(retries, library),
            timeout=library.Timeout(connect=connect, read=read),
            chunked=not (body is None or "Content-Length" in request.headers),
        )
    except ContentError as shown:
        raised = shown.error
    except Exception as error:
        raised = _raised(error, request)
        if raised is None:
            raise
        raised.__cause__ = error
    finally:
        if isinstance(content, Content) and content.touched:
            content.close()
    try:
        raise raised
    finally:
        del raised  # It leads to this frame, which must not lead to it.


def _seconds(request: Any, timeouts: Timeouts) -> tuple[float | None, float | None]:
    """Return the times for connecting and for reading, within that of the whole call."""
    asked = getattr(request, "constraints", None)
    times = timeouts.connect, timeouts.read
    if asked is None:
        return times
    if asked.refused_networks:
        raise PolicyRefused(
            "refused_networks cannot be kept to: urllib3 connects to any address",
            request=request,
            maybe_sent=False,
        )
    left = asked.deadline - clock()
    if left <= 0:
        raise DeadlineExceeded("the call took longer than it may in all", request=request)
    if left == float("inf"):
        return times
    connect, read = (left if seconds is None else min(seconds, left) for seconds in times)
    return connect, read


def _as_theirs(retries: Any, library: Any) -> Any:
    """Return ``max_retries`` of an adapter as a ``Retry``, which counts tries and tells of them."""
    if not isinstance(retries, Retries):
        return retries if hasattr(retries, "increment") else False
    known = {name: getattr(retries, name) for name in fields_of(Retries)}
    return library.Retry(**known)


# By the name of the class, as the reason that no retry is left; the first that fits counts.
_REASONS: Final[dict[str, type[RequestException]]] = {
    "NewConnectionError": ConnectionError,
    "ConnectTimeoutError": ConnectTimeout,
    "ResponseError": RetryError,
    "ProxyError": ProxyError,
    "SSLError": SSLError,
}
# And by itself.
_ERRORS: Final[dict[str, type[RequestException]]] = {
    "ProtocolError": ConnectionError,
    "ProxyError": ProxyError,
    "SSLError": SSLError,
    "ReadTimeoutError": ReadTimeout,
    "InvalidHeader": InvalidHeader,
}
_UNSENT: Final = frozenset(
    {"ConnectTimeoutError", "ProxyError", "EmptyPoolError", "ClosedPoolError"}
)


def _raised(error: Exception, request: Any) -> RequestException | None:
    """Return the error that Requests raises for one of urllib3; None if it is raised as it is."""
    if raised_for(error) is None:
        return None
    reason = getattr(error, "reason", None)
    looked_at, table = (error, _ERRORS) if reason is None else (reason, _REASONS)
    names = [kind.__name__ for kind in type(looked_at).__mro__]
    kind: type[Any] = next((table[name] for name in names if name in table), ConnectionError)
    made: RequestException = kind(error, request=request)
    made.maybe_sent = _UNSENT.isdisjoint(names)
    return made
