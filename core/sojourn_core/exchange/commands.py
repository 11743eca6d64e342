"""The commands of an ``Exchange``, and which replies fit them.

An exchange is started and answers with a command, a small value. Its driver carries the command out
and replies with the method that belongs to it, which returns the next command. ``docs/protocol.md``
tells the whole story, and a test holds its table to the one at the end of this module. Deadlines
are absolute, on the clock whose ``now`` comes with every reply; ``math.inf`` means none.

Commands are not frozen, because a frozen instance costs three times as much to make; treat them as
values all the same. Each may carry ``effects``, which are carried out before the command is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sojourn_core.messages.fail import Fail
from sojourn_core.values.brief import Brief
from sojourn_core.values.record import field, record
from sojourn_core.values.timeouts import STAGGER
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.content.content import Content as RequestContent
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.fields import Fields
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.route import SocketSettings

    from .ticket import Ticket


@record()
class Wait(Brief, Value):
    """Wait until the ticket is ready: set its ``wake``, look at ``ready`` again, and wait."""

    ticket: Ticket
    deadline: float
    effects: Effects | None = None


@record()
class Probe(Brief, Value):
    """Look once, without waiting, whether the stream has something to read, or has ended.

    The replies are facts: ``quiet(now)``, or ``readable(0, now)``.
    """

    effects: Effects | None = None


@record()
class Resolve(Brief, Value):
    """Find the addresses of the host."""

    host: str
    port: int
    deadline: float
    effects: Effects | None = None


@record()
class Connect(Brief, Value):
    """Connect a plain byte stream to the address; if that fails, another may follow.

    Attributes:
        socket: How its socket is set up; None for as always.
        later: Further addresses, to be raced with the first in this order (``Race``). They come
            only if the plan ``races``; the reply is about all of them, and a failure is the last.
        stagger: Seconds between the starts of two of them.
    """

    address: Address
    deadline: float
    socket: SocketSettings | None = None
    later: tuple[Address, ...] = ()
    stagger: float = STAGGER
    effects: Effects | None = None


@record()
class Write(Brief, Value):
    """Send all of ``data``.

    Attributes:
        watch: Content is being uploaded: if the peer answers before all is sent, stop and reply
            ``readable(sent, now)`` with the number of bytes that went out.
    """

    data: bytes
    deadline: float
    watch: bool = False
    effects: Effects | None = None


@record()
class WriteFile(Brief, Value):
    """Send a part of a file on a disk, which the system can do without bringing it to the process.

    It comes only if the plan ``writes_files``. If the peer answers before all is sent, stop and
    reply ``readable(sent, now)`` with the number of bytes that went out; if the file ends before,
    reply ``pulled(None, now)``.

    Attributes:
        file: A file, opened for bytes, which has a ``fileno``. Where it stands does not matter.
        offset: The first byte to send, counted from the start of the file.
        size: How many bytes to send.
    """

    file: Any = field(repr=False)
    offset: int
    size: int
    deadline: float
    effects: Effects | None = None


@record()
class Read(Brief, Value):
    """Receive some bytes, at most about ``limit``; none means that the stream has ended."""

    limit: int
    deadline: float
    effects: Effects | None = None


@record()
class Pull(Brief, Value):
    """Take the next chunk from the request's content; None when there is no more."""

    content: RequestContent
    deadline: float
    effects: Effects | None = None


@record()
class Inform(Brief, Value):
    """An informational (1xx) head, to be handed up. It comes only if the plan ``informs``."""

    head: ResponseHead
    effects: Effects | None = None


@record()
class Head(Brief, Value):
    """The head of the final response, to be handed up."""

    head: ResponseHead
    effects: Effects | None = None


@record()
class Content(Brief, Value):
    """Some of the response's content, its framing removed and its codings untouched."""

    data: bytes
    effects: Effects | None = None


@record()
class Switch(Brief, Value):
    """The stream now belongs to the caller (101, or a 2xx to CONNECT).

    It comes only if the plan ``switches``: where nobody asked, a 101 is an error. ``Handover`` has
    what is left to the core then.

    Attributes:
        head: The head.
        leftover: What was read beyond it.
    """

    head: ResponseHead
    leftover: bytes
    effects: Effects | None = None


@record()
class Finish(Brief, Value):
    """The response has ended.

    Attributes:
        reusable: Whether the connection went back to the pool.
        reason: Why not: the explanation of its ``CloseReason``; empty if it did.
        trailers: Fields that came after the content.
        decisions: One for each line that was left out of the trailers.
    """

    reusable: bool
    reason: str = ""
    trailers: Fields | None = None
    effects: Effects | None = None
    decisions: tuple[Decision, ...] = ()


@record()
class Close(Brief, Value):
    """Close the stream, without waiting."""

    effects: Effects | None = None


@record(frozen=True)
class Address(Brief, Value):
    """One address that a host resolved to.

    Attributes:
        host: The numeric address as text, with its zone if it has one.
        port: The port.
        family: The address family as ``"ipv4"``, ``"ipv6"``, or ``"unix"``.
    """

    host: str
    port: int
    family: str = "ipv4"


HandedUp: TypeAlias = Inform | Head | Content | Switch | Finish
ExchangeCommand: TypeAlias = (
    Wait | Probe | Resolve | Connect | Write | WriteFile | Read | Pull | Close | HandedUp | Fail
)

# The replies that fit each command. "abandon" fits all and is left out; a command without replies
# completes its machine.
EXCHANGE_REPLIES: Final[Mapping[type, frozenset[str]]] = {
    Wait: frozenset({"woken", "expired", "failed"}),
    Probe: frozenset({"quiet", "readable"}),
    Resolve: frozenset({"resolved", "expired", "failed"}),
    Connect: frozenset({"connected", "expired", "failed"}),
    Write: frozenset({"written", "readable", "expired", "failed"}),
    WriteFile: frozenset({"written", "readable", "pulled", "expired", "failed"}),
    Read: frozenset({"received", "expired", "failed"}),
    Pull: frozenset({"pulled", "expired", "failed"}),
    Inform: frozenset({"proceed"}),
    Head: frozenset({"proceed", "drain"}),
    Content: frozenset({"proceed", "drain"}),
    Close: frozenset({"closed"}),
    Switch: frozenset(),
    Finish: frozenset(),
    Fail: frozenset(),
}
