"""A driver of an exchange without its loop: what it holds, and how it gives up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sojourn_core.values.errors import LocalProtocolError

from .cut import Cut, closed_by
from .effects import carry_out

if TYPE_CHECKING:
    from sojourn_core.commands import ExchangeCommand
    from sojourn_core.exchange.exchange import Exchange
    from sojourn_core.exchange.pool import Pool

    from .addresses import Resolver
    from .clock import Clock


class Transport(Protocol):
    """The transport that an exchange belongs to, as far as its driver goes.

    Attributes:
        pool: The ledger of connections.
        resolver: The user's own resolver; None leaves all names to the system.
    """

    pool: Pool
    clock: Clock
    resolver: Resolver | None


Transport_co = TypeVar("Transport_co", bound=Transport, covariant=True)
# HandedUp where code blocks, and a coroutine that gives it where it does not.
Handed_co = TypeVar("Handed_co", covariant=True)


class ExchangeDriverBase(Generic[Transport_co, Handed_co]):
    """Drives one exchange, from its start to whatever is handed up next.

    Args:
        adapter: The transport that it belongs to. It is kept, so that it is not gone before it
            hears of a response that nobody holds.
        exchange: What is driven; a driver that makes it itself is given none.
    """

    __slots__ = ("__weakref__", "_chunks", "_reader", "adapter", "cut", "exchange")

    exchange: Exchange
    cut: Cut  # Set where somebody gives up before the response has ended.

    def __init__(self, adapter: Transport_co, exchange: Exchange | None = None) -> None:
        if exchange is not None:
            self.exchange = exchange
        self.adapter = adapter
        self._chunks: Any = None  # The iterator of the content that is being sent.
        # The number of whoever waits for more of the response at the moment; once somebody else
        # has closed it meanwhile, the name of whoever did.
        self._reader: int | str | None = None

    def run(self, command: ExchangeCommand) -> Handed_co:
        """Carry out commands until one is for whoever reads the response.

        Raises:
            RequestException: If the exchange fails.
        """
        raise NotImplementedError

    def proceed(self) -> Handed_co:
        """Go on: whoever reads asks for more."""
        return self.run(self.exchange.proceed(self.adapter.clock()))

    def read_counted(self, most: int) -> bytes | None:
        """Read large content that needs no more than counting; see ``Exchange.countable``.

        Args:
            most: The most bytes to read, one at least.

        Returns:
            Some bytes; None leaves it to ``proceed``, as it does where less than that is to come.

        Raises:
            RequestException: If the exchange fails.
        """
        raise NotImplementedError

    def drain(self, limit: int, deadline: float) -> Handed_co:
        """Leave out the rest, and keep the connection if that is cheap."""
        return self.run(self.exchange.drain(limit, deadline, self.adapter.clock()))

    def _wrote_file(self, sent: int, size: int) -> ExchangeCommand:
        """Go on after a ``WriteFile`` of which ``sent`` bytes went out: fewer if the peer answers.

        A file that has ended before is told by -1.
        """
        now = self.adapter.clock()
        if sent == size:
            return self.exchange.written(now)
        return self.exchange.pulled(None, now) if sent < 0 else self.exchange.readable(sent, now)

    def _counted(self, data: bytes | None) -> bytes | None:
        """Count content that was read past the commands. Its end is left to the next read."""
        if data:
            self.exchange.count_off(len(data))
        return data

    def _pulled(self, came: bytes | Exception | None) -> ExchangeCommand:
        """Go on with the next chunk of the request, with its end, or with what user code raised."""
        if isinstance(came, Exception):
            return self.exchange.failed(came, self.adapter.clock())
        return self.exchange.pulled(came, self.adapter.clock())

    # --- one reader at a time -------------------------------------------------------------------

    def refuse_others(self) -> None:
        """Refuse whoever wants to read while somebody else does, or after it was closed.

        Raises:
            LocalProtocolError: Nothing was touched.
        """
        reader = self._reader
        if isinstance(reader, str):
            raise self._closed()
        if reader is not None:
            raise LocalProtocolError("the response is being read by somebody else already")

    def is_read_by_others(self) -> bool:
        """Return True while somebody else waits for more of the response."""
        return isinstance(self._reader, int)

    def _closed(self) -> LocalProtocolError:
        return closed_by(str(self._reader))

    # --- giving up ------------------------------------------------------------------------------

    def abandon(self) -> None:
        """Give up: the connection is closed unless the response has ended."""
        self._note_cut()
        carry_out(self.exchange.abandon(self.adapter.clock()))

    def _note_cut(self) -> None:
        """Note who gives up, for whoever reads and does not wait at the moment."""
        if self.exchange.holds:
            self.cut = self._cut()

    def _cut(self) -> Cut:
        raise NotImplementedError

    def __del__(self) -> None:
        # Runs whenever the collector likes, on any thread, maybe inside the pool's own lock: only
        # leave a note.
        exchange: Exchange | None = getattr(self, "exchange", None)
        if exchange is not None and exchange.command is not None:
            try:
                if exchange.orphan():
                    self._tell_pool()
            except BaseException:  # A signal handler's error ends here; the slot must not be lost.
                exchange.orphan()  # (Before the ``try``, the pool finds out: ``Pool.watch``.)
                raise

    def _tell_pool(self) -> None:
        """Have the note read, unless whoever waits for the pool looks by itself."""
