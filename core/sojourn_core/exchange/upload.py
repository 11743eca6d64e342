"""The content of a request on its way out, where one write with the head does not do.

The peer may answer before it has all of the content, and then decides what becomes of the rest. A
final answer that is no success means that the rest is not wanted, and cuts the upload short (RFC
9112 section 9.5). A success may well come from a server that answers as it reads, so its head is
handed up, and the upload goes on while the content is read. Once the response is complete, a peer
that has said that it closes, or that takes in nothing for a second, cuts the upload short. So does
one whose side of the stream is broken; its answer, a 413 say, may have come all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.messages.effects import Effects

from .codec import CloseReason
from .file_part import file_part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sojourn_core.values.content.content import Content
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.head import ResponseHead

    from .codec import Message
    from .commands import Pull, WriteFile
    from .connection import Connection
    from .file_part import FilePart
    from .plan import ExchangePlan

# Content up to this size goes out in one write with the head; more is cut into pieces of the other
# size, between which the exchange can see the peer answer.
WRITE_AT_ONCE_MAX: Final = 64 * 1024
WRITE_PIECE_SIZE: Final = 256 * 1024
# Once the response is complete: how long a peer may take in nothing of a piece of this size.
LINGER_SECONDS: Final = 1.0
LINGER_PIECE_SIZE: Final = 16 * 1024


class Upload:
    """The rest of a request, once its head is out.

    The last piece of content whose length was declared is held back until the content has ended: a
    request whose content turns out to be longer must not be complete when that is found.

    Args:
        source: Bytes, or content that its driver pulls from; None if all of it was written.
        length: How many bytes it has, as the head declares; None if the head does not.

    Attributes:
        source: What was not framed yet.
        length: As given.
        left: How many bytes of these were not framed yet.
        passed: How many bytes of the message the driver has sent with no reply, see ``passing``.
        unsent: What was framed, and perhaps encrypted, but was not written.
        framed: Whether the message has been framed to its end.
        held: What is written once the content has ended: its last piece, or the head if the
            content is said to be empty.
        touched: Whether anything was pulled from the user's content.
        cut: Whether nothing more is sent.
        error: Why it was cut, if it was the network.
        part: What is sent from a file by itself, before anything is pulled; None if nothing is.
        pull: The command that takes the next piece, once it is the same for all that are to come.
    """

    __slots__ = (
        "_from_file",
        "cut",
        "error",
        "framed",
        "held",
        "left",
        "length",
        "part",
        "passed",
        "pull",
        "released",
        "source",
        "touched",
        "unsent",
    )

    def __init__(self, source: Content | memoryview | None, length: int | None = None) -> None:
        self.source = source
        self.length = self.left = length
        self.held = b""
        self.unsent = b""
        self.framed = source is None
        self.pull: Pull | None = None
        self.touched = False
        self.released = source is None or isinstance(source, memoryview)
        self.cut = False
        self.error: RequestException | None = None
        self.passed = 0
        self.part: FilePart | None = None
        self._from_file = 0

    @property
    def aside(self) -> int:
        """The number of bytes that the driver has sent by itself, from a file or in passing."""
        return self.passed + (self._from_file if self.part is None else self.part.sent)

    def next_of_file(self, message: Message, deadline: float) -> WriteFile | None:
        """Return the command that sends the next piece of a file; None if the rest is pulled."""
        part = self.part
        if part is None:
            return None
        self.touched = True
        command = part.go_on(message, deadline)
        if command is None:
            self.part = None
            self._from_file = part.sent
            if self.left is not None:
                self.left -= part.sent
        return command

    def pulled(self, chunk: bytes | None, message: Message) -> bytes:
        """Frame the next piece that was pulled, or the end; nothing may be left to write then.

        Returns:
            What is to be written now. If there is nothing, and something is held, that waits for
            the end of the content.

        Raises:
            InvalidContent: If the content has not the length that was declared.
        """
        self.touched = True
        if chunk is None:
            data = self.held + ends(message, self.source)
            self.held = b""
            self.framed = True
            return data
        data = message.chunk(chunk)
        if self.left is not None:
            self.left -= len(chunk)
            if not self.left:
                self.held += data
                return b""
        return data

    def cut_off(self, data: memoryview, message: Message) -> bytes:
        """Frame the next piece of ``data``, or its end; nothing may be left to write then.

        Raises:
            InvalidContent: If the content has not the length that was declared.
        """
        if not data:
            self.framed = True
            return message.end()
        self.source = data[WRITE_PIECE_SIZE:]
        return message.chunk(bytes(data[:WRITE_PIECE_SIZE]))

    def judge(self, message: Message) -> None:
        """Cut the upload short if the peer has answered that the rest is not wanted."""
        if self.framed and not self.unsent:
            return
        head = message.head
        unwanted = head is not None and (
            head.status >= 300 or (message.ended and _closes(message, head))
        )
        if unwanted or message.error is not None:
            self.cut_short()

    def stop(self) -> None:
        """Cut the upload short, unless all of it was sent."""
        if self.unsent or not self.framed:
            self.cut_short()

    def cut_short(self) -> None:
        """Send nothing more."""
        self.cut = True
        self.unsent = b""

    def break_off(self, error: RequestException) -> None:
        """Cut the upload short: the peer takes in no more."""
        self.cut_short()
        self.error = error

    def release(self, effects: Effects | None) -> Effects | None:
        """Add to ``effects``, once, that the user's iterator is to be closed if it was touched.

        Content that nothing was taken from is left alone: it may be sent again.
        """
        source = self.source
        if self.released or source is None or isinstance(source, memoryview):
            return effects
        if not self.touched and not source.touched:
            return effects
        effects = Effects() if effects is None else effects
        effects.releases.append(source)
        self.released = True
        return effects


def upload_of(content: Content, plan: ExchangePlan, connection: Connection) -> Upload:
    """Return the upload of content that is streamed, from where it lies if the driver can."""
    length = declared_length(plan.request.lines)
    upload = Upload(content, length)
    if plan.offers.writes_files and connection.tls is None:
        upload.part = file_part(content, length)
    return upload


def ends(message: Message, source: Content | memoryview | None) -> bytes:
    """Return what ends the request, once all of its content was taken: its trailers, if any."""
    trailers = getattr(source, "trailers", ())
    return message.end(trailers) if trailers else message.end()


def _closes(message: Message, head: ResponseHead) -> bool:
    """Return whether the peer of a complete response has said that it closes, or has done so."""
    if message.close_reason is CloseReason.STREAM_ENDED:
        return True
    options = head.fields.get("connection", "").lower().split(",")
    named = {option.strip(" \t") for option in options}
    return "close" in named or (head.version == "1.0" and "keep-alive" not in named)


def declared_length(lines: Iterable[FieldLine]) -> int | None:
    """Return the length that frames the content of a request; None if it goes in chunks."""
    names = {name.lower(): value for name, value in lines}
    value = names.get("content-length", "")
    if "transfer-encoding" in names or not (value.isascii() and value.isdigit()):
        return None
    return int(value)


SENT: Final = Upload(None)  # Of requests that one write does for. It never changes.
