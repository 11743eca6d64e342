"""An Exchange: one request and its response on one connection (RFC 9110 section 3.4).

The byte level of Sojourn. An exchange takes a prepared request, asks for a connection, sends the
request and hands up the response as it comes. It answers each reply of its driver with the next
command; what a peer does wrong comes back as ``Fail`` and never as an exception, so that a driver
may reply from within a callback of its loop. Only a reply that does not fit its command raises.

The life of an exchange::

    Checkout -> [Probe -> [Close ->]] [Resolve -> Connect -> TLS by Write and Read ->]
    Write (head, and content that is at hand) -> [Pull -> Write] ... -> Read ...
    -> [Inform ->] Head -> [Read ...] Content -> ... -> Finish

Here are the replies. What they set going on the connection is in ``transfer``, how a new connection
is made in ``opening``, how long content goes out in ``upload``, and which error something comes to
in ``blame``. Three things are easily got wrong:

*   **The slot** is given back as soon as the framing of the response has ended, whether or not
    anybody has read the content: often before ``Head`` is handed up. From then on nothing here
    touches the connection.
*   **The peer may answer first.** While content is uploaded, the driver watches for octets from the
    peer, and an answer may cut the upload short. A broken pipe is not the end either: the answer
    may be waiting to be read.
*   **Deadlines** are absolute. Silence deadlines begin anew with each transfer and never lie
    beyond that of the whole call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import (
    DeadlineExceeded,
    InvalidContent,
    LocalProtocolError,
    RequestException,
)
from sojourn_core.values.timeouts import deadline_at

from .commands import EXCHANGE_REPLIES, Checkout, Close, Head, Probe, Pull, Read, Write
from .connect import Opening
from .connection import Connection
from .cycle import HEAD_READ_SIZE, Transfer
from .failures import content_error, network_error, timeout_error
from .phase import Phase
from .upload import Upload

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.fields import Fields

    from .commands import Address, ExchangeCommand
    from .pool import Slot

PROBE: Final = Probe()
CLOSE: Final = Close()


class Exchange(Transfer):
    """One request and its response.

    Args:
        plan: The request, where it goes, and how long it may take.
        pool: The ledger of connections.

    Attributes:
        plan: As given.
        phase: Where the exchange stands.
        command: The command that waits for a reply.
        connection: The connection in use; None before there is one and after it was given back.
    """

    __slots__ = ()

    def start(self, now: float) -> ExchangeCommand:
        """Begin."""
        if self.phase is not Phase.NEW:
            raise LocalProtocolError("the exchange was started before")
        plan = self.plan
        ticket = self._pool.request(plan.key, now, fresh=plan.fresh)
        self._effects = ticket.effects
        if ticket.slot is not None:
            return self._check_out(ticket.slot, now)
        self._ticket = ticket
        self.phase = Phase.CHECKING_OUT
        return self._ask(Checkout(ticket, deadline_at(now, plan.timeouts.pool, self._deadline)))

    def checked_out(self, now: float) -> ExchangeCommand:
        """The ticket was granted; its slot now belongs to this exchange."""
        self._expect("checked_out")
        ticket = self._ticket
        assert ticket is not None
        if ticket.slot is None:  # Woken for nothing: it goes on waiting.
            assert self.command is not None
            return self.command
        self._ticket = None
        return self._check_out(ticket.slot, now)

    def _check_out(self, slot: Slot, now: float) -> ExchangeCommand:
        self._slot = slot
        connection = slot.connection
        if connection is None:
            return self._open(now)
        self.connection = connection
        self.reused = True
        self.phase = Phase.PROBING
        self.command = PROBE
        return PROBE

    def quiet(self, now: float) -> ExchangeCommand:
        """The reused stream is open and has nothing to read."""
        if type(self.command) is not Probe:
            self._expect("quiet")
        return self._send_head(now)

    def stale(self, now: float) -> ExchangeCommand:
        """The reused stream has ended, or holds octets that nobody asked for."""
        self._expect("stale")
        self.phase = Phase.CLOSING_STALE
        return self._ask(CLOSE)

    def closed(self, now: float) -> ExchangeCommand:
        """The stale stream was closed; its place in the pool is kept for a new one."""
        self._expect("closed")
        assert self._slot is not None
        assert self.connection is not None
        self._pool.closed(self.connection)
        self._slot.connection = None
        self.connection = None
        self.reused = False
        return self._open(now)

    def _open(self, now: float) -> ExchangeCommand:
        plan = self.plan
        deadline = deadline_at(now, plan.timeouts.connect, self._deadline)
        opening = self._opening = Opening(plan, deadline)
        return self._go_up(opening, opening.start(), now)

    def _go_up(
        self, opening: Opening, command: ExchangeCommand | None, now: float
    ) -> ExchangeCommand:
        if command is None:
            self._opening = None
            return self._send_head(now)
        self.phase = opening.phase
        return self._ask(command)

    def resolved(self, addresses: tuple[Address, ...], now: float) -> ExchangeCommand:
        """The host has these addresses, the preferred ones first."""
        self._expect("resolved")
        opening = self._opening
        assert opening is not None
        try:
            return self._go_up(opening, opening.resolved(addresses), now)
        except RequestException as error:
            return self._fail(error, now)

    def connected(self, stream: Any, now: float) -> ExchangeCommand:
        """A plain byte stream is there. ``stream`` is the driver's handle, and opaque."""
        self._expect("connected")
        opening = self._opening
        assert opening is not None
        assert self._slot is not None
        connection = self._slot.connection = self.connection = Connection(self.plan.key, stream)
        self._pool.opened(connection)
        try:
            return self._go_up(opening, opening.connected(connection), now)
        except RequestException as error:
            return self._fail(error, now)

    def written(self, now: float) -> ExchangeCommand:
        """All of the data was sent."""
        if type(self.command) is not Write:  # The hot path asks the table only when in doubt.
            self._expect("written")
        opening = self._opening
        if opening is not None:
            return self._go_up(opening, opening.written(), now)
        upload = self._upload
        if upload is None or upload.framed or self.phase is Phase.RECEIVING:
            assert self._message is not None
            self._message.catch_up()  # The request is on its way: time that costs nothing.
            return self._go_on(now)
        return self._send_more(upload, now)

    def readable(self, sent: int, now: float) -> ExchangeCommand:
        """Before all of the data was sent, octets came from the peer; ``sent`` octets went out."""
        self._expect("readable")
        command = self.command
        assert isinstance(command, Write)
        if not command.watch:
            raise LocalProtocolError("'readable' does not fit a Write that is not watched")
        upload = self._upload
        assert upload is not None
        upload.unsent = command.data[sent:]
        self._written -= len(upload.unsent)
        return self._read(HEAD_READ_SIZE, now)

    def received(self, data: bytes, now: float) -> ExchangeCommand:
        """Some octets came; none at all mean that the stream has ended."""
        if type(self.command) is not Read:
            self._expect("received")
        opening = self._opening
        try:
            if opening is not None:
                return self._go_up(opening, opening.received(data), now)
            return self._take_in(data, now)
        except RequestException as error:
            return self._broken(error, now)

    def pulled(self, chunk: bytes | None, now: float) -> ExchangeCommand:
        """The next piece of the request's content; None when there is no more."""
        self._expect("pulled")
        message, upload = self._message, self._upload
        assert message is not None
        assert upload is not None
        try:
            data = upload.pulled(chunk, message)
        except RequestException as error:
            return self._fail(error, now)
        return self._go_on(now) if upload.framed and not data else self._write_content(data, now)

    def proceed(self, now: float) -> ExchangeCommand:
        """Whoever reads asks for more."""
        self._expect("proceed")
        return self._go_on(now)

    def at_hand(self) -> bytes | None:
        """All of the content, if it has come already: then the exchange has ended with it.

        A shortcut for readers that want all there is; nothing is lost without it.
        """
        message = self._message
        if type(self.command) is not Head or message is None or not message.ended:
            return None
        self.phase = Phase.ENDED
        self.command = None
        return message.take()

    @property
    def trailers(self) -> Fields | None:
        """Fields that came after the content, once it has ended."""
        return None if self._message is None else self._message.trailers

    def drain(self, limit: int, deadline: float, now: float) -> ExchangeCommand:
        """Nobody wants the rest: read up to ``limit`` octets to keep the connection, else drop it.

        The answer is ``Read`` or ``Finish``; no content is handed up any more.
        """
        self._expect("drain")
        self._drain_left = limit
        self._deadline = min(deadline, self._deadline)
        return self._go_on(now)

    def expired(self, now: float) -> ExchangeCommand:
        """The deadline of the command has passed."""
        self._expect("expired")
        if isinstance(self.command, Pull) and now < self._deadline:
            return self.failed(TimeoutError("it timed out"), now)  # The user's own timeout.
        if self._drain_left >= 0:
            return self._end_early("the rest of the content took too long to drain", now)
        if now >= self._deadline:
            said = f"the call to {self.plan.place} took longer than it may in all"
            return self._fail(DeadlineExceeded(said), now)
        return self._fail(timeout_error(self.plan, self.phase, self.command), now)

    def failed(self, error: BaseException, now: float) -> ExchangeCommand:
        """The command could not be carried out."""
        self._expect("failed")
        if self._drain_left >= 0:
            return self._end_early("the connection was lost while it was drained", now)
        pulling = isinstance(self.command, Pull)
        if isinstance(error, InvalidContent if pulling else RequestException):
            return self._fail(error, now)
        if pulling:
            return self._fail(content_error(error), now)
        raised = network_error(error, self.plan, self.phase)
        if isinstance(self.command, Write) and self.phase is Phase.SENDING:
            # The peer closed its side while the request was under way: see if it has answered.
            if self._upload is None:
                self._upload = Upload(None)
            self._upload.break_off(raised)
            return self._go_on(now)
        return self._fail(self._blamed(raised), now)

    def abandon(self, now: float) -> Effects | None:
        """Give up at any point. The connection is dropped unless the response has ended.

        Returns:
            What is to be done: streams to close, tickets to wake.
        """
        if self.phase is not Phase.ENDED:
            self.phase = Phase.ENDED
            self._drop(now)
        self.command = None
        return self.take_effects()

    def orphan(self) -> bool:
        """Give up from within a finalizer: what is still held is left to the pool's next step.

        Returns:
            Whether there was anything.
        """
        self.phase = Phase.ENDED
        held = [each for each in (self._slot, self._ticket, self._effects) if each is not None]
        self._slot = self._ticket = self._effects = None
        for each in held:
            self._pool.orphan(each)
        return bool(held)

    # --- what the replies have in common ----------------------------------------------------------

    def _expect(self, reply: str) -> None:
        if reply not in EXCHANGE_REPLIES.get(type(self.command), ()):
            asked = "nothing" if self.command is None else type(self.command).__name__
            raise LocalProtocolError(f"{reply!r} does not fit {asked}")
