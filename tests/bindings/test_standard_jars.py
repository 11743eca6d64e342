"""Jars of ``http.cookiejar`` as the jar of a session, and turned into Sojourn's own and back."""

from __future__ import annotations

import http.cookiejar
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn.aio import backend as aio_backend
from sojourn.compat.cookies import MockRequest, RequestsCookieJar, create_cookie
from sojourn.local.standard_jars import from_standard, to_standard
from sojourn.sync import exchange_driver as sync_drive
from sojourn_core import PreparedRequest, Request
from sojourn_core.commands import Address
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.url.url import parse_url
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer, Received

NOW = 1_700_000_000.0
KINDS = [
    http.cookiejar.CookieJar,
    http.cookiejar.MozillaCookieJar,
    http.cookiejar.LWPCookieJar,
    RequestsCookieJar,
]


def handler(received: Received) -> bytes:
    match received.target:
        case "/set":
            return answer(
                200,
                ("Set-Cookie", "a=1; Path=/"),
                ("Set-Cookie", 'q="x \\" y"; Path=/; Max-Age=9999'),
            )
        case "/away":
            return answer(302, ("Location", "http://b.test/end"), ("Set-Cookie", "m=1; Path=/"))
        case "/home":
            return answer(302, ("Location", "/end"), ("Set-Cookie", "m=1; Path=/"))
        case "/back":
            return answer(302, ("Location", "http://a.test/end"))
    return answer(200)


@pytest.fixture
def site(serve: Callable[..., HandlerServer], monkeypatch: pytest.MonkeyPatch) -> HandlerServer:
    """A server for every name."""
    server = serve(handler)

    def resolve(host: str, port: int) -> tuple[Address, ...]:
        return (Address("127.0.0.1", server.port),)

    async def aresolve(host: str, port: int) -> tuple[Address, ...]:
        return resolve(host, port)

    monkeypatch.setattr(sync_drive, "resolve", resolve)
    monkeypatch.setattr(aio_backend, "resolve", aresolve)
    return server


def sent(site: HandlerServer) -> list[list[str]]:
    """The cookies of each request so far, sorted: jars differ in their order."""
    fields = [received.value("cookie") for received in site.requests]
    return [sorted(field.split("; ")) if field else [] for field in fields]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_set_is_stored_and_sent(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    jar = session.cookies = kind()
    binding.run(session.get("http://a.test/set"))
    assert session.cookies is jar
    assert {(cookie.domain, cookie.name) for cookie in jar} == {("a.test", "a"), ("a.test", "q")}
    for url in ("http://a.test/x", "http://b.test/x"):
        binding.run(session.get(url))
    assert [[pair[:2] for pair in field] for field in sent(site)] == [[], ["a=", "q="], []]
    assert "a=1" in sent(site)[1]


@pytest.mark.parametrize("kind", KINDS[:3])
def test_sending_leaves_the_jar_as_it_is(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind()
    for _ in range(2):
        binding.run(session.get("http://a.test/set"))
    assert [cookie.value for cookie in session.cookies] == ["1", '"x \\" y"']
    assert sent(site)[1] == ["a=1", 'q="x \\" y"']


@pytest.mark.parametrize("kind", KINDS)
def test_cookies_without_a_domain_stay_at_home(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind()
    session.cookies.set_cookie(create_cookie("mine", "1"))
    session.cookies.set_cookie(create_cookie("theirs", "1", domain="b.test"))
    binding.run(session.get("http://a.test/home"))
    binding.run(session.get("http://a.test/away"))
    assert sent(site) == [["mine=1"], ["m=1", "mine=1"], ["m=1", "mine=1"], ["theirs=1"]]


@pytest.mark.parametrize("kind", KINDS)
def test_cookies_of_a_request_replace_the_jars_and_stay_at_home(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind()
    session.cookies.set_cookie(create_cookie("a", "jar", domain="a.test"))
    session.cookies.set_cookie(create_cookie("b", "jar", domain="a.test"))
    own = {"a": "own"}
    binding.run(session.get("http://a.test/home", cookies=own))
    binding.run(session.get("http://a.test/away", cookies=own))
    binding.run(session.get("http://b.test/back", cookies=own))
    assert sent(site) == [
        ["a=own", "b=jar"],
        ["a=own", "b=jar", "m=1"],
        ["a=own", "b=jar", "m=1"],
        [],
        ["a=own"],
        ["a=jar", "b=jar", "m=1"],
    ]
    assert {cookie.value for cookie in session.cookies if cookie.name == "a"} == {"jar"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_cookie_of_a_request_whose_value_is_none_takes_out_the_jars(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind()
    for name in ("a", "b"):
        session.cookies.set_cookie(create_cookie(name, "jar", domain="a.test"))
    binding.run(session.get("http://a.test/home", cookies={"a": None, "c": "own"}))
    binding.run(session.get("http://a.test/x"))
    own = ["b=jar", "c=own"]
    assert sent(site) == [own, [*own, "m=1"], ["a=jar", "b=jar", "m=1"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_cookie_of_a_request_gives_way_to_one_that_a_response_sets(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind()
    binding.run(session.get("http://a.test/home", cookies={"m": "own", "n": "own"}))
    assert sent(site) == [["m=own", "n=own"], ["m=1", "n=own"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_simple_cookie_is_taken_for_a_request(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind()
    binding.run(session.get("http://a.test/x", cookies=SimpleCookie("a=1; b=2")))
    assert sent(site) == [["a=1", "b=2"]]


@pytest.mark.parametrize("kind", KINDS[:3])
def test_the_policy_of_a_jar_is_kept_to(
    binding: Binding, site: HandlerServer, kind: type[http.cookiejar.CookieJar]
) -> None:
    session = binding.session()
    session.cookies = kind(policy=http.cookiejar.DefaultCookiePolicy(blocked_domains=["b.test"]))
    session.cookies.set_cookie(create_cookie("b", "1", domain="b.test"))
    for host in ("a", "b"):
        binding.run(session.get(f"http://{host}.test/set"))
        binding.run(session.get(f"http://{host}.test/x", cookies={"own": "1"}))
    assert sent(site) == [[], ["a=1", "own=1", 'q="x \\" y"'], [], ["own=1"]]
    assert {cookie.domain for cookie in session.cookies if cookie.name == "a"} == {"a.test"}


@pytest.mark.parametrize("kind", [http.cookiejar.MozillaCookieJar, http.cookiejar.LWPCookieJar])
def test_a_jar_with_a_file_is_saved_and_loaded(
    binding: Binding, site: HandlerServer, kind: Any, tmp_path: Any
) -> None:
    session = binding.session()
    session.cookies = kind(str(tmp_path / "jar"))
    binding.run(session.get("http://a.test/set"))
    session.cookies.save(ignore_discard=True)
    again = binding.session()
    again.cookies = kind(str(tmp_path / "jar"))
    again.cookies.load(ignore_discard=True)
    binding.run(again.get("http://a.test/x"))
    assert "a=1" in sent(site)[-1]


# Turned into each other


def standard(**changes: Any) -> http.cookiejar.Cookie:
    return create_cookie(**({"name": "a", "value": "1", "rest": {}} | changes))


def jar_of(*cookies: http.cookiejar.Cookie) -> http.cookiejar.CookieJar:
    jar = http.cookiejar.CookieJar()
    for cookie in cookies:
        jar.set_cookie(cookie)
    return jar


def told(cookie: http.cookiejar.Cookie) -> dict[str, Any]:
    return {**vars(cookie), "_rest": {name.lower(): text for name, text in cookie._rest.items()}}


def host_only(cookie: http.cookiejar.Cookie) -> http.cookiejar.Cookie:
    cookie.domain_specified = False
    return cookie


@pytest.mark.parametrize(
    "cookie",
    [
        standard(),
        standard(domain=".a.test", path="/x", secure=True),
        standard(domain=".a.test", expires=1_800_000_000, discard=False),
        host_only(standard(domain="a.test")),
        host_only(standard(domain="127.0.0.1")),
        host_only(standard(domain="localhost.local")),
        host_only(standard(domain="[::1].local")),
        standard(domain=".a.test", rest={"HttpOnly": "", "SameSite": "Lax"}),
        standard(domain=".a.test", value='"quoted \xff"'),
        standard(domain=".a.test", value=None),
        standard(domain=".a.test", value=""),
    ],
    ids=lambda cookie: f"{cookie.domain}-{cookie.value}",
)
def test_a_standard_cookie_comes_back_as_it_was(cookie: http.cookiejar.Cookie) -> None:
    (again,) = to_standard(from_standard(jar_of(cookie)))
    assert told(again) == told(cookie)


LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["a=1", "b=2", "nameless", "e=", 'q="1"']),
    st.sampled_from(["", "; Path=/", "; Path=/x", "; Domain=a.test"]),
    st.sampled_from(["", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=60"]),
)
URLS = ["https://a.test/", "https://www.a.test/x/y", "https://127.0.0.1/", "https://localhost/"]


@given(st.lists(st.tuples(st.sampled_from(URLS), LINES), max_size=8))
def test_a_jar_of_ours_comes_back_as_it_was(given: list[tuple[str, str]]) -> None:
    jar = CookieJar({"home": "1"})
    for count, (url, line) in enumerate(given):
        jar.store([line], parse_url(url), NOW + count)
    again = from_standard(to_standard(jar))

    def known(jar: CookieJar) -> set[Any]:
        names = set(type(next(iter(jar))).__slots__) - {"created", "changed", "revision", "serial"}
        return {tuple((name, getattr(cookie, name)) for name in sorted(names)) for cookie in jar}

    assert known(again) == known(jar)


@pytest.mark.parametrize("host", ["web", "localhost", "a.test", "127.0.0.1", "[::1]", "x.local"])
def test_both_kinds_of_jars_send_a_host_what_it_set(host: str) -> None:
    request: PreparedRequest = Request("GET", f"http://{host}/x").prepare()
    made = CookieJar()
    made.store(["a=1"], request.parsed_url, NOW)
    asked = MockRequest(request)
    to_standard(made).add_cookie_header(asked)
    assert asked.get_new_headers() == {"Cookie": "a=1"}

    theirs = http.cookiejar.CookieJar()
    fields = {"Set-Cookie": "a=1"}
    cookies = theirs._cookies_from_attrs_set(
        http.cookiejar.parse_ns_headers(fields.values()), asked
    )
    theirs.set_cookie(cookies[0])
    assert from_standard(theirs).cookie_field(request.parsed_url, NOW) == "a=1"


def test_what_may_be_of_two_hosts_goes_to_both() -> None:
    jar = from_standard(jar_of(host_only(standard(domain="web.local"))))
    assert jar.list_domains() == ["web", "web.local"]
    jar = from_standard(jar_of(standard(domain=".web.local")))
    assert jar.list_domains() == ["web.local"]


def test_a_policy_is_handed_on() -> None:
    policy = http.cookiejar.DefaultCookiePolicy()
    assert to_standard(CookieJar(), policy)._policy is policy


def test_a_cookie_that_cannot_be_sent_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="cookie 'a' has a control character") as raised:
        from_standard(jar_of(standard(value="s3cret\n")))
    assert "s3cret" not in str(raised.value)
