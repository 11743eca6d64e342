"""An Exchange: one request and its response on one connection (RFC 9110 section 3.4).

The byte level of Sojourn. An exchange takes a prepared request, asks for a connection, sends the
request and hands up the response as it comes. It answers each reply of its driver with the next
command; what a peer does wrong comes back as ``Fail`` and never as an exception, so that a driver
may reply from within a callback of its loop. Only a reply that does not fit its command raises.

The life of an exchange::

    Checkout -> [Probe -> [Close ->]] [Resolve -> Connect -> TLS by Write and Read ->]
    Write (head, and content that is at hand) -> [Pull -> Write] ... -> Read ...
    -> [Inform ->] Head -> [Read ...] Content -> ... -> Finish

Three things are easily got wrong, and are why this module is longer than that line:

*   **The slot** is given back as soon as the framing of the response has ended, whether or not
    anybody has read the content: often before ``Head`` is handed up. From then on nothing here
    touches the connection.
*   **The peer may answer first.** While content is uploaded, the driver watches for octets from the
    peer. A final response that is no success cuts the upload short and is handed up; a success
    or an informational one lets the upload go on. A broken pipe is not the end either: the
    answer may be waiting to be read.
*   **Deadlines** are absolute. Silence deadlines begin anew with each transfer and never lie
    beyond that of the whole call.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from .commands import (
    EXCHANGE_REPLIES,
    Checkout,
    Close,
    Connect,
    Content,
    Fail,
    Finish,
    Head,
    Inform,
    Probe,
    Pull,
    Read,
    Resolve,
    Switch,
    Write,
)
from .connection import Connection
from .errors import (
    ConnectionError,
    ConnectTimeout,
    DeadlineExceeded,
    InvalidContent,
    LocalProtocolError,
    NameResolutionError,
    PoolTimeout,
    ReadTimeout,
    RemoteProtocolError,
    RequestException,
    SSLError,
    StalledContent,
    WriteTimeout,
)
from .http1 import Message
from .phase import Phase
from .progress import Progress
from .timeouts import deadline_at

if TYPE_CHECKING:
    from .commands import Address, ExchangeCommand
    from .content import Content as RequestContent
    from .fields import Fields
    from .limits import Limits
    from .plan import ExchangePlan
    from .pool import Effects, Pool, Slot, Ticket

HEAD_READ_SIZE: Final = 16 * 1024
CONTENT_READ_SIZE: Final = 64 * 1024
# Content up to this size goes out in one write with the head; more is cut into pieces of the other
# size, between which the exchange can see the peer answer.
WRITE_AT_ONCE_MAX: Final = 64 * 1024
WRITE_PIECE_SIZE: Final = 256 * 1024


class Exchange:
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

    __slots__ = (
        "_connect_deadline",
        "_cut",
        "_deadline",
        "_drain_left",
        "_effects",
        "_limits",
        "_message",
        "_pool",
        "_received",
        "_slot",
        "_source",
        "_ticket",
        "_touched",
        "_unsent",
        "_upload_error",
        "_uploaded",
        "_written",
        "command",
        "connection",
        "phase",
        "plan",
        "reused",
    )

    def __init__(self, plan: ExchangePlan, pool: Pool) -> None:
        self.plan = plan
        self.phase = Phase.NEW
        self.command: ExchangeCommand | None = None
        self.connection: Connection | None = None
        self.reused = False
        self._pool = pool
        self._limits: Limits = plan.limits
        self._slot: Slot | None = None
        self._message: Message | None = None
        self._effects: Effects | None = None
        self._ticket: Ticket | None = None
        self._deadline = plan.deadline
        self._connect_deadline = inf
        self._source: RequestContent | memoryview | None = None
        self._unsent: bytes = b""
        self._uploaded = False
        self._touched = False
        self._cut = False
        self._upload_error: RequestException | None = None
        self._written = 0
        self._received = 0
        self._drain_left = -1

    # --- what a driver or a reader asks ---------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """How far the exchange has got."""
        return Progress(
            reused=self.reused,
            octets_written=self._written,
            octets_received=self._received,
            content_touched=self._touched,
        )

    # --- the replies ----------------------------------------------------------------------------

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
            return self._resolve(now)
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
        return self._resolve(now)

    def resolved(self, addresses: tuple[Address, ...], now: float) -> ExchangeCommand:
        """The host has these addresses, the preferred ones first."""
        self._expect("resolved")
        if not addresses:
            return self._fail(NameResolutionError(f"host {self.plan.host!r} has no address"), now)
        self.phase = Phase.CONNECTING
        return self._ask(Connect(addresses, self._connect_deadline))

    def connected(self, stream: Any, now: float) -> ExchangeCommand:
        """A plain byte stream is there. ``stream`` is the driver's handle, and opaque."""
        self._expect("connected")
        plan = self.plan
        assert self._slot is not None
        connection = self._slot.connection = self.connection = Connection(plan.key, stream)
        self._pool.opened(connection)
        if plan.tls_context is None:
            return self._send_head(now)
        from .tls import TlsLayer  # ssl costs much to load: plain HTTP goes without.

        self.phase = Phase.SECURING
        try:
            connection.tls = TlsLayer(plan.tls_context, plan.server_name)
            return self._write(connection.tls.handshake(), now)
        except RequestException as error:
            return self._fail(error, now)
        except (OSError, ValueError) as error:  # A context that was made for servers, for one.
            return self._fail(SSLError(f"TLS with {plan.place} cannot be used: {error}"), now)

    def written(self, now: float) -> ExchangeCommand:
        """All of the data was sent."""
        if type(self.command) is not Write:  # The hot path asks the table only when in doubt.
            self._expect("written")
        if self.phase is Phase.SECURING:
            assert self.connection is not None
            assert self.connection.tls is not None
            if self.connection.tls.established:
                return self._send_head(now)
            return self._read(HEAD_READ_SIZE, now)
        if self.phase is Phase.RECEIVING or self._uploaded:
            if self._message is not None:
                self._message.catch_up()  # The request is on its way: time that costs nothing.
            return self._go_on(now)
        return self._upload(now)

    def readable(self, sent: int, now: float) -> ExchangeCommand:
        """Before all of the data was sent, octets came from the peer; ``sent`` octets went out."""
        self._expect("readable")
        command = self.command
        assert isinstance(command, Write)
        if not command.watch:
            raise LocalProtocolError("'readable' does not fit a Write that is not watched")
        self._unsent = command.data[sent:]
        self._written -= len(self._unsent)
        return self._read(HEAD_READ_SIZE, now)

    def received(self, data: bytes, now: float) -> ExchangeCommand:
        """Some octets came; none at all mean that the stream has ended."""
        if type(self.command) is not Read:
            self._expect("received")
        try:
            return self._take_in(data, now)
        except RequestException as error:
            return self._broken(error, now)

    def pulled(self, chunk: bytes | None, now: float) -> ExchangeCommand:
        """The next piece of the request's content; None when there is no more."""
        self._expect("pulled")
        self._touched = True
        message = self._message
        assert message is not None
        try:
            if chunk is None:
                self._uploaded = True
                data = message.end()
                return self._write_content(data, now) if data else self._go_on(now)
            return self._write_content(message.chunk(chunk), now)
        except RequestException as error:
            return self._fail(error, now)

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
        return self._fail(self._timeout(now), now)

    def failed(self, error: BaseException, now: float) -> ExchangeCommand:
        """The command could not be carried out."""
        self._expect("failed")
        if self._drain_left >= 0:
            return self._end_early("the connection was lost while it was drained", now)
        pulling = isinstance(self.command, Pull)
        if isinstance(error, InvalidContent if pulling else RequestException):
            return self._fail(error, now)
        if isinstance(self.command, Write) and self.phase is Phase.SENDING and not self._cut:
            # The peer closed its side while the request was under way. Its answer, a 413 say, may
            # have come all the same.
            self._cut = True
            self._unsent = b""
            self._upload_error = self._network_error(error)
            return self._go_on(now)
        if pulling:  # Whatever it was, it was not our connection.
            raised = InvalidContent(f"the content of the request could not be read: {error}")
            raised.__cause__ = error
            return self._fail(raised, now)
        return self._fail(self._blamed(self._network_error(error)), now)

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

    def take_effects(self) -> Effects | None:
        """What is to be done already: asking for a slot may close streams and wake tickets.

        A driver asks once, after ``start``. From then on commands carry the effects.
        """
        effects, self._effects = self._effects, None
        return effects

    # --- what they do ---------------------------------------------------------------------------

    def _expect(self, reply: str) -> None:
        if reply not in EXCHANGE_REPLIES.get(type(self.command), ()):
            asked = "nothing" if self.command is None else type(self.command).__name__
            raise LocalProtocolError(f"{reply!r} does not fit {asked}")

    def _ask(self, command: ExchangeCommand) -> ExchangeCommand:
        self.command = command
        return command

    def _resolve(self, now: float) -> ExchangeCommand:
        plan = self.plan
        self.phase = Phase.RESOLVING
        self._connect_deadline = deadline_at(now, plan.timeouts.connect, self._deadline)
        return self._ask(Resolve(plan.host, plan.port, self._connect_deadline))

    def _send_head(self, now: float) -> ExchangeCommand:
        plan = self.plan
        connection = self.connection
        assert connection is not None
        connection.requests += 1
        message = self._message = Message(plan.method, self._limits)
        try:
            data = message.start(plan.target, plan.lines, connection.memo)
            content = plan.content
            if content is None:
                data += message.end()  # The last chunk, if the caller has said that it is chunked.
                self._uploaded = True
            elif isinstance(content, bytes):
                if len(content) <= WRITE_AT_ONCE_MAX:
                    data += message.chunk(content)
                    data += message.end()
                    self._uploaded = True
                else:
                    self._source = memoryview(content)
            else:
                self._source = content
        except RequestException as error:
            # Nothing was written: the connection is as good as it was.
            connection.requests -= 1
            return self._fail(error, now, keep=True)
        self.phase = Phase.SENDING
        return self._write_content(data, now)

    def _write_content(self, data: bytes, now: float) -> ExchangeCommand:
        """Write octets of the message, through TLS if there is any."""
        connection = self.connection
        assert connection is not None
        if connection.tls is not None:
            try:
                data = connection.tls.encrypt(data)
            except (OSError, ValueError) as error:
                return self._fail(self._network_error(error), now)
        return self._write(data, now)

    def _write(self, data: bytes, now: float) -> ExchangeCommand:
        if self.phase is Phase.SECURING:
            deadline = self._connect_deadline
        else:
            deadline = deadline_at(now, self.plan.timeouts.write, self._deadline)
            self._written += len(data)
        watch = self._source is not None and not self._cut and self._is_unanswered()
        command = self.command = Write(data, deadline, watch)
        return command

    def _is_unanswered(self) -> bool:
        return self._message is not None and self._message.head is None

    def _read(self, limit: int, now: float) -> ExchangeCommand:
        if self.phase is Phase.SECURING:
            deadline = self._connect_deadline
        else:
            deadline = deadline_at(now, self.plan.timeouts.read, self._deadline)
        command = self.command = Read(limit, deadline)
        return command

    def _upload(self, now: float) -> ExchangeCommand:
        """What was written is gone: the next piece of the content, or its end."""
        source = self._source
        message = self._message
        assert message is not None
        if isinstance(source, memoryview):
            try:
                if not source:
                    self._uploaded = True
                    data = message.end()
                    return self._write_content(data, now) if data else self._go_on(now)
                piece = bytes(source[:WRITE_PIECE_SIZE])
                self._source = source[WRITE_PIECE_SIZE:]
                return self._write_content(message.chunk(piece), now)
            except RequestException as error:
                return self._fail(error, now)
        assert source is not None
        # The user's own iterator may take as long as it likes, within the call's deadline.
        return self._ask(Pull(source, self._deadline))

    def _take_in(self, data: bytes, now: float) -> ExchangeCommand:
        connection = self.connection
        assert connection is not None
        tls = connection.tls
        if tls is not None:
            if not tls.established:
                return self._secure(data, now)
            ended = not data
            data = tls.decrypt(data)
            if not data:
                if not ended and not tls.closed:
                    # Records that carry no content: session tickets, key updates. An answer must
                    # not get into the middle of a record that was sent in part.
                    self._unsent += tls.pending_output()
                    return self._go_on(now)
                self._check_close(closed_properly=tls.closed)
        message = self._message
        assert message is not None
        if not data:
            self._check_end()
        self._received += len(data)
        message.receive(data)
        if tls is not None and tls.closed and data and message.error is None and not message.ended:
            message.receive(b"")  # close_notify came with the last octets: nothing more will.
        if not self._uploaded or self._unsent:
            self._judge_early_answer(message)
        return self._go_on(now)

    def _secure(self, data: bytes, now: float) -> ExchangeCommand:
        connection = self.connection
        assert connection is not None
        assert connection.tls is not None
        if not data:
            raise ConnectionError(
                f"the connection to {self.plan.place} was closed during the TLS handshake"
            )
        answer = connection.tls.handshake(data)
        if answer:
            return self._write(answer, now)
        if connection.tls.established:
            return self._send_head(now)
        return self._read(HEAD_READ_SIZE, now)

    def _check_close(self, *, closed_properly: bool) -> None:
        """TLS: a stream that ends without close_notify may have been cut by anybody."""
        message = self._message
        assert message is not None
        if not closed_properly and message.head is not None and message.until_close:
            from .errors import ChunkedEncodingError

            raise ChunkedEncodingError(
                "the content of the response was cut: the TLS connection ended without close_notify"
            )

    def _check_end(self) -> None:
        """The stream has ended: before any octet of a response, the peer just went away."""
        message = self._message
        assert message is not None
        if message.head is None and not message.informational and not self._received:
            raise ConnectionError(f"{self.plan.place} closed the connection without answering")

    def _judge_early_answer(self, message: Message) -> None:
        """The peer has answered before the request was sent to its end.

        A final answer that is no success means that the rest of the content is not wanted (RFC 9112
        section 9.5). A success may well come from a server that answers as it reads.
        """
        head = message.head
        if message.error is not None or (head is not None and head.status >= 300):
            self._cut = True
            self._unsent = b""

    def _go_on(self, now: float) -> ExchangeCommand:
        """What comes next, once a head, some content or the end of it may be there."""
        message = self._message
        assert message is not None
        if message.informational:
            head = message.informational.pop(0)
            if message.switched and not message.informational:
                return self._switch(head)
            return self._ask(Inform(head))
        if not self._cut:
            if self._unsent:
                rest, self._unsent = self._unsent, b""
                return self._write(rest, now)
            if not self._uploaded:
                return self._upload(now)
        if message.ended and self._slot is not None:
            self._give_back(message, now)
        if self.phase is Phase.SENDING:
            if message.head is None:
                if message.error is not None:
                    return self._broken(message.error, now)
                return self._read(HEAD_READ_SIZE, now)
            self.phase = Phase.RECEIVING
            effects, self._effects = self._effects, None
            command = self.command = Head(message.head, effects)
            return command
        if message.has_content:
            data = message.take()
            if self._drain_left < 0:
                return self._ask(Content(data, self.take_effects()))
            self._drain_left = max(self._drain_left - len(data), 0)
        if message.ended:
            self.phase = Phase.ENDED
            return self._ask(
                Finish(
                    message.reusable and not self._cut,
                    "the upload was cut short" if self._cut else message.reason,
                    message.trailers,
                    self.take_effects(),
                )
            )
        if message.error is not None:
            return self._broken(message.error, now)
        if 0 <= self._drain_left < 1:
            return self._end_early("the rest of the content is too long to drain", now)
        return self._read(CONTENT_READ_SIZE, now)

    def _switch(self, head: Any) -> ExchangeCommand:
        message = self._message
        assert message is not None
        self.phase = Phase.SWITCHED
        return self._ask(Switch(head, message.surplus))

    def _give_back(self, message: Message, now: float) -> None:
        slot, self._slot = self._slot, None
        assert slot is not None
        tls = self.connection.tls if self.connection is not None else None
        if not message.reusable:
            message.judge()  # The request may have been sent to its end meanwhile.
        elif tls is not None and tls.closed:
            message.reusable = False
            message.reason = "the TLS connection was closed"
        if message.reusable and not self._cut:
            effects = self._pool.release(slot, now)
        else:
            effects = self._pool.discard(slot, now)
        self.connection = None
        self._add(effects)

    def _drop(self, now: float) -> None:
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            self._add(self._pool.cancel(ticket, now))
        slot, self._slot = self._slot, None
        self.connection = None
        if slot is not None:
            self._add(self._pool.discard(slot, now))

    def _add(self, effects: Effects | None) -> None:
        if effects is None:
            return
        if self._effects is None:
            self._effects = effects
        else:
            self._effects.closes += effects.closes
            self._effects.wakes += effects.wakes

    def _end_early(self, reason: str, now: float) -> ExchangeCommand:
        self.phase = Phase.ENDED
        self._drop(now)
        return self._ask(Finish(False, reason, None, self.take_effects()))

    def _fail(
        self, error: RequestException, now: float, *, keep: bool = False
    ) -> ExchangeCommand:
        error.progress = self.progress
        if self._message is not None and self.phase not in _UNSENT_PHASES:
            error.maybe_sent = self._written > 0 and not keep
        slot = self._slot
        if keep and slot is not None and slot.connection is not None:
            self._slot = None
            self._add(self._pool.release(slot, now))
        else:
            self._drop(now)
        self.phase = Phase.ENDED
        # The error knows its traceback, and so this exchange, which must not know the error: what
        # is part of a cycle is let go of late.
        self.command = self._message = self._upload_error = None
        return Fail(error, self.take_effects())

    def _broken(self, error: RequestException, now: float) -> ExchangeCommand:
        """The response, or the TLS that carries it, is not right."""
        if self._drain_left >= 0:
            return self._end_early("the rest of the content broke off", now)
        # Its frames lead on to those of a driver's callback, which hold the Fail made here.
        error.__traceback__ = None
        return self._fail(self._blamed(error), now)

    # --- errors ---------------------------------------------------------------------------------

    def _blamed(self, error: RequestException) -> RequestException:
        """An upload that broke is the better explanation for a response that never came."""
        message = self._message
        if self._upload_error is not None and message is not None and message.head is None:
            return self._upload_error
        if isinstance(error, RemoteProtocolError):
            error.args = (f"{self.plan.place}: {error}",)
        return error

    def _network_error(self, error: BaseException) -> RequestException:
        plan = self.plan
        said = str(error) or type(error).__name__
        raised: RequestException
        if self.phase is Phase.RESOLVING:
            raised = NameResolutionError(f"host {plan.host!r} cannot be resolved: {said}")
        elif self.phase is Phase.CONNECTING:
            raised = ConnectionError(f"cannot connect to {plan.place}: {said}")
        elif self.phase is Phase.RECEIVING:
            from .errors import ChunkedEncodingError

            raised = ChunkedEncodingError(
                f"the connection to {plan.place} was lost within the content: {said}"
            )
        else:
            raised = ConnectionError(f"the connection to {plan.place} was lost: {said}")
        raised.__cause__ = error
        return raised

    def _timeout(self, now: float) -> RequestException:
        plan = self.plan
        if now >= self._deadline:
            return DeadlineExceeded(f"the call to {plan.place} took longer than it may in all")
        timeouts = plan.timeouts
        if isinstance(self.command, Pull):  # No deadline of ours: the content has one of its own.
            return InvalidContent("the content of the request could not be read: it timed out")
        if self.phase is Phase.CHECKING_OUT:
            return PoolTimeout(f"no connection to {plan.place} became free in {timeouts.pool} s")
        if self.phase in _UNSENT_PHASES:
            return ConnectTimeout(f"no connection to {plan.place} in {timeouts.connect} s")
        if isinstance(self.command, Write):
            return WriteTimeout(f"{plan.place} took in nothing for {timeouts.write} s")
        if self.phase is Phase.RECEIVING:
            return StalledContent(
                f"{plan.place} was silent for {timeouts.read} s within the content"
            )
        return ReadTimeout(f"no answer from {plan.place} in {timeouts.read} s")


PROBE: Final = Probe()
CLOSE: Final = Close()
_UNSENT_PHASES: Final = frozenset(
    {
        Phase.NEW,
        Phase.CHECKING_OUT,
        Phase.PROBING,
        Phase.CLOSING_STALE,
        Phase.RESOLVING,
        Phase.CONNECTING,
        Phase.SECURING,
    }
)
