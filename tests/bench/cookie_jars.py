"""Jars of each client, with the same cookies in them, and what is asked of them.

The cookies are spread over ``SITES_MAX`` sites, one for each until there are more cookies than
sites. Each client is used as its documentation says. A request is prepared from its URL's text; a
jar alone is asked with a URL that is parsed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from email.message import Message
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import CookieJar, Limits, Request, Session, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SITES_MAX: Final = 1000
# aiohttp's jar keeps no more, and nothing can be said to it; the others are told to keep all.
AIOHTTP_COOKIES_MAX: Final = 3300
LIFETIME_SECONDS: Final = 86400
LIMITS: Final = Limits(cookies_max=20_000, cookie_deletions_max=20_000)
BLOCK: Final = 100  # New names for one site, fewer than any jar allows.
LINES: Final = 1000  # Different Set-Cookie lines of one shape, more than any cache here holds.


@dataclass(frozen=True, slots=True)
class Given:
    """A cookie that every jar is given."""

    site: int
    name: str
    value: str
    secure: bool

    @property
    def host(self) -> str:
        """The host that sets it, and that alone gets it."""
        return host_of(self.site)

    @property
    def line(self) -> str:
        """As a response sets it."""
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={self.value}; Path=/; Max-Age={LIFETIME_SECONDS}{secure}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is measured.

    Attributes:
        run: Does it ``operations`` times.
        operations: A count, the same for each run.
        reset: Done before each run, and not measured.
    """

    run: Callable[[], object]
    operations: int = 1
    reset: Callable[[], object] | None = None


def host_of(site: int) -> str:
    """The host of a site; the one that requests go to is site 0."""
    return f"site{site:04}.test"


def given_cookies(size: int) -> list[Given]:
    """The cookies of a jar of that size; those of site 0 come last."""
    sites = min(size, SITES_MAX)
    cookies = [
        Given(number % sites, f"name{number // sites}", f"{number:032x}", number % 2 == 1)
        for number in range(size)
    ]
    return sorted(cookies, key=lambda cookie: -cookie.site)


def asking(size: int, run: Callable[[], object], field: Callable[[], str]) -> Work:
    """Asking for what a request to site 0 sends; it is looked at once, by way of ``field``."""
    expected = {f"{each.name}={each.value}" for each in given_cookies(size) if each.site == 0}
    sent = field().split("; ")
    assert set(sent) == expected, f"sent are {sent}"
    assert len(sent) == len(expected), f"sent are {sent}"
    return Work(run=run)


# --- jars ---------------------------------------------------------------------------------------


def sojourn_jar(size: int) -> CookieJar:
    jar = CookieJar(limits=LIMITS)
    now = time.time()
    for each in given_cookies(size):
        jar.store([each.line], parse_url(f"https://{each.host}/"), now)
    assert len(jar) == size
    return jar


def aiohttp_jar(size: int) -> Any:
    from aiohttp import CookieJar
    from yarl import URL

    loop = asyncio.new_event_loop()  # It asks for one, and does not use it.
    jar = CookieJar(loop=loop)
    loop.close()
    for each in given_cookies(size)[-AIOHTTP_COOKIES_MAX:]:
        jar.update_cookies_from_headers([each.line], URL(f"https://{each.host}/"))
    assert len(jar) == min(size, AIOHTTP_COOKIES_MAX)
    return jar


def fill_standard_jar(jar: Any, size: int) -> Any:
    """Put the cookies into a jar of ``http.cookiejar``, and give it back."""
    from http.cookiejar import Cookie

    expires = int(time.time()) + LIFETIME_SECONDS
    for each in given_cookies(size):
        jar.set_cookie(
            Cookie(
                version=0,
                name=each.name,
                value=each.value,
                port=None,
                port_specified=False,
                domain=each.host,
                domain_specified=False,
                domain_initial_dot=False,
                path="/",
                path_specified=True,
                secure=each.secure,
                expires=expires,
                discard=False,
                comment=None,
                comment_url=None,
                rest={},
            )
        )
    return jar


def standard_jar(size: int) -> Any:
    from http.cookiejar import CookieJar

    return fill_standard_jar(CookieJar(), size)


# --- preparing a request ------------------------------------------------------------------------

URL_TEXT: Final = f"https://{host_of(0)}/path?query"


def sojourn_request(size: int) -> Work:
    session = Session(limits=LIMITS, guard=threading.RLock())  # As those of the bindings have.
    session.cookies = sojourn_jar(size)

    def prepare() -> Any:
        session.set_clock(0.0, time.time())
        return session.prepare_request(Request("GET", URL_TEXT))

    return asking(size, prepare, lambda: prepare().headers["Cookie"])


def requests_request(size: int) -> Work:
    import requests

    session = requests.Session()
    fill_standard_jar(session.cookies, size)

    def prepare() -> Any:
        return session.prepare_request(requests.Request("GET", URL_TEXT))

    return asking(size, prepare, lambda: prepare().headers["Cookie"])


def httpx_request(size: int) -> Work:
    import httpx

    client = httpx.Client()
    fill_standard_jar(client.cookies.jar, size)

    def prepare() -> Any:
        return client.build_request("GET", URL_TEXT)

    return asking(size, prepare, lambda: prepare().headers["Cookie"])


def aiohttp_request(size: int) -> Work:
    """What a ``ClientSession`` does between its ``get`` and the connector."""
    from aiohttp import ClientRequest
    from multidict import CIMultiDict
    from yarl import URL

    jar = aiohttp_jar(size)
    loop = asyncio.new_event_loop()  # Requests are bound to one, and it never runs here.
    loop.close()

    def prepare() -> Any:
        url = URL(URL_TEXT)
        cookies = jar.filter_cookies(url)
        return ClientRequest("GET", url, headers=CIMultiDict(), cookies=cookies, loop=loop)

    return asking(size, prepare, lambda: prepare().headers["Cookie"])


# --- asking the jar alone -----------------------------------------------------------------------


def written(cookies: Any) -> str:
    """The Cookie field of aiohttp's cookies, as its request makes it."""
    return cookies.output(header="", sep=";").strip()


def sojourn_field(size: int) -> Work:
    jar, url = sojourn_jar(size), parse_url(URL_TEXT)

    def field() -> str:
        return jar.cookie_field(url, time.time()) or ""

    return asking(size, field, field)


def aiohttp_field(size: int) -> Work:
    from yarl import URL

    jar, url = aiohttp_jar(size), URL(URL_TEXT)

    def field() -> Any:
        return jar.filter_cookies(url)  # Not a field yet: that is made by the request.

    return asking(size, field, lambda: written(field()))


def standard_field(size: int) -> Work:
    from urllib.request import Request as StandardRequest

    jar, request = standard_jar(size), StandardRequest(URL_TEXT)

    def field() -> str:
        request.remove_header("Cookie")
        jar.add_cookie_header(request)
        return request.get_header("Cookie", "")

    return asking(size, field, field)


# --- asking for one site after another ----------------------------------------------------------


def hosts_in_turn(size: int) -> list[str]:
    """The hosts that aiohttp's jar has cookies for, which are in every other jar of the size."""
    return list(dict.fromkeys(each.host for each in given_cookies(size)[-AIOHTTP_COOKIES_MAX:]))


def in_turn(urls: Sequence[Any], ask: Callable[[Any], object]) -> Work:
    """Asking for one URL after the other; each has been asked for once before."""
    for url in urls:
        ask(url)
    following = cycle(urls)
    return Work(run=lambda: ask(next(following)))


def sojourn_turns(size: int) -> Work:
    jar = sojourn_jar(size)
    urls = [parse_url(f"https://{host}/path?query") for host in hosts_in_turn(size)]
    return in_turn(urls, lambda url: jar.cookie_field(url, time.time()))


def aiohttp_turns(size: int) -> Work:
    from yarl import URL

    jar = aiohttp_jar(size)
    return in_turn(
        [URL(f"https://{host}/path?query") for host in hosts_in_turn(size)], jar.filter_cookies
    )


# --- storing ------------------------------------------------------------------------------------

_DATES: Final = [
    time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 86400 + 61 * number))
    for number in range(LINES)
]
_ATTRIBUTES: Final[dict[str, Callable[[int], str]]] = {
    "bare": lambda _: "",
    "session": lambda _: "; Path=/; HttpOnly; Secure; SameSite=Lax",
    "dated": lambda number: f"; Expires={_DATES[number]}; Max-Age={86400 + number}; Path=/; Secure",
}
SHAPES: Final = tuple(_ATTRIBUTES)


def set_lines(shape: str, *, names: int) -> list[str]:
    """``LINES`` lines of one shape, each with a value of its own, under so many names in turn."""
    return [
        f"new{number % names}={number * 2654435761:032x}{_ATTRIBUTES[shape](number)}"
        for number in range(LINES)
    ]


def response_url(shape: str) -> str:
    """Where a line is set from: a bare one without TLS, so it must not overlay a Secure one."""
    return f"{'http' if shape == 'bare' else 'https'}://{host_of(0)}/login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storing:
    """A jar as lines are stored in it.

    Attributes:
        store: Takes the value of one Set-Cookie line of a response from site 0.
        field: What the next request to site 0 asks of the jar.
        renew: Makes the jar one in which no line has been stored.
        count: How many cookies are in it.
    """

    store: Callable[[str], object]
    field: Callable[[], object]
    renew: Callable[[], object]
    count: Callable[[], int]


def sojourn_storing(shape: str, size: int) -> Storing:
    full, url = sojourn_jar(size), parse_url(response_url(shape))
    jar = full.copy()

    def store(line: str) -> object:
        decisions = jar.store([line], url, time.time())
        assert decisions[0].code in {"cookie.stored", "cookie.replaced"}
        return decisions

    def renew() -> None:
        nonlocal jar
        jar = full.copy()
        store("before-all=1")  # Over http that makes an index of Secure cookies, once for a jar.

    renew()
    return Storing(
        store=store,
        field=lambda: jar.cookie_field(url, time.time()),
        renew=renew,
        count=lambda: len(jar),
    )


def aiohttp_storing(shape: str, size: int) -> Storing:
    from yarl import URL

    jar, url = aiohttp_jar(size), URL(response_url(shape))

    def store(line: str) -> object:
        return jar.update_cookies_from_headers([line], url)

    def renew() -> None:
        jar.clear(lambda morsel: morsel.key.startswith("new"))

    store("before-all=1")
    return Storing(
        store=store, field=lambda: jar.filter_cookies(url), renew=renew, count=lambda: len(jar)
    )


def standard_storing(shape: str, size: int) -> Storing:
    from urllib.request import Request as StandardRequest

    jar, request = standard_jar(size), StandardRequest(response_url(shape))

    class Response:
        def __init__(self, line: str) -> None:
            self.message = Message()
            self.message["Set-Cookie"] = line

        def info(self) -> Message:
            return self.message

    def field() -> object:
        request.remove_header("Cookie")
        return jar.add_cookie_header(request)

    def renew() -> None:
        for cookie in list(jar):
            if cookie.name.startswith("new"):
                jar.clear(cookie.domain, cookie.path, cookie.name)

    return Storing(
        store=lambda line: jar.extract_cookies(Response(line), request),
        field=field,
        renew=renew,
        count=lambda: len(jar),
    )


def replacing(storing: Storing, shape: str) -> Work:
    """Storing one line after another, each in the place of a cookie that is there."""
    lines = set_lines(shape, names=10)
    following = cycle(lines)
    before = storing.count()
    for line in lines:
        storing.store(line)
    assert storing.count() == before + 10
    return Work(run=lambda: storing.store(next(following)))


def adding(storing: Storing, shape: str) -> Work:
    """Storing lines of ``BLOCK`` names that are not there."""
    blocks = cycle(batched(set_lines(shape, names=LINES)))
    block: Sequence[str] = next(blocks)
    before = storing.count()

    def reset() -> None:
        nonlocal block
        storing.renew()
        block = next(blocks)

    def run() -> None:
        for line in block:
            storing.store(line)

    run()
    assert storing.count() == before + BLOCK
    return Work(run=run, operations=BLOCK, reset=reset)


def batched(lines: Sequence[str]) -> list[Sequence[str]]:
    """The lines, ``BLOCK`` by ``BLOCK``."""
    return [lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK)]


def exchanging(storing: Storing, shape: str) -> Work:
    """A response that sets a cookie anew, and what the next request to that site asks."""
    following = cycle(set_lines(shape, names=1))

    def exchange() -> object:
        storing.store(next(following))
        return storing.field()

    exchange()
    return Work(run=exchange)
