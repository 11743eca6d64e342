"""Cycles on a connection whose making has something to tell: it goes up with the first head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import Head, Switch
from .cycle import Cycle
from .expecting import Expecting

if TYPE_CHECKING:
    from sojourn_core.values.decision import Decision

    from .commands import ExchangeCommand


class TellingCycle(Cycle):
    """A cycle that hands decisions up with the head of its response.

    Attributes:
        told: The decisions.
    """

    __slots__ = ("told",)

    told: tuple[Decision, ...]

    def go_on(self, now: float) -> ExchangeCommand:
        """Do what comes next."""
        return tell(super().go_on(now), self.told)


class TellingExpecting(Expecting):
    """The same for a request whose content waits for 100 (Continue)."""

    __slots__ = ("told",)

    told: tuple[Decision, ...]

    def go_on(self, now: float) -> ExchangeCommand:
        """Do what comes next."""
        return tell(super().go_on(now), self.told)


def tell(command: ExchangeCommand, told: tuple[Decision, ...]) -> ExchangeCommand:
    """Add decisions to the head of a response, if the command hands one up."""
    if isinstance(command, (Head, Switch)):
        command.head.decisions = (*told, *command.head.decisions)
    return command
