"""A case of the message level, as data: a web, what is asked of it, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .web import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .web import Incoming, Reply, Site

GUARD: Final = 10.0  # Seconds after which something hangs.
SHORT: Final = 0.2  # Seconds, for waits that end because the peer never says anything.
LARGE: Final = bytes(range(256)) * 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, and what must come of it.

    In its URLs ``{a}`` and ``{b}`` stand for the two hosts, and ``{nobody}`` for a port that nobody
    listens at.

    Attributes:
        method: Its method.
        url: Its URL.
        arguments: Further arguments; a function makes those that cannot be used twice.
        options: Of the session's class.
        status: The status that must come.
        content: The content that must come; None is not looked at.
        history: The statuses that must have led there.
        ends_at: The URL that must have answered.
        fields: Values of fields that must have come, each line of a name.
        error: The class that the error must be of; None if there must be none.
        unsent: Whether the error must say that nothing was sent.
        stops_after: The number of pieces after which the caller closes the response.
        on_piece: Called with each piece.
    """

    method: str = "GET"
    url: str = "{a}/"
    arguments: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(
        default_factory=dict[str, Any]
    )
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    content: bytes | None = b"ok"
    history: tuple[int, ...] = ()
    ends_at: str | None = None
    fields: Mapping[str, list[str]] = field(default_factory=dict[str, "list[str]"])
    error: type[BaseException] | None = None
    unsent: bool = False
    stops_after: int | None = None
    on_piece: Callable[[], object] | None = None


Judge = Callable[["Site"], "Iterator[str]"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MessageCase:
    """One scenario.

    Attributes:
        name: What it shows.
        needs: What the driver must offer.
        make: Makes the pages of the web, by path, from the URLs of its two hosts; and the requests,
            which are made one after the other by one session.
        judge: Tells what is wrong about the requests that came.
    """

    name: str
    needs: frozenset[str]
    make: Callable[[str, str], tuple[Mapping[str, Any], tuple[Asked, ...]]]
    judge: Judge

    @property
    def title(self) -> str:
        """Its name as the id of a test."""
        return self.name.replace(" ", "-").replace(",", "")

    def __repr__(self) -> str:
        return f"MessageCase({self.name!r})"


OK: Final = answer(200, b"ok")


def no_complaint(_: Site) -> Iterator[str]:
    """Find nothing wrong."""
    yield from ()


def case(
    name: str,
    *asked: Asked,
    needs: str = "",
    pages: Mapping[str, Any] | Callable[[str, str], Mapping[str, Any]] | None = None,
    judge: Judge = no_complaint,
) -> MessageCase:
    """Build a case.

    Args:
        name: What it shows.
        *asked: The requests.
        needs: What the driver must offer, with blanks between.
        pages: The pages, or a function of the URLs of the two hosts that makes them; one page that
            says "ok" if they are not given.
        judge: Looks at what came.
    """
    given: Any = {"/": OK} if pages is None else pages
    makes_pages = callable(pages)

    def make(a: str, b: str) -> tuple[Mapping[str, Any], tuple[Asked, ...]]:
        made: Mapping[str, Any] = given(a, b) if makes_pages else given
        return made, asked

    return MessageCase(name=name, needs=offers_of(needs), make=make, judge=judge)


def offers_of(words: str) -> frozenset[str]:
    """Return offers that have underscores for the blanks in them."""
    return frozenset(word.replace("_", " ") for word in words.split())


def saw(path: str, check: Callable[[Incoming], bool], said: str) -> Judge:
    """Require that each request for a path looks like this."""

    def judge(site: Site) -> Iterator[str]:
        found = [each for each in site.came if each.path.partition("?")[0] == path]
        if not found:
            yield f"nobody has asked for {path}"
        for each in found:
            if not check(each):
                yield f"{said}: {each}"

    return judge


def came(*wanted: tuple[str, str]) -> Judge:
    """Require these requests, method and path, and no others."""

    def judge(site: Site) -> Iterator[str]:
        found = [(each.method, each.path) for each in site.came]
        if found != list(wanted):
            yield f"came {found}, and not {list(wanted)}"

    return judge


def has(name: str, *values: str) -> Callable[[Incoming], bool]:
    """Return what looks for exactly these lines of a field."""
    return lambda incoming: incoming.values(name) == list(values)


def lacks(*names: str) -> Callable[[Incoming], bool]:
    """Return what looks for none of these fields."""
    return lambda incoming: not any(incoming.values(name) for name in names)


def all_once(incoming: Incoming) -> bool:
    """Tell whether there are the usual fields, and none of them twice."""
    names = [name.lower() for name, _ in incoming.fields]
    usual = {"host", "user-agent", "accept", "accept-encoding", "connection", "x-own"}
    return len(names) == len(set(names)) and set(names) <= usual


def echo(incoming: Incoming) -> Reply:
    """Answer with the content that came."""
    return answer(200, incoming.content)


def to(status: int, location: str, *pairs: tuple[str, str]) -> Reply:
    """Redirect to a place."""
    return answer(status, b"moved", ("Location", location), *pairs, reason="Moved")
