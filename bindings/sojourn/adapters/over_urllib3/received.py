"""The content of a response of urllib3, read as it is asked for."""

from __future__ import annotations

from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.shared.pieces import Patience, PiecesBase
from sojourn_core import commands as c

from .failures import error_of_content

if TYPE_CHECKING:
    from sojourn_core.commands import HandedUp, Send
    from sojourn_core.exchange.plan import ExchangePlan

READ_SIZE: Final = 64 * 1024


class Received(PiecesBase):
    """Hands up the content of a response of urllib3, its codings untouched.

    Args:
        raw: The response.
        command: That it answers.
        plan: Of the request.
    """

    __slots__ = ("_plan", "_socket")

    def __init__(self, raw: Any, command: Send, plan: ExchangePlan) -> None:
        super().__init__(raw, Patience.of(command))
        self._plan = plan
        self._socket: Any = _socket_of(raw)
        if command.settings.needs_close_notify and hasattr(self._socket, "suppress_ragged_eofs"):
            self._socket.suppress_ragged_eofs = False  # The cut is an error of the read then.

    def proceed(self) -> HandedUp:
        """Return the next piece, or the end.

        Raises:
            ChunkedEncodingError: The content ended early.
            StalledContent: The peer was silent for longer than a read may take.
            DeadlineExceeded: The time of the call is over.
        """
        raw, patience = self._content, self._patience
        if raw is None:
            return c.Finish(reusable=True)
        since = clock()
        if patience.deadline < inf and self._socket is not None:
            self._socket.settimeout(max(patience.until(since) - since, 0.001))
        try:
            data = raw.read1(READ_SIZE, decode_content=False)
        except Exception as error:
            self.abandon()
            raised = error_of_content(error, self._plan, clock())
            if raised is None:
                raise
            try:
                raise raised from error
            finally:
                del raised  # It leads to this frame, which must not lead to it.
        if (now := clock()) > patience.until(since):
            self.abandon()
            raise patience.error(now, within=True)
        if data:
            return c.Content(data)
        self._end()
        raw.release_conn()
        return c.Finish(reusable=True)

    def drain(self, limit: int, deadline: float) -> None:
        """Leave out the rest if it comes in time, and close the connection if not."""
        raw = self._content
        left = None if raw is None else getattr(raw, "length_remaining", None)
        try:
            while self._content is not None and limit >= (left or 0) and clock() < deadline:
                if self._socket is not None:
                    self._socket.settimeout(max(deadline - clock(), 0.001))
                handed = self.proceed()
                limit -= len(handed.data) if isinstance(handed, c.Content) else 0
                left = None
        except Exception:  # noqa: BLE001, S110 - as with a connection that breaks: it is given up
            pass
        self.abandon()

    def abandon(self) -> None:
        """Close the connection, unless the content has ended."""
        raw = self._end()
        if raw is not None:
            let_go(raw)

    def __del__(self) -> None:
        """Close the connection of a response that was dropped unread; its place is free again."""
        if self._content is not None:
            self.abandon()


def let_go(raw: Any) -> None:
    """Close a response and its connection, and have the pool count it no more."""
    raw.close()
    raw.release_conn()


def _socket_of(raw: Any) -> Any:
    """Return the socket that is read from; None where a tool has put something in its place."""
    file = getattr(getattr(raw, "_fp", None), "fp", None)
    return getattr(getattr(file, "raw", None), "_sock", None)
