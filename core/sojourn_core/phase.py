"""Where an exchange stands, and where a call.

The reply that fits is decided by the command that waits (``commands.EXCHANGE_REPLIES``,
``CALL_REPLIES``); the phase says what a transfer is for, and so which timeout and which error
belong to it.
"""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """The phases of an exchange, in the order in which they can come."""

    NEW = "new"
    CHECKING_OUT = "waiting for a slot of the pool"
    PROBING = "looking whether a reused connection is quiet"
    CLOSING_STALE = "closing a stale connection"
    RESOLVING = "resolving the host"
    CONNECTING = "connecting"
    TUNNELING = "asking the proxy for a tunnel"
    SECURING = "in the TLS handshake"
    SENDING = "sending the request and awaiting the head of the response"
    RECEIVING = "receiving the response"
    SWITCHED = "switched to another protocol"
    ENDED = "ended"


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
