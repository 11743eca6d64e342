"""``max_retries`` of an adapter as a value: what is left, of which kind, and how long is waited."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any, Final

from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.record import fields_of, record, replace
from sojourn_core.values.value import Value

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


@record(frozen=True, kw_only=True)
class Retries(Value):
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
    """Convert ``max_retries`` to a ``Retries``; what decides by itself is returned as it is.

    A number above zero stands for urllib3's ``Retry`` with that total. So errors after sending,
    with methods that may be sent twice, and responses with Retry-After are tried again as well;
    Requests' documentation mentions failed connections only.
    """
    if given is None or isinstance(given, (int, float)):
        total = given if given is False else int(given or 0)
        return Retries(total=total) if total else Retries(total=total, read=False)
    if isinstance(given, Retries) or hasattr(given, "increment") or hasattr(given, "decide"):
        return given
    known = {name: getattr(given, name) for name in fields_of(Retries) if hasattr(given, name)}
    known.pop("history", None)
    return Retries(**known)
