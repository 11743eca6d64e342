"""The error for a response whose status is one of failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import HTTPError

if TYPE_CHECKING:
    from sojourn_core.values.views import ResponseView


def error_for(response: ResponseView, shown: str | None) -> HTTPError:
    """Build the error that says the status, its phrase and the URL.

    Args:
        response: A response whose status is 400 to 599.
        shown: Its URL, without what is secret.
    """
    status = response.status_code
    side = "Client" if status < 500 else "Server"
    reason: Any = response.reason
    if isinstance(reason, bytes):
        try:
            reason = reason.decode()
        except UnicodeDecodeError:
            reason = reason.decode("latin-1")
    said = f"{status} {side} Error: {reason} for url: {shown}"
    return HTTPError(said, response=response)
