"""The phases of an exchange, and where each reply can take it.

Which reply fits is decided by the command that waits (``EXCHANGE_REPLIES``); the phase says what a
transfer is for, and so which timeout and which error belong to it. A phase may have several
commands: the table of transitions holds for all of them, and a test walks it in both directions.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phase(Enum):
    """The phases of an exchange, in the order in which they can come."""

    NEW = "new"
    CHECKING_OUT = "waiting for a slot of the pool"
    PROBING = "looking whether a reused connection is quiet"
    CLOSING_STALE = "closing a stale connection"
    RESOLVING = "resolving the host"
    CONNECTING = "connecting"
    SECURING_PROXY = "in the TLS handshake with the proxy"
    TUNNELING = "asking the proxy for a tunnel"
    CLOSING_REFUSED = "closing a connection on which the proxy has refused an address"
    SECURING = "in the TLS handshake"
    SENDING = "sending the request and awaiting the head of the response"
    RECEIVING = "receiving the response"
    SWITCHED = "switched to another protocol"
    ENDED = "ended"


# Members that each exchange asks for. To read one by its class takes twenty times as long: an Enum
# looks its members up in its own way (up to Python 3.11).
SENDING: Final = Phase.SENDING
RECEIVING: Final = Phase.RECEIVING
ENDED: Final = Phase.ENDED


def _to(*phases: Phase) -> frozenset[Phase]:
    return frozenset({*phases, Phase.ENDED})


# A host that is an address is connected to at once.
_DIALLED: Final = frozenset({Phase.RESOLVING, Phase.CONNECTING})
_BEGUN: Final = _DIALLED | {Phase.CHECKING_OUT, Phase.PROBING, Phase.ENDED}
_TLS: Final = _to(Phase.SECURING, Phase.SENDING)
_PROXY_TLS: Final = _to(Phase.SECURING_PROXY, Phase.TUNNELING, Phase.SENDING)
_ANSWER: Final = _to(Phase.SENDING, Phase.RECEIVING, Phase.SWITCHED)
_DONE: Final = _to()

# From a phase, by a reply (or by "start"), to the phases that it can lead to. What is not here is
# refused, and changes nothing. "abandon" fits everywhere, leads to the end, and is left out.
TRANSITIONS: Final[Mapping[Phase, Mapping[str, frozenset[Phase]]]] = {
    Phase.NEW: {"start": _BEGUN},
    Phase.CHECKING_OUT: {"woken": _BEGUN, "expired": _DONE, "failed": _DONE},
    Phase.PROBING: {
        "quiet": _to(Phase.SENDING),
        "readable": frozenset({Phase.CLOSING_STALE}),
    },
    Phase.CLOSING_STALE: {"closed": _DIALLED},
    Phase.RESOLVING: {
        # The origin is resolved before a proxy that is told its address.
        "resolved": _to(Phase.RESOLVING, Phase.CONNECTING),
        "expired": _DONE,
        "failed": _DONE,
    },
    Phase.CONNECTING: {
        "connected": _to(Phase.SECURING_PROXY, Phase.TUNNELING, Phase.SECURING, Phase.SENDING),
        "expired": _to(Phase.CONNECTING),
        "failed": _to(Phase.CONNECTING),
    },
    Phase.SECURING_PROXY: {
        "written": _to(Phase.SECURING_PROXY),
        "received": _PROXY_TLS,
        "expired": _DONE,
        "failed": _DONE,
    },
    Phase.TUNNELING: {
        "written": frozenset({Phase.TUNNELING}),
        "received": _to(Phase.TUNNELING, Phase.CLOSING_REFUSED, Phase.SECURING, Phase.SENDING),
        "expired": _to(Phase.CLOSING_REFUSED),
        "failed": _DONE,
    },
    Phase.CLOSING_REFUSED: {"closed": frozenset({Phase.CONNECTING})},
    Phase.SECURING: {
        "written": _to(Phase.SECURING),
        "received": _TLS,
        "expired": _DONE,
        "failed": _DONE,
    },
    Phase.SENDING: {
        "written": _to(Phase.SENDING),
        "readable": frozenset({Phase.SENDING}),
        "received": _ANSWER,
        "pulled": _to(Phase.SENDING),
        "proceed": _ANSWER,
        "expired": _to(Phase.SENDING),
        "failed": _to(Phase.SENDING),
    },
    Phase.RECEIVING: {
        "written": _to(Phase.RECEIVING),
        "readable": frozenset({Phase.RECEIVING}),
        "pulled": _to(Phase.RECEIVING),
        "received": _to(Phase.RECEIVING),
        "proceed": _to(Phase.RECEIVING),
        "drain": _to(Phase.RECEIVING),
        "expired": _DONE,
        "failed": _to(Phase.RECEIVING),  # Nobody takes the rest of an upload.
    },
    Phase.SWITCHED: {},
    Phase.ENDED: {},
}
