"""Random conversations with the machines: which command can follow which reply.

The walks are the same in each run. They are long and many enough to see every transition there is,
which is what makes the tables of the documentation comparable with the code.
"""

from __future__ import annotations

from ipaddress import ip_network
from random import Random
from typing import TYPE_CHECKING, Any

from sojourn_core import (
    Content,
    Exchange,
    Fields,
    Limits,
    Pool,
    PoolLimits,
    Request,
    Response,
    ResponseHead,
    RetryPolicy,
    SendSettings,
    Session,
    Timeouts,
    plan_exchange,
)
from sojourn_core.call.ports import Mode
from sojourn_core.commands import (
    CALL_REPLIES,
    EXCHANGE_REPLIES,
    Address,
    Resolve,
    Send,
    Write,
    WriteFile,
)
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress
from sojourn_core.values.record import replace
from sojourn_core.values.route import DIRECT, Route
from tests.core.exchanges import file_on_disk
from tests.core.handshakes import Toy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import Call, PreparedRequest
    from sojourn_core.call.phase import CallPhase

WALKS = 4000
Transitions = dict[str, set[str]]  # From a reply to the commands that can follow.

ADDRESSES = (Address("192.0.2.1", 80), Address("192.0.2.2", 80))
PIECES = (
    b"",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"0\r\n\r\n",
    b"2\r\nok\r\n",
    b"ok",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/1.1",
    b"nonsense\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nnonsense\r\n",
)
# Lines that do not fit the content, or cannot be sent at all.
UNFIT = [("X", "a\r\nb"), ("Content-Length", "70001")]
UPGRADE = {"Upgrade": "echo", "Connection": "upgrade"}


def exchange_transitions() -> Transitions:
    """What was seen to follow each reply to an exchange."""
    seen: Transitions = {}
    for seed in range(WALKS):
        _walk_exchange(Random(seed), seen)
    _be_refused_addresses(seen)
    return seen


def _walk_exchange(random: Random, seen: Transitions) -> None:
    pool = Pool(PoolLimits(connections_max=1))
    host = random.choice(["a.test", "a.test", "192.0.2.1"])
    first = Exchange(_plan(random, host, valid=True), pool)
    if random.random() < 0.5:  # One that was before, and has left its connection or has it still.
        _begin(first)
        if random.random() < 0.5:
            _complete(first)
    exchange = Exchange(_plan(random, host), pool)
    command: Any = exchange.start(0.0)
    reply = "start"
    while True:
        seen.setdefault(reply, set()).add(type(command).__name__)
        replies = sorted(EXCHANGE_REPLIES[type(command)])
        if isinstance(command, Write) and not command.watch:
            replies.remove("readable")
        if not replies:
            return
        if random.random() < 0.8:  # Mostly things go well, or no walk would get far.
            replies = [each for each in replies if each not in {"expired", "failed"}]
        reply = random.choice(replies)
        if reply == "woken" and random.random() < 0.7:
            if random.random() < 0.5:
                _complete(first)
            first.abandon(0.0)
        command = getattr(exchange, reply)(*_arguments(random, reply, command), 0.0)


def _be_refused_addresses(seen: Transitions) -> None:
    """Tell a proxy two addresses that it does not reach, and one more."""
    request = Request("GET", "http://a.test/").prepare()
    route = Route(parse_proxy("socks5://192.0.2.9"))
    plan = plan_exchange(
        Send(request, route, SendSettings()), limits=Limits(), tls_context=None, handshake=Toy
    )
    exchange = Exchange(plan, Pool())
    exchange.start(0.0)
    exchange.resolved(tuple(Address(f"192.0.2.{each}", 80) for each in (1, 2, 3)), 0.0)
    for reply, arguments in (("received", (b"away\n",)), ("expired", ())):
        exchange.connected("stream", 0.0)
        exchange.written(0.0)
        command = getattr(exchange, reply)(*arguments, 0.0)
        seen.setdefault(reply, set()).add(type(command).__name__)
        exchange.closed(0.0)


def _begin(exchange: Exchange) -> None:
    if isinstance(exchange.start(0.0), Resolve):
        exchange.resolved(ADDRESSES, 0.0)
    exchange.connected("stream", 0.0)


def _complete(exchange: Exchange) -> None:
    """Go on until the connection is given back."""
    arguments: dict[str, tuple[Any, ...]] = {
        "written": (),
        "pulled": (None,),
        "received": (b"HTTP/1.1 204 No Content\r\n\r\n",),
    }
    while exchange.connection is not None:
        reply = next(each for each in arguments if each in EXCHANGE_REPLIES[type(exchange.command)])
        getattr(exchange, reply)(*arguments[reply], 0.0)


def _plan(random: Random, host: str, *, valid: bool = False) -> Any:
    makers = [lambda: None, lambda: None, lambda: b"x" * 70_000, lambda: iter([b"x"]), file_on_disk]
    data = None if valid else random.choice(makers)()
    headers = dict(UPGRADE) if random.random() < 0.3 else {}
    if hasattr(data, "__next__") and not hasattr(data, "read") and random.random() < 0.5:
        headers["Content-Length"] = random.choice(["0", "1"])
    if data is not None and random.random() < 0.3:
        headers["Expect"] = "100-continue"
    request = Request("GET" if data is None else "POST", f"http://{host}/", headers, data=data)
    refused = () if valid or random.random() < 0.8 else (ip_network("192.0.2.1"),)
    settings = SendSettings(refused_networks=refused)
    send = Send(request.prepare(), DIRECT, settings, 100.0, random.random() < 0.2)
    asks = random.random() < 0.8
    plan = plan_exchange(
        send,
        limits=Limits(),
        tls_context=None,
        informs=asks,
        switches=asks,
        writes_files=random.random() < 0.8,
        races=random.random() < 0.5,
    )
    if not valid and random.random() < 0.2:
        lines = [("Host", "a.test"), random.choice(UNFIT)]
        plan.request = replace(plan.request, lines=lines)
    return plan


def _arguments(random: Random, reply: str, command: Any) -> tuple[Any, ...]:
    match reply:
        case "resolved":
            return (random.choice([ADDRESSES, ADDRESSES, ()]),)
        case "connected":
            return ("stream",)
        case "readable":
            there = {Write: lambda: len(command.data), WriteFile: lambda: command.size}
            return (random.choice([0, there.get(type(command), lambda: 0)()]),)
        case "received":
            return (random.choice(PIECES),)
        case "pulled":
            return (random.choice([b"x", None]),)
        case "drain":
            return (random.randrange(4), 50.0)
        case "failed":
            return (OSError("no"),)
    return ()


class Answering(AuthFlow):
    """Credentials that answer some challenges, and may want to see their content."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.reads_content = random.random() < 0.5

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        return request if self.random.random() < 0.5 else None


class Wayward(Session):
    """A session whose overrides fail now and then."""

    random: Random

    def get_redirect_target(self, resp: Response) -> str | None:
        if self.random.random() < 0.5:
            named = resp if self.random.random() < 0.5 else None
            raise errors.ConnectionError("of an override", response=named)
        return super().get_redirect_target(resp)


def call_transitions() -> Transitions:
    """What was seen to follow each reply to a call."""
    seen: Transitions = {}

    def note(before: CallPhase, reply: str, call: Call) -> None:
        seen.setdefault(reply, set()).add(type(call.command).__name__)

    walk_calls(note)
    return seen


def walk_calls(note: Callable[[CallPhase, str, Call], None]) -> None:
    """Take many walks with calls.

    Args:
        note: Is told of each reply: the phase before, the reply, and the call after it.
    """
    for seed in range(WALKS):
        backoff, retries = seed % 12, None
        if backoff in (0, 6):
            retries = RetryPolicy(statuses=frozenset({200, 302, 307}), backoff=backoff / 6)
        _walk_call(Random(seed), note, retries, "1/3s" if seed % 9 == 0 else None)


def _walk_call(
    random: Random,
    note: Callable[[CallPhase, str, Call], None],
    retries: RetryPolicy | None,
    limit: str | None,
) -> None:
    data = random.choice([None, b"x", [b"x"], iter([b"x"])])
    request = Request(random.choice(["GET", "PUT"]), "http://a.test/", data=data)
    session = Session() if random.random() < 0.7 else Wayward()
    session.random = random  # type: ignore[attr-defined]  # Its overrides draw from it.
    session.max_redirects = 2
    for _ in range(random.choice([0, 0, 1, 2])):
        session.hooks["response"].append(lambda response, **settings: None)
    if random.random() < 0.3:
        session.auth = Answering(random)
    session.retries, session.limit = retries, limit
    if limit is not None and random.random() < 0.5:  # Somebody else has had the first turn.
        session.call(Request("GET", "http://a.test/")).start(0.0)
    prepared = session.prepare_request(request)
    if random.random() < 0.05:
        prepared.method = "not a token"
    settings = SendSettings(timeouts=Timeouts(total=10.0), stream=random.random() < 0.3)
    mode = random.choice([*Mode, *[Mode.WHOLE] * 4])
    if random.random() < 0.1:
        session.limits = Limits(content_size_max=9)  # Each response says that it has 10.
    call = session.call(prepared, settings=settings, mode=mode)
    now = 0.0
    if isinstance(prepared.content, Content) and random.random() < 0.2:
        next(prepared.content.chunks(), None)  # Another call has sent it before.
    reply = "start" if random.random() < 0.8 else "resume"
    while True:
        before, command = call.phase, call.command
        if reply == "start":
            call.start(now)
        elif reply == "resume":
            call.resume(_response(random, prepared), now)
        else:
            _reply_to_call(random, call, command, reply, now)
        note(before, reply, call)
        replies = sorted(CALL_REPLIES[type(call.command)])
        if not replies:
            return
        reply = random.choice(replies)
        if isinstance(call.command, Send) and isinstance(call.command.request.content, Content):
            next(call.command.request.content.chunks(), None)
        now += random.choice([0.0, 0.0, 0.0, 20.0])


def _response(random: Random, request: PreparedRequest) -> Response:
    status = random.choice([200, 302, 307, 401])
    location = random.choice(["/next", "http://b.test/", "ftp://c.test/"])
    lines = [("Location", location)] if status in (302, 307) else []
    lines.append(("Content-Length", "10"))
    return Response(ResponseHead(status, Fields(lines)), request)


def _reply_to_call(random: Random, call: Call, command: Any, reply: str, now: float) -> None:
    match reply:
        case "answered":
            call.answered(_response(random, command.request), now)
        case "lost":
            error = errors.ConnectionError("lost")
            error.progress = Progress(reused=random.random() < 0.8)
            call.lost(error, now)
        case "hooked":
            made = None if random.random() < 0.7 else _response(random, command.response.request)
            call.hooked(made, now)
        case "followed":
            call.followed([], now)
        case "failed":
            about = command.response if hasattr(command, "response") else None
            raised: Any = OSError("no")
            if random.random() < 0.3:
                raised = errors.ConnectionError("no", response=about)
            call.failed(raised, now)
        case _:
            getattr(call, reply)(now)
