"""Status codes of redirects, and the reason phrases of all codes."""

from __future__ import annotations

from typing import Final

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
"""Status codes that lead to a new request if there is a Location (RFC 9110 section 15.4).

300 offers a choice, 304 answers a condition, and 305 and 306 are no longer in use.
"""

PERMANENT_REDIRECT_STATUSES: Final = frozenset({301, 308})
"""Status codes that say to use the new URL from now on, too."""


def reason_for(status: int) -> str:
    """Return the registered reason phrase of a status code; empty if it has none.

    For display only: on the wire the phrase means nothing (RFC 9112 section 4).
    """
    from http import HTTPStatus  # Few programs ask.

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
