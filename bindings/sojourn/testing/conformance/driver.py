"""The driver under test: what its author writes for the kit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from .streams import LoopbackListener

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sojourn_core.messages.effects import Effects

    from .job import Job
    from .streams import Listener

USUAL: Final = frozenset(
    {"side by side", "waits", "watches", "informs", "switches", "content", "refusals"}
)


class Driver:
    """A driver of exchanges under test; one is made for each case.

    Attributes:
        offers: What it can do; cases that need more are left out. Besides ``USUAL``:

            * "async content": it takes the chunks of ``content.achunks()``.
            * "cancels": it sets ``on_cancel`` of each job.
            * "interrupts": exceptions may come out of a reply, as signal handlers raise them.
            * "files": it carries out ``WriteFile``.
            * "races": it takes a ``Connect`` with further addresses.
            * "finalizes": a job that is forgotten leaves its slot to the next step of the pool.
    """

    offers: frozenset[str] = USUAL

    def run(self, jobs: Sequence[Job]) -> None:
        """Carry out all jobs side by side, and return once each of them rests.

        They begin in their order. Where each has a thread of its own, ``begin`` sees to that.

        It is called for each phase of a case, from one thread. A loop of the driver's runs within,
        and looks at its sockets once before it begins, and once when it is done.
        """
        raise NotImplementedError

    def carry_out(self, effects: Effects | None) -> None:
        """Carry out effects that come while nothing runs, such as those of closing the pool."""
        raise NotImplementedError

    def abandon(self, job: Job) -> None:
        """Give up a job that is held, as a user does who closes a response early."""
        self.carry_out(job.exchange.abandon(time.monotonic()))

    def left_open(self) -> Iterable[str]:
        """Name what is left over once the pool is closed: tasks, timers, handles."""
        return ()

    def close(self) -> None:
        """Let go of the loop."""

    def listen(self, *, narrow: bool) -> Listener:
        """Return where a peer listens: a loopback socket, or a listener of the author's own.

        Args:
            narrow: Its connections are to take in little at a time.
        """
        return LoopbackListener(narrow=narrow)
