"""A driver of an exchange without its loop: what it holds, and how it gives up."""

from __future__ import annotations

from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .effects import carry_out

if TYPE_CHECKING:
    from sojourn_core.exchange.exchange import Exchange

Transport = TypeVar("Transport")


class ExchangeDriverBase(Generic[Transport]):
    """Drives one exchange, from its start to whatever is handed up next.

    Args:
        exchange: What is driven.
        adapter: The transport that it belongs to. It is kept, so that it is not gone before it
            hears of a response that nobody holds.
    """

    __slots__ = ("_chunks", "adapter", "exchange")

    def __init__(self, exchange: Exchange, adapter: Transport) -> None:
        self.exchange = exchange
        self.adapter = adapter
        self._chunks: Any = None  # The iterator of the content that is being sent.

    def abandon(self) -> None:
        """Give up: the connection is closed unless the response has ended."""
        carry_out(self.exchange.abandon(clock()))

    def __del__(self) -> None:
        # Runs whenever the collector likes, on any thread, maybe inside the pool's own lock: only
        # leave a note.
        exchange: Exchange | None = getattr(self, "exchange", None)
        if exchange is not None and exchange.command is not None and exchange.orphan():
            self._tell_pool()

    def _tell_pool(self) -> None:
        """Have the note read, unless whoever waits for the pool looks by itself."""
