"""The error for a request that a transport has lost, where that is none of ours.

A driver over another stack reports what its stack has raised. What is an ``OSError`` there tells of
the network, and becomes the error that a transport of ours would have raised; anything else is a
fault of somebody's code, and stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import DeadlineExceeded, RequestException, Timeout

if TYPE_CHECKING:
    from sojourn_core.values.url.endpoint import Origin


def error_for(error: Exception, origin: Origin, deadline: float, now: float) -> Exception:
    """Return the error that a call goes on with, with the given one as its cause.

    Args:
        error: As the driver has reported it.
        origin: Whom the request was for.
        deadline: When the whole call must be over.
        now: When it was reported.
    """
    if isinstance(error, RequestException) or not isinstance(error, OSError):
        return error
    said = str(error) or type(error).__name__
    raised: RequestException
    if isinstance(error, TimeoutError):
        if now >= deadline:
            raised = DeadlineExceeded(f"the call to {origin} took longer than it may in all")
        else:
            raised = Timeout(f"no answer from {origin} in time: {said}")
    elif isinstance(error, ConnectionRefusedError):
        raised = LostConnection(f"cannot connect to {origin}: {said}", maybe_sent=False)
    else:
        raised = LostConnection(f"the connection to {origin} was lost: {said}")
    raised.__cause__ = error
    return raised
