"""The cycle of HTTP/1.1: a request out, its response in, and the connection given back.

The exchange has the connection to itself here, and calls the message of the connection's codec
directly. Three things are easily got wrong:

*   **The slot** is given back as soon as the framing of the response has ended, whether or not
    anybody has read the content: often before ``Head`` is handed up. From then on nothing here
    touches the connection.
*   **The peer may answer first.** While content is uploaded, the driver watches for bytes from the
    peer. An answer may cut the upload short; else the rest of the request goes out while the
    response is read. A broken pipe is not the end either: the answer may be waiting to be read.
*   **What was right comes first.** An error in the response is told after the heads and the content
    that came before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import ConnectionError, InvalidContent, Progress, RequestException
from sojourn_core.values.timeouts import deadline_at

from . import failures
from .codec import UNFINISHED
from .commands import Content, Finish, Head, Inform, Pull, Read, Switch, Write, WriteFile
from .keep_alive import give_back
from .phase import ENDED, RECEIVING, SENDING, Phase
from .state import Holding
from .upload import LINGER_PIECE_SIZE, LINGER_SECONDS, SENT, WRITE_AT_ONCE_MAX, Upload, upload_of

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.head import ResponseHead

    from .codec import CloseReason, Message
    from .commands import ExchangeCommand
    from .plan import ExchangePlan
    from .pool import Pool
    from .ticket import Slot
    from .tls import TlsLayer

HEAD_READ_SIZE: Final = 16 * 1024
CONTENT_READ_SIZE: Final = 64 * 1024
# Content larger than this is read in pieces of as much: each costs as much as a small one.
LARGE_READ_SIZE: Final = 384 * 1024
GATHERED_SIZE: Final = 256 * 1024


class Cycle(Holding):
    """One request and its response on a connection that is ready.

    Args:
        plan: The request.
        pool: The ledger of connections.
        slot: The slot, with its connection.
        reused: Whether the connection had served a request before.

    Attributes:
        deadline: When all of it must be over; whoever drains may make it earlier.
        message: The codec's side of it.
        upload: What is left to send after the first write.
        close_reason: Why the connection was not kept, once the response has ended; None if it was.
    """

    __slots__ = (
        "_gathers_until",
        "_received",
        "_written",
        "close_reason",
        "deadline",
        "message",
        "phase",
        "reused",
        "upload",
    )

    sends = True
    message: Message

    def __init__(self, plan: ExchangePlan, pool: Pool, slot: Slot, reused: bool) -> None:
        self.plan = plan
        self.pool = pool
        self.slot = slot
        self.reused = reused
        self.phase: Phase = SENDING
        self.deadline = plan.deadline
        self.upload = SENT
        self.close_reason: CloseReason | None = UNFINISHED
        self._written = 0
        self._received = 0
        self._gathers_until = 0  # Of what is received, before content is handed up.
        connection = slot.connection
        assert connection is not None
        connection.requests += 1
        self.message = connection.codec.open(plan.request)

    @property
    def progress(self) -> Progress:
        """The progress of the exchange."""
        written, received = self._written + self.upload.aside, self._received
        return Progress(
            reused=self.reused,
            octets_written=written,
            octets_received=received,
            content_touched=self.upload.touched,
            unprocessed=self.reused and not written and not received,
        )

    def give_up(self, now: float) -> Effects | None:
        """Drop the connection, and let go of the content."""
        return self.upload.release(self.pool.discard(self.slot, now))

    # --- the request ------------------------------------------------------------------------------

    def begin(self, now: float) -> ExchangeCommand:
        """Send the head, and content that is at hand."""
        message, content, connection = self.message, self.plan.content, self.slot.connection
        assert connection is not None
        try:
            data = message.start(ends=content is None)
            if content is None:
                pass  # It has ended, by a last chunk if the caller has said that it is chunked.
            elif not isinstance(content, bytes):
                upload = self.upload = upload_of(content, self.plan, connection)
                if upload.length == 0:  # The head is all of the request, if that is true.
                    upload.held = data
                    return self._send_more(now)
            elif len(content) > WRITE_AT_ONCE_MAX or self.plan.request.expects:
                self.upload = Upload(memoryview(content))
            else:
                data += message.chunk(content)
                data += message.end()
        except RequestException as error:
            error.__traceback__ = None
            # Nothing was written: the connection is as good as it was.
            connection.requests -= 1
            return Fail(error, self.pool.release(self.slot, now))
        if self.upload is not SENT or connection.tls is not None:
            return self._send(data, now)
        self._written = len(data)  # The hot path, to which no call is added.
        seconds, deadline = self.plan.timeouts.write, self.deadline
        if seconds is not None and now + seconds < deadline:
            deadline = now + seconds
        return Write(data, deadline)

    def _send(self, data: bytes, now: float) -> ExchangeCommand:
        """Write bytes of the message, through TLS if there is any."""
        connection = self.slot.connection
        assert connection is not None
        tls = connection.tls
        if tls is not None:
            try:
                data = tls.encrypt(data)
            except (OSError, ValueError) as error:
                return Fail(failures.network_error(error, self.plan, self.phase))
        return self._write(data, now)

    def _write(self, data: bytes, now: float) -> Write:
        upload, seconds = self.upload, self.plan.timeouts.write
        watch = upload is not SENT and not upload.cut
        if watch and self.message.ended:  # Nothing more comes that could be watched for.
            data, upload.unsent = data[:LINGER_PIECE_SIZE], data[LINGER_PIECE_SIZE:]
            watch, seconds = False, LINGER_SECONDS
        self._written += len(data)
        return Write(data, deadline_at(now, seconds, self.deadline), watch)

    def written(self, now: float) -> ExchangeCommand:
        """Go on once all of the data was sent."""
        upload = self.upload
        if not upload.framed and self.phase is not RECEIVING:
            return upload.pull or self._send_more(now)
        if self.message.deferred:  # The request is on its way: time that costs nothing.
            self.message.written()
        if upload is SENT and not self._received:
            seconds, deadline = self.plan.timeouts.read, self.deadline
            if seconds is not None and now + seconds < deadline:
                deadline = now + seconds
            return Read(HEAD_READ_SIZE, deadline)
        return self.go_on(now)

    def _send_more(self, now: float) -> ExchangeCommand:
        """Send the next piece of the content, or its end; what was written is gone."""
        upload = self.upload
        source = upload.source
        if not isinstance(source, memoryview):
            assert source is not None
            deadline = deadline_at(now, self.plan.timeouts.write, self.deadline)
            if (command := upload.next_of_file(self.message, deadline)) is not None:
                return command
            # The user's own iterator may take as long as it likes, within the call's deadline.
            upload.pull = Pull(source, self.deadline)
            return upload.pull
        data = upload.cut_off(source, self.message)
        return self._send(data, now) if data else self.go_on(now)

    def pulled(self, chunk: bytes | None, now: float) -> ExchangeCommand:
        """Send the next piece of the request's content; None is its end."""
        upload = self.upload
        data = upload.pulled(chunk, self.message)
        if upload.held:
            return self._send_more(now)
        return self._send(data, now)

    def readable(self, command: Write | WriteFile, sent: int, now: float) -> ExchangeCommand:
        """Read what came before all of the data was sent; the rest of it is kept."""
        if isinstance(command, Write):
            unsent = self.upload.unsent = command.data[sent:]
            self._written -= len(unsent)
        elif self.upload.part is not None:
            self.upload.part.settle(sent, self.message)
        size = HEAD_READ_SIZE if self.phase is SENDING else CONTENT_READ_SIZE
        return self._read(size, now)

    # --- the response -----------------------------------------------------------------------------

    def _read(self, limit: int, now: float) -> Read | Write:
        tls = self.slot.connection and self.slot.connection.tls
        if tls and self.upload is SENT and (answer := tls.pending_output()):
            return self._write(answer, now)  # Content came with a question of TLS.
        return Read(limit, deadline_at(now, self.plan.timeouts.read, self.deadline))

    def received(self, data: bytes, now: float) -> ExchangeCommand:
        """Take in what came; none at all mean that the stream has ended."""
        message, connection = self.message, self.slot.connection
        assert connection is not None
        tls = connection.tls
        try:
            if tls is not None:
                plain = tls.decrypt(data)
                if not plain:
                    if data and not tls.ended:
                        return self._answer_tls(tls, now)
                    if not tls.closed and self.plan.needs_close_notify:
                        failures.refuse_cut(message)
                data = plain
            if not data and not self._received:
                raise ConnectionError(f"{self.plan.place} closed the connection without answering")
        except RequestException as error:
            error.__traceback__ = None
            return self._after_content(self._broken(error), now)
        self._received += len(data)
        message.receive(data)
        if tls is not None and tls.closed and data and message.error is None and not message.ended:
            message.receive(b"")  # close_notify came with the last bytes: nothing more will.
        if self.upload is not SENT:
            self.upload.judge(message)
        return self.go_on(now)

    def gather(self, size: int = GATHERED_SIZE) -> None:
        """Hand the head up again once so much has come after it, or the end."""
        self._gathers_until = size and self._received + size

    def _waits_for_more(self) -> bool:
        ends = self.message.ended or self.message.error is not None
        return self._received < self._gathers_until and not ends and self.upload is SENT

    def count_off(self, size: int) -> None:
        """Count bytes of content that the driver has read by themselves."""
        self._received += size
        self.message.count_off(size)

    def _answer_tls(self, tls: TlsLayer, now: float) -> ExchangeCommand:
        """Answer records that carry no content: session tickets, key updates.

        The answer must not get into the middle of a record that was sent in part.
        """
        answer = tls.pending_output()
        if not answer:
            return self.go_on(now)
        if self.upload is SENT:
            return self._write(answer, now)
        self.upload.unsent += answer
        return self.go_on(now)

    def go_on(self, now: float) -> ExchangeCommand:
        """Do what comes next, once a head, some content or the end of it may be there."""
        message, upload = self.message, self.upload
        if message.informational and (command := self._inform()) is not None:
            return command
        if upload is not SENT and not upload.cut and (upload.unsent or not upload.framed):
            return self._go_on_with_both(now)
        effects = None
        if message.ended and self.slot.held:
            if message.switched and message.head is not None and self.plan.offers.switches:
                return self._hand_over(message.head)  # A 2xx to CONNECT.
            self.close_reason, effects = give_back(
                message, self.slot, self.pool, now, cut=upload.cut
            )
        if self.phase is SENDING:
            head = message.head
            if head is None:
                if message.error is not None:
                    return self._broken(message.error)
                return self._read(HEAD_READ_SIZE, now)
            self.phase = RECEIVING
            return Head(head, effects if upload is SENT else upload.release(effects))
        if upload is not SENT and (message.has_content or message.ended):
            effects = upload.release(effects)
        if self._gathers_until:
            if self._waits_for_more():
                return self._read(CONTENT_READ_SIZE, now)
            self._gathers_until = 0
            assert message.head is not None
            return Head(message.head, effects)
        if message.has_content:
            return Content(message.take(), effects)
        if message.ended:
            self.phase = ENDED
            reason = self.close_reason
            said = "" if reason is None else reason.explanation
            decisions = tuple(message.decisions) if message.decisions else ()
            return Finish(reason is None, said, message.trailers, effects, decisions)
        if message.error is not None:
            return self._broken(message.error)
        large = self._received >= LARGE_READ_SIZE
        return self._read(LARGE_READ_SIZE if large else CONTENT_READ_SIZE, now)

    def _go_on_with_both(self, now: float) -> ExchangeCommand:
        """Hand up what has come, or else send more of the request, whose end is still to come."""
        message, upload = self.message, self.upload
        if self.phase is SENDING and message.head is not None:
            self.phase = RECEIVING
            return Head(message.head)
        if self.phase is RECEIVING and message.has_content:
            return Content(message.take())
        if upload.unsent:
            rest, upload.unsent = upload.unsent, b""
            return self._write(rest, now)
        return self._send_more(now)

    def _inform(self) -> ExchangeCommand | None:
        """Hand up an informational head, to whoever has asked for them."""
        message, plan = self.message, self.plan
        heads = message.informational
        if plan.offers.informs:
            head = heads.pop(0)
            if heads or not message.switched:
                return Inform(head)
        else:
            head, heads[:] = heads[-1], []
            if not message.switched:
                return None
        if not plan.offers.switches:
            return Fail(failures.unspoken_switch(plan))
        return self._hand_over(head)

    def _hand_over(self, head: ResponseHead) -> Switch:
        self.phase = Phase.SWITCHED
        return Switch(head, self.message.surplus, self.upload.release(None))

    # --- what goes wrong --------------------------------------------------------------------------

    def _broken(self, error: RequestException) -> Fail:
        return Fail(failures.blamed(error, self.upload.error, self.message, self.plan))

    def _after_content(self, fail: Fail, now: float) -> ExchangeCommand:
        """Fail, but after content that was gathered before: its reader is to have that."""
        error = fail.error
        if self._waits_for_more() and isinstance(error, RequestException):
            self.message.error = error
            return self.go_on(now)
        return fail

    def expired(self, command: ExchangeCommand, now: float) -> ExchangeCommand:
        """End: the deadline of the command has passed."""
        if isinstance(command, Pull) and now < self.deadline:
            return Fail(
                failures.content_error(TimeoutError("it timed out"))
            )  # The user's own timeout.
        writing = isinstance(command, (Write, WriteFile))
        if writing and self.message.ended and self.slot.held:
            self.upload.cut_short()  # The response is whole, and nobody takes the rest.
            return self.go_on(now)
        error = failures.timeout_error(self.plan, self.phase, now, writing=writing)
        return self._after_content(Fail(error), now)

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """End, unless the peer closed its side while the request was under way.

        It may have answered before that: the answer is read.
        """
        if isinstance(command, Pull):
            assert isinstance(error, InvalidContent), "what else it raises is the user's"
            return Fail(error)
        if isinstance(error, RequestException):
            return Fail(error)
        if failures.is_end_of_tls(command, error, self.slot.connection, self.plan):
            return self.received(b"", now)
        raised = failures.network_error(error, self.plan, self.phase)
        if not isinstance(command, (Write, WriteFile)) or (
            self.phase is not SENDING and self.upload is SENT
        ):
            return self._after_content(self._broken(raised), now)
        if self.upload is SENT:
            self.upload = Upload(None)
        self.upload.break_off(raised)
        return self.go_on(now)
