"""What a scenario is: what is asked, what the peers do, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.servers.scripted import response
from tests.servers.steps import Close, ReadContent, ReadHead, Send, Step, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sojourn_core import Decision

Script = tuple[Step, ...]
REFUSED: Final = ()  # A host that has an address, and nobody who listens there.


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How the session is set; what is None or empty is left as it is.

    Attributes:
        attributes: Attributes of the session, by name.
        options: Arguments of its class: ``policy`` and ``limits``.
        cookies: What its jar holds at first: name, value, and where it belongs.
        socket: The path of a Unix socket by which all requests go.
        mounts_unix: There is a transport for URLs of ``http+unix``.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    cookies: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    socket: str | None = None
    mounts_unix: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A connection that has ended: ``after`` one of these, its end has arrived at the client.

    Attributes:
        origin: Of the peer.
        connection: Its number, from 0.
    """

    origin: str
    connection: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """One request that a caller makes.

    Attributes:
        method: Method.
        url: URL.
        arguments: Further arguments of ``Session.request``.
        content: Makes its ``data`` anew for each run, if that is used up when it is sent.
        after: Wait for this before.
    """

    method: str
    url: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    content: Callable[[], Any] | None = None
    after: Ended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What must come of one request.

    Attributes:
        status: Of the response that is delivered; None if the call fails.
        content: Its content; None is not looked at.
        url: Its URL; None is that of the intent.
        history: Status and URL of each response on the way.
        fields: Fields that it must have; None must be missing.
        trailers: Fields after its content.
        decisions: Hop, code and subject of each decision, as one text.
        error: What the call fails with, exactly.
        says: What the message of the error holds.
        maybe_sent: What the error says of the request.
        answered: The status of the error's response, if it has one.
        partial: What the error has of the content; None is not looked at.
        content_closed: Whether the content of the request is closed afterwards.
    """

    status: int | None = None
    content: bytes | None = b""
    url: str | None = None
    history: tuple[tuple[int, str], ...] = ()
    fields: Mapping[str, str | None] = field(default_factory=dict)
    trailers: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    error: type[Exception] | None = None
    says: str = ""
    maybe_sent: bool = True
    answered: int | None = None
    partial: bytes | None = None
    content_closed: bool | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as a peer must have seen it.

    Attributes:
        origin: Of the peer.
        line: Method and request-target.
        fields: Fields that it must have; None must be missing.
        content: Its content, without framing; None is content that was cut short.
        connection: Number of its connection, from 0.
    """

    origin: str
    line: str
    fields: Mapping[str, str | None] = field(default_factory=dict)
    content: bytes | None = b""
    connection: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One conversation.

    Attributes:
        name: What it shows.
        intents: What is asked, one after the other.
        peers: By origin: a script for each connection that is made. ``http+unix://a.sock`` is the
            Unix socket ``a.sock``, wherever a run has it.
        outcomes: One for each intent.
        seen: What came to the peers, in its order at each; empty is nothing at all.
        setup: How the session is set.
        cookies: What its jar holds afterwards: name, value and domain.
        plain: Origins whose peers speak no TLS although they should.
        names: The addresses of hosts that are not among the peers, in their order.
    """

    name: str
    intents: tuple[Intent, ...]
    peers: Mapping[str, tuple[Script, ...]]
    outcomes: tuple[Outcome, ...]
    seen: tuple[Seen, ...]
    setup: Setup = Setup()
    cookies: tuple[tuple[str, str, str], ...] = ()
    plain: frozenset[str] = frozenset()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Each intent has its outcome."""
        assert len(self.intents) == len(self.outcomes), self.name


# --- what a run gives -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """One request as a peer has read it; fields are those lines that it sent, in their order."""

    line: str
    fields: tuple[tuple[str, str], ...]
    content: bytes | None

    def value(self, name: str) -> str | None:
        """The value of a field, its lines joined; None if there is none."""
        values = [value for each, value in self.fields if each.lower() == name]
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one request; the attributes are those of ``Outcome``, in full.

    ``message`` is left out of comparisons: it may quote the operating system.
    """

    status: int | None = None
    reason: str | None = None
    url: str | None = None
    content: bytes | None = None
    fields: tuple[tuple[str, str], ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()
    history: tuple[tuple[int, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    decisions: tuple[Decision, ...] = ()
    error: type[BaseException] | None = None
    maybe_sent: bool | None = None
    asked: tuple[str | None, str | None] | None = None
    answered: int | None = None
    partial: bytes | str | None = None
    content_closed: bool | None = None
    message: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """What happened in one run of a scenario.

    Attributes:
        results: One for each intent.
        received: By origin, the requests on each connection.
        cookies: What the jar holds at the end: name, value and domain.
    """

    results: tuple[Result, ...]
    received: Mapping[str, tuple[tuple[Received, ...], ...]]
    cookies: tuple[tuple[str, str, str], ...]


# --- words to write scenarios with ------------------------------------------------------------


def ok(content: bytes = b"", *fields: tuple[str, str], status: int = 200) -> bytes:
    """A response with this content and its length."""
    return response(status, *fields, content=content)


def moved(status: int, location: str, *fields: tuple[str, str], content: bytes = b"") -> bytes:
    """A response that redirects."""
    return response(status, ("Location", location), *fields, content=content)


def answer(*octets: bytes, content: int = 0) -> Script:
    """Read a request with so much content, and send these."""
    reading = (ReadHead(), ReadContent(content)) if content else (ReadHead(),)
    return (*reading, *(Send(each) for each in octets))


def serve(*answers: bytes | Script) -> Script:
    """A connection that is kept alive: answer each request, then wait for its end.

    A request without content is answered with octets; ``answer`` gives a script for others.
    """
    steps: list[Step] = []
    for each in answers:
        steps += answer(each) if isinstance(each, bytes) else each
    return (*steps, WaitClosed())


def serve_once(*octets: bytes) -> Script:
    """A connection that is closed after one answer."""
    return (*answer(*octets), Close())


def trickle(octets: bytes) -> Script:
    """Send octet by octet."""
    return tuple(Send(octets[index : index + 1]) for index in range(len(octets)))


def get(url: str, **arguments: Any) -> Intent:
    """GET, with arguments of ``Session.request``."""
    return Intent("GET", url, arguments)


def one(
    name: str, intent: Intent, scripts: Any, outcome: Outcome, *seen: Seen, **more: Any
) -> Scenario:
    """A scenario of one request.

    Args:
        name: What it shows.
        intent: The request.
        scripts: By origin; or one script, for the only connection to ``http://a.test``.
        outcome: What must come of it.
        seen: What the peers must have seen.
        more: Further attributes of the scenario.
    """
    peers = scripts if isinstance(scripts, dict) else {A: (scripts,)}
    return Scenario(
        name=name, intents=(intent,), peers=peers, outcomes=(outcome,), seen=seen, **more
    )


A: Final = "http://a.test"
B: Final = "http://b.test"
A8080: Final = "http://a.test:8080"
SECURE_A: Final = "https://a.test"
SECURE_B: Final = "https://b.test"
UNIX: Final = "http+unix://a.sock"
