"""What a threat is made of: requests and responses, and what the caller does between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

A: Final = "http://a.test"
SECURE_A: Final = "https://a.test"
SUB: Final = "http://sub.a.test"
B: Final = "http://b.test"


@dataclass(frozen=True, slots=True)
class Within:
    """A Cookie field that is there, and within these limits.

    Attributes:
        size_max: Octets.
        count_max: Cookies.
    """

    size_max: int
    count_max: int


@dataclass(frozen=True, slots=True)
class Hop:
    """A request that a redirect leads to, and its response.

    Attributes:
        url: URL.
        sets: The Set-Cookie lines of the response, one code point for each octet.
        sent: The Cookie field that the request must have; None for none.
    """

    url: str
    sets: tuple[str, ...] = ()
    sent: str | Within | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that the caller makes, its response, and the hops to which that redirects.

    Attributes:
        first: The caller's own request.
        hops: Those that follow; each response before one is a redirect there.
        host: A Host field given by hand.
    """

    first: Hop
    hops: tuple[Hop, ...] = ()
    host: str | None = None

    @property
    def all(self) -> tuple[Hop, ...]:
        """Every request, in order."""
        return (self.first, *self.hops)


@dataclass(frozen=True, slots=True)
class Store:
    """A response of which the jar alone is told: no message can have such a head.

    Attributes:
        url: URL of the request.
        sets: The Set-Cookie lines.
    """

    url: str
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Malformed:
    """A response with a Set-Cookie line that holds a control character.

    NUL is a protocol error, and a line with any other is left out, before the jar hears of it; the
    jar, if it is told, refuses the cookie.

    Attributes:
        url: URL of the request.
        line: The Set-Cookie line.
    """

    url: str
    line: str


@dataclass(frozen=True, slots=True)
class SetByHand:
    """The caller sets a cookie.

    Attributes:
        name: Its name.
        value: Its value.
        where: The other arguments.
        refused: Whether that must be a ValueError, which does not show the value.
    """

    name: str
    value: str
    where: Mapping[str, Any] = field(default_factory=dict)
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Reload:
    """The caller saves the cookies and goes on with what can be loaded.

    Attributes:
        format: Of the file.
    """

    format: Literal["json", "netscape"]


@dataclass(frozen=True, slots=True)
class Load:
    """The caller goes on with the cookies of a ``cookies.txt`` that somebody else wrote.

    Attributes:
        text: Its content.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """The caller goes on with a copy of the session, made in a folder with tempting files.

    Attributes:
        how: Which way.
        files: Names of the files.
    """

    how: Literal["copy", "deepcopy", "pickle"]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the jar must hold: name, domain (with a dot if names below count too) and SameSite."""

    cookies: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class KeptCount:
    """How many cookies the jar holds at most, and those of them that it must hold."""

    count_max: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptDays:
    """For how many days the cookies of the jar last at most."""

    days_max: float


@dataclass(frozen=True, slots=True)
class CrossSite:
    """What the jar must have for a cross-site request that is no navigation."""

    url: str
    sent: str | None = None


Step = (
    Ask
    | Store
    | Malformed
    | SetByHand
    | Reload
    | Load
    | Copy
    | Kept
    | KeptCount
    | KeptDays
    | CrossSite
)


@dataclass(frozen=True, slots=True)
class Threat:
    """One attack.

    Attributes:
        id: As in the list of threats.
        steps: What happens, and what must come of it.
        variant: What tells it from another of that id.
        needs_list: Whether only the list of public suffixes averts it.
    """

    id: str
    steps: tuple[Step, ...]
    variant: str = ""
    needs_list: bool = False

    @property
    def name(self) -> str:
        """A name for the test."""
        return f"{self.id}-{self.variant}" if self.variant else self.id


def threat(which: str, *steps: Step, variant: str = "", needs_list: bool = False) -> Threat:
    """Make a threat of its steps."""
    return Threat(which, steps, variant, needs_list)


def hop(url: str, *sets: str, sent: str | Within | None = None) -> Hop:
    """Make a hop of its Set-Cookie lines."""
    return Hop(url, sets, sent)


def ask(
    url: str,
    *sets: str,
    sent: str | Within | None = None,
    hops: tuple[Hop, ...] = (),
    host: str | None = None,
) -> Ask:
    """Make a request of the Set-Cookie lines of its response."""
    return Ask(Hop(url, sets, sent), hops, host)
