"""The two contracts: what a machine asks for, and which replies fit.

A machine is started and answers with a command, a small value. Its driver carries the command out
and replies with the method that belongs to it; the method returns the next command. ``docs/
protocol.md`` tells the whole story, and a test holds its tables to the ones at the end of this
module.

Commands of the message level are those of a ``Call``: one logical request, with its redirects,
challenges and resends. Commands of the byte level are those of an ``Exchange``: one request and its
response on one connection. Both end with a result or with ``Fail``. Deadlines are absolute, on the
clock whose ``now`` comes with every reply; ``math.inf`` means none.

The commands of the hot path are not frozen, because a frozen instance costs three times as much to
make; treat them as values all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .content import Content as RequestContent
    from .errors import RequestException
    from .fields import Fields
    from .head import ResponseHead
    from .pool import Effects, Ticket
    from .request import PreparedRequest
    from .response import Response
    from .route import Route
    from .settings import SendSettings


# --- message level: Call ----------------------------------------------------------------------


@dataclass(slots=True)
class Send:
    """Send the request, however you like, until the head of its response is there.

    Attributes:
        request: The complete request of this hop.
        route: How to get there: directly, or by which proxy.
        settings: What a mounted adapter is given: timeouts, verify, cert, stream, proxies.
        deadline: When the whole call must be over.
        fresh: Whether it must go out on a new connection: a resend after a stale one.
        proxy_authorization: The Proxy-Authorization field for the proxy of the route, or None. It
            goes with the request to a forward proxy, and with CONNECT to one that tunnels.
    """

    request: PreparedRequest
    route: Route
    settings: SendSettings
    deadline: float = inf
    fresh: bool = False
    proxy_authorization: str | None = field(default=None, repr=False)


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


# --- byte level: Exchange ---------------------------------------------------------------------


@dataclass(slots=True)
class Checkout:
    """Wait until the pool grants the ticket: set its ``wake``, look again, and wait."""

    ticket: Ticket
    deadline: float


@dataclass(slots=True)
class Probe:
    """Look once, without waiting, whether the reused stream is quiet."""


@dataclass(slots=True)
class Resolve:
    """Find the addresses of the host."""

    host: str
    port: int
    deadline: float


@dataclass(slots=True)
class Connect:
    """Connect a plain byte stream to one of the addresses, tried in their order."""

    addresses: tuple[Address, ...]
    deadline: float


@dataclass(slots=True)
class Write:
    """Send all of ``data``.

    Attributes:
        watch: Content is being uploaded: if the peer answers before all is sent, stop and reply
            ``readable(sent, now)`` with the number of octets that went out.
    """

    data: bytes = field(repr=False)  # It may hold credentials.
    deadline: float
    watch: bool = False


@dataclass(slots=True)
class Read:
    """Receive some octets, at most about ``limit``; none means that the stream has ended."""

    limit: int
    deadline: float


@dataclass(slots=True)
class Pull:
    """Take the next chunk from the request's content; None when there is no more."""

    content: RequestContent
    deadline: float


@dataclass(slots=True)
class Inform:
    """An informational (1xx) head, to be handed up."""

    head: ResponseHead


@dataclass(slots=True)
class Head:
    """The head of the final response, to be handed up."""

    head: ResponseHead
    effects: Effects | None = None


@dataclass(slots=True)
class Content:
    """Some of the response's content, its framing removed and its codings untouched."""

    data: bytes
    effects: Effects | None = None


@dataclass(slots=True)
class Switch:
    """The stream now belongs to the caller (101); ``leftover`` was read beyond the head."""

    head: ResponseHead
    leftover: bytes


@dataclass(slots=True)
class Finish:
    """The response has ended.

    Attributes:
        reusable: Whether the connection went back to the pool.
        reason: Why not, in a few words; empty if it did.
        trailers: Fields that came after the content.
    """

    reusable: bool
    reason: str = ""
    trailers: Fields | None = None
    effects: Effects | None = None


@dataclass(slots=True)
class Close:
    """Close the plain byte stream of the connection, without waiting."""


@dataclass(slots=True)
class Fail:
    """It cannot be done: the error is for the user. The machine is complete."""

    error: RequestException
    effects: Effects | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """One address that a host resolved to.

    Attributes:
        host: The numeric address as text, with its zone if it has one.
        port: The port.
        family: The address family as ``"ipv4"``, ``"ipv6"``, or ``"unix"``.
    """

    host: str
    port: int
    family: str = "ipv4"


CallCommand: TypeAlias = Send | Load | Rewind | Hook | Discard | Pause | Deliver | Fail
HandedUp: TypeAlias = Inform | Head | Content | Switch | Finish
ExchangeCommand: TypeAlias = (
    Checkout | Probe | Resolve | Connect | Write | Read | Pull | Close | HandedUp | Fail
)

# Which replies fit which command. "abandon" fits all and is left out; a command without replies
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
EXCHANGE_REPLIES: Final[Mapping[type, frozenset[str]]] = {
    Checkout: frozenset({"checked_out", "expired", "failed"}),
    Probe: frozenset({"quiet", "stale"}),
    Resolve: frozenset({"resolved", "expired", "failed"}),
    Connect: frozenset({"connected", "expired", "failed"}),
    Write: frozenset({"written", "readable", "expired", "failed"}),
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
