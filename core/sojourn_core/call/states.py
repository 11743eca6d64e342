"""The states of a call: for each phase the facts that it takes, and no others.

A state knows its phase, and which signals fit it. ``Call`` holds one at a time. They are written by
hand: ``dataclasses`` would take longer to make them than a small request takes.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from .phase import TRANSITIONS, CallPhase

if TYPE_CHECKING:
    from sojourn_core.messages.response import Response
    from sojourn_core.values.hooks import Hook

    from .commands import CallCommand
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


class Loading:
    """Credentials want to see the whole response.

    Attributes:
        response: The response.
    """

    __slots__ = ("response",)

    phase: ClassVar = CallPhase.LOADING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.LOADING])

    def __init__(self, response: Response) -> None:
        self.response = response


class Hooking:
    """A hook is shown the response.

    Attributes:
        response: The response.
        left: The hooks that come after it.
    """

    __slots__ = ("left", "response")

    phase: ClassVar = CallPhase.HOOKING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.HOOKING])

    def __init__(self, response: Response, left: list[Hook]) -> None:
        self.response = response
        self.left = left


class Replacing:
    """A response is closed in whose place a hook has put another.

    Attributes:
        response: The one in its place.
        left: The hooks that it is shown to.
    """

    __slots__ = ("left", "response")

    phase: ClassVar = CallPhase.REPLACING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.REPLACING])

    def __init__(self, response: Response, left: list[Hook]) -> None:
        self.response = response
        self.left = left


class Salvaging:
    """User code has raised an error, and whoever catches it may want the content.

    Attributes:
        response: The response.
        error: That of the user.
    """

    __slots__ = ("error", "response")

    phase: ClassVar = CallPhase.SALVAGING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.SALVAGING])

    def __init__(self, response: Response, error: Exception) -> None:
        self.response = response
        self.error = error


class Discarding:
    """A response is drained before the next request is sent.

    Attributes:
        hop: The next one.
        until: When it may be sent.
    """

    __slots__ = ("hop", "until")

    phase: ClassVar = CallPhase.DISCARDING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.DISCARDING])

    def __init__(self, hop: Hop, until: float = -inf) -> None:
        self.hop = hop
        self.until = until


class Pausing:
    """A request waits for its time to be sent again.

    Attributes:
        hop: Its hop.
    """

    __slots__ = ("hop",)

    phase: ClassVar = CallPhase.PAUSING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.PAUSING])

    def __init__(self, hop: Hop) -> None:
        self.hop = hop


class Refusing:
    """A response is drained before the call fails.

    Attributes:
        error: The error that it fails with.
    """

    __slots__ = ("error",)

    phase: ClassVar = CallPhase.REFUSING
    fits: ClassVar = frozenset(TRANSITIONS[CallPhase.REFUSING])

    def __init__(self, error: Exception) -> None:
        self.error = error


State: TypeAlias = (
    Plain | Loading | Hooking | Replacing | Salvaging | Discarding | Pausing | Refusing
)
Step: TypeAlias = "tuple[State, CallCommand]"  # The state to enter, and its command.
