"""Steps that wait side by side in one thread, by one selector.

Each is a generator, which yields ``Until`` where it has to wait. Whoever runs it waits, for that
step alone or for several, and sends back what has become ready. (A coroutine would warn if Ctrl-C
came between its making and its start.)
"""

from __future__ import annotations

import selectors
import socket
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypeVar

from sojourn.shared.times import seconds_until

from .stream import MOST_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

T = TypeVar("T")
Ready: TypeAlias = dict[Any, int]
Steps: TypeAlias = "Generator[Until, Ready, T]"

# One that needs no file of its own, where there is one: it is made anew for each wait.
_Selector: Final[Any] = getattr(selectors, "PollSelector", selectors.DefaultSelector)


class Until:
    """The wait of a step: for sockets, with the events that each is to be ready for; or for a time.

    The step is sent the sockets that are ready, with their events; none if it was the time.
    """

    __slots__ = ("deadline", "sockets")

    def __init__(self, sockets: Ready, deadline: float) -> None:
        self.sockets = sockets
        self.deadline = deadline


def wait(waits: Iterable[Until], deadline: float = inf) -> Ready:
    """Wait until a socket is ready, or a time has come; return the sockets that are ready.

    Args:
        waits: What the steps wait for, each of them for sockets of its own.
        deadline: A further time, on the monotonic clock.
    """
    selector = _Selector()
    try:
        for each in waits:
            deadline = min(deadline, each.deadline)
            for waited, events in each.sockets.items():
                selector.register(waited, events)
        seconds = seconds_until(deadline)
        ready = selector.select(None if seconds is None else min(seconds, MOST_TIMEOUT))
        return {key.fileobj: events for key, events in ready}
    finally:
        selector.close()


def run_alone(steps: Steps[T]) -> T:
    """Run a step to its end, and return what it returns."""
    try:
        awaited = next(steps)
        while True:
            awaited = steps.send(wait((awaited,)))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()


class Bell:
    """Wakes a step from another thread."""

    __slots__ = ("_heard", "_rung")

    def __init__(self) -> None:
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)

    def ring(self) -> None:
        """Wake the step, if it still waits."""
        with suppress(OSError):  # It was rung often, or is gone.
            self._rung.send(b"!")

    def until(self, deadline: float) -> Steps[bool]:
        """Wait until it rings, or a time has come; return whether it rang."""
        rang = bool((yield Until({self._heard: selectors.EVENT_READ}, deadline)))
        if rang:
            self._heard.recv(64)
        return rang

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._heard.close()
        self._rung.close()
