"""The register of quirks: each row on which policies differ, under the default and as in Requests.

A row is a function that does one thing under a policy and says what came of it. Rows that are fixed
under every policy stand below with one answer. ``docs/decisions.md`` has the register in prose.
"""

from __future__ import annotations

import inspect
import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    Environment,
    Fields,
    Netrc,
    Policy,
    Request,
    Session,
)
from sojourn_core.commands import Deliver, Discard, Fail, Rewind, Send
from sojourn_core.session.session import MountWarning
from sojourn_core.values.errors import RequestException
from tests.core.conversation import URL, generate, redirect, respond, session, snapshot, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import Call, PreparedRequest

    Row = Callable[[Policy], Any]

OTHER = "http://b.test/y"


class Surrounded(Session):
    """A session with an environment around it."""

    def read_environment(self) -> Environment:
        return Environment(
            proxies={"http": "http://around.test"},
            no_proxy="*.never.test, 2001:db8::/32",
            authorities={"REQUESTS_CA_BUNDLE": "around.pem"},
            netrc=Netrc({"a.test": ("netrc", "a"), "b.test": ("netrc", "b")}),
        )


def owned(policy: Policy, kind: type[Session] = Session, **settings: Any) -> Session:
    owner = kind(policy=policy)
    for name, value in settings.items():
        setattr(owner, name, value)
    return owner


def called(policy: Policy, method: str = "GET", url: str = URL, **given: Any) -> Call:
    return start(session(policy=policy), method, url, **given)


def then(call: Call, *steps: tuple[int, str]) -> PreparedRequest | str:
    """The request that these redirects lead to, or the name of the error, or ``delivered``."""
    for status, location in steps:
        command: Any = call.answered(redirect(status, location), 0.0)
        if isinstance(command, Deliver):
            return "delivered"
        assert isinstance(command, Discard)
        command = call.discarded(0.0)
        if isinstance(command, Rewind):
            command.content.rewind()
            command = call.rewound(0.0)
        if isinstance(command, Fail):
            return type(command.error).__name__
        assert isinstance(command, Send)
    return call.request


def sent(found: PreparedRequest | str, name: str) -> Any:
    assert not isinstance(found, str), found
    return found.headers.get(name)


def form(found: PreparedRequest | str) -> Any:
    """Method, content and framing of a request."""
    if isinstance(found, str):
        return found
    made = snapshot(found)
    return made.method, made.content, dict(found.headers.lines).get("Content-Length")


# --- rows on which policies differ ------------------------------------------------------------


def put_after_301(policy: Policy) -> Any:
    return form(then(called(policy, "PUT", data=b"abc"), (301, "/y")))


def put_after_302(policy: Policy) -> Any:
    return form(then(called(policy, "PUT", data=b"abc"), (302, "/y")))


def brew_after_302(policy: Policy) -> Any:
    return form(then(called(policy, "BREW", data=b"abc"), (302, "/y")))


def query_after(status: int) -> Row:
    return lambda policy: form(then(called(policy, "QUERY", data=b"abc"), (status, "/y")))


def session_and_environment(policy: Policy) -> Any:
    owner = owned(policy, Surrounded, proxies={"http": "http://mine.test"})
    return owner.merge_environment_settings(URL, None, None, None, None)["proxies"]["http"]


def no_proxy_of_an_ipv6_network(policy: Policy) -> Any:
    owner = owned(policy, Surrounded)
    settings = owner.merge_environment_settings("http://[2001:db8::1]/", None, None, None, None)
    return settings["proxies"].get("http")


def bundle_and_verify_false(policy: Policy) -> Any:
    owner = owned(policy, Surrounded, verify=False)
    return owner.merge_environment_settings(URL, None, None, None, None)["verify"]


def netrc_and_a_field(policy: Policy) -> Any:
    owner = owned(policy, Surrounded)
    request = owner.prepare_request(Request("GET", URL, headers={"Authorization": "mine"}))
    return request.headers["Authorization"]


def netrc_and_the_url(policy: Policy) -> Any:
    owner = owned(policy, Surrounded)
    return owner.prepare_request(Request("GET", "http://u:p@a.test/")).headers["Authorization"]


def auth_and_a_field(policy: Policy) -> Any:
    headers = {"Authorization": "mine"}
    return called(policy, auth=("u", "p"), headers=headers).request.headers["Authorization"]


def netrc_of_another_host(policy: Policy) -> Any:
    call = start(owned(policy, Surrounded, proxies={"http": ""}), "GET", URL)
    return sent(then(call, (302, OTHER)), "Authorization")


def credentials_after_a_detour(policy: Policy) -> Any:
    return sent(then(called(policy, auth=("u", "p")), (302, OTHER), (302, URL)), "Authorization")


def cookies_of_one_name(policy: Policy) -> Any:
    owner = session(policy=policy)
    owner.cookies.set("c", "session", domain="a.test")
    return start(owner, "GET", URL, cookies={"c": "request"}).request.headers["Cookie"]


def cookie_by_hand(policy: Policy) -> Any:
    return sent(then(called(policy, headers={"Cookie": "hand=1"}), (302, "/y")), "Cookie")


def host_by_hand(policy: Policy) -> Any:
    return sent(then(called(policy, headers={"Host": "mine.test"}), (302, OTHER)), "Host")


def another_field(policy: Policy) -> Any:
    return sent(then(called(policy, headers={"X-Api-Key": "key"}), (302, OTHER)), "X-Api-Key")


def empty_file(policy: Policy) -> Any:
    request = called(policy, "POST", data=io.BytesIO(b"")).request
    return request.headers.get("Content-Length"), request.headers.get("Transfer-Encoding")


def wrong_length(policy: Policy) -> Any:
    try:
        request = called(policy, "POST", data=b"abc", headers={"Content-Length": "99"}).request
    except RequestException as error:
        return type(error).__name__
    return request.headers.get_all("Content-Length")


def cookie_without_a_domain(policy: Policy) -> Any:
    return sent(then(called(policy, cookies={"own": "1"}), (302, OTHER)), "Cookie")


def hook(response: Any) -> None: ...


def hooks_of_both(policy: Policy) -> Any:
    owner = session(policy=policy, hooks={"response": [hook]})
    return len(
        owner.prepare_request(Request("GET", URL, hooks={"response": hook})).hooks["response"]
    )


def open_mount(policy: Policy) -> Any:
    owner = session(policy=policy)
    if not policy.warns_of_open_mounts:
        owner.mount("https://a.test", "transport")
        return "silent"
    with pytest.warns(MountWarning):
        owner.mount("https://a.test", "transport")
    return "warns"


def another_scheme(policy: Policy) -> Any:
    found = then(called(policy), (302, "mock:x"))
    return found if isinstance(found, str) else found.url


def user_info_of_a_location(policy: Policy) -> Any:
    found = then(called(policy), (302, "http://u:p@b.test/"))
    assert not isinstance(found, str)
    assert "authorization" not in found.headers
    return found.url


def basic_octets(policy: Policy) -> Any:
    return called(policy, auth=("ü", "")).request.headers["Authorization"]


def host_that_a_cookie_is_of(policy: Policy) -> Any:
    owner = session(policy=policy)
    call = start(owner, "GET", URL, headers={"Host": "mine.test"})
    call.answered(respond(200, ("Set-Cookie", "a=1")), 0.0)
    return [cookie.domain for cookie in owner.cookies]


def expectation_that_fails(policy: Policy) -> Any:
    play = called(policy, "POST", data=b"abc", headers={"Expect": "100-continue"})
    command = play.answered(respond(417), 0.0)
    if isinstance(command, Discard):
        play.discarded(0.0)
        command = play.answered(respond(200), 0.0)
    assert isinstance(command, Deliver)
    sent = command.response.request.headers
    return command.response.status_code, sent.get("Expect")


# Row, what is done, what comes of it under the default, and as in Requests.
ROWS: list[tuple[str, Row, Any, Any]] = [
    ("Q3", put_after_301, ("PUT", b"abc", "3"), ("PUT", None, "0")),
    ("Q3", put_after_302, ("GET", None, None), ("GET", None, None)),
    ("Q3", brew_after_302, ("BREW", b"abc", "3"), ("GET", None, None)),
    ("Q4", session_and_environment, "http://mine.test", "http://around.test"),
    ("S44", no_proxy_of_an_ipv6_network, None, "http://around.test"),
    ("Q5", bundle_and_verify_false, False, "around.pem"),
    ("Q6", netrc_and_a_field, "mine", "Basic bmV0cmM6YQ=="),
    ("Q6", netrc_and_the_url, "Basic dTpw", "Basic bmV0cmM6YQ=="),
    ("Q6", auth_and_a_field, "mine", "Basic dTpw"),
    ("Q6", netrc_of_another_host, None, "Basic bmV0cmM6Yg=="),
    ("Q7", credentials_after_a_detour, "Basic dTpw", None),
    ("Q8", cookies_of_one_name, "c=request", "c=session; c=request"),
    ("Q9", cookie_by_hand, "hand=1", None),
    ("Q10", host_by_hand, None, "mine.test"),
    ("Q11", another_field, None, "key"),
    ("Q15", empty_file, ("0", None), (None, "chunked")),
    ("Q16", wrong_length, "InvalidContent", ["3"]),
    ("Q17", cookie_without_a_domain, None, "own=1"),
    ("Q19", hooks_of_both, 2, 1),
    ("Q20", open_mount, "warns", "silent"),
    ("Q21", another_scheme, "RedirectRefused", "mock:x"),
    ("Q22", user_info_of_a_location, "http://b.test/", "http://u:p@b.test/"),
    ("Q23", lambda policy: policy.cookie_rules, "rfc6265bis", "netscape"),
    ("Q26", lambda policy: policy.text_charset, None, "ISO-8859-1"),
    ("Q29", lambda policy: Session(policy=policy).settings_for().timeout, (10.0, 60.0), None),
    ("Q34", host_that_a_cookie_is_of, ["a.test"], ["mine.test"]),
    ("Q35", query_after(301), ("QUERY", b"abc", "3"), ("QUERY", None, "0")),
    ("Q35", query_after(302), ("QUERY", b"abc", "3"), ("GET", None, None)),
    ("Q36", expectation_that_fails, (200, None), (417, "100-continue")),
    ("S45", lambda policy: "SSL_CERT_FILE" in policy.authority_variables, True, False),
    ("2.1", basic_octets, "Basic w7w6", "Basic /Do="),
    ("S31", lambda policy: 300 in policy.redirect_statuses, False, False),
]


@pytest.mark.parametrize(
    ("row", "do", "default", "requests"), ROWS, ids=[f"{row[0]}-{row[1].__name__}" for row in ROWS]
)
def test_a_row_that_is_a_choice(row: str, do: Row, default: Any, requests: Any) -> None:
    assert do(Policy()) == default
    assert do(Policy.requests()) == requests


def test_every_row_that_the_policy_names_is_here() -> None:
    attributes, _, _ = (inspect.getdoc(Policy) or "").partition("on_redirect:")
    named = set(re.findall(r"\b[QS]\d+\b", attributes))
    assert named == {row[0] for row in ROWS if row[0] != "2.1"}


# --- rows that are fixed under every policy ---------------------------------------------------


def no_redirects_at_all(policy: Policy) -> Any:
    owner = session(policy=policy, max_redirects=0)
    call = start(owner, "GET", URL, redirects=False)
    response = redirect(302, "/y")
    assert call.answered(response, 0.0) == Deliver(response)
    return response.next


def location_of_octets(policy: Policy) -> Any:
    found = then(called(policy), (302, "/\xff"))
    assert not isinstance(found, str)
    return found.url


def generator_after_307(policy: Policy) -> Any:
    call = called(policy, "POST", data=generate())
    snapshot(call.request)
    return then(call, (307, "/y"))


def generator_with_a_length(policy: Policy) -> Any:
    request = called(policy, "POST", data=generate(), headers={"Content-Length": "4"}).request
    return request.headers.get("Content-Length"), request.headers.get("Transfer-Encoding")


def proxies_of_the_caller(policy: Policy) -> Any:
    given = {"https": "http://mine.test"}
    owned(policy, Surrounded).merge_environment_settings(URL, given, None, None, None)
    return given


def bounds_of_a_redirects_content(policy: Policy) -> Any:
    command = called(policy).answered(redirect(302, "/y"), 0.0)
    assert isinstance(command, Discard)
    return command.limit, command.deadline


def links(policy: Policy) -> Any:
    response = respond(200, ("Link", '<http://a.test/?a;b=c>; rel="next"; title="x;y=z"'))
    return response.links


FIXED: list[tuple[str, Row, Any]] = [
    ("Q1", no_redirects_at_all, None),
    ("Q12", location_of_octets, "http://a.test/%FF"),
    ("Q13", generator_after_307, "UnrewindableBodyError"),
    ("Q14", generator_with_a_length, ("4", None)),
    ("Q18", proxies_of_the_caller, {"https": "http://mine.test"}),
    ("Q32", bounds_of_a_redirects_content, (64 * 1024, 0.05)),
    (
        "Q33",
        links,
        {"next": {"url": "http://a.test/?a;b=c", "rel": "next", "title": "x;y=z"}},
    ),
]


@pytest.mark.parametrize(("row", "do", "found"), FIXED, ids=[row[0] for row in FIXED])
@pytest.mark.parametrize(
    "policy",
    [Policy(), Policy.requests(), Policy.browser(), Policy.curl()],
    ids=["default", "requests", "browser", "curl"],
)
def test_a_row_that_is_fixed(row: str, do: Row, found: Any, policy: Policy) -> None:
    assert do(policy) == found


@pytest.mark.parametrize("policy", [Policy(), Policy.requests()], ids=["default", "requests"])
def test_two_framings_are_never_sent(policy: Policy) -> None:
    headers = Fields([("Content-Length", "4"), ("Transfer-Encoding", "chunked")])
    for data in (b"abcd", [b"abcd"]):
        with pytest.raises(RequestException, match="exclude each other"):
            called(policy, "POST", data=data, headers=headers)
