"""Idle connections of blocking code, looked after by a thread.

There is one for the whole process, while connections are idle and for a moment longer: programs
that make one session after the other would else start a thread for each. It refers to transports
weakly, and never keeps the process alive. A fork does not see it: it ends before, and begins anew
in the parent after. Where no thread can be started, as in WebAssembly, connections whose time is
over are closed when their session is used.

A signal handler may raise between any two lines, and leave a lock behind that nobody releases. So
none is held here: what threads share is a deque and an attribute, and who is to end is told so by
another in their place.
"""

from __future__ import annotations

import _thread
import os
from collections import deque
from contextlib import suppress
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Final
from weakref import WeakSet, ref

from sojourn.shared.idling import look_at, seconds_left

if TYPE_CHECKING:
    from sojourn.shared.idling import Looked

WAIT_SECONDS_MAX: Final = 1.0
LINGER_SECONDS: Final = 1.0  # For so long the thread stays with nothing to look after.


class Shift:
    """One thread, from its begin to its end, and the transports that it looks after.

    Attributes:
        bell: Locked; whoever releases it wakes the thread.
        ended: Locked until the thread has ended.
        lingers: The thread has nothing to look after, and waits for more.
        transports: Those that have idle connections. The thread alone touches it.
        wakes_at: When the thread goes on by itself; infinite while it does not wait.
    """

    __slots__ = ("bell", "ended", "lingers", "transports", "wakes_at")

    def __init__(self) -> None:
        self.bell = _thread.allocate_lock()
        self.ended = _thread.allocate_lock()
        self.bell.acquire()
        self.ended.acquire()
        self.lingers = False
        self.transports: WeakSet[Looked] = WeakSet()
        self.wakes_at = inf

    def rest(self, until: float) -> bool:
        """Wait until then, or until somebody rings; return True if somebody does.

        Whoever comes while the thread does not wait yet rings: nothing is overlooked in between.
        """
        self.wakes_at = until
        rung = self.bell.acquire(timeout=max(until - clock(), 0.0))
        self.wakes_at = inf
        return rung

    def ring(self) -> None:
        """Wake the thread."""
        with suppress(RuntimeError):  # It was rung before.
            self.bell.release()

    def look(self) -> float:
        """Look at all transports, which nobody refers to afterwards; return when to do it again."""
        return clock() + min(map(look_at, list(self.transports)), default=inf)

    def forget(self) -> None:
        """Forget transports that have no idle connection any more."""
        for each in list(self.transports):
            if not each.pool.watched:
                self.transports.discard(each)


class Watcher:
    """The thread, and the transports that it was not given yet."""

    def __init__(self) -> None:
        self._arrivals: deque[tuple[ref[Looked], float]] = deque()  # And when to look at each.
        self._shift: Shift | None = None  # The thread of any other one is to end.

    @property
    def runs(self) -> bool:
        """The thread is there."""
        return self._shift is not None

    def look_after(self, transport: Looked) -> None:
        """Look after a transport that has idle connections, until it has none."""
        due = clock() + seconds_left(transport)
        self._arrivals.append((ref(transport), due))
        shift = self._shift
        if shift is None or due < shift.wakes_at:
            self.go_on()

    def go_on(self) -> None:
        """Have a thread look after who has arrived; after ``stop``, after who is left, too."""
        shift = self._shift
        if shift is not None:
            shift.ring()
        elif self._arrivals:
            shift = Shift()
            with suppress(RuntimeError):  # Nowhere to run: there are no threads, or no more.
                _thread.start_new_thread(self._run, (shift,))
                self._shift = shift
                shift.ring()

    def look(self) -> None:
        """Look at once: a transport was closed, and the thread may have nothing left to do."""
        shift = self._shift
        if shift is not None and not shift.lingers:
            shift.ring()

    def stop(self) -> None:
        """End the thread, and wait until it has ended."""
        shift, self._shift = self._shift, None
        if shift is not None:
            shift.ring()
            shift.ended.acquire(timeout=WAIT_SECONDS_MAX)

    def _run(self, shift: Shift) -> None:
        try:
            shift.bell.acquire(timeout=WAIT_SECONDS_MAX)  # Until it is known as the one.
            due = inf
            while self._shift is shift:
                while self._arrivals:
                    due = min(due, self._take(shift))
                shift.forget()
                if not shift.transports:
                    if self._lingers(shift):
                        continue
                    self._shift = None
                    if not self._arrivals or self._shift is not None:
                        break
                    self._shift = shift  # Somebody has come just now, and seen that it was there.
                elif not shift.rest(due):
                    due = shift.look()
        finally:
            now = clock()
            self._arrivals.extend((ref(each), now) for each in list(shift.transports))
            self.look()
            shift.ended.release()

    def _lingers(self, shift: Shift) -> bool:
        """Wait for a moment; return True if somebody has come, or the thread is to end."""
        shift.lingers = True
        rung = shift.rest(clock() + LINGER_SECONDS)
        shift.lingers = False
        return rung or bool(self._arrivals)

    def _take(self, shift: Shift) -> float:
        """Take over a transport; return when to look at it."""
        try:
            arrived, due = self._arrivals.popleft()
        except IndexError:  # Another thread, which is to end, has taken it.
            return inf
        transport = arrived()
        if transport is not None:
            shift.transports.add(transport)
        return due


watcher: Final = Watcher()

if hasattr(os, "register_at_fork"):  # Not everywhere are there forks.
    os.register_at_fork(
        before=watcher.stop,
        after_in_parent=watcher.go_on,
        after_in_child=watcher.__init__,  # type: ignore[misc]  # Its thread is no more.
    )
