"""All chains of redirects up to a size, looked at one by one.

Most faults of redirect rules show in a chain of one or two hops between a few origins. So all of
these are played, shortest first, and the first that breaks an invariant is the shortest there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sojourn_core import Origin, Session

from .play import simulate
from .shown import as_mermaid, as_text
from .situation import Situation
from .web import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sojourn_core import Policy

    from .play import NewSession
    from .trail import Trail

HOSTS: Final = ("a.test", "b.test", "sub.a.test", "10.0.0.1", "a.test.b.test")
SCHEMES: Final = ("https", "http")
PORTS: Final = (None, 8443, 8080)  # None is the default port of the scheme.


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A chain that breaks an invariant; no shorter one does.

    Attributes:
        situation: The request that it begins with.
        trail: All that happened.
        reason: What the invariant said.
    """

    situation: Situation
    trail: Trail
    reason: str

    @property
    def hops(self) -> int:
        """The number of redirects that were answered."""
        return sum(isinstance(a, Answer) and a.location is not None for a in self.trail.answers)

    @property
    def text(self) -> str:
        """The chain in words, a line for each event, and what it breaks."""
        named = f"{self.situation.name}\n" * bool(self.situation.name)
        return f"{named}{as_text(self.trail)}\n   broken: {self.reason}"

    @property
    def mermaid(self) -> str:
        """The chain as a sequence diagram of Mermaid."""
        return as_mermaid(self.trail)

    def __str__(self) -> str:
        return self.text


def check_small_scope(
    policy: Policy,
    invariant: Callable[[Trail], object],
    hosts: int | Sequence[str] = 2,
    schemes: int | Sequence[str] = 2,
    ports: int | Sequence[int | None] = 2,
    hops: int = 4,
    *,
    situations: Iterable[Situation] | None = None,
    set_cookies: Sequence[str] = (),
    session: NewSession = Session,
) -> Counterexample | None:
    """Explore all chains of redirects up to a size.

    Two chains count as one where the next request, all that the session has in its jar and the
    request that the chain began with are the same. So an invariant may compare each request with
    the one before it and with the first one; one that remembers more may be missed.

    Statuses that a policy treats alike for a method count once, unless it has ``on_redirect``.

    Args:
        policy: The policy to check.
        invariant: Called with each trail; it raises an AssertionError, as ``assert`` does.
        hosts: The hosts, or how many of ``HOSTS``.
        schemes: The schemes, or how many of ``https`` and ``http``.
        ports: The ports, or how many of the default port, 8443 and 8080; None is the default.
        hops: How many redirects a chain has at most.
        situations: The requests that chains begin with; None for ``usual_situations`` on each
            origin of the first host.
        set_cookies: Values of Set-Cookie, one of which may come with each redirect.
        session: The class of the session, or a function that makes one, as in ``simulate``.

    Returns:
        The first of the shortest chains that break the invariant, or None if none does.
    """
    named = HOSTS[:hosts] if isinstance(hosts, int) else tuple(hosts)
    written = SCHEMES[:schemes] if isinstance(schemes, int) else tuple(schemes)
    numbered = PORTS[:ports] if isinstance(ports, int) else tuple(ports)
    places = [_place(*parts) for parts in product(named, written, numbered)]
    if situations is None:
        own = [_place(*parts) for parts in product(named[:1], written, numbered)]
        situations = [each for place in own for each in usual_situations(place, named)]
    explorer = _Explorer(policy, session, invariant, places, ("", *set_cookies))
    return explorer.explore(situations, hops)


def usual_situations(url: str, hosts: Sequence[str] = HOSTS[:2]) -> Iterator[Situation]:
    """Yield requests with one kind of secret each, and with content that is read once.

    Args:
        url: The URL that they ask.
        hosts: Hosts that there are; netrc has an entry for the first, and a URL pretends to be it.
    """
    fields = (("Authorization", "Bearer s3cretT0ken"), ("Cookie", "given=s3cretC00kie"))
    keys = (("X-Api-Key", "s3cretKey0"), ("X-Auth-Token", "s3cretToken1"))
    yield Situation(url=url, fields=fields, name="with Authorization and Cookie by hand")
    yield Situation(url=url, fields=keys, name="with keys in fields of its own")
    yield Situation(url=url, auth=("ada", "s3cretPassw0rd"), name="with auth=")
    yield Situation(url=url, cookies={"kept": "s3cretSess10n"}, name="with a cookie of the session")
    yield Situation(url=url, netrc={hosts[0]: ("ada", "s3cretNetrc99")}, name="with a netrc entry")
    if len(hosts) > 1:
        scheme, _, rest = url.partition("://")
        authority = rest.partition("/")[0]
        yield Situation(
            url=f"{scheme}://{hosts[0]}:@{authority.replace(hosts[0], hosts[1], 1)}/",
            netrc={hosts[0]: ("ada", "s3cretNetrc99")},
            name="with a netrc entry of a host that the URL has for its user",
        )
    proxy = "http://ada:s3cretPr0xyLogin@proxy.test:3128"
    yield Situation(url=url, proxy=proxy, name="by a proxy")
    content = b"content that counts"
    yield Situation(method="POST", url=url, content=content, name="with content")
    yield Situation(
        method="PUT", url=url, content=content, streamed=True, name="with content of a generator"
    )


# --- the exploration ------------------------------------------------------------------------------


class _Chain(NamedTuple):
    """A situation, and what its requests are answered with, one after the other."""

    situation: Situation
    answers: tuple[Answer, ...]


class _Explorer:
    """The exploration, breadth first."""

    def __init__(
        self,
        policy: Policy,
        session: NewSession,
        invariant: Callable[[Trail], object],
        places: Sequence[str],
        set_cookies: Sequence[str],
    ) -> None:
        self._policy = policy
        self._session = session
        self._invariant = invariant
        self._places = places
        self._set_cookies = set_cookies
        self._made: Session | None = None  # For the chain that was played last.
        self._edges: dict[tuple[int, ...], list[Answer]] = {}
        self._seen: set[Any] = set()

    def explore(self, situations: Iterable[Situation], hops: int) -> Counterexample | None:
        """Look at all chains, shortest first."""
        level = [_Chain(situation, ()) for situation in situations]
        for length in range(hops + 1):
            longer: list[_Chain] = []
            for chain in level:
                trail = self._play(chain)
                try:
                    self._invariant(trail)
                except AssertionError as error:
                    return Counterexample(chain.situation, trail, str(error) or repr(error))
                if length < hops and len(trail.sent) == length + 1 and self._is_new(chain, trail):
                    edges = self._answers_to(trail.sent[-1].method)
                    longer += [_Chain(chain.situation, (*chain.answers, edge)) for edge in edges]
            level = longer
        return None

    def _play(self, chain: _Chain) -> Trail:
        return simulate(chain.answers, chain.situation, self._policy, session=self._make)

    def _make(self, **arguments: Any) -> Session:
        made = self._made = self._session(**arguments)
        return made

    def _is_new(self, chain: _Chain, trail: Trail) -> bool:
        sent = trail.sent[-1]
        jar = () if self._made is None else tuple(repr(cookie) for cookie in self._made.cookies)
        key = (
            chain.situation.name,
            chain.situation.url,
            sent.origin,
            sent.wire(),
            sent.send.proxy_authorization,
            jar,
        )
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _answers_to(self, method: str) -> list[Answer]:
        statuses = self._statuses(method)
        edges = self._edges.get(statuses)
        if edges is None:
            edges = self._edges[statuses] = [
                Answer.to(place, status, *([("Set-Cookie", cookie)] if cookie else []))
                for status, place, cookie in product(statuses, self._places, self._set_cookies)
            ]
        return edges

    def _statuses(self, method: str) -> tuple[int, ...]:
        """Return one status for each way in which the policy treats redirects of a method."""
        policy = self._policy
        known = [each for each in (302, 307, 301, 303, 308) if each in policy.redirect_statuses]
        if policy.on_redirect is not None:
            return tuple(known)
        ways = {
            (policy.method_after(each, method), policy.content_goes(each, method)): each
            for each in reversed(known)
        }
        return tuple(ways.values())


def _place(host: str, scheme: str, port: int | None) -> str:
    standard = {"http": 80, "https": 443}[scheme]
    return f"{Origin(scheme, host, standard if port is None else port)}/"
