"""The things that the streams of one adapter have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .alarms import Alarms

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

BUFFER_SIZE: Final = 256 * 1024  # Of all streams of an adapter.
OWN_BUFFER_SIZE: Final = 64 * 1024
_FILL_AT_ONCE: Final = ("asyncio.unix_events", "asyncio.selector_events", "uvloop")


class Common:
    """The part of streams that is held once for all of an adapter's.

    Args:
        loop: Their event loop.
        told: Called when a stream ends while nobody waits for it.

    Attributes:
        loop: As given.
        told: As given.
        alarms: Their deadlines.
        at_once: A task goes on within a callback of the loop; see ``Waiter``.
    """

    __slots__ = ("_buffer", "alarms", "at_once", "loop", "told")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, told: Callable[[], None] | None = None
    ) -> None:
        self.loop = loop
        self.told = told
        self.alarms = Alarms(loop)
        kind = type(loop).__module__
        # Of other loops it is not known what they do with an error that is to end the process.
        self.at_once = kind.startswith("asyncio.")
        fills_at_once = kind.startswith(_FILL_AT_ONCE)
        self._buffer = memoryview(bytearray(BUFFER_SIZE)) if fills_at_once else None

    def buffer(self) -> memoryview:
        """Return the place where bytes of a stream arrive, its own if the loop asks for that."""
        return memoryview(bytearray(OWN_BUFFER_SIZE)) if self._buffer is None else self._buffer
