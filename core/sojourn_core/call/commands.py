"""The commands of a ``Call``, and which replies fit them.

A call is started and answers with a command, a small value. Its driver carries the command out and
replies with the method that belongs to it, which returns the next command. ``docs/protocol.md``
tells the whole story, and a test holds its table to the one at the end of this module. Deadlines
are absolute, on the clock whose ``now`` comes with every reply; ``math.inf`` means none.

Commands are not frozen, because a frozen instance costs three times as much to make; treat them as
values all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sojourn_core.messages.fail import Fail
from sojourn_core.messages.send import Send
from sojourn_core.values.brief import Brief
from sojourn_core.values.record import field, record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.messages.effects import Effects
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.values.content.content import Content as RequestContent
    from sojourn_core.values.hooks import Hook as HookFunction


@record()
class Rewind(Brief, Value):
    """Put the content back to where it started; only asked of content that is rewindable."""

    content: RequestContent


@record()
class Hook(Brief, Value):
    """Show the response to one of the user's hooks: call it with the response and the arguments.

    The reply takes what the hook returns, as it is; None leaves the response in its place.
    """

    hook: HookFunction
    response: Response
    # A proxy's URL may hold its credentials.
    arguments: Mapping[str, Any] = field(repr=False)

    def run(self) -> Any:
        """Call the hook, and return what the reply ``hooked`` takes; its errors pass through."""
        return self.hook(self.response, **self.arguments)


@record()
class Discard(Brief, Value):
    """Drain the response's content within ``limit`` bytes and the deadline, else close it.

    ``follows`` says that it is a redirect's, and no challenge's: a driver that hands each hop to
    the user does so before.
    """

    response: Response
    limit: int
    deadline: float
    follows: bool = False


@record()
class Load(Brief, Value):
    """Read the response's content whole: credentials, or whoever catches an error, may want it."""

    response: Response


@record()
class Pause(Brief, Value):
    """Wait until a time, and do nothing: then a request is sent.

    It comes only with a rule for retries, or with a limit on the rate of requests.
    """

    until: float
    effects: Effects | None = None


@record()
class Delegate(Brief, Value):
    """Follow the redirects of the response by the session's own method, which is overridden.

    The reply takes the responses of all further hops. Only a call that was made for it asks this.
    """

    response: Response
    request: PreparedRequest
    # A proxy's URL may hold its credentials.
    arguments: Mapping[str, Any] = field(repr=False)


@record()
class Deliver(Brief, Value):
    """Hand the response to the user, its content read if ``load`` says so. The call is complete."""

    response: Response
    load: bool = True


CallCommand: TypeAlias = Send | Load | Rewind | Hook | Discard | Pause | Delegate | Deliver | Fail

# The replies that fit each command. "abandon" fits all and is left out; a command without replies
# completes its machine.
CALL_REPLIES: Final[Mapping[type, frozenset[str]]] = {
    Send: frozenset({"answered", "lost"}),
    Load: frozenset({"loaded", "failed"}),
    Rewind: frozenset({"rewound", "failed"}),
    Hook: frozenset({"hooked", "failed"}),
    Discard: frozenset({"discarded"}),
    Pause: frozenset({"resumed"}),
    Delegate: frozenset({"followed", "failed"}),
    Deliver: frozenset(),
    Fail: frozenset(),
}
