"""Where a call stands.

The reply that fits is decided by the command that waits (``CALL_REPLIES``).
"""

from __future__ import annotations

from enum import Enum


class CallPhase(Enum):
    """Where a call stands."""

    NEW = "new"
    SENDING = "awaiting the head of a response"
    LOADING = "reading a response that credentials want to see"
    HOOKING = "running hooks"
    DISCARDING = "draining a response"
    REFUSING = "draining a response whose redirect is refused"
    REWINDING = "putting the content back to its start"
    ENDED = "ended"
