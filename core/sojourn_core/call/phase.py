"""The phases of a call, and the signals that move it on.

A reply of the driver is a signal, and the table is the machine: a signal that has no entry under
the phase is refused and changes nothing. Giving up (``Call.abandon``) ends a call in any phase, any
number of times, and is left out of the table.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class CallPhase(Enum):
    """A phase of a call."""

    NEW = "new"
    SENDING = "awaiting the head of a response"
    LOADING = "reading a response that credentials want to see"
    HOOKING = "running a hook"
    REPLACING = "closing a response that a hook has replaced"
    DELEGATING = "following redirects by the session's own method"
    SALVAGING = "reading a response that user code has raised an error about"
    DISCARDING = "draining a response that leads on"
    PAUSING = "waiting before a request is sent again"
    REFUSING = "draining a response before the call fails"
    REWINDING = "putting the content back to its start"
    ENDED = "ended"


class Signal(StrEnum):
    """A report of the driver; each is a method of ``Call`` of that name."""

    START = "start"
    RESUME = "resume"
    ANSWERED = "answered"
    LOST = "lost"
    LOADED = "loaded"
    HOOKED = "hooked"
    FOLLOWED = "followed"
    DISCARDED = "discarded"
    RESUMED = "resumed"
    REWOUND = "rewound"
    FAILED = "failed"


# Each call asks for them; see ``ports.WHOLE``.
START: Final = Signal.START
ANSWERED: Final = Signal.ANSWERED
DISCARDED: Final = Signal.DISCARDED


_P = CallPhase
# A response is there: it leads on, is refused, is handed over, or user code has raised an error.
_LED: Final = frozenset({_P.DISCARDING, _P.REFUSING, _P.SALVAGING, _P.DELEGATING, _P.ENDED})
_SENT: Final = frozenset({_P.SENDING, _P.REWINDING, _P.ENDED})
_ENDED: Final = frozenset({_P.ENDED})

TRANSITIONS: Final[Mapping[CallPhase, Mapping[Signal, frozenset[CallPhase]]]] = {
    _P.NEW: {
        Signal.START: _SENT | {_P.PAUSING},
        Signal.RESUME: _LED,
    },
    _P.SENDING: {
        Signal.ANSWERED: _LED | {_P.LOADING, _P.HOOKING},
        Signal.LOST: _SENT | {_P.PAUSING},
    },
    _P.LOADING: {
        Signal.LOADED: _LED | {_P.HOOKING},
        Signal.FAILED: _ENDED,
    },
    _P.HOOKING: {
        Signal.HOOKED: _LED | {_P.HOOKING, _P.REPLACING},
        Signal.FAILED: frozenset({_P.SALVAGING, _P.REFUSING, _P.ENDED}),
    },
    _P.REPLACING: {Signal.DISCARDED: _LED | {_P.HOOKING}},
    _P.DELEGATING: {Signal.FOLLOWED: frozenset({_P.REFUSING, _P.ENDED}), Signal.FAILED: _ENDED},
    _P.SALVAGING: {Signal.LOADED: _ENDED, Signal.FAILED: frozenset({_P.REFUSING})},
    _P.DISCARDING: {Signal.DISCARDED: _SENT | {_P.PAUSING}},
    _P.PAUSING: {Signal.RESUMED: _SENT | {_P.PAUSING}},
    _P.REFUSING: {Signal.DISCARDED: _ENDED},
    _P.REWINDING: {
        Signal.REWOUND: frozenset({_P.SENDING, _P.PAUSING, _P.ENDED}),
        Signal.FAILED: _ENDED,
    },
    _P.ENDED: {},
}
