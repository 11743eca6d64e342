"""How a call goes by way of a proxy: what the proxy is told, and that no origin hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import DIRECT, Limits, Policy, Request, Session
from sojourn_core.call.proxy_auth import PROXY_FLOWS_MAX
from sojourn_core.commands import Deliver, Discard, Fail, Rewind, Send
from sojourn_core.rules.auth.challenge import parse_challenges
from sojourn_core.rules.auth.credentials import AuthFlow, HTTPProxyAuth
from sojourn_core.rules.auth.digest_auth import HTTPDigestAuth, HTTPProxyDigestAuth
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import InvalidProxyURL, Progress, ProxyError, RequestException
from tests.core.conversation import (
    URL,
    codes,
    generate,
    redirect,
    respond,
    session,
    snapshot,
    travel,
)

if TYPE_CHECKING:
    from sojourn_core import Call, PreparedRequest, Response

SECURE = "https://a.test/x"
OTHER = "http://b.test/y"
PROXY = "http://proxy.test:3128"
WITH_USER = "http://us%65r:p%3Ass@proxy.test:3128"
BASIC = "Basic dXNlcjpwOnNz"
SECOND = "http://other:secret@second.test"
GIVEN = {"headers": {"Proxy-Authorization": "Custom x"}}


def proxied(
    *, url: str = URL, proxy: str = PROXY, owner: Session | None = None, **given: Any
) -> Call:
    """A call that goes through a proxy, not started."""
    owner = owner or Session(entropy=bytes)
    owner.proxies = {"all": proxy}
    return owner.call(Request(given.pop("method", "GET"), url, **given))


def sends(call: Call, *answers: Any) -> list[str | None]:
    """What the proxy is told with each sending, while the call is answered with these."""
    found: list[str | None] = []
    command: Any = call.start(0.0)
    left = list(answers)
    while True:
        match command:
            case Send():
                assert "proxy-authorization" not in command.request.headers
                found.append(command.proxy_authorization)
                snapshot(command.request)  # Its content is used up.
                if not left:
                    return found
                answer = left.pop(0)
                if isinstance(answer, RequestException):
                    command = call.lost(answer, 0.0)
                else:
                    command = call.answered(answer, 0.0)
            case Discard():
                command = call.discarded(0.0)
            case Rewind(content=content):
                content.rewind()
                command = call.rewound(0.0)
            case _:
                return found


def challenge(nonce: str = "n", *more: str) -> tuple[str, str]:
    said = ", ".join(['Digest realm="r"', f'nonce="{nonce}"', 'qop="auth"', *more])
    return ("Proxy-Authenticate", said)


def asked(nonce: str = "n", *more: str) -> Response:
    """A forward proxy asks for credentials."""
    return respond(407, challenge(nonce, *more))


def shut(nonce: str = "n", *more: str, status: int = 407) -> ProxyError:
    """A proxy that does not open a tunnel, and what it says of that."""
    error = ProxyError("the proxy refused")
    error.response = respond(status, challenge(nonce, *more))
    return error


def digest(field: str | None) -> tuple[str, str, str, int] | None:
    """User, nonce, request-target and count of Digest credentials."""
    if field is None or not field.startswith("Digest"):
        return None
    params = parse_challenges([field])[0].params
    return params["username"], params["nonce"], params["uri"], int(params["nc"], 16)


# --- the way ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "url", "key", "host"),
    [
        ({}, URL, None, None),
        ({"https": PROXY}, URL, None, None),
        ({"http": PROXY}, URL, "http", "proxy.test"),
        ({"http": ""}, URL, None, None),
        ({"http": None}, URL, None, None),
        ({"all": PROXY}, SECURE, "all", "proxy.test"),
        ({"all": SECOND, "http://a.test": "proxy.test"}, URL, "http://a.test", "proxy.test"),
    ],
)
def test_which_way_a_call_goes(
    proxies: dict[str, Any], url: str, key: str | None, host: str | None
) -> None:
    call = session(proxies=proxies).call(Request("GET", url))
    command = call.start(0.0)
    assert isinstance(command, Send)
    assert command.route is call.route
    if host is None:
        assert command.route == DIRECT
        assert codes(call) == []
        return
    assert command.route.proxy is not None
    assert command.route.proxy.url.host == host
    (chosen,) = call.decisions
    assert (chosen.code, chosen.reason) == ("proxy.chosen", f"{key!r} of the proxies fits this URL")
    assert chosen.subject.startswith("http://proxy.test")


def test_each_hop_goes_its_own_way() -> None:
    owner = session(proxies={"http": WITH_USER, "http://b.test": SECOND})
    call = owner.call(Request("GET", URL))
    found: list[tuple[str | None, str | None]] = []

    def answer(request: PreparedRequest) -> Response:
        command = call.command
        assert isinstance(command, Send)
        proxy = command.route.proxy
        found.append((None if proxy is None else proxy.url.host, command.proxy_authorization))
        places = [OTHER, "https://c.test/", URL]
        return redirect(302, places[len(found) - 1]) if len(found) <= 3 else respond(200)

    travel(call, answer)
    assert found == [
        ("proxy.test", BASIC),
        ("second.test", "Basic b3RoZXI6c2VjcmV0"),
        (None, None),
        ("proxy.test", BASIC),
    ]


@pytest.mark.parametrize("proxy", ["socks6://proxy.test", "ftp://proxy.test", "http://"])
def test_a_proxy_that_cannot_be_spoken_to_fails_the_call(proxy: str) -> None:
    call = proxied(proxy=proxy)
    command = call.start(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidProxyURL)
    assert command.error.request is call.request


def test_a_proxy_that_cannot_be_spoken_to_refuses_a_redirect() -> None:
    owner = session(proxies={"http://b.test": "socks6://u:secret@proxy.test"})
    journey = travel(owner.call(Request("GET", URL)), lambda request: redirect(302, OTHER))
    assert isinstance(journey.error, InvalidProxyURL)
    assert journey.decisions[-1].code == "redirect.refused.request"
    assert "secret" not in str(journey.error)


@pytest.mark.parametrize("url", [URL, SECURE])
@pytest.mark.parametrize("given", [{}, GIVEN, {"auth": HTTPProxyAuth("user", "pass")}])
def test_a_socks_proxy_reads_no_fields(url: str, given: dict[str, Any]) -> None:
    """What is for an HTTP proxy goes to nobody, and a 407 is the origin's own."""
    call = proxied(url=url, proxy="socks5h://user:p%3Ass@proxy.test", **given)
    assert sends(call, asked()) == [None]
    assert ("auth.stripped.proxy" in [each.code for each in call.decisions]) is bool(given)


def test_a_tunnel_for_http_is_one() -> None:
    """Credentials are for CONNECT, which may be refused; a 407 within it is the origin's own."""
    owner = Session(entropy=bytes, policy=Policy(tunnel_http=True))
    call = proxied(proxy=WITH_USER, owner=owner)
    first, answer = sends(call, shut())
    assert first == BASIC
    found = digest(answer)
    assert found is not None
    assert found[2] == "a.test:80"
    assert "proxy.tunneled" in [each.code for each in call.decisions]
    assert call.route.tunnels
    another = Session(entropy=bytes, policy=Policy(tunnel_http=True))
    assert sends(proxied(proxy=WITH_USER, owner=another), asked()) == [BASIC]


# --- what the proxy is told -------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, SECURE])
@pytest.mark.parametrize(
    ("proxy", "given", "told"),
    [
        (PROXY, {}, None),
        (WITH_USER, {}, BASIC),
        ("http://@proxy.test", {}, None),
        (PROXY, GIVEN, "Custom x"),
        (WITH_USER, GIVEN, "Custom x"),
        (PROXY, {"auth": HTTPProxyAuth("user", "p:ss")}, BASIC),
        (PROXY, {"auth": ("user", "pass")}, None),
    ],
)
def test_what_a_proxy_is_told(url: str, proxy: str, given: dict[str, Any], told: Any) -> None:
    """Beside the request, to which it does not belong; the binding says it in the right place."""
    call = proxied(url=url, proxy=proxy, **given)
    assert sends(call) == [told]
    assert "proxy-authorization" not in call.request.headers


@pytest.mark.parametrize(
    ("policy", "told"), [(Policy(), "Basic w7w6cA=="), (Policy.requests(), "Basic /Dpw")]
)
def test_the_charset_of_what_a_proxy_is_told(policy: Policy, told: str) -> None:
    assert sends(proxied(proxy="http://%C3%BC:p@proxy.test", owner=session(policy=policy))) == [
        told
    ]


def test_what_was_given_is_for_the_first_hop_alone() -> None:
    assert sends(proxied(**GIVEN), redirect(302, "/y"), respond(200)) == ["Custom x", None]


def test_what_was_given_is_told_again_when_the_request_is_sent_again() -> None:
    stale = LostConnection("lost")
    stale.progress = Progress(reused=True)
    assert sends(proxied(**GIVEN), stale) == ["Custom x", "Custom x"]

    class Once(AuthFlow):
        def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
            return request if response.status_code == 401 else None

    call = proxied(auth=Once(), **GIVEN)
    told = sends(call, respond(401), redirect(302, "/y"))
    assert told == ["Custom x", "Custom x", None]


def test_the_request_of_the_caller_keeps_its_field() -> None:
    owner = session(proxies={"http": PROXY})
    request = owner.prepare_request(Request("GET", URL, **GIVEN))
    for _ in range(2):
        assert sends(owner.call(request)) == ["Custom x"]
    assert request.headers["Proxy-Authorization"] == "Custom x"


def test_an_origin_is_told_nothing() -> None:
    owner = session(proxies={"https": WITH_USER})
    call = owner.call(Request("GET", URL, **GIVEN))
    assert sends(call) == [None]
    assert codes(call) == ["auth.stripped.proxy"]


# --- 407 from a forward proxy, and from one that is asked for a tunnel ------------------------


@pytest.mark.parametrize(
    ("url", "ask", "target"),
    [(URL, asked, "http://a.test/x"), (SECURE, shut, "a.test:443")],
    ids=["forward", "tunnel"],
)
def test_digest_with_the_user_info_of_the_proxy(url: str, ask: Any, target: str) -> None:
    owner = Session(entropy=bytes)
    call = proxied(url=url, proxy=WITH_USER, owner=owner)
    told = sends(call, ask(), respond(200))
    assert told[0] == BASIC
    assert [digest(field) for field in told] == [None, ("user", "n", target, 1)]
    assert codes(call).count("auth.answered.proxy") == 1
    (answered,) = [d for d in call.decisions if d.code == "auth.answered.proxy"]
    assert (answered.subject, answered.section) == ("http://proxy.test:3128", "RFC 9110 11.7")
    # The session remembers: the next call need not be asked, nor the next hop.
    later = sends(proxied(url=url, proxy=WITH_USER, owner=owner), redirect(302, "/y"))
    counts = [digest(field) for field in later]
    assert [count and count[3] for count in counts] == [2, 3]


@pytest.mark.parametrize("ask", [asked, shut], ids=["forward", "tunnel"])
@pytest.mark.parametrize(
    ("nonces", "uses"),
    [
        ([("n",), ("n",)], [None, "n"]),  # The same again: it is wrong, and not said twice.
        ([("n",), ("m",)], [None, "n"]),
        ([("n",), ("m", "stale=true")], [None, "n", "m"]),
        ([("n",), ("m", "stale=true"), ("o", "stale=true")], [None, "n", "m"]),
    ],
)
def test_a_challenge_that_comes_again(
    ask: Any, nonces: list[tuple[str, ...]], uses: list[str | None]
) -> None:
    call = proxied(url=URL if ask is asked else SECURE, proxy=WITH_USER)
    found = [digest(field) for field in sends(call, *(ask(*nonce) for nonce in nonces))]
    assert [use and use[1] for use in found] == uses


@pytest.mark.parametrize("more", [(), ("stale=true",)])
def test_what_a_session_remembers_may_be_too_old(more: tuple[str, ...]) -> None:
    owner = Session(entropy=bytes)
    sends(proxied(proxy=WITH_USER, owner=owner), asked(), respond(200))
    told = sends(proxied(proxy=WITH_USER, owner=owner), asked("m", *more), respond(200))
    assert [use and use[1:] for use in map(digest, told)] == [
        ("n", "http://a.test/x", 2),
        ("m", "http://a.test/x", 1),
    ]


def test_wrong_credentials_are_forgotten() -> None:
    owner = Session(entropy=bytes)
    assert len(sends(proxied(proxy=WITH_USER, owner=owner), asked(), asked("m"))) == 2
    assert sends(proxied(proxy=WITH_USER, owner=owner)) == [BASIC]


@pytest.mark.parametrize(
    ("proxy", "given"),
    [
        (PROXY, {}),
        (PROXY, GIVEN),
        (WITH_USER, {"answer": respond(407)}),
        (WITH_USER, {"answer": respond(407, ("Proxy-Authenticate", 'Basic realm="r"'))}),
        (PROXY, {"auth": HTTPDigestAuth("u", "p")}),
    ],
)
def test_a_challenge_without_an_answer_is_for_the_caller(proxy: str, given: dict[str, Any]) -> None:
    answer = given.pop("answer", asked()) if "answer" in given else asked()
    call = proxied(proxy=proxy, **given)
    assert len(sends(call, answer)) == 1
    assert call.command == Deliver(answer)


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_tunnel_that_is_refused_fails_the_call(status: int) -> None:
    call = proxied(url=SECURE, proxy=PROXY if status == 407 else WITH_USER)
    error = shut(status=status)
    assert len(sends(call, error)) == 1
    assert call.command == Fail(error)
    assert error.request is call.request


def test_a_proxy_that_cannot_be_reached_says_nothing() -> None:
    call = proxied(url=SECURE, proxy=WITH_USER)
    error = ProxyError("it cannot be reached")
    assert len(sends(call, error)) == 1
    assert call.command == Fail(error)


def test_credentials_of_one_proxy_are_no_answer_to_another() -> None:
    owner = Session(entropy=bytes)
    owner.proxies = {"http": WITH_USER, "http://b.test": "http://second.test"}
    call = owner.call(Request("GET", URL))
    answers = [asked(), redirect(302, OTHER), asked("m")]
    told = sends(call, *answers)
    assert [digest(field) for field in told] == [None, ("user", "n", "http://a.test/x", 1), None]
    assert told[2] is None
    assert call.command == Deliver(answers[2])


def test_two_proxies_each_have_their_own() -> None:
    owner = Session(entropy=bytes)
    owner.proxies = {"http": WITH_USER, "http://b.test": SECOND}
    call = owner.call(Request("GET", URL))
    told = sends(call, asked(), redirect(302, OTHER), asked("m"), redirect(302, "//a.test/z"))
    assert [digest(field) for field in told] == [
        None,
        ("user", "n", "http://a.test/x", 1),
        None,
        ("other", "m", "http://b.test/y", 1),
        ("user", "n", "http://a.test/z", 2),
    ]


# --- credentials of the call that are for a proxy ---------------------------------------------


def test_digest_for_a_proxy() -> None:
    auth = HTTPProxyDigestAuth("me", "secret")
    call = proxied(auth=auth)
    told = sends(call, asked(), redirect(302, OTHER), respond(200))
    assert [digest(field) for field in told] == [
        None,
        ("me", "n", "http://a.test/x", 1),
        ("me", "n", "http://b.test/y", 2),  # It is the proxy that is told, whatever the origin.
    ]
    assert digest(sends(proxied(auth=auth, url=SECURE))[0]) == ("me", "n", "a.test:443", 3)


class Parrot(AuthFlow):
    """Answers a proxy with the same words for ever, or with none."""

    proxy = True

    def __init__(self, words: str | None, *, reads_content: bool = False) -> None:
        self.words = words
        self.reads_content = reads_content
        self.asked: list[tuple[str | None, Any, list[tuple[str, str]]]] = []

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        self.asked.append((request.method, request.body, list(request.headers.lines)))
        if self.words is None:
            return None
        request.headers["Proxy-Authorization"] = self.words
        return request


@pytest.mark.parametrize("most", [0, 1, 10])
@pytest.mark.parametrize("ask", [asked, shut], ids=["forward", "tunnel"])
def test_a_proxy_may_ask_only_so_often(ask: Any, most: int) -> None:
    owner = Session(limits=Limits(challenges_max=most))
    url = URL if ask is asked else SECURE
    call = proxied(owner=owner, url=url, auth=Parrot("again"))
    assert sends(call, *(ask() for _ in range(20))) == [None, *["again"] * most]


def test_a_flow_without_an_answer() -> None:
    answer = asked()
    call = proxied(auth=Parrot(None))
    assert sends(call, answer) == [None]
    assert call.command == Deliver(answer)


def test_a_proxy_is_asked_with_nothing_of_what_is_for_the_origin() -> None:
    forward, tunnel = Parrot("hello"), Parrot("hello")
    given = {"method": "POST", "data": b"content", "headers": {"Cookie": "a=1"}}
    sends(proxied(auth=forward, **given), asked())
    sends(proxied(auth=tunnel, url=SECURE, **given), shut())
    assert forward.asked == [("POST", b"content", [])]
    assert tunnel.asked == [("CONNECT", None, [])]


def test_what_a_proxy_says_may_be_read_before_it_is_answered() -> None:
    call = proxied(auth=Parrot("hello", reads_content=True))
    answers = iter([asked(), respond(401)])
    journey = travel(call, lambda request: next(answers))
    assert journey.commands == ["Send", "Load", "Discard", "Send", "Deliver"]


def test_an_origin_and_a_proxy_may_both_ask() -> None:
    call = proxied(proxy=WITH_USER, auth=HTTPDigestAuth("me", "secret"))
    origin = respond(401, ("WWW-Authenticate", 'Digest realm="r", nonce="o", qop="auth"'))
    told = sends(call, asked(), origin, respond(200))
    assert [count and count[3] for count in map(digest, told)] == [None, 1, 2]
    assert "Digest" in call.request.headers["Authorization"]
    assert [d.code for d in call.decisions if d.code.startswith("auth.")] == [
        "auth.answered.proxy",
        "auth.answered",
    ]


# --- content and what is remembered -----------------------------------------------------------


def test_content_is_sent_again_when_a_forward_proxy_asks() -> None:
    call = proxied(method="POST", data=[b"con", b"tent"], proxy=WITH_USER)
    assert len(sends(call, asked(), respond(200))) == 2
    assert isinstance(call.command, Deliver)


def test_content_that_was_touched_is_not_sent_through_another_tunnel() -> None:
    call = proxied(method="POST", data=generate(), url=SECURE, proxy=WITH_USER)
    error = shut()
    assert len(sends(call, error)) == 1
    assert call.command == Fail(error)


def test_a_session_remembers_only_so_many_proxies() -> None:
    owner = Session(entropy=bytes)
    for number in range(PROXY_FLOWS_MAX + 2):
        sends(proxied(proxy=f"http://u:p@proxy{number}.test", owner=owner), asked())
    assert len(owner.proxy_flows) == PROXY_FLOWS_MAX
    assert parse_proxy("http://u:p@proxy0.test") not in owner.proxy_flows
    assert parse_proxy(f"http://u:p@proxy{PROXY_FLOWS_MAX + 1}.test") in owner.proxy_flows


def test_the_session_of_one_user_says_nothing_for_another() -> None:
    owner = Session(entropy=bytes)
    sends(proxied(proxy=WITH_USER, owner=owner), asked())
    (told,) = sends(proxied(proxy="http://other:p@proxy.test:3128", owner=owner))
    assert told == "Basic b3RoZXI6cA=="


def test_within_a_tunnel_it_is_the_origin_that_speaks() -> None:
    owner = Session(entropy=bytes)
    call = proxied(url=SECURE, proxy=WITH_USER, owner=owner)
    call.start(0.0)
    command = call.answered(asked(), 0.0)
    assert isinstance(command, Deliver)
    assert not owner.proxy_flows


def test_a_flow_for_a_proxy_that_fails_fails_the_call() -> None:
    call = proxied(url=SECURE, proxy=WITH_USER, owner=Session())
    call.start(0.0)
    command = call.lost(shut(), 0.0)  # Digest takes entropy, and this session has none.
    assert isinstance(command, Fail)
    assert "entropy" in str(command.error)
