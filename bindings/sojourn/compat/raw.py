"""The raw response of an adapter: Sojourn's own, with the seam that CacheControl works at.

urllib3's response reads from a file of its own, ``_fp``. CacheControl, and pip with it, puts a file
before that one, which keeps a copy of all that is read and looks for the end. Here ``_fp`` is made
when somebody asks for it, and the content is read from there from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.sync.raw import STREAM_SIZE
from sojourn.sync.raw import RawResponse as SyncRawResponse
from sojourn_core import commands as c
from sojourn_core.exchange.phase import Phase

if TYPE_CHECKING:
    from sojourn_core.values.fields import Fields


class OriginFile:
    """Content as it comes, its framing taken off: http.client's response under urllib3's.

    It holds the exchange and no response, so that nothing lives longer for it.

    Attributes:
        trailers: Fields that came after the content; None before its end.
    """

    def __init__(self, driver: Any) -> None:
        self.trailers: Fields | None = None
        self._driver = driver
        self._rest = b""

    @property
    def fp(self) -> OriginFile | None:
        """None at the end: so one tells that there is nothing left to read."""
        driver = self._driver
        ended = driver is None or driver.exchange.phase is Phase.ENDED
        return None if ended and not self._rest else self

    @property
    def closed(self) -> bool:
        """Whether there is nothing left to read."""
        return self.fp is None

    def isclosed(self) -> bool:
        """Likewise."""
        return self.fp is None

    def read(self, amt: int | None = None) -> bytes:
        """Octets as soon as there are any, ``amt`` at most; None for all; none are the end.

        Raises:
            RequestException: Whatever goes wrong.
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
                self.trailers = command.trailers if isinstance(command, c.Finish) else None
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
        chunked: False: what ``_fp`` gives has no framing left, whatever it came in.
        auto_close: Whether it counts as closed at its end, as urllib3's does.
        retries: What is left of the adapter's ``max_retries``.
    """

    chunked = False
    auto_close = True
    retries: Any = None
    _length: int | None = None  # Whatever the field says.
    _origin: OriginFile | None = None
    _file: Any = None  # The same, or what was put before it.

    @classmethod
    def of(cls, response: Any) -> RawResponse:
        """That of the blocking transport's response, which nobody has read from."""
        return cls(response, response._driver)

    @property
    def _fp(self) -> Any:
        if self._origin is None:
            driver, self.driver = self.driver, None  # There is no other way to the content now.
            self._origin = self._file = OriginFile(driver)
        return self._file

    @_fp.setter
    def _fp(self, file: Any) -> None:
        _ = self._fp  # What was there lets go of the content, if it has not yet.
        self._file = file
        self._decodes = False  # It begins anew, codings and all: requests-cache rewinds so.
        self._decoder = self._pieces = None

    @property
    def closed(self) -> bool:
        """Whether it was closed, or is at its end."""
        return super().closed or (self.auto_close and self.isclosed())

    @property
    def length_remaining(self) -> int | None:
        """How many octets are still to come, codings counted; None if nobody has said."""
        if self.isclosed():
            return 0
        said = self.headers.get("content-length", "")
        length = int(said) if said.isascii() and said.isdigit() else None
        if self._length is not None:
            length = self._length
        return None if length is None else max(length - self.tell(), 0)

    @length_remaining.setter
    def length_remaining(self, octets: int) -> None:
        self._length = self.tell() + octets  # Who puts a file at ``_fp`` knows what is in it.

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
        return None

    def _stop_receiving(self) -> None:
        super()._stop_receiving()
        if self._origin is not None:
            self._origin.close()

    def mark_closed(self) -> None:
        """The response was closed, and its connection with it."""
        super().mark_closed()
        if self._origin is not None:
            self._origin.close()
