"""The seam between an exchange and the bytes of its messages.

A codec turns a request into bytes, and bytes into a response. It belongs to one connection and does
no I/O; which one a connection gets is decided once it is there, by what TLS has agreed on (ALPN).
What stands here is all that an exchange asks of it, so that another parser, or another version of
HTTP, is another module and no other change. There are ``plain_codec``, and ``h11_codec`` for what
is not plain, or for everything.

A message is new, sending, awaiting, receiving, and in the end either ended or failed::

    new -> start -> sending -> [chunk ...] end -> awaiting -> receive ... -> receiving -> ended

It may receive while it is still sending, because a peer may answer first. ``error`` is what it
fails with; what came before the fault is right, and counts first: heads and content are handed up,
and then the error, wherever the bytes were cut on their way.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Mapping, Sequence

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.fields import FieldLine, Fields
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits


class CloseReason(Enum):
    """A reason not to use a connection again. The value is what people are shown."""

    UNFINISHED = "the response has not ended"
    UNSENT = "the request was not sent to its end"
    UPLOAD_CUT = "the upload was cut short"
    SURPLUS = "bytes came after the response"
    STREAM_ENDED = "the end of the stream ended the content"
    BARE_LF = "a line of the response ended with a bare LF"
    UNCLEAN = "the head of the response, or its trailer section, was not quite valid"
    TWO_FRAMINGS = "the response has both Transfer-Encoding and Content-Length"
    NOT_KEPT_ALIVE = "the connection is not kept alive"
    NO_MORE_REQUESTS = "the server takes no more requests on the connection (Keep-Alive)"
    TLS_CLOSED = "the TLS connection was closed"
    SWITCHED = "the connection was switched to another protocol"
    TUNNEL = "the connection became a tunnel"
    DRAIN_TOO_LONG = "the rest of the content is too long to drain"
    DRAIN_TOO_SLOW = "the rest of the content took too long to drain"
    DRAIN_LOST = "the connection was lost while it was drained"
    DRAIN_BROKE = "the rest of the content broke off"

    @property
    def explanation(self) -> str:
        """The reason in a few words, as ``Finish.reason`` shows it."""
        return self.value


UNCHUNKED: Final = "trailers come after content in chunks, and after no other"
UNFINISHED: Final = CloseReason.UNFINISHED  # Each exchange begins with it; see ``phase``.


@record()
class RequestHead(Value):
    """The start of a request, for any version of HTTP (RFC 9110 section 6.2), as a value.

    Attributes:
        method: The method.
        scheme: ``"http"`` or ``"https"``.
        authority: Host and port as in the Host field: no default port, no zone.
        target: The request-target.
        lines: Field lines in the order to send them in, Host included. Not to be changed.
        expects: The content waits for 100 (Continue).
    """

    method: str
    scheme: str
    authority: str
    target: str
    lines: list[FieldLine]
    expects: bool = False

    def __repr__(self) -> str:  # Field lines may hold credentials, and the target may too.
        return f"RequestHead({self.method!r}, {self.scheme!r}, {self.authority!r})"


class Message(Protocol):
    """One request and its response, as bytes.

    Attributes:
        informational: Informational (1xx) heads that nobody took yet.
        head: The final head, once it is there.
        trailers: Fields that came after the content.
        ended: Whether the response has ended. From then on nothing of the connection is held.
        error: What is wrong with the response: a RemoteProtocolError if the head is not one or is
            beyond a limit, a ChunkedEncodingError if the content ends early or its framing is
            broken.
        close_reason: The verdict on the connection, once the response has ended: None if it may
            serve another request.
        switched: Whether the stream is not HTTP any more after this response (HTTP/1.1).
        decisions: One for each trailer line that was left out, so far; a head has its own.
        deferred: Work was put off until the head is on its way, and ``written`` does it.
    """

    informational: list[ResponseHead]
    head: ResponseHead | None
    trailers: Fields | None
    ended: bool
    error: RequestException | None
    close_reason: CloseReason | None
    switched: bool
    decisions: list[Decision]
    deferred: bool

    def start(self, *, ends: bool = False) -> bytes:
        """Return the head of the request, and what ends the request if it ``ends`` with that.

        Raises:
            InvalidHeader: If it cannot be sent.
            InvalidContent: If content was declared, and the request ends without.
        """
        ...

    def written(self) -> None:
        """Do what was put off until the head is on its way to the peer."""
        ...

    def chunk(self, data: bytes) -> bytes:
        """Return a piece of the request's content, framed.

        Raises:
            InvalidContent: If it goes beyond the length that was declared.
        """
        ...

    def framing(self, size: int) -> tuple[bytes, bytes]:
        """Return what goes out before and after so many bytes of content, which are no copy then.

        Together they are what ``chunk`` returns. A codec may be without this one.

        Raises:
            InvalidContent: If it goes beyond the length that was declared.
        """
        ...

    def count(self, size: int) -> None:
        """Count bytes of the request's content that go out by themselves, not framed.

        Raises:
            InvalidContent: If they go beyond the length that was declared.
        """
        ...

    def end(self, trailers: Sequence[FieldLine] = ()) -> bytes:
        """Return what ends the request's content.

        Args:
            trailers: The fields after content in chunks, each a line that can be sent.

        Raises:
            InvalidContent: If less was sent than was declared, or if there are trailers and the
                content does not go in chunks.
        """
        ...

    def receive(self, data: bytes) -> None:
        """Take in bytes from the peer; none say that the stream has ended.

        Never raises: what is wrong with them is left in ``error``.
        """
        ...

    def judge(self) -> None:
        """Renew ``close_reason``: the request may have been sent to its end meanwhile."""
        ...

    def take(self) -> bytes:
        """Return the content that has come and was not taken yet."""
        ...

    @property
    def has_content(self) -> bool:
        """There is content to take."""
        ...

    @property
    def countable(self) -> int:
        """The number of bytes that come next as content, unframed, and do not end it; else 0."""
        ...

    def count_off(self, size: int) -> None:
        """Count content that was read by itself, at most ``countable`` bytes: nobody takes it."""
        ...

    @property
    def chunk_ends(self) -> deque[int] | None:
        """The end of each chunk of the content, if the codec notes that; see ``ChunkCounter``."""
        ...

    @property
    def until_close(self) -> bool:
        """Only the end of the stream ends the content (RFC 9112 section 6.3, rule 8)."""
        ...

    @property
    def surplus(self) -> bytes:
        """The bytes that came after a response that switched protocols."""
        ...


class Codec(Protocol):
    """Makes the messages of one connection.

    Attributes:
        capacity: How many messages it can have at a time: 1 for HTTP/1.1.
        close_reason: Why it takes no new message; None while it does.
    """

    capacity: int
    close_reason: CloseReason | None

    def open(self, head: RequestHead) -> Message:
        """Begin a message."""
        ...


# By the name of the protocol in ALPN (RFC 7301 section 6); each is called with what the peer may
# send, and whether heads that are not quite valid are let through.
Codecs: TypeAlias = "Mapping[str, Callable[[Limits, bool], Codec]]"
HTTP_1_1 = "http/1.1"
