"""Requests of HTTP/1.0, for servers that know no other (RFC 9112 section 2.3, appendix C.2).

Another codec reads the responses and writes the heads; here the version is set, and what HTTP/1.0
lacks is kept out: content in chunks, with its trailers, and Expect. Host is sent all the same, and
a connection is kept only where both sides have said keep-alive, and never one to a proxy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import InvalidContent
from sojourn_core.values.record import replace

from .codec import CloseReason
from .plain_codec import PlainCodec

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.limits import Limits

    from .codec import Codec, Message, RequestHead

_VERSIONS = (b" HTTP/1.1\r\n", b" HTTP/1.0\r\n")


class Http10Codec:
    """The messages of one connection whose requests are HTTP/1.0, one after another.

    ::

        HTTPAdapter(codecs={"http/1.1": Http10Codec})

    Args:
        limits: What the peer may send.
        lenient: As for ``H11Codec``.
        inner: Makes the codec that reads and writes.

    Attributes:
        capacity: One message at a time.
        close_reason: None: a connection that is not kept is never asked for another message.
        takes_expectations: False: content never waits for 100 (Continue).
    """

    __slots__ = ("_inner", "capacity", "close_reason")

    takes_expectations = False

    def __init__(
        self,
        limits: Limits,
        lenient: bool = False,
        *,
        inner: Callable[[Limits, bool], Codec] = PlainCodec,
    ) -> None:
        self._inner = inner(limits, lenient)
        self.capacity = 1
        self.close_reason: CloseReason | None = None

    def open(self, head: RequestHead) -> Message:
        """Begin a message."""
        lines = [line for line in head.lines if line[0].lower() != "expect"]
        message: Any = Http10Message(self._inner.open(replace(head, lines=lines)), head)
        opened: Message = message
        return opened


class Http10Message:
    """One request and its response: those of another codec, but for what is said above.

    Args:
        inner: The message of the other codec.
        request: The head of the request.
    """

    __slots__ = ("_asks", "_chunked", "_inner")

    def __init__(self, inner: Message, request: RequestHead) -> None:
        names = {name.lower(): value for name, value in request.lines}
        self._inner = inner
        # A proxy of HTTP/1.0 may pass the option on that was for itself (appendix C.2.2).
        to_origin = not request.target.startswith("http")
        self._asks = to_origin and "keep-alive" in _options(names.get("connection", ""))
        self._chunked = "transfer-encoding" in names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def start(self, *, ends: bool = False) -> bytes:
        """Return the head of the request, and what ends the request if it ``ends`` with that.

        Raises:
            InvalidHeader: If it cannot be sent.
            InvalidContent: If its content has no length, or if it was declared and there is none.
        """
        if self._chunked:
            raise InvalidContent(
                "content of unknown length cannot be sent by HTTP/1.0, which has no chunks"
            )
        return self._inner.start(ends=ends).replace(*_VERSIONS, 1)

    @property
    def close_reason(self) -> CloseReason | None:
        """The verdict on the connection, once the response has ended."""
        reason, head = self._inner.close_reason, self._inner.head
        if head is None or reason not in (None, CloseReason.NOT_KEPT_ALIVE):
            return reason
        options = _options(head.fields.get("connection", ""))
        kept = self._asks and "keep-alive" in options and "close" not in options
        return None if kept else CloseReason.NOT_KEPT_ALIVE


def _options(value: str) -> list[str]:
    return [each.strip(" \t").lower() for each in value.split(",")]
