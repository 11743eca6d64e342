"""The Keep-Alive field: how long a peer says that it keeps an idle connection.

It never was part of HTTP/1.1, yet nearly all servers that send ``Connection: keep-alive`` send it:
``timeout`` is the time in seconds for which an idle connection is kept, and ``max`` the number of
further requests that are taken on it (RFC 2068 section 19.7.1.1). A request that is sent as the
time runs out crosses the end of the connection on its way, so it is not waited out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.expressions import expression

from .codec import CloseReason

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects

    from .codec import Message
    from .connection import Connection
    from .pool import Pool
    from .ticket import Slot

MARGIN_SECONDS: Final = 1.0
_PARAMETER: Final = expression(
    r'(?:^|[,;\s])(timeout|max)[ \t]*=[ \t]*"?([0-9]{1,9})(?![0-9])', re.IGNORECASE
)


def keep_alive(field: str) -> tuple[float | None, int | None]:
    """Read a Keep-Alive field.

    Args:
        field: Its value; those of several lines are joined. What it says else is passed over.

    Returns:
        For how many seconds a connection may be idle: one second less than the peer says, and half
        of it at least. And how many more requests it takes. None for what it says nothing of; of
        what it says twice, the least counts.
    """
    seconds: float | None = None
    requests: int | None = None
    for name, digits in _PARAMETER.findall(field):
        number = int(digits)
        if name.lower() == "max":
            requests = number if requests is None else min(requests, number)
        else:
            usable = max(number - MARGIN_SECONDS, number / 2)
            seconds = usable if seconds is None else min(seconds, usable)
    return seconds, requests


def _heed(field: str, connection: Connection) -> CloseReason | None:
    """Note how long a connection is kept; return why it is not kept at all, if so."""
    seconds, requests = keep_alive(field)
    connection.idle_seconds_max = seconds
    if seconds == 0 or requests == 0:
        return CloseReason.NO_MORE_REQUESTS
    return None


def give_back(
    message: Message, slot: Slot, pool: Pool, now: float, *, cut: bool
) -> tuple[CloseReason | None, Effects | None]:
    """Give a slot back, whose response has ended.

    Args:
        message: The codec's side of the exchange.
        slot: The slot, with its connection.
        pool: The ledger of connections.
        now: The time.
        cut: Whether the upload was cut short.

    Returns:
        Why the connection is not kept, or None if it is; and what is to be done.
    """
    connection, head = slot.connection, message.head
    assert connection is not None
    assert head is not None
    tls = connection.tls
    if message.close_reason is not None:
        message.judge()  # The request may have been sent to its end meanwhile.
    reason = message.close_reason
    if cut:
        reason = CloseReason.UPLOAD_CUT
    elif reason is None:
        names = head.fields._index  # pyright: ignore[reportPrivateUsage] - no call on the hot path
        if names is None:
            names = head.fields.by_name()
        if tls is not None and tls.ended:
            reason = CloseReason.TLS_CLOSED
        elif "keep-alive" in names:
            reason = _heed(names["keep-alive"], connection)
    effects = pool.release(slot, now) if reason is None else pool.discard(slot, now)
    slot.connection, slot.used = None, connection
    return reason, effects
