"""Rules that a call has of its own, in place of those of its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.record import replace

from .ports import NESTED

if TYPE_CHECKING:
    from sojourn_core.rules.hedge import HedgePolicy
    from sojourn_core.rules.retry_policy import Retries, RetryRule

    from .journey import Journey
    from .ports import Mode


class OwnRules:
    """The part of a call that says how often it sends. It is set before the call is started.

    Where the call is nested, it is for its hops, each of which has a call of its own.
    """

    __slots__ = ()

    mode: Mode
    _journey: Journey

    def retry_by(self, retries: RetryRule | int | None) -> None:
        """Set the retries of this call alone; None for none.

        Raises:
            InvalidArgument: It is neither a number nor a rule.
        """
        from sojourn_core.rules.retry_policy import retries_from  # Most calls have none.

        known = retries_from(retries)
        self._hand_on("retries", retries)
        if self.mode is not NESTED:
            self._set_retries(known)

    def _set_retries(self, retries: Retries | None) -> None:
        from .retrying import Retrying

        journey = self._journey
        journey.retrying = None if retries is None else Retrying(retries, journey.chain)

    def hedge_by(self, hedge: HedgePolicy | float | None) -> None:
        """Set the hedge of this call alone; None for none. Its budget is its own.

        Raises:
            InvalidArgument: It is neither seconds nor a policy.
        """
        from sojourn_core.rules.hedge import hedges_from  # Most calls have none.

        journey = self._journey
        hedges = hedges_from(hedge, turns=journey.rules.turns)
        self._hand_on("hedge", hedge)
        if self.mode is not NESTED:
            journey.settings = replace(journey.settings, hedges=hedges)

    def _hand_on(self, name: str, given: Any) -> None:
        settings = self._journey.settings
        self._journey.settings = replace(settings, own={**settings.own, name: given})
