"""What a step of a machine asks its driver to do besides: close streams, wake who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Waiter(Protocol):
    """Somebody who waits, and how to wake them: a ``Ticket`` of the pool."""

    wake: Callable[[], object] | None


class Effects:
    """What a step asks its driver to do afterwards.

    Attributes:
        closes: Streams to close, as they were handed to ``Exchange.connected``.
        wakes: Tickets that were granted a slot.
    """

    __slots__ = ("closes", "wakes")

    def __init__(self) -> None:
        self.closes: list[Any] = []
        self.wakes: list[Waiter] = []

    def __bool__(self) -> bool:
        return bool(self.closes or self.wakes)

    def __repr__(self) -> str:
        return f"Effects(closes={self.closes!r}, wakes={self.wakes!r})"
