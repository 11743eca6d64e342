"""The decision to send a request that failed once more, unasked.

RFC 9110 section 9.2.2: a client may repeat a request on its own only if it knows that the first was
not processed, or that its method is idempotent; and not more than once. What this library repeats
is a request on a connection that was used before and turned out to be dead: the peer had closed it
while the request was on its way. If the peer certainly did not process the request, the method does
not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values import errors

if TYPE_CHECKING:
    from sojourn_core.values.errors import RequestException

IDEMPOTENT_METHODS: Final = frozenset(
    {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY", "PROPFIND", "REPORT", "SEARCH"}
)
RESENDS_MAX: Final = 1


def may_resend(method: str, error: RequestException, resends: int) -> bool:
    """Decide whether to send a request again after its connection was lost.

    Args:
        method: Of the request.
        error: What went wrong; its ``progress`` says how far the exchange had got.
        resends: How often this hop was sent again already.
    """
    progress = error.progress
    if progress is None or resends >= RESENDS_MAX:
        return False
    lost = isinstance(error, errors.ConnectionError)
    if not lost or isinstance(error, (errors.RemoteProtocolError, errors.Timeout)):
        return False  # It did not fail for want of a connection; silence is not the end of one.
    if progress.unprocessed:
        return True
    return progress.reused and not progress.octets_received and method in IDEMPOTENT_METHODS
