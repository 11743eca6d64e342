"""Strategies of Hypothesis for all that redirects are made of. They need the extra ``testing``.

They shrink towards the plainest value: the first host, https, the default port, GET, 302, a URL
that ends with its authority. Values are texts and values of ``sojourn_core``, as users write them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from sojourn_core import PRIVATE_NETWORKS, Environment, Fields, Netrc, Policy, Request, ResponseHead

from .situation import Situation
from .web import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = [
    "answers",
    "challenges",
    "environments",
    "field_lines",
    "graphs",
    "hosts",
    "locations",
    "origins",
    "policies",
    "requests",
    "response_heads",
    "set_cookies",
    "situations",
    "urls",
]

DOMAINS: Final = ("a.test", "b.test")
STATUSES: Final = (302, 307, 303, 301, 308)
METHODS: Final = ("GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS")
PATHS: Final = ("/", "/x", "/x/y", "/x%2Fy", "/a;b", "/..x")

_SIGNS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_ADDRESSES: Final = (
    "127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "[::1]", "[::ffff:10.0.0.1]",
)  # fmt: skip


def _words(most: int = 8) -> SearchStrategy[str]:
    return st.text(_SIGNS, min_size=1, max_size=most)


# --- places ---------------------------------------------------------------------------------------


def hosts(
    domains: Sequence[str] = DOMAINS, *, look_alikes: bool = True, hostile: bool = False
) -> SearchStrategy[str]:
    """Build hosts within domains, and beside them.

    Args:
        domains: The domains; the first one is the plainest host.
        look_alikes: Whether there are hosts that only look as if they were within one, such as
            ``a.test.evil.test`` and ``xa.test``.
        hostile: Whether there are private addresses too, and other spellings of a host: capitals,
            a dot at its end, an address as one number. They are for Locations; not all are hosts
            that a request can be sent to.
    """
    domain = st.sampled_from(tuple(domains))
    kinds = [domain, st.builds("{}.{}".format, _words(), domain)]
    if look_alikes:
        kinds += [domain.map("{}.evil.test".format), domain.map("x{}".format)]
    if hostile:
        kinds += [
            st.sampled_from(_ADDRESSES),
            domain.map(str.upper),
            domain.map("{}.".format),
            st.sampled_from(("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost")),
        ]
    return st.one_of(kinds)


def origins(domains: Sequence[str] = DOMAINS, **kinds: bool) -> SearchStrategy[str]:
    """Build origins as text, such as ``https://a.test:8443``.

    Args:
        domains: As in ``hosts``.
        kinds: ``look_alikes`` and ``hostile`` of ``hosts``.
    """
    return st.builds(
        "{}://{}{}".format,
        st.sampled_from(("https", "http")),
        hosts(domains, **kinds),
        st.sampled_from(("", ":8443", ":8080")),
    )


def urls(domains: Sequence[str] = DOMAINS, **kinds: bool) -> SearchStrategy[str]:
    """Build absolute URLs, without user info and fragment.

    Args:
        domains: As in ``hosts``.
        kinds: ``look_alikes`` and ``hostile`` of ``hosts``.
    """
    query = st.sampled_from(("", "?", "?a=1", "?a=%20&b"))
    return st.builds("{}{}{}".format, origins(domains, **kinds), st.sampled_from(PATHS), query)


def locations(domains: Sequence[str] = DOMAINS) -> SearchStrategy[str]:
    """Build Locations as servers send them: absolute, relative, with user info, and broken.

    Args:
        domains: As in ``hosts``; look-alikes and hostile spellings are among them.
    """
    absolute = urls(domains, hostile=True)
    return st.one_of(
        urls(domains, look_alikes=False),
        st.sampled_from(("/", "/x", "x", "../x", "?a=1", "#part", ".", "")),
        hosts(domains).map("//{}/".format),
        absolute,
        st.builds("{}#{}".format, absolute, _words()),
        hosts(domains).map("https://user:pass@{}/".format),
        st.builds("https://{}@{}/".format, hosts(domains), hosts(domains)),
        st.builds("https://{}\\@{}/".format, hosts(domains), hosts(domains)),
        st.sampled_from(
            ("javascript:alert(1)", "file:///etc/passwd", "https://", "https:x", "//", "http://[")
        ),
        st.sampled_from((" /x ", "/caf\xc3\xa9", "/a b", "HTTPS://A.TEST/", "/x\t")),
    )


# --- fields ---------------------------------------------------------------------------------------


def set_cookies(domains: Sequence[str] = DOMAINS) -> SearchStrategy[str]:
    """Build values of Set-Cookie, good ones and those that a jar has to refuse.

    Args:
        domains: Domains that they may be for.
    """
    name = st.sampled_from(("sid", "a", "__Host-sid", "__Secure-a"))
    domain = st.sampled_from(tuple(domains))
    attribute = st.one_of(
        st.sampled_from(
            ("Secure", "HttpOnly", "Path=/", "Path=/x", "SameSite=Lax", "Max-Age=60", "Max-Age=0")
        ),
        domain.map("Domain={}".format),
        domain.map("domain=.{}".format),
        st.sampled_from(("Domain=test", "Expires=Wed, 21 Oct 2015 07:28:00 GMT", "Odd")),
    )
    return st.builds(
        _cookie_line,
        name,
        _words(),
        st.lists(attribute, max_size=3),
    )


def _cookie_line(name: str, value: str, attributes: list[str]) -> str:
    return "; ".join([f"{name}={value}", *attributes])


def field_lines(*, secret: bool = True) -> SearchStrategy[tuple[tuple[str, str], ...]]:
    """Build field lines of a request.

    Args:
        secret: Whether there are credentials among them. Each of these has a value that is found
            nowhere else: ``s3cret`` and its number.
    """
    plain = st.sampled_from(
        (
            ("Accept", "text/html"),
            ("Accept-Language", "de"),
            ("Range", "bytes=0-9"),
            ("X-Trace", "7"),
        )
    )
    kinds = [plain]
    if secret:
        names = ("Authorization", "Cookie", "X-Api-Key", "X-Auth-Token", "PRIVATE-TOKEN")
        kinds.append(st.sampled_from([(name, _secret(name)) for name in names]))
    lines = st.lists(st.one_of(kinds), max_size=4, unique_by=lambda line: line[0])
    return lines.map(tuple)


def _secret(name: str) -> str:
    value = f"s3cret{sum(name.encode()):05}"
    return {"Authorization": f"Bearer {value}", "Cookie": f"given={value}"}.get(name, value)


def challenges() -> SearchStrategy[tuple[str, str]]:
    """Build challenges, as a field line of a 401 or of a 407."""
    return st.tuples(
        st.sampled_from(("WWW-Authenticate", "Proxy-Authenticate")),
        st.sampled_from(
            (
                'Basic realm="tea"',
                'Digest realm="tea", nonce="7ypf", qop="auth", algorithm=SHA-256',
                'Digest realm="tea", nonce="7ypf"',
                'Bearer realm="tea", Basic realm="tea"',
                "Digest",
            )
        ),
    )


# --- messages -------------------------------------------------------------------------------------


def situations(domains: Sequence[str] = DOMAINS) -> SearchStrategy[Situation]:
    """Build requests with the state of their session, secrets among it.

    Args:
        domains: The domains of their URLs; there may be a netrc entry for each.
    """
    netrc = st.dictionaries(
        st.sampled_from(tuple(domains)), st.just(("ada", "s3cretNetrc99")), max_size=1
    )
    return st.builds(
        Situation,
        method=st.sampled_from(METHODS),
        url=urls(domains, look_alikes=False),
        fields=field_lines(),
        content=st.one_of(st.none(), st.just(b"content that counts")),
        streamed=st.booleans(),
        auth=st.one_of(st.none(), st.just(("ada", "s3cretPassw0rd"))),
        cookies=st.dictionaries(st.just("kept"), st.just("s3cretSess10n"), max_size=1),
        netrc=netrc,
        proxy=st.one_of(st.none(), st.just("http://ada:s3cretPr0xyLogin@proxy.test:3128")),
    )


def requests(domains: Sequence[str] = DOMAINS) -> SearchStrategy[Request]:
    """Build requests with each kind of content: none, bytes, text, a form, JSON, files, pieces.

    Args:
        domains: The domains of their URLs.
    """
    content: SearchStrategy[dict[str, Any]] = st.one_of(
        st.just(dict[str, Any]()),
        st.binary(max_size=8).map(lambda data: {"data": data}),
        st.just({"data": "text"}),
        st.just({"data": {"a": "1", "b": ["2", "3"]}}),
        st.just({"json": {"a": [1, None]}}),
        st.just({"files": {"file": ("a.txt", b"of a file")}}),
        st.lists(st.binary(min_size=1, max_size=4), max_size=3).map(lambda d: {"data": d}),
        st.lists(st.binary(min_size=1, max_size=4), max_size=3).map(lambda d: {"data": iter(d)}),
    )
    return st.builds(
        _request,
        st.sampled_from(METHODS),
        urls(domains, look_alikes=False),
        field_lines().map(list),
        content,
    )


def _request(
    method: str, url: str, lines: list[tuple[str, str]], content: dict[str, Any]
) -> Request:
    return Request(method, url, headers=lines, **content)


def response_heads(domains: Sequence[str] = DOMAINS) -> SearchStrategy[ResponseHead]:
    """Build heads of responses: found, redirects, challenges.

    Args:
        domains: The domains of Locations and cookies.
    """
    return answers(domains).map(
        lambda answer: ResponseHead(answer.status, Fields(list(answer.fields)))
    )


def answers(domains: Sequence[str] = DOMAINS) -> SearchStrategy[Answer]:
    """Build answers: found, redirects, challenges; each with cookies, or without.

    Args:
        domains: The domains of Locations and cookies.
    """
    cookies = st.lists(set_cookies(domains), max_size=2).map(
        lambda values: tuple(("Set-Cookie", value) for value in values)
    )
    found = st.builds(Answer, st.sampled_from((200, 204, 304, 404, 500)), cookies)
    led = st.builds(_redirect, st.sampled_from(STATUSES), locations(domains), cookies)
    asked = challenges().map(
        lambda line: Answer(407 if line[0].startswith("Proxy") else 401, (line,))
    )
    return st.one_of(found, led, asked)


def _redirect(status: int, location: str, cookies: tuple[tuple[str, str], ...]) -> Answer:
    return Answer(status, (("Location", location), *cookies))


@st.composite
def graphs(draw: st.DrawFn, domains: Sequence[str] = DOMAINS, most: int = 5) -> dict[str, Answer]:
    """Build a graph of redirects: URLs, each with its answer.

    Edges lead anywhere in it, so there are cycles, edges across origins and downgrades. Each URL
    is one of another origin, or of another path.

    Args:
        draw: Given by Hypothesis.
        domains: The domains of the URLs.
        most: How many URLs there are at most.
    """
    nodes = draw(st.lists(urls(domains), min_size=1, max_size=most, unique=True))
    cookies = st.lists(set_cookies(domains), max_size=1)
    graph: dict[str, Answer] = {}
    for node in nodes:
        target = draw(st.one_of(st.none(), st.sampled_from(nodes)))
        lines = tuple(("Set-Cookie", value) for value in draw(cookies))
        if target is None:
            graph[node] = Answer(200, lines)
        else:
            graph[node] = _redirect(draw(st.sampled_from(STATUSES)), target, lines)
    return graph


# --- what a session knows -------------------------------------------------------------------------


def environments(domains: Sequence[str] = DOMAINS) -> SearchStrategy[Environment]:
    """Build environments: proxies, exceptions from them, and netrc.

    Args:
        domains: The domains that they know.
    """
    domain = st.sampled_from(tuple(domains))
    proxy = st.sampled_from(("http://proxy.test:3128", "http://ada:s3cretPr0xy@proxy.test"))
    return st.builds(
        Environment,
        proxies=st.dictionaries(st.sampled_from(("http", "https", "all")), proxy, max_size=2),
        no_proxy=st.one_of(st.none(), domain, domain.map(".{}".format), st.just("*")),
        netrc=st.dictionaries(domain, st.just(("ada", "s3cretNetrc99")), max_size=2).map(Netrc),
    )


def policies(*, presets: bool = True, closed: bool = True) -> SearchStrategy[Policy]:
    """Build policies.

    Args:
        presets: Whether the presets are among them, which leave safeguards out as others do.
        closed: Whether some close places: clear text, other origins, private addresses.
    """
    bases = [Policy()]
    if presets:
        bases += [Policy.browser(), Policy.curl(), Policy.requests()]
    changes: list[dict[str, Any]] = [
        {},
        {"keep_authorization_on_upgrade": False},
        {"returns_credentials": False},
    ]
    if closed:
        changes += [
            {"https_only": True},
            {"same_origin_only": True},
            {"refused_networks": PRIVATE_NETWORKS},
        ]
    return st.builds(_changed, st.sampled_from(bases), st.sampled_from(changes))


def _changed(base: Policy, change: dict[str, Any]) -> Policy:
    return base.replace(**change)
