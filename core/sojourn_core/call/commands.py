"""The commands of a ``Call``, and which replies fit them.

A call is started and answers with a command, a small value. Its driver carries the command out and
replies with the method that belongs to it, which returns the next command. ``docs/protocol.md``
tells the whole story, and a test holds its table to the one at the end of this module. Deadlines
are absolute, on the clock whose ``now`` comes with every reply; ``math.inf`` means none.

Commands are not frozen, because a frozen instance costs three times as much to make; treat them as
values all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sojourn_core.messages.fail import Fail
from sojourn_core.messages.send import Send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.messages.response import Response
    from sojourn_core.values.content.content import Content as RequestContent


@dataclass(slots=True)
class Rewind:
    """Put the content back to where it started; only asked of content that is rewindable."""

    content: RequestContent


@dataclass(slots=True)
class Hook:
    """Run the user's response hooks in order; close a response that one of them replaced."""

    response: Response


@dataclass(slots=True)
class Discard:
    """Drain the response's content within ``limit`` octets and the deadline, else close it."""

    response: Response
    limit: int
    deadline: float


@dataclass(slots=True)
class Load:
    """Read the response's content whole: credentials want to see it."""

    response: Response


@dataclass(slots=True)
class Pause:
    """Wait until this time."""

    until: float


@dataclass(slots=True)
class Deliver:
    """Hand the response to the user. The call is complete."""

    response: Response


CallCommand: TypeAlias = Send | Load | Rewind | Hook | Discard | Pause | Deliver | Fail

# The replies that fit each command. "abandon" fits all and is left out; a command without replies
# completes its machine.
CALL_REPLIES: Final[Mapping[type, frozenset[str]]] = {
    Send: frozenset({"answered", "lost"}),
    Load: frozenset({"loaded", "failed"}),
    Rewind: frozenset({"rewound", "failed"}),
    Hook: frozenset({"hooked", "failed"}),
    Discard: frozenset({"discarded"}),
    Pause: frozenset({"resumed"}),
    Deliver: frozenset(),
    Fail: frozenset(),
}
