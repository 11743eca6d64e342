"""The stream of a response that switched protocols, read and written with ``await``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

from sojourn.shared.upgraded_base import RECEIVE_SIZE, UpgradedBase

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


class Channel(Protocol):
    """A stream that was handed over: one task may send while another receives."""

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

        The errors are those of the blocking ``UpgradedStream``; so are those of ``receive``.
        """
        octets = self._encode(data)
        with self._telling(writing=True):
            async with self._until(self.timeouts.write):
                await self._channel.send(octets)

    async def receive(self, limit: int = RECEIVE_SIZE) -> bytes:
        """Return some bytes as soon as there are any; none at the end.

        A task that is cancelled while it waits has lost none.
        """
        while (found := self._at_hand(limit)) is None:
            with self._telling(writing=False):
                async with self._until(self.timeouts.read):
                    self._left = self._decode(await self._channel.receive(RECEIVE_SIZE))
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
