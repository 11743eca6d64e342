"""The causes of errors, as urllib3 would have raised them below Requests.

Programs look for them: ``error.args[0].reason``, ``str(error)``, ``except ProtocolError`` around a
read of ``raw``. If the program has imported urllib3, they are of its classes; else of those here,
which have the same names, arguments and texts. urllib3 is not imported.
"""

from __future__ import annotations

import sys
from http.client import IncompleteRead as ShortRead
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sojourn_core.values.errors import RequestException


class Place:
    """A pool, or a connection, as errors name it.

    Attributes:
        host: The host.
        port: The port.
    """

    def __init__(self, host: str, port: int | None) -> None:
        self.host = host
        self.port = port

    def __str__(self) -> str:
        return f"{type(self).__name__}(host={self.host!r}, port={self.port!r})"

    def __repr__(self) -> str:
        return f"<{self} at {id(self):#x}>"


class HTTPConnectionPool(Place):
    """The connections to an origin, or to its proxy."""


class HTTPSConnectionPool(Place):
    """The connections to an origin by TLS."""


class HTTPConnection(Place):
    """A connection to an origin, or to its proxy."""


class HTTPSConnection(Place):
    """A connection that TLS is for."""


class HTTPError(Exception):
    """The base of all."""


class PoolError(HTTPError):
    """An error of a pool.

    Args:
        pool: The pool.
        message: What went wrong.
    """

    def __init__(self, pool: Any, message: str) -> None:
        self.pool = pool
        self.message = message
        super().__init__(f"{pool}: {message}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pool, self.message)


class RequestError(PoolError):
    """An error of a pool, at a request.

    Args:
        pool: The pool.
        url: The request-target.
        message: What went wrong.
    """

    def __init__(self, pool: Any, url: str | None, message: str) -> None:
        self.url = url
        super().__init__(pool, message)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pool, self.url, self.message)


class MaxRetryError(RequestError):
    """No retry is left.

    Args:
        pool: The pool.
        url: The request-target.
        reason: The cause.
    """

    def __init__(self, pool: Any, url: str | None, reason: Exception | None = None) -> None:
        self.reason = reason
        super().__init__(pool, url, f"Max retries exceeded with url: {url} (Caused by {reason!r})")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pool, self.url, self.reason)


class TimeoutError(HTTPError):  # noqa: A001 - urllib3's own name
    """Something took too long."""


class ReadTimeoutError(TimeoutError, RequestError):
    """The peer was silent for too long."""


class ConnectTimeoutError(TimeoutError):
    """Connecting took too long."""


class NewConnectionError(ConnectTimeoutError):
    """A connection could not be made.

    Args:
        conn: The connection.
        message: What went wrong.
    """

    def __init__(self, conn: Any, message: str) -> None:
        self.conn = conn
        self.message = message
        super().__init__(f"{conn}: {message}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.conn, self.message)


class NameResolutionError(NewConnectionError):
    """The host has no address.

    Args:
        host: The host.
        conn: The connection.
        reason: The cause.
    """

    def __init__(self, host: str, conn: Any, reason: BaseException) -> None:
        self.host = host
        self.below = reason
        super().__init__(conn, f"Failed to resolve '{host}' ({reason})")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.host, self.conn, self.below)


class ProxyError(HTTPError):
    """The proxy could not be reached, or refused.

    Args:
        message: What went wrong.
        error: The cause.
    """

    def __init__(self, message: str, error: BaseException) -> None:
        super().__init__(message, error)
        self.original_error = error


class SSLError(HTTPError):
    """TLS failed."""


class ProtocolError(HTTPError):
    """A response broke off, or was none."""


class DecodeError(HTTPError):
    """Content does not fit its coding."""


class ResponseError(HTTPError):
    """There were too many responses that ask for another try."""


class InvalidHeader(HTTPError):
    """A field of the response is not valid."""


class IncompleteRead(HTTPError, ShortRead):
    """Content ended early.

    Args:
        partial: The number of bytes that came.
        expected: The number of bytes that did not; None if it is not known.
    """

    def __init__(self, partial: int, expected: int | None) -> None:
        self.partial = partial  # type: ignore[assignment]  # As in urllib3: a number.
        self.expected = expected
        self.args = (partial, expected)

    def __repr__(self) -> str:
        more = "" if self.expected is None else f", {self.expected} more expected"
        return f"IncompleteRead({self.args[0]} bytes read{more})"

    __str__ = __repr__


def library() -> Any:
    """Return the module that has the classes: urllib3's if the program has imported it."""
    return sys.modules.get("urllib3.exceptions") or sys.modules[__name__]


def caught_as(error: RequestException, *bases: type[BaseException]) -> None:
    """Have an error caught as other classes, too, under its own name."""
    missing = tuple(base for base in bases if not isinstance(error, base))
    if missing:
        error.__class__ = _widened(type(error), missing)


def _widened(kind: type[Any], bases: tuple[type[BaseException], ...]) -> type[Any]:
    key: Any = (kind, bases)
    made = _made.get(key)
    if made is None:
        made = _made[key] = _widen(kind, bases)
    return made


_made: Final[dict[Any, type[Any]]] = {}


def _widen(kind: type[Any], bases: tuple[type[BaseException], ...]) -> type[Any]:
    def reduced(self: Any) -> tuple[Any, ...]:
        _, args, *state = super(made, self).__reduce__()
        return (_remade, (kind, bases, args), *state)

    below = tuple(base for base in bases if issubclass(base, kind))
    others = tuple(base for base in bases if base not in below)
    made: type[Any] = type(
        kind.__name__,
        (*(below or (kind,)), *others),
        {"__module__": kind.__module__, "__doc__": kind.__doc__, "__reduce__": reduced},
    )
    return made


def _remade(kind: type[Any], bases: tuple[type[BaseException], ...], args: tuple[Any, ...]) -> Any:
    error = kind(*args)
    error.__class__ = _widened(kind, bases)
    return error
