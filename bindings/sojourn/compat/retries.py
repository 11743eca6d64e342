"""``max_retries`` of an adapter: a number, urllib3's ``Retry``, or an object with its fields.

urllib3 is not imported. A ``Retry`` decides by its own methods, and is shown errors of its own
package; an object that has only the fields is converted to a ``Retries``.
"""

from __future__ import annotations

import sys
import time
from copy import copy
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sojourn_core.values.errors import (
    ConnectionError,
    ReadTimeout,
    RequestException,
    RetryError,
    SSLError,
)

if TYPE_CHECKING:
    from sojourn_core.messages.send import Send

ALLOWED_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"})
RETRY_AFTER_STATUSES: Final = frozenset({413, 429, 503})
BACKOFF_MAX: Final = 120.0  # Seconds; the same as in urllib3.
RETRY_AFTER_MAX: Final = 6 * 3600.0  # Seconds; the same as in urllib3 since 2.6.


class Attempt(NamedTuple):
    """One try that was followed by another, as urllib3's ``RequestHistory`` has it.

    Attributes:
        method: The request's method.
        url: The request-target.
        error: What it failed with; None if there was a response.
        status: The status of its response.
        redirect_location: None: redirects are the session's.
    """

    method: str | None
    url: str | None
    error: Exception | None
    status: int | None
    redirect_location: str | None


UNTOLD: Final = Attempt(None, None, None, None, None)


class Exhausted(Exception):
    """No retry is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Retries that are left; each retry makes a new value.

    Attributes:
        total: Retries in all; None for as many as the others allow.
        connect: Retries after errors before anything was sent.
        read: Retries after errors once the request was sent; False for none, and the error is
            raised as it is.
        redirect: Of no effect: redirects are the session's.
        status: Retries after responses.
        other: Retries after other errors, of which there are none.
        status_forcelist: Statuses that are tried again.
        allowed_methods: Methods that may be sent twice; None or False for all.
        backoff_factor: Seconds before the second retry, doubled each time after.
        backoff_max: Seconds at most.
        respect_retry_after_header: Wait as long as Retry-After says.
        raise_on_status: Raise an error for the last response when no retry is left.
        history: The tries that were followed by another.
    """

    total: Any = 0
    connect: int | None = None
    read: Any = None
    redirect: int | None = None
    status: int | None = None
    other: int | None = None
    status_forcelist: Any = ()
    allowed_methods: Any = ALLOWED_METHODS
    backoff_factor: float = 0.0
    backoff_max: float = BACKOFF_MAX
    respect_retry_after_header: bool = True
    raise_on_status: bool = True
    history: tuple[Attempt, ...] = ()

    def new(self, **fields: Any) -> Retries:
        """Return a copy with these fields changed."""
        return replace(self, **fields)

    def get_backoff_time(self) -> float:
        """Return the seconds to wait before the retry that was counted last."""
        return self.seconds()

    def is_exhausted(self) -> bool:
        """Return True if fewer than none are left of any kind."""
        counts = (self.total, self.connect, self.read, self.redirect, self.status, self.other)
        return min((count for count in counts if count), default=0) < 0

    def allows(self, method: str) -> bool:
        """Return True if the method may be sent twice."""
        return not self.allowed_methods or method.upper() in self.allowed_methods

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Return True if a response of this status is to be tried again."""
        if not self.allows(method):
            return False
        if status_code in (self.status_forcelist or ()):
            return True
        return bool(
            self.total
            and self.respect_retry_after_header
            and has_retry_after
            and status_code in RETRY_AFTER_STATUSES
        )

    def after(self, kind: str, attempt: Attempt = UNTOLD) -> Retries:
        """Return what is left after one retry of a kind: ``connect``, ``read`` or ``status``.

        Raises:
            Exhausted: No retry is left.
        """
        left: dict[str, Any] = {}
        for name in ("total", kind):
            known = getattr(self, name)
            if known is None or known is True:
                continue
            if int(known) < 1:
                raise Exhausted
            left[name] = known - 1
        return replace(self, history=(*self.history, attempt), **left)

    def seconds(self, retry_after: str | None = None) -> float:
        """Return the seconds to wait before the retry that was counted last."""
        if retry_after and self.respect_retry_after_header:
            asked = seconds_of(retry_after)
            if asked is not None:
                return min(max(asked, 0.0), RETRY_AFTER_MAX)
        made = len(self.history)
        if made < 2:
            return 0.0
        return float(min(self.backoff_factor * 2.0 ** (made - 1), self.backoff_max))


def seconds_of(retry_after: str) -> float | None:
    """Return the seconds of a Retry-After value (RFC 9110 section 10.2.3); None if malformed."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None


def retries_from(given: Any) -> Any:
    """Convert ``max_retries`` to a ``Retries``; an object with ``increment`` is returned as it is.

    A number above zero stands for urllib3's ``Retry`` with that total. So errors after sending,
    with methods that may be sent twice, and responses with Retry-After are tried again as well;
    Requests' documentation mentions failed connections only.
    """
    if given is None or isinstance(given, (int, float)):
        total = given if given is False else int(given or 0)
        return Retries(total=total) if total else Retries(total=total, read=False)
    if isinstance(given, Retries) or hasattr(given, "increment"):
        return given
    known = {name: getattr(given, name) for name in Retries.__slots__ if hasattr(given, name)}
    known.pop("history", None)
    return Retries(**known)


_LOST: Final = (ConnectionError, ReadTimeout)


class Retrying:
    """The retries of one sending.

    Args:
        retries: A value of ``retries_from``.
        method: The request's method.
        url: The request-target, which urllib3's ``Retry`` is given.
        command: The command that is sent.

    Attributes:
        left: Retries that are left.
    """

    def __init__(self, retries: Any, method: str, url: str, command: Send) -> None:
        self.left = retries
        self._method = method
        self._url = url
        self._command = command

    def lost(self, error: RequestException, request: Any) -> None:
        """Wait before the next try, after one that failed.

        An error of another request, or of no exchange, is one that the content has raised.

        Raises:
            RequestException: No retry is left: ``error``, or the error that Requests raises for it.
        """
        shown: Exception | None = None
        try:
            retries = self.left
            if error.request is not None or error.progress is None:
                error.request = error.request or request
                raise error
            error.request = request
            if isinstance(retries, Retries):
                connecting = isinstance(error, ConnectionError) and not error.maybe_sent
                kind = "connect" if connecting else "read"
                if isinstance(error, SSLError) or not isinstance(error, _LOST):
                    raise self._told(error)  # It would fail again, or is none of the network.
                if not connecting and (retries.read is False or not retries.allows(self._method)):
                    raise self._told(error)
                try:
                    # A copy leads to no frames, which lead to what keeps it.
                    tried = Attempt(self._method, self._url, copy(error), None, None)
                    self.left = retries.after(kind, tried)
                except Exhausted:
                    retried = retries.read is not False
                    raise self._told(error, retried=retried) from error.__cause__
                time.sleep(self.left.seconds())
                return
            shown = _as_urllib3(retries, error)
            try:
                self.left = retries.increment(self._method, self._url, error=shown)
            except Exception as refused:  # noqa: BLE001 - of a package that is not imported
                raise self._told(error, retried=refused is not shown) from error.__cause__
            self.left.sleep()
        finally:
            del (
                error,
                shown,
            )  # The error that is raised leads to this frame, which must not lead to it.

    def _told(self, error: RequestException, *, retried: bool = False) -> RequestException:
        """Return an error that ends the sending, with the text and ``args`` of Requests'."""
        from .told import tell_sending  # Few programs need it.

        url = getattr(error.request, "url", None) or ""
        tell_sending(error, url, self._url, self._command, retried=retried)
        return error

    def answered(self, raw: Any) -> bool:
        """Drain a response that is to be tried again, wait, and return True; else return False.

        Raises:
            RetryError: No retry is left, and ``raise_on_status`` is set.
        """
        retries, status = self.left, raw.status
        retry_after = raw.headers.by_name().get("retry-after")
        if not retries.is_retry(self._method, status, bool(retry_after)):
            return False
        try:
            if isinstance(retries, Retries):
                tried = Attempt(self._method, self._url, None, status, None)
                self.left = retries.after("status", tried)
            else:
                self.left = retries.increment(self._method, self._url, response=raw)
        except Exception as refused:
            if not isinstance(refused, Exhausted) and type(refused).__name__ != "MaxRetryError":
                raise
            if not retries.raise_on_status:
                return False
            raw.drain_conn()
            error = RetryError(f"too many {status} error responses", request=self._command.request)
            raise self._told(error) from None
        raw.drain_conn()
        if isinstance(self.left, Retries):
            time.sleep(self.left.seconds(retry_after))
        else:
            self.left.sleep(raw)
        return True


def _as_urllib3(retries: Any, error: RequestException) -> Exception:
    """Convert an error to one of the package that the ``Retry`` is from; else return it."""
    for kind in type(retries).__mro__:
        package, found, _ = kind.__module__.partition("util.retry")
        known: Any = sys.modules.get(f"{package}exceptions") if found else None
        if known is None:
            continue
        if not isinstance(error, (ConnectionError, ReadTimeout)) or isinstance(error, SSLError):
            return Exception(str(error))
        if isinstance(error, ReadTimeout) and not isinstance(error, ConnectionError):
            made: Exception = known.ReadTimeoutError(None, None, str(error))
        elif error.maybe_sent:
            made = known.ProtocolError(str(error))
        else:
            made = known.ConnectTimeoutError(str(error))
        return made
    return error
