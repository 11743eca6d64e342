"""The jar, and what goes around it, do what Requests' do."""

from __future__ import annotations

import copy
import http.client
import io
import pickle
from http.cookiejar import CookieJar, DefaultCookiePolicy, LWPCookieJar
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests.cookies as theirs

from sojourn.compat import cookies as ours
from sojourn.compat.structures import CaseInsensitiveDict
from sojourn_core.values.fields import Fields

from .sides import outcome

if TYPE_CHECKING:
    from collections.abc import Callable

SIDES = (ours, theirs)


def parts(cookie: Any) -> Any:
    """All that a cookie is."""
    return sorted(vars(cookie).items(), key=lambda item: item[0])


def told(given: Any) -> Any:
    """What an operation gave, in terms that do not depend on whose it was."""
    if isinstance(given, CookieJar):
        return type(given).__name__, [parts(cookie) for cookie in given]
    if hasattr(given, "rfc2109"):
        return parts(given)
    return given


def filled(module: Any) -> Any:
    jar = module.RequestsCookieJar()
    jar.set("a", "1")
    jar.set("b", "2", domain=".b.test", path="/x")
    jar.set("a", "3", domain="b.test")
    jar.set("c", "4", domain="c.test", secure=True, rest={})
    jar.set("empty", "", domain="c.test")
    jar.set_cookie(module.create_cookie("valueless", None, domain="c.test"))
    return jar


def morsel(**parts: Any) -> Any:
    cookie: Any = SimpleCookie()
    cookie["m"] = "v"
    for name, value in parts.items():
        cookie["m"][name.replace("_", "-")] = value
    return cookie["m"]


JAR: list[Callable[[Any, Any], Any]] = [
    lambda m, j: j,
    lambda m, j: j.get("b"),
    lambda m, j: j.get("a"),
    lambda m, j: j.get("a", domain="b.test"),
    lambda m, j: j.get("a", domain=""),
    lambda m, j: j.get("b", path="/x"),
    lambda m, j: j.get("b", path="/"),
    lambda m, j: j.get("none", "default"),
    lambda m, j: j.get("empty"),
    lambda m, j: j.get("valueless", "default"),
    lambda m, j: j["b"],
    lambda m, j: j["a"],
    lambda m, j: j["none"],
    lambda m, j: "a" in j,
    lambda m, j: "b" in j,
    lambda m, j: "none" in j,
    lambda m, j: "valueless" in j,
    lambda m, j: j.keys(),
    lambda m, j: j.values(),
    lambda m, j: j.items(),
    lambda m, j: j.iterkeys(),
    lambda m, j: j.itervalues(),
    lambda m, j: j.iteritems(),
    lambda m, j: dict(j.items()),
    lambda m, j: dict(m.cookiejar_from_dict({"x": "y"})),
    lambda m, j: [cookie.name for cookie in j],
    lambda m, j: j.list_domains(),
    lambda m, j: j.list_paths(),
    lambda m, j: j.multiple_domains(),
    lambda m, j: m.RequestsCookieJar().multiple_domains(),
    lambda m, j: m.cookiejar_from_dict({"x": "y"}).multiple_domains(),
    lambda m, j: j.get_dict(),
    lambda m, j: j.get_dict("b.test"),
    lambda m, j: j.get_dict(domain="c.test", path="/"),
    lambda m, j: j.get_dict(path="/x"),
    lambda m, j: len(j),
    lambda m, j: bool(m.RequestsCookieJar()),
    lambda m, j: repr(j),
    lambda m, j: str(j),
    lambda m, j: told(j.set("new", "5")),
    lambda m, j: told(j.set("new", 5, expires=7, version=1)),
    lambda m, j: told(j.set("new", morsel())),
    lambda m, j: told(j.set("new", morsel(domain="m.test"), domain="other")),
    lambda m, j: j.set("new", "5", other=1),
    lambda m, j: j.set("a", None),
    lambda m, j: j.set("a", None, domain="b.test"),
    lambda m, j: j.set("b", None, path="/"),
    lambda m, j: j.__setitem__("b", "9"),
    lambda m, j: j.__setitem__("b", None),
    lambda m, j: j.__setitem__("m", morsel()),
    lambda m, j: j.__delitem__("a"),
    lambda m, j: j.__delitem__("none"),
    lambda m, j: j.pop("b"),
    lambda m, j: j.pop("none", 5),
    lambda m, j: j.popitem(),
    lambda m, j: j.setdefault("b", "9"),
    lambda m, j: j.setdefault("new", "9"),
    lambda m, j: j.update({"x": "1", "a": "2"}),
    lambda m, j: j.update(m.cookiejar_from_dict({"x": "1"})),
    lambda m, j: j.update([("x", "1")]),
    lambda m, j: j.update(None),
    lambda m, j: j.clear(),
    lambda m, j: j.clear("b.test"),
    lambda m, j: j.clear("b.test", "/", "a"),
    lambda m, j: j.clear("none"),
    lambda m, j: j.clear_session_cookies(),
    lambda m, j: j.clear_expired_cookies(),
    lambda m, j: j.set_cookie(m.create_cookie("q", '"a\\"b"')),
    lambda m, j: j.set_cookie(m.create_cookie("q", '"')),
    lambda m, j: j.set_cookie(m.create_cookie("q", 'a\\"b')),
    lambda m, j: told(j.copy()),
    lambda m, j: told(copy.deepcopy(j)),
    lambda m, j: told(pickle.loads(pickle.dumps(j))),
    lambda m, j: pickle.loads(pickle.dumps(j)).set("after", "1") and None,
    lambda m, j: told(j.copy()) == told(j),
    lambda m, j: j == {"a": "1"},
    lambda m, j: m.cookiejar_from_dict({"x": "y"}) == {"x": "y"},
    lambda m, j: hash(j),
    lambda m, j: type(j.get_policy()).__name__,
    lambda m, j: type(j.copy().get_policy()).__name__,
]


@pytest.mark.parametrize("operation", JAR)
def test_the_jar(operation: Callable[[Any, Any], Any]) -> None:
    seen = []
    for module in SIDES:
        jar = filled(module)
        seen.append((outcome(operation, module, jar), told(jar)))
    mine, other = seen
    assert str(mine[0]) == str(other[0]) if "instance of" in str(mine) else mine[0] == other[0]
    assert mine[1] == other[1]


def test_a_conflict_is_an_error_of_its_own() -> None:
    assert issubclass(ours.CookieConflictError, RuntimeError)
    with pytest.raises(ours.CookieConflictError, match="several cookies with the name 'a'"):
        filled(ours)["a"]


def test_a_copy_keeps_the_policy_and_has_cookies_of_its_own() -> None:
    jar = ours.RequestsCookieJar(DefaultCookiePolicy(blocked_domains=["x.test"]))
    jar.set("a", "1")
    copied = jar.copy()
    assert copied.get_policy() is jar.get_policy()
    next(iter(copied)).value = "2"
    assert jar["a"] == "1"


FUNCTIONS: list[Callable[[Any], Any]] = [
    lambda m: told(m.create_cookie("a", "b")),
    lambda m: told(m.create_cookie("a", "b", domain=".x.test", path="", port="80", expires=5)),
    lambda m: told(m.create_cookie("a", "b", rest={"SameSite": "Lax"}, comment="c")),
    lambda m: m.create_cookie("a", "b", none=1, nothing=2),
    lambda m: m.create_cookie("a", "b", domain=None),
    lambda m: told(m.morsel_to_cookie(morsel())),
    lambda m: told(m.morsel_to_cookie(morsel(path="/p", domain=".d.test", secure=True))),
    lambda m: told(m.morsel_to_cookie(morsel(httponly=True, comment="c", version="1"))),
    lambda m: told(m.morsel_to_cookie(morsel(expires="Thu, 01-Jan-1970 00:00:01 GMT"))),
    lambda m: m.morsel_to_cookie(morsel(expires="Thu, 01 Jan 1970 00:00:01 GMT")),
    lambda m: m.morsel_to_cookie(morsel(max_age="soon")),
    lambda m: m.morsel_to_cookie(morsel(max_age=-(10**9))).expires < 10**9,
    lambda m: told(m.cookiejar_from_dict(None)),
    lambda m: told(m.cookiejar_from_dict({"x": "1", "y": 2})),
    lambda m: told(m.cookiejar_from_dict({"b": "9", "x": "1"}, filled(m))),
    lambda m: told(m.cookiejar_from_dict({"b": "9", "x": "1"}, filled(m), overwrite=False)),
    lambda m: told(m.cookiejar_from_dict({"x": "1"}, CookieJar())),
    lambda m: m.cookiejar_from_dict(5),
    lambda m: told(m.merge_cookies(filled(m), {"b": "9", "x": "1"})),
    lambda m: told(m.merge_cookies(filled(m), m.cookiejar_from_dict({"a": "9"}))),
    lambda m: told(m.merge_cookies(CookieJar(), m.cookiejar_from_dict({"a": "9"}))),
    lambda m: told(m.merge_cookies(CookieJar(), {"a": "9"})),
    lambda m: told(m.merge_cookies(filled(m), None)),
    lambda m: m.merge_cookies({}, {"a": "1"}),
    lambda m: m.merge_cookies(None, None),
    lambda m: m.remove_cookie_by_name(filled(m), "none"),
    lambda m: m._copy_cookie_jar(None),
    lambda m: told(m._copy_cookie_jar(filled(m))),
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions(function: Callable[[Any], Any]) -> None:
    assert outcome(function, ours) == outcome(function, theirs)


@pytest.mark.parametrize(
    ("name", "domain", "path"),
    [("a", None, None), ("a", "b.test", None), ("a", None, "/"), ("b", ".b.test", "/x")],
)
def test_removal(name: str, domain: str | None, path: str | None) -> None:
    left = []
    for module in SIDES:
        jar = filled(module)
        module.remove_cookie_by_name(jar, name, domain=domain, path=path)
        left.append(told(jar))
    assert left[0] == left[1]


def test_a_jar_of_another_kind_is_copied_as_such() -> None:
    jar = LWPCookieJar("some file")
    jar.set_cookie(ours.create_cookie("a", "1"))
    copied = ours.copy_cookie_jar(jar)
    assert isinstance(copied, LWPCookieJar)
    assert copied.filename == "some file"
    assert told(copied) == told(jar)
    copied.clear()
    assert len(jar) == 1


SET_COOKIES = [
    ["a=1"],
    ["a=1", "b=2; Path=/x", "c=3; Path=/x/y"],
    ["a=1; Domain=test"],
    ["a=1; Domain=.a.test", "b=2; Domain=a.test"],
    ["a=1; Domain=sub.a.test"],
    ["a=1; Domain=b.test"],
    ["a=1; Secure", "b=2; HttpOnly; SameSite=Lax"],
    ["a=1; Max-Age=0", "b=2; Max-Age=1000000000"],
    ["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
    ["a=1; Expires=Thu, 01 Jan 2970 00:00:00 GMT"],
    ['a="x y"', "b", "=c", ""],
    ["a=1; Path=/other", "a=1, b=2", 'q="a\\"b"'],
    ["a=1; Port=80", "b=1; Version=1"],
]
URLS = [
    "http://a.test/",
    "http://a.test/x/y?q",
    "https://www.a.test:8443/x",
    "http://127.0.0.1:80/",
    "http://localhost/",
    "http://[::1]/x",
]
HEADERS: list[dict[str, Any]] = [
    {},
    {"Host": "b.test"},
    {"Host": b"www.a.test"},
    {"Cookie": "mine=1"},
]
# Seconds since 1970; what is later counts from now, and is not the same twice.
FAR = 2_500_000_000


def request_to(url: str, headers: Any) -> Any:
    return SimpleNamespace(url=url, headers=CaseInsensitiveDict(headers), _cookies=None)


def as_urllib3(lines: list[str]) -> Any:
    text = "".join([f"Set-Cookie: {line}\r\n" for line in lines]) + "\r\n"
    message = http.client.parse_headers(io.BytesIO(text.encode()))
    return SimpleNamespace(_original_response=SimpleNamespace(msg=message))


def as_ours(lines: list[str]) -> Any:
    pairs = [("set-cookie", line) for line in lines]
    return SimpleNamespace(headers=Fields([("Server", "x"), *pairs]))


@pytest.mark.parametrize("lines", SET_COOKIES)
@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("headers", HEADERS)
def test_extraction(lines: list[str], url: str, headers: Any) -> None:
    kept = []
    for module, wrapped in [(theirs, as_urllib3), (ours, as_urllib3), (ours, as_ours)]:
        jar = module.RequestsCookieJar()
        module.extract_cookies_to_jar(jar, request_to(url, headers), wrapped(lines))
        for cookie in jar:
            if cookie.expires is not None:
                cookie.expires = min(cookie.expires, FAR)
        kept.append(told(jar))
    assert kept[1] == kept[0]
    assert kept[2] == kept[0]


@pytest.mark.parametrize(
    "response",
    [
        SimpleNamespace(_original_response=None, headers=Fields([("Set-Cookie", "a=1")])),
        SimpleNamespace(headers={"Set-Cookie": "a=1"}),
        SimpleNamespace(),
        None,
    ],
)
def test_from_what_is_no_response_nothing_is_taken(response: Any) -> None:
    for module in SIDES:
        jar = module.RequestsCookieJar()
        module.extract_cookies_to_jar(jar, request_to(URLS[0], {}), response)
        assert len(jar) == 0


@pytest.mark.parametrize("url", [*URLS, "http://b.test/x/y", "https://c.test/"])
@pytest.mark.parametrize("headers", HEADERS)
def test_what_is_sent(url: str, headers: Any) -> None:
    sent = []
    for module in SIDES:
        jar = filled(module)
        jar.set("deep", "5", domain="b.test", path="/x/y")
        jar.set("quoted", '"a b"', domain="b.test", version=1)
        module.extract_cookies_to_jar(jar, request_to(URLS[1], {}), as_urllib3(SET_COOKIES[1]))
        sent.append(module.get_cookie_header(jar, request_to(url, headers)))
        sent.append(module.get_cookie_header(module.RequestsCookieJar(), request_to(url, headers)))
    assert sent[:2] == sent[2:]


def test_a_response_is_asked_for_each_of_its_lines() -> None:
    mock = ours.MockResponse(as_urllib3(["a=1", "b=2"])._original_response.msg)
    assert mock.getheaders("Set-Cookie") == mock.info().get_all("set-cookie") == ["a=1", "b=2"]
    assert mock.getheaders("None") == []


ASKED: list[Callable[[Any], Any]] = [
    lambda r: r.get_type(),
    lambda r: r.type,
    lambda r: r.get_host(),
    lambda r: r.host,
    lambda r: r.get_origin_req_host(),
    lambda r: r.origin_req_host,
    lambda r: r.get_full_url(),
    lambda r: r.is_unverifiable(),
    lambda r: r.unverifiable,
    lambda r: r.has_header("HOST"),
    lambda r: r.has_header("X-None"),
    lambda r: r.get_header("Cookie"),
    lambda r: r.get_header("X-None", "default"),
    lambda r: r.add_header("A", "b"),
    lambda r: r.add_unredirected_header("A", "b") or (r.has_header("A") and r.get_header("A")),
    lambda r: r.add_unredirected_header("A", "b") or r.get_new_headers(),
]


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("url", [*URLS, "http://u:p@a.test:81/p;x=1?q#f", "http://a.test"])
@pytest.mark.parametrize("headers", HEADERS)
def test_the_request_that_the_jar_sees(ask: Callable[[Any], Any], url: str, headers: Any) -> None:
    request = request_to(url, headers)
    assert outcome(ask, ours.MockRequest(request)) == outcome(ask, theirs.MockRequest(request))


def test_a_jar_that_was_pickled_by_its_old_place_is_read() -> None:
    pickled = pickle.dumps(filled(ours), protocol=0)
    assert b"sojourn.local.netscape_jar" in pickled
    again = pickle.loads(pickled.replace(b"sojourn.local.netscape_jar", b"sojourn.compat.cookies"))
    assert told(again) == told(filled(ours))
