"""The effects of a step, for the driver to carry out: close streams, wake waiters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.content.content import Content


class Waiter(Protocol):
    """Somebody who waits, and how to wake them: a ``Ticket`` of the pool."""

    wake: Callable[[], object] | None


class Effects:
    """Work for the driver, to be done before the command that the step answered with.

    Attributes:
        closes: Streams to close, as they were handed to ``Exchange.connected``.
        wakes: Tickets that are ready.
        releases: Content of requests whose iterator is to be closed, so that the user's
            ``finally`` runs: it was touched, and nothing more is taken from it.
    """

    __slots__ = ("closes", "releases", "wakes")

    def __init__(self) -> None:
        self.closes: list[Any] = []
        self.wakes: list[Waiter] = []
        self.releases: list[Content] = []

    def __bool__(self) -> bool:
        return bool(self.closes or self.wakes or self.releases)

    def __repr__(self) -> str:
        return f"Effects(closes={self.closes!r}, wakes={self.wakes!r}, releases={self.releases!r})"

    def add(self, other: Effects | None) -> Effects:
        """Add what another step asked for, and return all of it."""
        if other is not None:
            self.closes += other.closes
            self.wakes += other.wakes
            self.releases += other.releases
        return self
