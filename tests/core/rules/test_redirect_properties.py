"""Properties of whole chains of redirects, over several origins and without a network.

The rules are written down here once more, as a model that knows nothing of the code: where a
Location leads is ``urllib.parse.urljoin``'s word, the methods are a table, and what may be sent
where is a few lines of ``Model``. Each value that must not leak is a canary, and it is looked for
in everything that is sent.

Policies that follow a program in what it does (Requests, curl) keep the properties that are not a
choice; what they let go along to other origins is in the model too.
"""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core import BearerAuth, Policy, Request
from sojourn_core.rules.policy import DEFAULT_POLICY
from sojourn_core.values.errors import DowngradeRefused, TooManyRedirects, UnrewindableBodyError
from tests.core.conversation import Journey, Sent, redirect, respond, session, travel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core import PreparedRequest, Response

PAYLOAD = b"the content, all of it"

ORIGINS = [
    "http://a.test",
    "https://a.test",
    "http://a.test:8080",
    "https://a.test:8443",
    "https://sub.a.test",
    "http://b.test",
    "https://b.test",
    "http://[::1]:81",
    "http://127.0.0.1",
]
LOCATIONS = [
    *(f"{origin}{rest}" for origin in ORIGINS for rest in ("", "/x", "/d/e?q=1", "/y#own")),
    "//a.test/x",
    "//b.test",
    "//b.test:8080/x#own",
    "//sub.a.test/d/",
    "http://a.test:80/x",
    "https://a.test:443/x",
    "HTTPS://B.TEST/x",
    "https://someone:else@b.test/x",
    "https://someone:else@a.test/x",
    "http://a.test@b.test/x",
    "https://a.test./x",
    "/",
    "/p/q?r=s",
    "/p#own",
    "/p#",
    "next",
    "../up",
    "?query",
    "#own",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]
CYCLES = 3  # How often a chain that repeats goes round.
STATUSES = [301, 302, 303, 307, 308]

# What may go to an origin that a server names, as the documentation has it; and the fields of the
# connection and the framing, which say nothing of who asks.
CROSSES = {
    "accept",
    "cache-control",
    "dnt",
    "expect",
    "pragma",
    "range",
    "sec-gpc",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
    "x-requested-with",
}
CONNECTION = {"connection", "keep-alive", "content-length", "transfer-encoding"}
PLAIN_FIELDS = {
    "Accept": "text/html",
    "Accept-Language": "de",
    "If-None-Match": '"1"',
    "Range": "bytes=0-",
    "DNT": "1",
}


def basic(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()


@dataclass(frozen=True)
class Way:
    """One way to give a secret, and what it looks like on the wire.

    Attributes:
        canary: What must not be found in a request that may not have it.
        kind: ``given`` for a field of the request, ``cookie`` and ``host`` for the two of them that
            have rules of their own, ``held`` for credentials that the session or
            the call holds, ``home`` for what goes to the origin that was asked for, ``never``.
    """

    canary: str
    kind: str
    is_authorization: bool = False


WAYS = {
    "authorization header": Way("canary-auth-header", "given", is_authorization=True),
    "session authorization header": Way("canary-auth-session", "given", is_authorization=True),
    "auth pair": Way(basic("user", "canary-auth-pair"), "held", is_authorization=True),
    "auth bearer": Way("canary-auth-bearer", "held", is_authorization=True),
    "session auth": Way(basic("user", "canary-session-auth"), "held", is_authorization=True),
    "user info": Way(basic("user", "canary-user-info"), "held", is_authorization=True),
    "cookie header": Way("canary-cookie-header", "cookie"),
    "request cookies": Way("canary-request-cookie", "home"),
    "session cookies": Way("canary-session-cookie", "home"),
    "api key": Way("canary-api-key", "given"),
    "session field": Way("canary-session-field", "given"),
    "referer": Way("canary-referer", "given"),
    "proxy authorization": Way("canary-proxy-authorization", "never"),
    "host": Way("canary-host.test", "host"),
}
AUTHORIZATIONS = [name for name, way in WAYS.items() if way.is_authorization]
OTHERS = [name for name, way in WAYS.items() if not way.is_authorization]


@dataclass(frozen=True)
class Hop:
    """One redirect of the chain."""

    status: int
    location: str
    sets_cookie: bool = False


@dataclass(frozen=True)
class Chain:
    """A request, the redirects that answer it, and how it was given its secrets."""

    method: str = "GET"
    origin: str = ORIGINS[0]
    path: str = "/start"
    content: str = ""
    hops: tuple[Hop, ...] = ()
    ways: frozenset[str] = frozenset()
    repeats: bool = False
    max_redirects: int = 30
    policy: Policy = DEFAULT_POLICY
    with_plain_fields: bool = False


HOPS = st.builds(
    Hop,
    status=st.sampled_from(STATUSES),
    location=st.sampled_from(LOCATIONS),
    sets_cookie=st.booleans(),
)
CHAINS = st.builds(
    Chain,
    method=st.sampled_from(METHODS),
    origin=st.sampled_from(ORIGINS),
    path=st.sampled_from(["/start", "/d/start#asked", "/start?q"]),
    content=st.sampled_from(["", "bytes", "file", "list", "generator"]),
    hops=st.lists(HOPS, min_size=1, max_size=7).map(tuple),
    ways=st.builds(
        lambda one, others: frozenset(one) | frozenset(others),
        st.lists(st.sampled_from(AUTHORIZATIONS), max_size=1),
        st.lists(st.sampled_from(OTHERS), unique=True, max_size=5),
    ),
    repeats=st.booleans(),
    max_redirects=st.sampled_from([30, 30, 30, 12, 5, 1, 0]),
    policy=st.sampled_from([Policy(), Policy.browser(), Policy.requests(), Policy.curl()]),
    with_plain_fields=st.booleans(),
)
STRICT = [Policy(), Policy.browser()]
FAITHFUL = [Policy.requests(), Policy.curl()]
UPGRADE = ("http://a.test", "https://a.test/x", "http://a.test/x")


def run(chain: Chain) -> Journey:
    """Send the request of a chain through a session of its own."""
    headers: dict[str, str] = {}
    given: dict[str, Any] = {"headers": headers}
    owner = session(max_redirects=chain.max_redirects, policy=chain.policy)
    url = chain.origin + chain.path
    if chain.with_plain_fields:
        headers.update(PLAIN_FIELDS)
    for way in chain.ways:
        canary = WAYS[way].canary
        match way:
            case "authorization header":
                headers["Authorization"] = f"Custom {canary}"
            case "session authorization header":
                owner.headers["Authorization"] = f"Custom {canary}"
            case "auth pair":
                given["auth"] = ("user", "canary-auth-pair")
            case "auth bearer":
                given["auth"] = BearerAuth(canary)
            case "session auth":
                owner.auth = ("user", "canary-session-auth")
            case "user info":
                url = url.replace("://", "://user:canary-user-info@")
            case "cookie header":
                headers["Cookie"] = f"by-hand={canary}"
            case "request cookies":
                given["cookies"] = {"of-request": canary}
            case "session cookies":
                owner.cookies.set("of-session", canary)
            case "api key":
                headers["X-Api-Key"] = canary
            case "session field":
                owner.headers["X-Session"] = canary
            case "referer":
                headers["Referer"] = f"http://{canary}/"
            case "proxy authorization":
                headers["Proxy-Authorization"] = f"Basic {canary}"
            case "host":
                headers["Host"] = canary
    if chain.content:
        given["data"] = content_of(chain.content)
    hops = iter(chain.hops if not chain.repeats else chain.hops * CYCLES)
    count = 0

    def answer(request: PreparedRequest) -> Response:
        nonlocal count
        following = next(hops, None)
        if following is None:
            return respond(200)
        count += 1
        lines = []
        if following.sets_cookie:
            place = request.parsed_url.host.removesuffix(".")
            lines.append(("Set-Cookie", f"from-{count}=of<{place}>"))
        return redirect(following.status, following.location, *lines)

    return travel(owner.call(Request(chain.method, url, **given)), answer, step=0.25)


def content_of(kind: str) -> Any:
    def generate() -> Iterator[bytes]:
        yield PAYLOAD[:5]
        yield PAYLOAD[5:]

    match kind:
        case "bytes":
            return PAYLOAD
        case "file":
            return io.BytesIO(PAYLOAD)
        case "list":
            return [PAYLOAD[:5], PAYLOAD[5:]]
    return generate()


# --- the model --------------------------------------------------------------------------------


def origin_of(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, parts.hostname or "", port


def is_upgrade(old: tuple[str, str, int], new: tuple[str, str, int]) -> bool:
    return old[1] == new[1] and old[::2] == ("http", 80) and new[::2] == ("https", 443)


class Model:
    """What each request of a chain must be, and what it may hold."""

    def __init__(self, chain: Chain) -> None:
        self.policy = chain.policy
        self.url = chain.origin + chain.path
        self.home = origin_of(self.url)
        self.method = chain.method
        self.keeps_content = bool(chain.content)
        self.fragment = urlsplit(self.url).fragment if "#" in self.url else None
        self.given = True
        self.given_host = True
        self.given_cookie = True
        self.given_authorization = True
        self.held = True
        self.in_clear = False

    def at_home(self) -> bool:
        return origin_of(self.url) == self.home

    def follow(self, hop: Hop) -> None:
        old = origin_of(self.url)
        given = hop.location.partition("#")[2]
        if given or ("#" in hop.location and self.policy.url_rules == "rfc3986"):
            self.fragment = given  # Requests takes an empty fragment for none.
        self.url = urljoin(self.url, hop.location)
        new = origin_of(self.url)
        if becomes_get(self.policy, hop.status, self.method):
            self.method = "GET"
            self.keeps_content = False
        uploads = self.policy == Policy.curl() and self.method == "PUT"  # As by --upload-file.
        if self.policy in FAITHFUL and hop.status in {301, 302, 303} and not uploads:
            self.keeps_content = False
        downgrade = (old[0], new[0]) == ("https", "http")
        self.in_clear = self.policy == Policy() and downgrade and self.keeps_content
        if self.policy == Policy.requests():
            self.given_cookie = False
        if old != new:
            self.given = self.policy in FAITHFUL
            self.given_host = self.given_host and self.policy == Policy.requests()
            self.given_cookie = False
            if not (is_upgrade(old, new) and self.policy.keep_authorization_on_upgrade):
                self.given_authorization = self.held = False
            returns = self.policy.returns_credentials
            self.held = self.held or (returns and new == self.home)

    def may_have(self, way: Way) -> bool:
        match way.kind:
            case "given":
                return self.given_authorization if way.is_authorization else self.given
            case "host":
                return self.given_host
            case "cookie":
                return self.given_cookie
            case "held":
                return self.held
            case "home":
                return self.at_home() or self.policy == Policy.requests()
        return False

    def may_send(self, name: str) -> bool:
        """Whether a field of this name may be in the request at all."""
        if self.given or name in CROSSES | CONNECTION or name.startswith(("accept-", "if-")):
            return True
        if self.keeps_content and (name.startswith("content-") or name == "digest"):
            return True
        # These two have rules of their own, which are checked by value.
        return name in {"cookie", "authorization"}


def becomes_get(policy: Policy, status: int, method: str) -> bool:
    if policy == Policy.curl():
        return (status in {301, 302, 303} and method == "POST") or (
            status == 303 and method == "PUT"
        )
    if status == 303 or (status == 302 and policy == Policy.requests()):
        return method not in {"GET", "HEAD"}
    if status == 302 and policy == Policy():
        return method in {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return status in {301, 302} and method == "POST"


def models(chain: Chain, count: int) -> list[Model]:
    """A model of each of the first requests."""
    hops = chain.hops * CYCLES if chain.repeats else chain.hops
    made = []
    for index in range(count):
        model = Model(chain)
        for following in hops[:index]:
            model.follow(following)
        made.append(model)
    return made


def followed_of(chain: Chain) -> int:
    """How many redirects are followed until there are no more, or content must not go along."""
    asked = len(chain.hops) * (CYCLES if chain.repeats else 1)
    allowed = min(asked, chain.max_redirects)
    for count, model in enumerate(models(chain, allowed + 1)):
        if model.in_clear:
            return count - 1
    return allowed


# --- the properties ---------------------------------------------------------------------------


HARD = (
    Chain(hops=tuple(Hop(307, location) for location in UPGRADE), ways=frozenset(WAYS)),
    Chain(hops=(Hop(307, "//b.test/"), Hop(308, "http://a.test/")), ways=frozenset(WAYS)),
    Chain("POST", content="generator", hops=(Hop(307, "/x"),)),
    Chain("POST", hops=(Hop(307, "//b.test/"),)),
    Chain("HEAD", hops=(Hop(303, "/x"), Hop(302, "/y"))),
    Chain("PUT", content="bytes", hops=(Hop(301, "/x"), Hop(307, "/y"))),
    Chain("POST", content="bytes", hops=tuple(Hop(307, location) for location in UPGRADE)),
    Chain(),
    Chain(path="/start#asked", hops=(Hop(301, "/p#"), Hop(301, "/x"))),
    Chain(hops=(Hop(302, "/"),), repeats=True, max_redirects=0),
)


def chains(test: Any) -> Any:
    """Give a test generated chains, and some that are known to be hard, under each policy."""
    for policy in [*STRICT, *FAITHFUL]:
        for hard in HARD:
            test = example(replace(hard, policy=policy))(test)
    return given(CHAINS)(test)


def strict_chains(test: Any) -> Any:
    """The same, under the policies that keep what belongs to an origin there."""
    for policy in STRICT:
        for hard in HARD:
            test = example(replace(hard, policy=policy))(test)
    return given(st.builds(replace, CHAINS, policy=st.sampled_from(STRICT)))(test)


@chains
def test_no_secret_is_sent_where_it_does_not_belong(chain: Chain) -> None:
    journey = run(chain)
    for sent, model in zip(journey.sent, models(chain, len(journey.sent)), strict=True):
        everything = sent.octets()
        for way in chain.ways:
            if not model.may_have(WAYS[way]):
                assert WAYS[way].canary not in everything, (way, sent)
        if not model.at_home():
            assert "canary-user-info" not in sent.url


@chains
def test_no_decision_holds_a_secret(chain: Chain) -> None:
    decided = repr(run(chain).decisions)
    for way in chain.ways - {"host"}:  # A host is no secret; here it only must not go along.
        assert WAYS[way].canary not in decided
        assert WAYS[way].canary.rpartition("canary-")[2] not in decided or way == "user info"


@chains
def test_credentials_are_sent_where_they_do_belong(chain: Chain) -> None:
    journey = run(chain)
    named = [WAYS[way] for way in chain.ways if WAYS[way].is_authorization]
    if len(named) != 1:
        return
    (way,) = named
    for sent, model in zip(journey.sent, models(chain, len(journey.sent)), strict=True):
        (found,) = sent.values("authorization") or [""]
        assert (way.canary in found) == model.may_have(way)


@strict_chains
def test_no_field_beyond_the_list_is_sent_to_another_origin(chain: Chain) -> None:
    journey = run(chain)
    for sent, model in zip(journey.sent, models(chain, len(journey.sent)), strict=True):
        for name, _ in sent.lines:
            assert model.may_send(name.lower()), (name, sent)
        if chain.with_plain_fields:  # And what is on the list goes along everywhere.
            for name, value in PLAIN_FIELDS.items():
                assert sent.values(name) == [value]


@chains
def test_cookies_that_servers_set_go_back_to_their_host_alone(chain: Chain) -> None:
    if "host" in chain.ways and chain.policy == Policy.requests():
        return  # There they belong to the host that was given by hand (Q34).
    for sent in run(chain).sent:
        host = (urlsplit(sent.url).hostname or "").removesuffix(".")  # For cookies they are one.
        for cookies in sent.values("cookie"):
            for pair in cookies.split("; "):
                if pair.startswith("from-"):
                    assert pair.endswith(f"=of<{host}>")


@chains
def test_there_are_never_more_hops_than_allowed(chain: Chain) -> None:
    journey = run(chain)
    asked = len(chain.hops) * (CYCLES if chain.repeats else 1)
    assert len(journey.sent) <= chain.max_redirects + 1
    if isinstance(journey.error, UnrewindableBodyError):
        return
    followed = followed_of(chain)
    refused = followed < min(asked, chain.max_redirects)
    assert len(journey.sent) == followed + 1
    assert isinstance(journey.error, DowngradeRefused) == refused
    exceeded = asked > chain.max_redirects and not refused
    assert isinstance(journey.error, TooManyRedirects) == exceeded
    last = journey.response or journey.error.response
    assert [response.url for response in last.history] == [sent.url for sent in journey.sent[:-1]]


@chains
def test_content_arrives_whole_or_the_call_fails(chain: Chain) -> None:
    journey = run(chain)
    expected = models(chain, len(journey.sent) + 1)
    for sent, model in zip(journey.sent, expected, strict=False):
        assert sent.method == model.method
        assert sent.content == (PAYLOAD if model.keeps_content else None)
        framed = sent.values("content-length") + sent.values("transfer-encoding")
        if model.keeps_content:
            assert framed in ([str(len(PAYLOAD))], ["chunked"])
        elif model.method in {"GET", "HEAD"}:
            assert framed == []
        else:
            # Where content was lost, a method that need not have any may say nothing of it.
            silent = model.policy in FAITHFUL and model.method in {"DELETE", "OPTIONS"}
            assert framed == ["0"] or (framed == [] and silent)
    refused = isinstance(journey.error, UnrewindableBodyError)
    if chain.content == "generator" and expected[-1].keeps_content and len(journey.sent) == 1:
        assert refused == (followed_of(chain) > 0)
    else:
        assert not refused


@chains
def test_where_each_request_goes(chain: Chain) -> None:
    journey = run(chain)
    for sent, model in zip(journey.sent, models(chain, len(journey.sent)), strict=True):
        assert origin_of(sent.url) == origin_of(model.url)
        expected = urlsplit(model.url)
        found = urlsplit(sent.url)
        path = found.path if chain.policy.url_rules == "rfc3986" else found.path or "/"
        assert (path, found.query) == (expected.path or "/", expected.query)
        fragment = found.fragment if "#" in sent.url else None
        assert fragment == model.fragment


@chains
def test_the_same_chain_takes_the_same_course(chain: Chain) -> None:
    first, second = run(chain), run(chain)
    assert first.sent == second.sent
    assert first.commands == second.commands
    assert first.decisions == second.decisions
    assert type(first.error) is type(second.error)


@chains
def test_each_hop_says_why(chain: Chain) -> None:
    journey = run(chain)
    followed = [d.hop for d in journey.decisions if d.code == "redirect.followed"]
    if isinstance(journey.error, UnrewindableBodyError):
        followed.pop()
    assert followed == list(range(1, len(journey.sent)))
    before: Sent | None = None
    for index, sent in enumerate(journey.sent):
        said = {d.code for d in journey.decisions if d.hop == index}
        if before is not None:
            assert ("redirect.method.rewritten" in said) == (sent.method != before.method)
            gone = bool(before.values("authorization")) and not sent.values("authorization")
            assert not gone or "auth.stripped.cross-origin" in said
        before = sent


@pytest.mark.parametrize("way", sorted(WAYS))
def test_the_canaries_are_found_where_they_may_be(way: str) -> None:
    """Each way gives its secret in a form that the properties would see."""
    journey = run(Chain(ways=frozenset({way})))
    found = WAYS[way].canary in journey.sent[0].octets()
    assert found == (WAYS[way].kind != "never")
