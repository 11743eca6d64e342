"""Where an exchange stands.

The reply that fits is decided by the command that waits (``EXCHANGE_REPLIES``); the phase says what
a transfer is for, and so which timeout and which error belong to it.
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
