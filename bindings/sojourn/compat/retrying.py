"""The retries of one sending by an adapter: rules as the core has them, for what Requests takes.

A number, or an object with the fields of urllib3's ``Retry``, is counted here. A ``Retry`` decides
by its own methods, and is shown errors of its own package; urllib3 is not imported. A
``RetryPolicy`` is a rule already. Nothing here waits: the adapter is told until when to.
"""

from __future__ import annotations

import sys
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.rules.retry_policy import Again, Attempt, Enough
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import (
    ConnectionError,
    ReadTimeout,
    RequestException,
    RetryError,
    SSLError,
)

from .retries import Attempt as Tried
from .retries import Exhausted, Retries, retries_from

if TYPE_CHECKING:
    from sojourn_core.messages.send import Send
    from sojourn_core.rules.retry_policy import RetryVerdict

_LOST: Final = (ConnectionError, ReadTimeout)
_WAITS: Final = ("sleep", "sleep_for_retry", "_sleep_backoff")
_ENOUGH: Final = Enough("retry.refused.count", "no retry is left")


class Rule:
    """A rule for retries that was made of ``max_retries``; this one is a policy's.

    Args:
        left: What decides.
        url: The request-target.

    Attributes:
        left: The retries that are left.
        raw: The response that is decided on.
        retried: Retries were allowed, and none is left.
    """

    def __init__(self, left: Any, url: str) -> None:
        self.left = left
        self.raw: Any = None
        self.retried = False
        self._url = url

    def decide(self, attempt: Attempt, random: float) -> RetryVerdict:
        """Decide on an attempt; see ``RetryPolicy.decide``."""
        verdict: RetryVerdict = self.left.decide(attempt, random)
        self.retried = isinstance(verdict, Enough) and attempt.retries > 0
        return verdict

    @property
    def raises_on_status(self) -> bool:
        """An error is raised for the last response when no retry is left."""
        return bool(getattr(self.left, "raise_on_status", False))


class Counted(Rule):
    """The rule of a ``Retries``."""

    def decide(self, attempt: Attempt, random: float) -> RetryVerdict:
        return self._on_response(attempt) if attempt.error is None else self._on_error(attempt)

    def _on_error(self, attempt: Attempt) -> RetryVerdict:
        retries: Retries = self.left
        error = attempt.error
        assert error is not None
        connecting = isinstance(error, ConnectionError) and not error.maybe_sent
        if isinstance(error, SSLError) or not isinstance(error, _LOST):
            return None  # It would fail again, or is none of the network.
        if not connecting and (retries.read is False or not retries.allows(attempt.method)):
            return None
        # A copy leads to no frames, which lead to what keeps it.
        tried = Tried(attempt.method, self._url, copy(error), None, None)
        try:
            self.left = retries.after("connect" if connecting else "read", tried)
        except Exhausted:
            self.retried = retries.read is not False
            return _ENOUGH
        return _again(self.left.seconds())

    def _on_response(self, attempt: Attempt) -> RetryVerdict:
        retries: Retries = self.left
        if not retries.is_retry(attempt.method, attempt.status, bool(attempt.retry_after)):
            return None
        tried = Tried(attempt.method, self._url, None, attempt.status, None)
        try:
            self.left = retries.after("status", tried)
        except Exhausted:
            return _ENOUGH
        return _again(self.left.seconds(attempt.retry_after))


class Theirs(Rule):
    """The rule of a ``Retry`` of urllib3."""

    def decide(self, attempt: Attempt, random: float) -> RetryVerdict:
        return self._on_response(attempt) if attempt.error is None else self._on_error(attempt)

    def _on_error(self, attempt: Attempt) -> RetryVerdict:
        assert attempt.error is not None
        shown = _as_urllib3(self.left, attempt.error)
        try:
            self.left = self.left.increment(attempt.method, self._url, error=shown)
        except Exception as refused:  # noqa: BLE001 - of a package that is not imported
            self.retried = refused is not shown
            return _ENOUGH
        finally:
            del shown  # The error that is raised may lead to this frame.
        return _again(self._seconds(None))

    def _on_response(self, attempt: Attempt) -> RetryVerdict:
        retries, raw = self.left, self.raw
        if not retries.is_retry(attempt.method, attempt.status, bool(attempt.retry_after)):
            return None
        try:
            self.left = retries.increment(attempt.method, self._url, response=raw)
        except Exception as refused:
            if type(refused).__name__ != "MaxRetryError":
                raise
            return _ENOUGH
        raw.drain_conn()
        return _again(self._seconds(raw))

    def _seconds(self, raw: Any) -> float:
        """Return what the ``Retry`` would wait; one that waits in its own way does so here."""
        retries = self.left
        kind: Any = retries.__class__
        own = next((each for each in kind.__mro__ if _is_theirs(each)), None)
        if any(getattr(kind, name, None) is not getattr(own, name, None) for name in _WAITS):
            retries.sleep(raw)
            return 0.0
        asked = None
        if raw is not None and retries.respect_retry_after_header:
            asked = retries.get_retry_after(raw)
        return float(asked or retries.get_backoff_time())


def _is_theirs(kind: type) -> bool:
    return kind.__module__.endswith("util.retry")


def _again(seconds: float) -> Again:
    return Again(seconds, "retry.lost", "max_retries allows it")


class Retrying:
    """The retries of one sending.

    Args:
        max_retries: Those of the adapter.
        url: The request-target, which urllib3's ``Retry`` is given.
        command: The command that is sent.

    Attributes:
        rule: Decides.
    """

    def __init__(self, max_retries: Any, url: str, command: Send) -> None:
        known = retries_from(max_retries)
        kind = Rule if hasattr(known, "decide") else Counted
        self.rule = (kind if not hasattr(known, "increment") else Theirs)(known, url)
        self._url = url
        self._command = command
        self._made = 0
        self._refused = False  # The last response was one to try again, and no retry was left.
        # Most adapters try no response again, and none of them is looked at.
        self._keeps_all = kind is Counted and not (
            hasattr(known, "increment") or known.total or known.status_forcelist
        )

    def lost(self, error: RequestException, request: Any, now: float) -> float:
        """Return when the next try begins, after one that failed.

        An error of another request, or of no exchange, is one that the content has raised.

        Raises:
            RequestException: No retry is left: ``error``, or the error that Requests raises for it.
        """
        try:
            if error.request is not None or error.progress is None:
                error.request = error.request or request
                raise error
            error.request = request
            until = self._settle(self._attempt()._replace(error=error), now)
            if until is None:
                if self.rule.retried:
                    raise self._told(error) from error.__cause__
                raise self._told(error)
            return until
        finally:
            del error  # It leads to this frame, which must not lead to it.

    def answered(self, raw: Any, now: float, wall: float) -> float | None:
        """Return when the next try begins, after a response that is drained; None if it is kept.

        Raises:
            RetryError: No retry is left, and ``raise_on_status`` is set.
        """
        if self._keeps_all:
            return None
        rule, status = self.rule, raw.status
        rule.raw = raw
        attempt = self._attempt()._replace(
            status=status, retry_after=raw.headers.by_name().get("retry-after"), wall=wall
        )
        until = self._settle(attempt, now)
        if until is None and not (self._refused and rule.raises_on_status):
            return None
        raw.drain_conn()
        if until is None:
            error = RetryError(f"too many {status} error responses", request=self._command.request)
            raise self._told(error) from None
        return until

    def _attempt(self) -> Attempt:
        request = self._command.request
        content = request.content
        replayable = not isinstance(content, Content) or content.rewindable or not content.touched
        return Attempt(request.method or "", self._made, replayable)

    def _settle(self, attempt: Attempt, now: float) -> float | None:
        entropy = self._command.request.preparation.entropy
        random = 0.0 if entropy is None else int.from_bytes(entropy(4)) / 2**32
        verdict = self.rule.decide(attempt, random)
        self._refused = isinstance(verdict, Enough)
        if not isinstance(verdict, Again) or now + verdict.seconds >= self._command.deadline:
            return None
        self._made += 1
        return now + verdict.seconds

    def _told(self, error: RequestException) -> RequestException:
        """Return an error that ends the sending, with the text and ``args`` of Requests'."""
        from .told import tell_sending  # Few programs need it.

        url = getattr(error.request, "url", None) or ""
        tell_sending(error, url, self._url, self._command, retried=self.rule.retried)
        return error


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
