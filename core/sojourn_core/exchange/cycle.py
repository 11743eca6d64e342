"""What goes over the connection: a request out, its response in, and how that ends.

The inner half of an exchange, below the replies of its driver (``exchange``). Here is what they set
going once there is a connection, or if there will be none: the head and the content of the request,
the octets of the response, a slot that is given back or dropped, and an error that says all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConnectionError,
    Progress,
    RemoteProtocolError,
    RequestException,
)
from sojourn_core.values.timeouts import deadline_at

from .commands import Content, Finish, Head, Inform, Pull, Read, Switch, Write
from .failures import UNSENT_PHASES, network_error
from .http1 import Message
from .phase import Phase
from .upload import WRITE_AT_ONCE_MAX, Upload

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.limits import Limits

    from .commands import ExchangeCommand
    from .connect import Opening
    from .connection import Connection
    from .plan import ExchangePlan
    from .pool import Pool, Slot, Ticket

HEAD_READ_SIZE: Final = 16 * 1024
CONTENT_READ_SIZE: Final = 64 * 1024


class Transfer:
    """The state of an exchange, and what it does with its connection. See ``Exchange``."""

    __slots__ = (
        "_deadline",
        "_drain_left",
        "_effects",
        "_limits",
        "_message",
        "_opening",
        "_pool",
        "_received",
        "_slot",
        "_ticket",
        "_upload",
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
        self._opening: Opening | None = None  # While a new connection is made.
        self._upload: Upload | None = None  # If one write does not do.
        self._written = 0
        self._received = 0
        self._drain_left = -1

    @property
    def progress(self) -> Progress:
        """How far the exchange has got."""
        return Progress(
            reused=self.reused,
            octets_written=self._written,
            octets_received=self._received,
            content_touched=self._upload is not None and self._upload.touched,
        )

    def take_effects(self) -> Effects | None:
        """What is to be done already: asking for a slot may close streams and wake tickets.

        A driver asks once, after ``start``. From then on commands carry the effects.
        """
        effects, self._effects = self._effects, None
        return effects

    def _ask(self, command: ExchangeCommand) -> ExchangeCommand:
        self.command = command
        return command

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
            elif not isinstance(content, bytes):
                self._upload = Upload(content)
            elif len(content) > WRITE_AT_ONCE_MAX:
                self._upload = Upload(memoryview(content))
            else:
                data += message.chunk(content)
                data += message.end()
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
                return self._fail(network_error(error, self.plan, self.phase), now)
        return self._write(data, now)

    def _write(self, data: bytes, now: float) -> ExchangeCommand:
        deadline = deadline_at(now, self.plan.timeouts.write, self._deadline)
        self._written += len(data)
        upload = self._upload
        watch = upload is not None and not upload.cut and self._is_unanswered()
        command = self.command = Write(data, deadline, watch)
        return command

    def _is_unanswered(self) -> bool:
        return self._message is not None and self._message.head is None

    def _read(self, limit: int, now: float) -> ExchangeCommand:
        deadline = deadline_at(now, self.plan.timeouts.read, self._deadline)
        command = self.command = Read(limit, deadline)
        return command

    def _send_more(self, upload: Upload, now: float) -> ExchangeCommand:
        """What was written is gone: the next piece of the content, or its end."""
        source, message = upload.source, self._message
        assert source is not None
        assert message is not None
        if not isinstance(source, memoryview):
            # The user's own iterator may take as long as it likes, within the call's deadline.
            return self._ask(Pull(source, self._deadline))
        try:
            data = upload.cut_off(source, message)
        except RequestException as error:
            return self._fail(error, now)
        return self._write_content(data, now) if data else self._go_on(now)

    def _take_in(self, data: bytes, now: float) -> ExchangeCommand:
        connection = self.connection
        assert connection is not None
        tls = connection.tls
        if tls is not None:
            ended = not data
            data = tls.decrypt(data)
            if not data:
                if not ended and not tls.closed:
                    # Records that carry no content: session tickets, key updates. An answer must
                    # not get into the middle of a record that was sent in part.
                    answer = tls.pending_output()
                    if self._upload is not None:
                        self._upload.unsent += answer
                    elif answer:
                        return self._write(answer, now)
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
        if self._upload is not None:
            self._upload.judge(message)
        return self._go_on(now)

    def _check_close(self, *, closed_properly: bool) -> None:
        """TLS: a stream that ends without close_notify may have been cut by anybody."""
        message = self._message
        assert message is not None
        if not closed_properly and message.head is not None and message.until_close:
            raise ChunkedEncodingError(
                "the content of the response was cut: the TLS connection ended without close_notify"
            )

    def _check_end(self) -> None:
        """The stream has ended: before any octet of a response, the peer just went away."""
        message = self._message
        assert message is not None
        if message.head is None and not message.informational and not self._received:
            raise ConnectionError(f"{self.plan.place} closed the connection without answering")

    def _go_on(self, now: float) -> ExchangeCommand:
        """What comes next, once a head, some content or the end of it may be there."""
        message = self._message
        assert message is not None
        if message.informational:
            head = message.informational.pop(0)
            if message.switched and not message.informational:
                return self._switch(head)
            return self._ask(Inform(head))
        upload = self._upload
        if upload is not None and not upload.cut:
            if upload.unsent:
                rest, upload.unsent = upload.unsent, b""
                return self._write(rest, now)
            if not upload.framed:
                return self._send_more(upload, now)
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
            cut = upload is not None and upload.cut
            reason = "the upload was cut short" if cut else message.reason
            reusable = message.reusable and not cut
            return self._ask(Finish(reusable, reason, message.trailers, self.take_effects()))
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
        if message.reusable and (self._upload is None or not self._upload.cut):
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

    def _fail(self, error: RequestException, now: float, *, keep: bool = False) -> ExchangeCommand:
        error.progress = self.progress
        sending = self._message is not None and self.phase not in UNSENT_PHASES
        error.maybe_sent = sending and self._written > 0 and not keep
        slot = self._slot
        if keep and slot is not None and slot.connection is not None:
            self._slot = None
            self._add(self._pool.release(slot, now))
        else:
            self._drop(now)
        self.phase = Phase.ENDED
        # The error knows its traceback, and so this exchange, which must not know the error: what
        # is part of a cycle is let go of late.
        self.command = self._message = None
        if self._upload is not None:
            self._upload.error = None
        return Fail(error, self.take_effects())

    def _broken(self, error: RequestException, now: float) -> ExchangeCommand:
        """The response, or the TLS that carries it, is not right."""
        if self._drain_left >= 0:
            return self._end_early("the rest of the content broke off", now)
        # Its frames lead on to those of a driver's callback, which hold the Fail made here.
        error.__traceback__ = None
        return self._fail(self._blamed(error), now)

    def _blamed(self, error: RequestException) -> RequestException:
        """An upload that broke is the better explanation for a response that never came."""
        upload = self._upload
        if upload is not None and upload.error is not None and self._is_unanswered():
            return upload.error
        if isinstance(error, RemoteProtocolError):
            error.args = (f"{self.plan.place}: {error}",)
        return error
