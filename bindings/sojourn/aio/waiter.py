"""The wait of a task for what its exchange asks for next: a future, as far as tasks go.

A task that waits for a future of asyncio goes on a turn of the loop later than that is done, after
another look at all sockets. One that waits here goes on at once, within the callback in which its
bytes came: the transport has done its part by then.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextvars import Context

    from sojourn_core.commands import ExchangeCommand


class Waiter:
    """One wait of one task, which ends with a command, with an error, or by cancellation.

    Ctrl-C cancels the task of ``asyncio.run`` in between any two lines, of the methods here too: a
    command that is given to a wait that has ended is kept all the same, for whoever leaves.

    Args:
        loop: The event loop.
        at_once: Whether the task goes on within the callback that gives it its command, in which no
            other task runs. What it raises to end the process passes through that callback then,
            which only asyncio's own loops are known to allow.

    Attributes:
        command: What was asked for, once it is known.
        error: What it has ended with instead.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_at_once",
        "_context",
        "_loop",
        "_wakeup",
        "command",
        "error",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, at_once: bool) -> None:
        self._loop = loop  # A task looks at it.
        self._at_once = at_once
        self._asyncio_future_blocking = False  # By it a task knows what it can wait for.
        self._wakeup: Callable[[Any], object] | None = None
        self._context: Context | None = None
        self.command: ExchangeCommand | None = None
        self.error: BaseException | None = None

    # --- what ends it ---------------------------------------------------------------------------

    def give(self, command: ExchangeCommand) -> None:
        """End with a command. A task that goes on at once is further by the time this returns."""
        self.command = command
        wakeup, self._wakeup = self._wakeup, None  # In one line, so that it is called once.
        context: Any = self._context
        if wakeup is None:
            return
        if self._at_once:
            context.run(wakeup, self)
        else:
            self._loop.call_soon(wakeup, self, context=context)

    def fail(self, error: BaseException) -> bool:
        """End with an error, and let the task go on soon. Return False if it has ended before."""
        if self.done():
            return False
        self.error = error
        wakeup, self._wakeup = self._wakeup, None
        if wakeup is not None:
            self._loop.call_soon(wakeup, self, context=self._context)
        return True

    def cancel(self, msg: Any = None) -> bool:
        """End because the task is cancelled. Return False if it has ended before."""
        return self.fail(asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg))

    # --- what a task asks -----------------------------------------------------------------------

    def done(self) -> bool:
        """Return whether it has ended."""
        return self.command is not None or self.error is not None

    def result(self) -> ExchangeCommand | None:
        """Return the command.

        Raises:
            BaseException: What it has ended with instead.
        """
        if self.error is not None:
            error = self.error
            try:
                raise error
            finally:
                del self, error  # The error leads to this frame, and is held by the wait.
        return self.command

    def add_done_callback(
        self, function: Callable[[Any], object], *, context: Context | None = None
    ) -> None:
        """Have the task called when it ends: there is one task, which asks once."""
        if self.command is None and self.error is None:
            self._wakeup, self._context = function, context
        else:
            self._loop.call_soon(function, self, context=context)

    def __await__(self) -> Generator[Self, None, Any]:
        self._asyncio_future_blocking = True
        try:
            yield self
            return self.command
        finally:
            del self  # As above.
