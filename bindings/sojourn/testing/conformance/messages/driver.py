"""The driver under test at message level: what its author writes for the kit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .ask import MessageAsk
    from .web import Web

MESSAGE_USUAL: Final = frozenset(
    {"redirects", "credentials", "cookies", "content", "streams", "uploads"}
)


class MessageDriver:
    """A driver of calls, or a transport of a session, under test; one is made for each case.

    Attributes:
        offers: What it can do; cases that need more are left out. Besides ``MESSAGE_USUAL``:

            * "own web": it takes the web as a function, and opens no socket for it.
            * "faults": it has peers that break connections off; see ``Reply``.
            * "refusals": it connects to a port, and hears that nobody listens there.
            * "deadlines": it ends a wait when the timeouts say so.
            * "own errors": what the content of a request raises is raised as it is.
            * "lengths": content that is longer than it was declared is refused.
            * "limits": the session's class takes ``limits``.
            * "pauses": it waits between two requests of a call that tries again (``Pause``), and
              takes ``retries`` among the arguments.
    """

    offers: frozenset[str] = MESSAGE_USUAL

    def serve(self, web: Web) -> None:
        """Have this web answer, for any URL. It is called if "own web" is offered."""
        raise NotImplementedError

    def fetch(self, ask: MessageAsk) -> None:
        """Make one request, and tell the ask what came of it."""
        raise NotImplementedError

    def left_open(self) -> Iterable[str]:
        """Name what is left over once the driver is closed: tasks, timers, handles."""
        return ()

    def close(self) -> None:
        """Let go of connections, and of the loop."""
