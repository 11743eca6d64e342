"""Every code of a decision, with its meaning and the smallest way to it.

``docs/decisions-reference.md`` is made of this table (``python -m tests.docs.reference``), and
``test_decision_codes.py`` runs each of its rows. A code that is new has no row yet: give it one.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sojourn_core import (
    Fields,
    Hedge,
    HedgePolicy,
    HTTPDigestAuth,
    HTTPProxyDigestAuth,
    Limits,
    Policy,
    RedirectVerdict,
    Request,
    Response,
    ResponseHead,
    RetryPolicy,
    Rewrite,
    Session,
    Timeouts,
    commands,
)
from sojourn_core.errors import ConnectionError, RequestException
from sojourn_core.exchange.chunk_counter import ChunkCounter
from sojourn_core.exchange.destinations import Destinations
from sojourn_core.exchange.lenient_head import lenient_head
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.rules.cookies.netscape import parse_cookies_txt
from sojourn_core.rules.hedge import (
    BUDGET,
    CONTENT,
    CREDENTIALS,
    DRIVER,
    LIMIT,
    METHOD,
    Hedges,
    refused,
)
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import Progress, ProxyError
from sojourn_core.values.netrc import parse_netrc, unread_netrc
from sojourn_core.values.url.url import parse_url
from tests.core.handshakes import Toy

if TYPE_CHECKING:
    from sojourn_core import Decision

Made = Iterable["Decision"]


class Row(NamedTuple):
    """A code.

    Attributes:
        meaning: What it says, in one sentence.
        make: Makes decisions, one of this code among them.
    """

    meaning: str
    make: Callable[[], Made]


class Lost(NamedTuple):
    """An answer that does not come.

    Attributes:
        sent: The request may have been processed.
        reused: The connection had been used before, and was closed by the peer.
    """

    sent: bool = True
    reused: bool = False


def call(
    *answers: Any,
    url: str = "https://a.test/",
    method: str = "GET",
    session: Session | None = None,
    policy: Policy | None = None,
    **arguments: Any,
) -> Made:
    """Play a call over a script of answers, and return its decisions.

    Args:
        answers: A status and field lines for each request.
        url: The URL that is asked.
        method: The method.
        session: The session; a new one if it is not given.
        policy: The policy of the new one.
        arguments: Of ``Request``; and ``proxies``.
    """
    proxies = arguments.pop("proxies", None)
    made = session or Session(policy=policy, entropy=bytes)
    settings = made.settings_for(proxies=proxies or {})
    play = made.call(Request(method, url, **arguments), settings=settings)
    script = iter(answers)
    command = play.start(0.0)
    while True:
        match command:
            case commands.Send():
                if isinstance(command.request.content, Content):
                    list(command.request.content.chunks())  # It is sent.
                answer = next(script, (200, ()))
                if isinstance(answer, Lost):
                    error = ConnectionError("the connection was closed", maybe_sent=answer.sent)
                    error.progress = Progress(reused=answer.reused)
                    command = play.lost(error, 0.0)
                else:
                    status, lines = answer
                    command = play.answered(play.respond(ResponseHead(status, Fields(lines))), 0.0)
            case commands.Discard():
                command = play.discarded(0.0)
            case commands.Rewind():
                try:
                    command.content.rewind()
                except RequestException as error:
                    command = play.failed(error, 0.0)
                else:
                    command = play.rewound(0.0)
            case commands.Load():
                command = play.loaded(0.0)
            case commands.Pause():
                command = play.resumed(command.until)
            case _:
                return play.decisions


TRIES: Final = RetryPolicy(statuses=frozenset({503}))


def retried(*answers: Any, rule: RetryPolicy = TRIES, **arguments: Any) -> Made:
    """Play a call of a session that retries."""
    session = Session(timeout=Timeouts(total=10.0))
    session.retries = rule
    return call(*answers, session=session, **arguments)


def second(timeout: Timeouts | None = None) -> Made:
    """Play the second call of a session that has one turn in a second."""
    session = Session(timeout=timeout)
    session.limit = "1/s"
    call(session=session)
    return call(session=session)


def hedged() -> Made:
    """Have two requests sent, the second of which is answered first."""
    hedge = Hedge(Hedges(HedgePolicy(after=0.5)))
    assert hedge.due(0.0)
    assert hedge.due(0.5)
    return list(hedge.answered(2, "https://a.test"))


def unreached() -> Made:
    """Have a proxy told an address that it does not reach, and the next one."""
    hosts = ("2001:db8::1", "192.0.2.1")
    proxy = parse_proxy("socks5://proxy.test")
    told = Destinations(Toy, proxy, parse_url("https://a.test/").origin, hosts)
    told.go_on(ProxyError("the proxy refuses a connection to [2001:db8::1]:443: 4"))
    return list(told.decisions)


def to(location: str, status: int = 302) -> tuple[int, Any]:
    """An answer that redirects."""
    return status, [("Location", location)]


def cookies(*lines: str, url: str = "https://a.test/", limits: Limits | None = None) -> Made:
    """Store cookies in a jar that has one, and return the decisions on them."""
    jar = CookieJar(limits=limits or Limits())
    jar.store(["old=1; Secure"], parse_url("https://a.test/"), 0.0)
    return jar.store(lines, parse_url(url), 1.0)


def head(lines: bytes) -> Made:
    """Read a head that is not quite valid."""
    return lenient_head(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n").decisions


def trailers(section: bytes, *, ends: bool = True) -> Made:
    """Read a trailer section."""
    decisions: list[Decision] = []
    counter = ChunkCounter(Limits(field_lines_max=1), decisions, lenient=True)
    counter.feed(b"0\r\n" + section)
    return decisions


def surplus() -> Made:
    """Read content with something behind it."""
    fields = {"Content-Encoding": "gzip"}
    return Response.of(200, fields, gzip.compress(b"tea") + b"!").decisions


def cookies_file() -> Made:
    """Read a file of cookies with a line that is none."""
    decisions: list[Decision] = []
    parse_cookies_txt("this is no cookie\n", 0.0, decisions=decisions)
    return decisions


class KeepsAuthorization(Session):
    """Overrides ``rebuild_auth`` as careless programs do."""

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Keep everything, and add something."""
        prepared_request.headers["Authorization"] = "Basic b3duOm93bg=="
        prepared_request.headers["X-Added"] = "1"
        prepared_request.headers["Cookie"] = "own=1"


class Elsewhere(Session):
    """Overrides what a redirect means."""

    def get_redirect_target(self, resp: Any) -> str | None:
        """Look into another field."""
        return resp.headers.get("X-Next")

    def rebuild_method(self, prepared_request: Any, response: Any) -> None:
        """Stay with the method."""


def jar_of(url: str) -> Session:
    """Return a session with a cookie for a URL."""
    session = Session()
    session.cookies.store(["sid=1"], parse_url(url), 0.0)
    return session


def ruled(verdict: Any) -> Made:
    """Ask a rule of the policy's own about a redirect."""
    return call(to("https://b.test/"), policy=Policy(on_redirect=lambda _: verdict))


BASIC: Final = ("ada", "s3cret")
DIGEST: Final = 'Digest realm="tea", nonce="7ypf", qop="auth", algorithm=SHA-256'
PROXY: Final = {"http": "http://proxy.test:3128"}
KEY: Final = {"X-Key": "s3cret"}
BOUND: Final = Policy(field_origins={"x-key": {"https://a.test"}})
LONG: Final = "x" * 5000

CODES: Final[dict[str, Row]] = {
    "auth.added": Row(
        "Credentials were set on a request.",
        lambda: call(auth=BASIC),
    ),
    "auth.answered": Row(
        "A challenge of an origin was answered.",
        lambda: call((401, [("WWW-Authenticate", DIGEST)]), auth=HTTPDigestAuth(*BASIC)),
    ),
    "auth.answered.proxy": Row(
        "A challenge of a proxy was answered.",
        lambda: call(
            (407, [("Proxy-Authenticate", DIGEST)]),
            url="http://a.test/",
            auth=HTTPProxyDigestAuth(*BASIC),
            proxies=PROXY,
        ),
    ),
    "auth.kept.upgrade": Row(
        "Authorization went along from http to https of the same host.",
        lambda: call(to("https://a.test/"), url="http://a.test/", auth=BASIC),
    ),
    "auth.overridden": Row(
        "An override of the session changed Authorization on a redirect.",
        lambda: call(to("https://b.test/"), session=KeepsAuthorization()),
    ),
    "auth.stripped.cross-origin": Row(
        "Authorization was left out on the way to another origin.",
        lambda: call(to("https://b.test/"), auth=BASIC),
    ),
    "auth.stripped.proxy": Row(
        "A Proxy-Authorization was left out: each request has that of its own proxy, or none.",
        lambda: call(headers={"Proxy-Authorization": "Basic s3cret"}),
    ),
    "content.surplus.ignored": Row(
        "Bytes after the end of a content coding were ignored.",
        surplus,
    ),
    "cookie.deleted": Row(
        "A cookie was deleted: a response set it with an end that has passed.",
        lambda: cookies("old=; Secure; Max-Age=0"),
    ),
    "cookie.evicted": Row(
        "A cookie was dropped from the jar, which was full.",
        lambda: cookies("new=1", limits=Limits(cookies_max=1)),
    ),
    "cookie.expired": Row(
        "A cookie was not stored: it came with an end that has passed.",
        lambda: cookies("new=1; Max-Age=0"),
    ),
    "cookie.overridden": Row(
        "An override of the session set a Cookie field for another origin.",
        lambda: call(to("https://b.test/"), session=KeepsAuthorization()),
    ),
    "cookie.rejected.control-character": Row(
        "A Set-Cookie line was refused for a control character.",
        lambda: cookies("a=\x01"),
    ),
    "cookie.rejected.count": Row(
        "A cookie was refused: the response sets more than are taken from one.",
        lambda: cookies("a=1", "b=2", limits=Limits(set_cookies_max=1)),
    ),
    "cookie.rejected.domain-mismatch": Row(
        "A cookie was refused: its Domain is not the host that set it, nor above it.",
        lambda: cookies("a=1; Domain=b.test"),
    ),
    "cookie.rejected.empty": Row(
        "A cookie was refused: it has neither a name nor a value.",
        lambda: cookies("=; Path=/"),
    ),
    "cookie.rejected.prefix": Row(
        "A cookie was refused: it is not what the prefix of its name promises.",
        lambda: cookies("__Host-a=1; Path=/below"),
    ),
    "cookie.rejected.public-suffix": Row(
        "A cookie was refused: others have names under its Domain.",
        lambda: cookies("a=1; Domain=test"),
    ),
    "cookie.rejected.same-site": Row(
        "A cookie was refused for its SameSite.",
        lambda: cookies("a=1; SameSite=None"),
    ),
    "cookie.rejected.secure": Row(
        "A cookie was refused: it is Secure, or would overlay one that is, and came without TLS.",
        lambda: cookies("a=1; Secure", url="http://a.test/"),
    ),
    "cookie.rejected.size": Row(
        "A cookie was refused: its name and value are too long.",
        lambda: cookies(f"a={LONG}"),
    ),
    "cookie.replaced": Row(
        "A cookie that the jar had was replaced.",
        lambda: cookies("old=2; Secure"),
    ),
    "cookie.sent": Row(
        "Cookies of the jar were sent.",
        lambda: call(session=jar_of("https://a.test/")),
    ),
    "cookie.skipped.malformed": Row(
        "A line of a file of cookies was skipped: it is none.",
        cookies_file,
    ),
    "cookie.stored": Row(
        "A cookie was stored.",
        lambda: cookies("new=1"),
    ),
    "cookie.stripped.cross-origin": Row(
        "A Cookie field that was given by hand was left out on the way to another origin.",
        lambda: call(to("https://b.test/"), headers={"Cookie": "a=1"}),
    ),
    "expect.added": Row(
        "Content is announced with Expect, and waits for 100 (Continue).",
        lambda: call(method="POST", data=b"tea", policy=Policy(expects_from=1)),
    ),
    "expect.declined": Row(
        "A request is sent again without Expect: its server has answered 417.",
        lambda: call((417, ()), method="POST", data=b"tea", headers={"Expect": "100-continue"}),
    ),
    "expect.dropped": Row(
        "Expect was left out: the request has no content.",
        lambda: call(headers={"Expect": "100-continue"}),
    ),
    "field.dropped.content": Row(
        "A field that describes content was left out, with the content.",
        lambda: call(to("/", 303), method="POST", data=b"tea", headers={"Content-Type": "a/b"}),
    ),
    "field.dropped.cross-origin": Row(
        "A field was left out on the way to another origin: the list of those that go lacks it.",
        lambda: call(to("https://b.test/"), headers=KEY),
    ),
    "field.dropped.host": Row(
        "A Host field that was given by hand was left out on the way to another host.",
        lambda: call(to("https://b.test/"), headers={"Host": "other.test"}),
    ),
    "field.dropped.origin": Row(
        "A field was left out: the policy binds it to other origins.",
        lambda: call(to("https://b.test/"), headers=KEY, policy=BOUND),
    ),
    "field.kept.cross-origin": Row(
        "A field went to another origin, because the policy's own list has it.",
        lambda: call(
            to("https://b.test/"),
            headers=KEY,
            policy=Policy(cross_origin_fields=frozenset({"x-key"})),
        ),
    ),
    "field.overridden": Row(
        "An override of the session changed a field on a redirect.",
        lambda: call(to("https://b.test/"), session=KeepsAuthorization()),
    ),
    "field.returned.origin": Row(
        "A field is there again: a chain came back to an origin that the policy binds it to.",
        lambda: call(to("https://b.test/"), to("https://a.test/"), headers=KEY, policy=BOUND),
    ),
    "head.framing.read": Row(
        "Framing that is not quite valid was read in the one way that is safe.",
        lambda: head(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
    ),
    "head.line.skipped": Row(
        "A line of a head was skipped: it is no field line.",
        lambda: head(b"nonsense\r\n"),
    ),
    "head.name.read": Row(
        "A field name was read that is no token.",
        lambda: head(b"X(1): a\r\n"),
    ),
    "head.name.trimmed": Row(
        "Blanks between a field name and its colon were left out.",
        lambda: head(b"X-Name : a\r\n"),
    ),
    "hedge.refused.budget": Row(
        "A request was not sent a second time: the session has used its budget up.",
        lambda: [refused(BUDGET, "https://a.test")],
    ),
    "hedge.refused.content": Row(
        "A request is not sent a second time: its content cannot be had twice at a time.",
        lambda: [refused(CONTENT, "https://a.test")],
    ),
    "hedge.refused.credentials": Row(
        "A request is not sent a second time: its credentials are a conversation.",
        lambda: [refused(CREDENTIALS, "https://a.test")],
    ),
    "hedge.refused.driver": Row(
        "A request is not sent a second time: its driver, which is no session, leaves that out.",
        lambda: [refused(DRIVER, "https://a.test")],
    ),
    "hedge.refused.limit": Row(
        "A request was not sent a second time: the answer came before there was a turn for it.",
        lambda: [refused(LIMIT, "https://a.test")],
    ),
    "hedge.refused.method": Row(
        "A request is not sent a second time: its method may have effects.",
        lambda: [refused(METHOD, "https://a.test", "POST")],
    ),
    "hedge.sent": Row(
        "A request was sent a second time, and the answer that came first was taken.",
        hedged,
    ),
    "netrc.skipped.malformed": Row(
        "A line of a netrc file was skipped.",
        lambda: parse_netrc("nonsense here\n").reports,
    ),
    "netrc.skipped.unreadable": Row(
        "A netrc file could not be read at all.",
        lambda: unread_netrc("others may write to it").reports,
    ),
    "policy.refused.address": Row(
        "Nothing was sent: the policy refuses the network of this address.",
        lambda: call(
            url="http://127.0.0.1/", policy=Policy(refused_networks=(ip_network("127.0.0.0/8"),))
        ),
    ),
    "policy.refused.clear-text": Row(
        "Nothing was sent: the policy allows https only.",
        lambda: call(url="http://a.test/", policy=Policy(https_only=True)),
    ),
    "policy.refused.cross-origin": Row(
        "A redirect was refused: the policy stays within one origin.",
        lambda: call(to("https://b.test/"), policy=Policy(same_origin_only=True)),
    ),
    "policy.refused.host": Row(
        "Nothing was sent: the policy refuses, or does not allow, this host.",
        lambda: call(policy=Policy(allowed_hosts=frozenset({"b.test"}))),
    ),
    "policy.refused.origin": Row(
        "A redirect was refused: the policy does not allow this origin.",
        lambda: call(to("https://b.test/"), policy=Policy(allowed_origins=frozenset())),
    ),
    "proxy.chosen": Row(
        "The request goes by way of a proxy.",
        lambda: call(url="http://a.test/", proxies=PROXY),
    ),
    "proxy.next.address": Row(
        "A SOCKS proxy has not reached an address of the origin, and is told the next one.",
        unreached,
    ),
    "proxy.tunneled": Row(
        "An http request goes through a tunnel of the proxy, which does not see it.",
        lambda: call(url="http://a.test/", proxies=PROXY, policy=Policy(tunnel_http=True)),
    ),
    "proxy.unseen.address": Row(
        "The proxy resolves the name: the networks that the policy refuses are not seen there.",
        lambda: call(
            url="http://a.test/",
            proxies=PROXY,
            policy=Policy(refused_networks=(ip_network("127.0.0.0/8"),)),
        ),
    ),
    "rate.paused": Row(
        "A request waited for its turn, because the session limits their rate.",
        second,
    ),
    "rate.refused.deadline": Row(
        "A request was not sent: its turn is later than the call may take.",
        lambda: second(Timeouts(total=0.5)),
    ),
    "redirect.content.dropped": Row(
        "The content of the request was left out on a redirect.",
        lambda: call(to("/", 303), method="POST", data=b"tea"),
    ),
    "redirect.content.kept": Row(
        "The content of the request was sent again on a redirect.",
        lambda: call(to("/", 307), method="POST", data=b"tea"),
    ),
    "redirect.followed": Row(
        "A redirect was followed.",
        lambda: call(to("/next")),
    ),
    "redirect.fragment.inherited": Row(
        "The fragment of the URL went along, because the Location has none.",
        lambda: call(to("/next"), url="https://a.test/#top"),
    ),
    "redirect.location.repeated": Row(
        "A response has several Location lines, and the first was taken.",
        lambda: call((302, [("Location", "/one"), ("Location", "/two")])),
    ),
    "redirect.method.overridden": Row(
        "An override of the session chose the method after a redirect.",
        lambda: call((303, [("X-Next", "/next")]), method="POST", data=b"tea", session=Elsewhere()),
    ),
    "redirect.method.rewritten": Row(
        "A redirect changed the method.",
        lambda: call(to("/", 303), method="POST", data=b"tea"),
    ),
    "redirect.refused.downgrade": Row(
        "A redirect was refused: content that was sent by https would go out in clear text.",
        lambda: call(to("http://a.test/", 307), method="POST", data=b"tea"),
    ),
    "redirect.refused.location": Row(
        "A redirect was refused: its Location is no URL that a request can be sent to.",
        lambda: call(to("http://[::1/")),
    ),
    "redirect.refused.request": Row(
        "A redirect was refused: the request that it leads to cannot be made.",
        lambda: call(to("/", 307), method="POST", data=iter([b"tea"])),
    ),
    "redirect.refused.scheme": Row(
        "A redirect was refused: the policy does not follow to this scheme.",
        lambda: call(to("ftp://a.test/")),
    ),
    "redirect.refused.too-many": Row(
        "A redirect was refused: as many as are allowed were followed.",
        lambda: call(*[to("/loop")] * 40),
    ),
    "redirect.rule.refused": Row(
        "The policy's own rule refused a redirect.",
        lambda: ruled(RedirectVerdict.REFUSE),
    ),
    "redirect.rule.rewritten": Row(
        "The policy's own rule led a redirect elsewhere.",
        lambda: ruled(Rewrite("https://c.test/")),
    ),
    "redirect.rule.stopped": Row(
        "The policy's own rule handed a redirect over to the caller.",
        lambda: ruled(RedirectVerdict.STOP),
    ),
    "redirect.target.overridden": Row(
        "An override of the session decided where a response leads.",
        lambda: call((200, [("X-Next", "/next")]), session=Elsewhere()),
    ),
    "redirect.userinfo.dropped": Row(
        "The user info of a Location was left out.",
        lambda: call(to("https://ada:s3cret@a.test/")),
    ),
    "retry.connection": Row(
        "A request is sent again: no connection was made.",
        lambda: retried(Lost(sent=False)),
    ),
    "retry.lost": Row(
        "A request is sent again: it was sent, and no response came.",
        lambda: retried(Lost()),
    ),
    "retry.refused.budget": Row(
        "A request is not sent again: the session has used its budget of retries up.",
        lambda: retried(Lost(), rule=RetryPolicy(budget=0)),
    ),
    "retry.refused.content": Row(
        "A request is not sent again: its content cannot be had again.",
        lambda: retried((503, ()), method="PUT", data=iter([b"tea"])),
    ),
    "retry.refused.count": Row(
        "A request is not sent again: it was as often as the policy allows.",
        lambda: retried(*[Lost()] * 4),
    ),
    "retry.refused.deadline": Row(
        "A request is not sent again: it would be later than the call may take.",
        lambda: retried(Lost(), rule=RetryPolicy(backoff=20.0)),
    ),
    "retry.refused.method": Row(
        "A request is not sent again: its method may have had effects.",
        lambda: retried(Lost(), method="POST"),
    ),
    "retry.refused.retry-after": Row(
        "A request is not sent again: Retry-After asks for more time than the policy waits.",
        lambda: retried((503, [("Retry-After", "3600")])),
    ),
    "retry.stale-connection": Row(
        "A request was sent again: the peer had closed the connection that was kept.",
        lambda: call(Lost(reused=True)),
    ),
    "retry.status": Row(
        "A request is sent again for the status of its response.",
        lambda: retried((503, ())),
    ),
    "trailer.dropped.malformed": Row(
        "A line of a trailer section was left out: it is no field line.",
        lambda: trailers(b"nonsense\r\n\r\n"),
    ),
    "trailer.section.cut": Row(
        "A trailer section was not read to its end.",
        lambda: trailers(b"A: 1\r\n" * 3 + b"\r\n"),
    ),
}
