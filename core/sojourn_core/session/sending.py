"""The pace of a session: its rule for retries, its limit on the rate of requests, its hedges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sojourn_core.call.ports import CallSettings
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.rules.hedge import HedgePolicy, Hedges
    from sojourn_core.rules.rate_limit import RateLimit, Turns
    from sojourn_core.rules.retry_policy import Retries, RetryRule


class SendingRules:
    """The part of a session that says how often it sends. Setting either begins it anew."""

    guard: AbstractContextManager[Any]
    _retries: Retries | None = None
    _turns: Turns | None = None
    _hedges: Hedges | None = None
    _settled: tuple[Any, Any, Any, Any, SendSettings] | None = None
    _call_settings: CallSettings | None = None
    _merged: tuple[Any, ...] | None = None  # The values that settings were made of, and then these.

    @property
    def retries(self) -> RetryRule | None:
        """The rule by which requests are sent again; None for none."""
        return None if self._retries is None else self._retries.rule

    @retries.setter
    def retries(self, given: RetryRule | int | None) -> None:
        self._retries = None
        if given is not None:
            from sojourn_core.rules.retry_policy import retries_from  # Few have any.

            self._retries = retries_from(given)
        self._call_settings = self._merged = None  # Settings that were made without it.

    @property
    def limit(self) -> RateLimit | None:
        """The most requests to one origin in a time; None for any number."""
        return None if self._turns is None else self._turns.limit

    @limit.setter
    def limit(self, given: RateLimit | str | None) -> None:
        self._turns = None
        if given is not None:
            from sojourn_core.rules.rate_limit import Turns, rate_from  # Few have one.

            limit = rate_from(given)
            self._turns = None if limit is None else Turns(limit, self.guard)
        if self._hedges is not None:
            self._hedges.turns = self._turns
        self._call_settings = self._merged = self._settled = None

    @property
    def hedge(self) -> HedgePolicy | None:
        """The policy by which a request is sent a second time, for the first answer; None for none.

        With a ``limit``, a second request needs a turn of its own.
        """
        return None if self._hedges is None else self._hedges.policy

    @hedge.setter
    def hedge(self, given: HedgePolicy | float | None) -> None:
        self._hedges = None
        if given is not None:
            from sojourn_core.rules.hedge import hedges_from  # Few have any.

            self._hedges = hedges_from(given, self.guard, self._turns)
        self._merged = self._settled = None
