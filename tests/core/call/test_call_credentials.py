"""What the caller gives without naming a place goes to the origin that the caller asked for.

Conversations under the default policy, for each way in which credentials and cookies are given.
A is the origin that was asked; B one that a server names.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import BearerAuth, CookieJar, Fields, HTTPBasicAuth, Policy
from tests.core.conversation import codes, hop, redirect, session, start

if TYPE_CHECKING:
    from sojourn_core import Call, PreparedRequest

A = "http://a.test/x"
B = "http://b.test/y"
UPGRADED = "https://a.test/x"

PAIR = ("user", "pass")


def authorization(request: PreparedRequest) -> str | None:
    """The credentials of a request, Basic ones decoded."""
    value = request.headers.get("authorization")
    if value is not None and value.startswith("Basic "):
        return b64decode(value.removeprefix("Basic ")).decode()
    return value


def journey(call: Call, *locations: str, status: int = 307) -> list[PreparedRequest]:
    """The first request of a call, and those that redirects to these places lead to."""
    return [call.request, *(hop(call, redirect(status, place)) for place in locations)]


# --- which credentials are sent at all --------------------------------------------------------


@pytest.mark.parametrize(
    ("of_session", "of_request", "url", "header", "sent", "source"),
    [
        (None, None, A, None, None, None),
        (PAIR, None, A, None, "user:pass", "the session"),
        (None, PAIR, A, None, "user:pass", "the request"),
        (("s", "s"), PAIR, A, None, "user:pass", "the request"),
        (None, None, "http://user:p%20w@a.test/", None, "user:p w", "the user info of the URL"),
        (None, None, "http://user@a.test/", None, "user:", "the user info of the URL"),
        (None, None, "http://@a.test/", None, None, None),
        (None, None, "http://:@a.test/", None, None, None),
        (PAIR, None, "http://u:i@a.test/", None, "user:pass", "the session"),
        (None, PAIR, "http://u:i@a.test/", None, "user:pass", "the request"),
        (PAIR, PAIR, "http://u:i@a.test/", "Custom x", "Custom x", None),
        (HTTPBasicAuth(*PAIR), None, A, None, "user:pass", "the session"),
        (None, BearerAuth("t"), A, None, "Bearer t", "the request"),
    ],
)
def test_the_order_of_precedence(
    of_session: Any, of_request: Any, url: str, header: str | None, sent: Any, source: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    call = start(session(auth=of_session), "GET", url, auth=of_request, headers=headers)
    assert authorization(call.request) == sent
    reasons = [d.reason for d in call.decisions if d.code == "auth.added"]
    assert reasons == ([] if source is None else [f"credentials come from {source}"])


def test_the_charset_of_basic_credentials_is_a_choice() -> None:
    owner = session(auth=("ü", "é"), policy=Policy(basic_charset="latin-1"))
    sent = start(owner, "GET", A).request.headers["authorization"]
    assert b64decode(sent.removeprefix("Basic ")) == b"\xfc:\xe9"


def test_an_authentication_may_be_any_function() -> None:
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Signature"] = f"of {request.method}"
        return request

    call = start(session(), "GET", A, auth=sign)
    assert call.request.headers["X-Signature"] == "of GET"
    assert codes(call) == []
    back = journey(call, B, A)
    assert ["x-signature" in request.headers for request in back] == [True, False, True]


# --- Authorization over redirects -------------------------------------------------------------

BY_HEADER = {"headers": {"Authorization": "Custom x"}}
BY_AUTH = {"auth": PAIR}


@pytest.mark.parametrize(
    ("given", "held"),
    [(BY_HEADER, False), (BY_AUTH, True), ({"auth": BearerAuth("t")}, True)],
    ids=["header", "auth", "bearer"],
)
@pytest.mark.parametrize(
    ("locations", "kept"),
    [
        (["/y", "http://a.test:80/z"], "111"),
        ([B], "10"),
        ([B, "/z"], "100"),
        ([B, A], "10?"),
        ([B, A, "/z"], "10??"),
        ([B, B, A, B, A], "100?0?"),
        (["http://a.test:81/"], "10"),
        (["//sub.a.test/"], "10"),
        ([UPGRADED, "/z"], "111"),
        ([UPGRADED, A], "11?"),
        ([UPGRADED, B, UPGRADED], "1100"),
        (["https://a.test:8443/"], "10"),
    ],
)
def test_where_authorization_goes(
    given: dict[str, Any], held: bool, locations: list[str], kept: str
) -> None:
    """``?`` stands for a return: what the call holds comes back, what a field gave does not."""
    call = start(session(), "GET", A, **given)
    first = authorization(call.request)
    expected = [mark == "1" or (mark == "?" and held) for mark in kept]
    found = [authorization(request) for request in journey(call, *locations)]
    assert found == [first if each else None for each in expected]


@pytest.mark.parametrize(
    ("url", "owner"),
    [("http://user:pass@a.test/", {}), (A, {"auth": PAIR})],
    ids=["user info", "session"],
)
def test_what_the_url_and_the_session_hold_comes_back_as_well(
    url: str, owner: dict[str, Any]
) -> None:
    call = start(session(**owner), "GET", url)
    found = [authorization(request) for request in journey(call, "/y", B, A, "/z")]
    assert found == ["user:pass", "user:pass", None, "user:pass", "user:pass"]
    assert [(d.code, d.hop) for d in call.decisions if d.code.startswith("auth.")] == [
        ("auth.added", 0),
        ("auth.stripped.cross-origin", 2),
        ("auth.added", 3),
    ]


def test_user_info_that_a_server_names_is_not_used() -> None:
    call = start(session(), "GET", A)
    for location in ("http://u:p@b.test/", "http://u:p@a.test/"):
        assert authorization(hop(call, redirect(302, location))) is None


def test_browsers_take_no_credentials_along_an_upgrade() -> None:
    call = start(session(policy=Policy.browser()), "GET", A, **BY_HEADER)
    assert [authorization(r) for r in journey(call, UPGRADED)] == ["Custom x", None]


def test_an_upgrade_leaves_a_decision() -> None:
    call = start(session(), "GET", A, **BY_AUTH)
    journey(call, UPGRADED)
    (kept,) = [d for d in call.decisions if d.code == "auth.kept.upgrade"]
    assert (kept.before, kept.after, kept.hop) == ("http://a.test", "https://a.test", 1)


@pytest.mark.parametrize("locations", [[], ["/y"], [B], [UPGRADED]])
def test_credentials_of_a_proxy_never_reach_an_origin(locations: list[str]) -> None:
    call = start(session(), "GET", A, headers={"Proxy-Authorization": "Basic x"})
    for request in journey(call, *locations):
        assert "proxy-authorization" not in request.headers


# --- cookies ----------------------------------------------------------------------------------


def cookies(call: Call, *answers: Any) -> list[str | None]:
    """The Cookie field of the first request and of those that these redirects lead to."""
    found = [call.request.headers.get("cookie")]
    for answer in answers:
        location, lines = (answer, ()) if isinstance(answer, str) else (answer[0], answer[1:])
        made = redirect(307, location, *(("Set-Cookie", line) for line in lines))
        found.append(hop(call, made).headers.get("cookie"))
    return found


def test_what_a_server_sets_goes_back_to_it() -> None:
    call = start(session(), "GET", A)
    assert cookies(call, ("/y", "a=1"), (B, "b=2; Path=/z"), A) == [None, "a=1", None, "a=1"]
    assert codes(call).count("cookie.sent") == 2


def test_a_cookie_for_a_domain_goes_wherever_that_is() -> None:
    call = start(session(), "GET", "http://www.a.test/")
    found = cookies(call, ("//api.a.test/", "wide=1; Domain=a.test", "narrow=1"), B)
    assert found == [None, "wide=1", None]


def test_a_field_given_by_hand_stays_within_its_origin() -> None:
    call = start(session(), "GET", A, headers={"Cookie": "hand=1"})
    assert cookies(call, "/y", "http://a.test:80/z") == ["hand=1"] * 3


@pytest.mark.parametrize("other", [B, UPGRADED, "http://a.test:81/", "//sub.a.test/"])
def test_a_field_given_by_hand_is_dropped_for_good(other: str) -> None:
    call = start(session(), "GET", A, headers={"Cookie": "hand=1"})
    assert cookies(call, other, A, "/y") == ["hand=1", None, None, None]
    assert "cookie.stripped.cross-origin" in codes(call)


def test_what_the_jar_gains_meanwhile_goes_along() -> None:
    call = start(session(), "GET", A, headers={"Cookie": "hand=1; own=1"})
    found = cookies(
        call, ("/1", "jar=1", "own=2"), ("/2", "jar=2"), ("/3", "jar=; Max-Age=0"), "/4"
    )
    assert found == [
        "hand=1; own=1",
        "hand=1; own=1; jar=1",
        "hand=1; own=1; jar=2",
        "hand=1; own=1",
        "hand=1; own=1",
    ]


def test_what_the_jar_gained_is_all_that_is_left_after_another_origin() -> None:
    call = start(session(), "GET", A, headers={"Cookie": "hand=1"})
    found = cookies(call, ("/1", "jar=1"), B, A)
    assert found == ["hand=1", "hand=1; jar=1", None, "jar=1"]


def test_two_fields_given_by_hand_become_one() -> None:
    lines = Fields([("Cookie", "a=1"), ("cookie", "b=2")])
    call = start(session(), "GET", A, headers=lines)
    assert hop(call, redirect(307, "/y")).headers.get_all("cookie") == ["a=1; b=2"]


def test_a_field_given_by_hand_stands_alone_at_first() -> None:
    owner = session()
    owner.cookies.set("jar", "1")
    call = start(owner, "GET", A, headers={"Cookie": "hand=1"}, cookies={"request": "1"})
    assert call.request.headers.get_all("cookie") == ["hand=1"]


def test_cookies_of_the_request_belong_to_the_origin_that_was_asked() -> None:
    call = start(session(), "GET", A, cookies={"own": "1"})
    found = cookies(call, "/y", B, UPGRADED, A)
    assert found == ["own=1", "own=1", None, None, "own=1"]


def test_so_do_cookies_of_the_session_without_a_domain() -> None:
    owner = session()
    owner.cookies.set("free", "1")
    owner.cookies.set("bound", "2", domain="b.test")
    found = cookies(start(owner, "GET", A), "/y", B, A)
    assert found == ["free=1", "free=1", "bound=2", "free=1"]
    assert cookies(start(owner, "GET", B)) == ["free=1; bound=2"]


def test_cookies_of_the_request_replace_those_of_the_session() -> None:
    owner = session()
    owner.cookies.set("same", "session", domain="a.test")
    owner.cookies.set("other", "session")
    call = start(owner, "GET", A, cookies={"same": "request"})
    assert cookies(call, "/y") == ["other=session; same=request"] * 2


def test_cookies_of_the_request_may_have_a_domain() -> None:
    jar = CookieJar()
    jar.set("wide", "1", domain="a.test")
    jar.set("other", "2", domain="b.test")
    call = start(session(), "GET", A, cookies=jar)
    assert cookies(call, "//sub.a.test/", B, A) == ["wide=1", None, None, "wide=1"]


def test_a_field_of_the_session_is_one_given_by_hand() -> None:
    owner = session()
    owner.headers["Cookie"] = "hand=1"
    assert cookies(start(owner, "GET", A), "/y", B, A) == ["hand=1", "hand=1", None, None]


# --- other fields -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["X-Api-Key", "Referer", "Origin", "Host"])
def test_other_fields_are_dropped_for_good(name: str) -> None:
    call = start(session(), "GET", A, headers={name: "canary.test"})
    found = [request.headers.get(name) for request in journey(call, "/y", B, "/z", A)]
    assert found == ["canary.test", "canary.test", None, None, None]


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "If-Match", "Range", "User-Agent"])
def test_fields_that_say_nothing_of_who_asks_go_along(name: str) -> None:
    call = start(session(), "GET", A, headers={name: "value"})
    assert all(request.headers[name] == "value" for request in journey(call, "/y", B, A))


@pytest.mark.parametrize(("status", "kept"), [(307, True), (303, False)])
def test_fields_of_content_go_where_the_content_goes(status: int, kept: bool) -> None:
    headers = {"Content-Type": "text/plain", "Content-Language": "de", "Digest": "x"}
    call = start(session(), "POST", A, headers=headers, data=b"content")
    for request in journey(call, "/y", B, A, status=status)[1:]:
        assert all((name in request.headers) is kept for name in [*headers, "Content-Length"])
        assert (request.body == b"content") is kept


def test_a_hop_drops_a_field_for_every_hop_after_it_and_says_so_once() -> None:
    call = start(session(), "GET", A, headers={"X-Api-Key": "secret"})
    journey(call, B, A, B)
    said = [(d.subject, d.hop) for d in call.decisions if d.code == "field.dropped.cross-origin"]
    assert said == [("X-Api-Key", 1)]


def test_the_request_of_each_hop_stays_as_it_was_sent() -> None:
    call = start(session(), "POST", A, headers={"X-Api-Key": "key"}, data=b"content", auth=PAIR)
    first = call.request
    lines = first.headers.lines.copy()
    journey(call, B, status=303)
    assert (first.method, first.url, first.body) == ("POST", A, b"content")
    assert first.headers.lines == lines
    assert call.history[0].request is first
