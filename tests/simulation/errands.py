"""Errands: what a user asks for, where that leads, and what has to come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

# A secret names the only party that may see it: its kind, the number of the party, and the session.
SECRET: Final = re.compile(rb"zz([acksx])([0-9]+)n([0-9]+)zz")
_PATTERN: Final = b"%08d."
# As the default policy has it.
_BECOMES_GET: Final[dict[int, tuple[str, ...]]] = {
    301: ("POST",),
    302: ("POST", "PUT", "DELETE"),
    303: ("POST", "PUT", "DELETE"),
    307: (),
    308: (),
}


class Place(NamedTuple):
    """An origin."""

    number: int
    scheme: str
    host: str
    port: int
    host_number: int

    @property
    def text(self) -> str:
        """The origin as a URL begins."""
        usual = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def socket(self) -> str:
        """The path of the Unix socket at which it is served too."""
        return f"{self.number}.sock"


@dataclass(slots=True, eq=False)
class Hop:
    """One request, and its answer.

    Attributes:
        place: Whose it is.
        method: Its method.
        content: Its content.
        carries: It has to come with the credentials of the place.
        status: That of the answer.
        size: The size of the content of the answer.
        framing: How that is framed: "length", "chunked", "close", or "none".
        busy: How often the server is busy before it answers.
        begun: How often the server has seen its head.
        done: How often the server has seen all of it.
    """

    place: Place
    method: str
    content: bytes = b""
    carries: bool = False
    status: int = 200
    size: int = 0
    framing: str = "length"
    busy: int = 0
    begun: int = 0
    done: int = 0


@dataclass(slots=True, eq=False)
class Errand:
    """A call, as a user wants it.

    Attributes:
        number: Unlike that of any other.
        session: The number of the session.
        hops: The first request, and those that redirects lead to.
        hurt: The faults that it has suffered.
        upload: How the content is given: "bytes", "list", "once", "async", "raises", or "".
        streams: The user reads the first piece, and gives the rest up.
        cancel_after: Seconds until the user gives up; None if that is never.
        total: Seconds that the call may take; None for any.
        proxy: The number of its proxy; None for none.
        way: How that is spoken to: "http", "https", or a version of SOCKS; "unix" if the sockets of
            the servers are connected to, and no proxy is asked.
        expects: Its content waits for 100 (Continue).
        declined: How often a server did not take that.
        tries: How often it may be sent again by a rule.
        sends: How many exchanges it has begun.
        ending: What became of it.
    """

    number: int
    session: int
    hops: list[Hop]
    upload: str = ""
    streams: bool = False
    cancel_after: float | None = None
    total: float | None = None
    proxy: int | None = None
    way: str = ""
    expects: bool = False
    declined: int = 0
    tries: int = 0
    sends: int = 0
    hurt: set[str] = field(default_factory=set)
    ending: str = ""

    def path(self, hop: int) -> str:
        """The path of a hop."""
        return f"/e/{self.number}/{hop}"

    def url(self, hop: int) -> str:
        """The URL of a hop."""
        return self.hops[hop].place.text + self.path(hop)

    def body(self) -> Any:
        """The content of the first request, as the user gives it."""
        content = self.hops[0].content
        if not self.upload:
            return None
        if self.upload == "bytes":
            return content
        pieces = [content[at : at + 5000] for at in range(0, len(content), 5000)]
        if self.upload == "list":
            return pieces
        if self.upload == "once":
            return iter(pieces)
        if self.upload == "raises":
            return _raising(pieces)
        return _pieces_async(pieces)


class UserError(Exception):
    """Raised by the content of a user."""


def _raising(pieces: list[bytes]) -> Iterator[bytes]:
    yield from pieces[: len(pieces) // 2]
    raise UserError


async def _pieces_async(pieces: list[bytes]) -> Any:
    for each in pieces:
        yield each


def pattern(number: int, size: int) -> bytes:
    """Content that tells whose it is, at any place of it."""
    if not size:
        return b""
    piece = _PATTERN % (number % 100_000_000)
    return (piece * (size // len(piece) + 1))[:size]


def draw_hops(random: Random, places: list[Place], upload: str, content: bytes) -> list[Hop]:
    """Draw where an errand leads."""
    chance = random.random
    place = random.choice(places)
    method = "GET"
    if upload:
        method = random.choice(("PUT", "POST", "POST"))
    elif chance() < 0.05:
        method = "HEAD"
    elif chance() < 0.03:
        method = "DELETE"
    hop = Hop(place, method, content, carries=True)
    hops = [hop]
    rewindable = upload in ("", "bytes", "list")
    while chance() < 0.2 and len(hops) < 6 and upload != "raises":
        hop.status = random.choice((301, 302, 303, 307, 308) if rewindable else (303,))
        hop.size = random.choice((0, 0, 30, 300, 100_000))
        hop.framing = random.choice(("length", "length", "chunked"))
        target = random.choice(places)
        if hop.place.scheme == "https" and target.scheme == "http":
            target = hop.place  # A redirect to clear text is another story.
        if method in _BECOMES_GET[hop.status]:
            method, content = "GET", b""
        carries = hop.carries and target == place
        hop = Hop(target, method, content, carries)
        hops.append(hop)
    hop.size = random.choice((0, 1, 20, 20, 200, 2000, 2000, 9000, 70_000))
    hop.framing = random.choice(("length", "length", "length", "chunked", "chunked", "close"))
    if hop.size == 0 and chance() < 0.3:
        hop.status, hop.framing = 204, "none"
    if chance() < 0.04:
        random.choice(hops).busy = random.randrange(1, 4)
    return hops
