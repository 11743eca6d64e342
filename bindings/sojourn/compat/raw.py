"""The raw response of an adapter: Sojourn's own, with the seam that CacheControl works at.

urllib3's response reads from a file of its own, ``_fp``. CacheControl, and pip with it, wraps that
file in one that keeps a copy of what is read, and watches for the end. Here ``_fp`` is made when it
is first read, and the content comes from there from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.shared.raw_base import STREAM_SIZE
from sojourn.sync.raw import RawResponse as SyncRawResponse
from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import ContentDecodingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.shared.cut import Cut
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.fields import Fields


class OriginFile:
    """Content as received, without its framing: http.client's response under urllib3's.

    It holds the exchange and not the response, whose life it does not prolong.

    Attributes:
        trailers: Trailer fields; None before the end of the content.
        decisions: One for each line that was left out of the trailers.
    """

    def __init__(self, driver: Any) -> None:
        self.trailers: Fields | None = None
        self.decisions: tuple[Decision, ...] = ()
        self._driver = driver
        self._rest = b""

    @property
    def fp(self) -> OriginFile | None:
        """The file itself; None at the end, by which libraries see that nothing is left to read."""
        driver = self._driver
        ended = driver is None or driver.exchange.phase is Phase.ENDED
        return None if ended and not self._rest else self

    @property
    def closed(self) -> bool:
        """There is nothing left to read."""
        return self.fp is None

    def isclosed(self) -> bool:
        """Return True if there is nothing left to read."""
        return self.fp is None

    def read(self, amt: int | None = None) -> bytes:
        """Return ``amt`` bytes at most, as soon as there are any; None for all; none at the end.

        Raises:
            RequestException: The exchange fails.
        """
        if amt is None or amt < 0:
            return b"".join(iter(lambda: self.read(STREAM_SIZE), b""))
        data = self._rest or self._receive()
        self._rest = data[amt:]
        return data[:amt]

    def _receive(self) -> bytes:
        while self._driver is not None and self._driver.exchange.phase is not Phase.ENDED:
            command = self._driver.proceed()
            if not isinstance(command, c.Content):
                self._driver = None
                if isinstance(command, c.Finish):
                    self.trailers, self.decisions = command.trailers, command.decisions
            elif command.data:
                return command.data
        return b""

    def close(self) -> None:
        """Let go of the connection. What was not read is lost."""
        driver, self._driver = self._driver, None
        self._rest = b""
        if driver is not None:
            driver.abandon()


class RawResponse(SyncRawResponse):
    """The content of a response as a file; see ``sojourn.sync.raw``.

    Attributes:
        chunked: False: ``_fp`` gives content without its framing, chunked or not.
        auto_close: It counts as closed at its end, as urllib3's response does.
        retries: Retries left of the adapter's ``max_retries``.
        left_out: A decision for each line of the head that was left out, or read leniently.
    """

    chunked = False
    auto_close = True
    retries: Any = None
    left_out: tuple[Decision, ...] = ()
    _length: int | None = None  # Set by hand; it comes before Content-Length.
    tells_of_cuts = False  # As with urllib3, whoever goes on finds the end.
    _origin: OriginFile | None = None
    _file: Any = None  # ``_origin``, or the file that a library wrapped it in.

    @classmethod
    def of(cls, response: Any) -> RawResponse:
        """Make the raw response of the blocking transport's response, of which nothing was read."""
        raw = cls(response, response._driver)
        raw.reason = (raw.reason or "").strip()  # As http.client does.
        raw.left_out = response.left_out
        return raw

    @property
    def _fp(self) -> Any:
        if self._origin is None:
            driver, self.driver = self.driver, None  # All reading goes through ``_fp`` from now on.
            self._origin = self._file = OriginFile(driver)
        return self._file

    @_fp.setter
    def _fp(self, file: Any) -> None:
        _ = self._fp  # Take the driver away, if nobody has yet.
        self._file = file
        self._decodes = (
            False  # The file gives the content from its start: requests-cache rewinds so.
        )
        self._decoder = self._pieces = None

    @property
    def closed(self) -> bool:
        """It was closed, or is at its end."""
        return super().closed or (self.auto_close and self.isclosed())

    def stream(
        self, amt: int | None = STREAM_SIZE, decode_content: bool | None = None
    ) -> Iterator[bytes]:
        """Iterate over pieces of ``amt`` bytes, the last may be shorter; None for any size.

        Like urllib3, it gives what is there of content that is sent in chunks, and waits for the
        whole piece of any other.
        """
        if amt is None or self._comes_in_chunks():
            yield from super().stream(amt, decode_content)
            return
        try:
            while data := self.read(amt, decode_content):
                yield data
        except ContentDecodingError as error:
            if self._buffer:  # It was good, and is less than was asked for.
                error.partial = b""
                yield self._take(None)
            raise

    def _comes_in_chunks(self) -> bool:
        codings = self.headers.get("transfer-encoding") or ""
        return "chunked" in [coding.strip() for coding in codings.lower().split(",")]

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, as urllib3 does; return the number of bytes, fewer only at the end."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    @property
    def length_remaining(self) -> int | None:
        """Number of bytes still to be received, before decoding; None if it is not known."""
        if self.isclosed():
            return 0
        # All members agree, and may have a sign (``Policy.lenient_heads``).
        said = self.headers.get("content-length", "").partition(",")[0].strip().removeprefix("+")
        length = int(said) if said.isascii() and said.isdigit() else None
        if self._length is not None:
            length = self._length
        return None if length is None else max(length - self.tell(), 0)

    @length_remaining.setter
    def length_remaining(self, size: int) -> None:
        self._length = self.tell() + size  # A library that replaces ``_fp`` knows its size.

    @property
    def _request_url(self) -> str | None:
        return self.geturl()

    def _is_ended(self) -> bool:
        return super()._is_ended() if self._origin is None else self._origin.closed

    def _receive(self) -> bytes | None:
        if self._origin is None:
            return super()._receive()
        data: bytes = self._file.read(STREAM_SIZE)
        self._received += len(data)
        if data:
            return data
        response = self._response()
        if response is not None and self._origin.trailers is not None:
            response.trailers = self._origin.trailers
        if response is not None:
            decisions, self._origin.decisions = self._origin.decisions, ()  # Once.
            response.note(decisions)
        return None

    def _fail(self, error: RequestException) -> None:
        from .told import tell_content

        super()._fail(error)
        tell_content(error, self)

    def _stop_receiving(self) -> None:
        super()._stop_receiving()
        if self._origin is not None:
            self._origin.close()

    def mark_closed(self, cut: Cut | None = None) -> None:
        """Record that the response was closed, and close ``_fp``."""
        super().mark_closed(cut)
        if self._origin is not None:
            self._origin.close()
