"""The states of a call: for each phase the facts that it takes, and no others.

A state knows its phase, and which signals fit it. ``Call`` holds one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from .phase import TRANSITIONS, CallPhase

if TYPE_CHECKING:
    from sojourn_core.messages.response import Response
    from sojourn_core.values.hooks import Hook

    from .hop import Hop


class Plain:
    """A state that takes no facts.

    Attributes:
        phase: Where the call stands.
        fits: The signals that fit.
    """

    __slots__ = ("fits", "phase")

    def __init__(self, phase: CallPhase) -> None:
        self.phase = phase
        self.fits = frozenset(TRANSITIONS[phase])


NEW: Final = Plain(CallPhase.NEW)
SENDING: Final = Plain(CallPhase.SENDING)
REWINDING: Final = Plain(CallPhase.REWINDING)
DELEGATING: Final = Plain(CallPhase.DELEGATING)
ENDED: Final = Plain(CallPhase.ENDED)


@dataclass(frozen=True, slots=True)
class Loading:
    """Credentials want to see the whole response.

    Attributes:
        response: The response.
    """

    phase: ClassVar = CallPhase.LOADING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.LOADING])
    response: Response


@dataclass(frozen=True, slots=True)
class Hooking:
    """A hook is shown the response.

    Attributes:
        response: The response.
        left: The hooks that come after it.
    """

    phase: ClassVar = CallPhase.HOOKING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.HOOKING])
    response: Response
    left: list[Hook]


@dataclass(frozen=True, slots=True)
class Replacing:
    """A response is closed in whose place a hook has put another.

    Attributes:
        response: The one in its place.
        left: The hooks that it is shown to.
    """

    phase: ClassVar = CallPhase.REPLACING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.REPLACING])
    response: Response
    left: list[Hook]


@dataclass(frozen=True, slots=True)
class Salvaging:
    """User code has raised an error, and whoever catches it may want the content.

    Attributes:
        response: The response.
        error: That of the user.
    """

    phase: ClassVar = CallPhase.SALVAGING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.SALVAGING])
    response: Response
    error: Exception


@dataclass(frozen=True, slots=True)
class Discarding:
    """A response is drained before the next request is sent.

    Attributes:
        hop: The next one.
        until: When it may be sent.
    """

    phase: ClassVar = CallPhase.DISCARDING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.DISCARDING])
    hop: Hop
    until: float = -inf


@dataclass(frozen=True, slots=True)
class Pausing:
    """A request waits for its time to be sent again.

    Attributes:
        hop: Its hop.
    """

    phase: ClassVar = CallPhase.PAUSING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.PAUSING])
    hop: Hop


@dataclass(frozen=True, slots=True)
class Refusing:
    """A response is drained before the call fails.

    Attributes:
        error: The error that it fails with.
    """

    phase: ClassVar = CallPhase.REFUSING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.REFUSING])
    error: Exception


State: TypeAlias = (
    Plain | Loading | Hooking | Replacing | Salvaging | Discarding | Pausing | Refusing
)
