"""The stream of a response that switched protocols, read and written with ``await``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

from sojourn.shared.upgraded_base import RECEIVE_SIZE, UpgradedBase
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


class Channel(Protocol):
    """What a ``ByteStream`` gives when it is handed over: one may send while another receives."""

    async def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            OSError: The stream is broken, or was closed.
        """
        ...

    async def receive(self, limit: int) -> bytes:
        """Return some bytes, at most about ``limit``; none at the end.

        Raises:
            OSError: The stream is broken, or was closed.
        """
        ...


class AwaitedUpgradedStream(UpgradedBase):
    """A stream that was handed over: ``response.upgraded``."""

    def __init__(self, driver: Any) -> None:
        super().__init__(driver)
        self._channel: Channel = self._over.stream.hand_over()

    async def send(self, data: bytes) -> None:
        """Send all of these bytes. A task that is cancelled meanwhile may have sent some.

        Raises:
            WriteTimeout: The peer takes in nothing for ``timeouts.write`` seconds.
            ConnectionError: The stream is broken.
            LocalProtocolError: It was closed.
        """
        octets = self._encode(data)
        try:
            async with self._until(self.timeouts.write):
                await self._channel.send(octets)
        except TimeoutError as error:
            raise self._over.timed_out(writing=True) from error
        except OSError as error:
            self._check()
            raise self._over.lost(error) from error

    async def receive(self, limit: int = RECEIVE_SIZE) -> bytes:
        """Return some bytes, at most ``limit``, as soon as there are any; none at the end.

        A task that is cancelled while it waits has lost none.

        Raises:
            ReadTimeout: The peer is silent for ``timeouts.read`` seconds.
            ConnectionError: The stream is broken.
            LocalProtocolError: It was closed, perhaps meanwhile.
        """
        while (found := self._at_hand(limit)) is None:
            try:
                async with self._until(self.timeouts.read):
                    self._left = self._decode(await self._channel.receive(RECEIVE_SIZE))
            except RequestException:
                raise
            except TimeoutError as error:
                if not self._left:
                    raise self._over.timed_out(writing=False) from error
            except OSError as error:
                self._check()
                raise self._over.lost(error) from error
        return found

    def _until(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        backend: Any = self._driver.adapter.backend
        scope: AbstractAsyncContextManager[object] = backend.until(self._deadline(seconds))
        return scope

    def shut(self) -> None:
        """Close the stream, without waiting. Another task that waits for it is woken."""
        if not self._closed:
            self._let_go()

    async def close(self) -> None:
        """Close the stream. Another task that waits for it is woken, with an error."""
        self.shut()
        await self._driver.adapter.backend.closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
