"""A threat as a conversation: what is asked, what the peers answer, and what nobody may learn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.scenarios.model import Seen, Setup, get, moved, ok, serve
from tests.servers.steps import Send, StartTLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios.model import Intent, Script

SECRET: Final = "SECRET"  # It is in all that only some parties may learn.
ALL: Final = ("core", "sync", "asyncio", "compat", "cli")
PROXY: Final = "http://proxy.test:3128"
OPEN: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"

TLS: Final = StartTLS()


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What must come of one request.

    Attributes:
        status: Of the response that is delivered; None if the call fails.
        error: What the call fails with, exactly.
        says: What the message of the error holds.
        content: The content that is delivered; None is not looked at.
        codes: Decisions that must be among those of the call: a code, or code and subject.
        not_codes: Codes that must not.
        answered: The status of the error's response, if it has one.
    """

    status: int | None = None
    error: type[Exception] | None = None
    says: str = ""
    content: bytes | None = None
    codes: tuple[str, ...] = ()
    not_codes: tuple[str, ...] = ()
    answered: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation.

    Attributes:
        id: As in the list of threats.
        variant: What tells it from another of that id.
        intents: What is asked, one after the other.
        peers: By origin: a script for each connection that is made.
        ends: One for each intent.
        seen: What came to the peers, in its order at each; empty is nothing at all.
        knows: Origins that may learn what is secret.
        setup: How the session is set.
        plain: Origins whose peers speak no TLS although they should.
        environ: Variables of the environment.
        netrc: Content of the netrc file.
        runners: Where it is tried.
    """

    id: str
    variant: str = ""
    intents: tuple[Intent, ...]
    peers: Mapping[str, tuple[Script, ...]]
    ends: tuple[End, ...]
    seen: tuple[Seen, ...] = ()
    knows: frozenset[str] = frozenset()
    setup: Setup = field(default_factory=Setup)
    plain: frozenset[str] = frozenset()
    environ: Mapping[str, str] = field(default_factory=dict)
    netrc: str | None = None
    runners: tuple[str, ...] = ALL

    def __post_init__(self) -> None:
        """Each intent has its end."""
        assert len(self.intents) == len(self.ends), self.name

    @property
    def name(self) -> str:
        """A name for the test."""
        return f"{self.id}-{self.variant}" if self.variant else self.id


def hop(
    which: str,
    start: str,
    end: str,
    arguments: Mapping[str, Any],
    *,
    at_start: Mapping[str, str | None] | None = None,
    at_end: Mapping[str, str | None] | None = None,
    codes: tuple[str, ...] = (),
    status: int = 302,
    location: str = "",
    **more: Any,
) -> Talk:
    """Make a talk of a GET with these arguments, and a redirect to another origin.

    Args:
        which: The id.
        start: The first origin, which may know the secret.
        end: The second, which may not.
        arguments: Of the request.
        at_start: Fields that the first origin must see.
        at_end: Fields that the second must see, or must not.
        codes: Decisions.
        status: Of the redirect.
        location: Its Location, if it is not the obvious one.
        more: Further attributes of the talk.
    """
    moves = moved(status, location or f"{end}/y")
    return Talk(
        id=which,
        intents=(get(f"{start}/x", **arguments),),
        peers={start: (serve(moves),), end: (serve(ok(b"there")),)},
        ends=(End(status=200, content=b"there", codes=codes),),
        seen=(Seen(start, "GET /x", at_start or {}), Seen(end, "GET /y", at_end or {})),
        **{"knows": frozenset({start}), **more},
    )


def tunnel(*answers: bytes | Script, opened: bytes = OPEN) -> Script:
    """A connection of a proxy that opens a tunnel, at whose end these are answered over TLS."""
    from tests.servers.steps import ReadHead

    return (ReadHead(), Send(opened), TLS, *serve(*answers))
