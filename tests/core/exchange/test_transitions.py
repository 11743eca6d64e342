"""The table of phases and replies says what the code does, in both directions.

Random conversations, the same in each run, see every pair of the table and every phase that it can
lead to; and at each step of them, what does not fit is refused and changes nothing.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from ipaddress import ip_network
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn_core import Exchange, Pool
from sojourn_core.commands import EXCHANGE_REPLIES, Address, Fail, Wait, Write
from sojourn_core.exchange.phase import TRANSITIONS, Phase
from sojourn_core.values.errors import LocalProtocolError
from sojourn_core.values.record import replace
from tests.core.exchanges import OK, exchange_with, idle_connection, plan_for, pool_of, send
from tests.core.handshakes import Toy
from tests.core.tlspeer import TlsPeer

if TYPE_CHECKING:
    from tests.servers.authority import Authority

pytestmark = pytest.mark.usefixtures("each_codec")

WALKS: Final = 2500
SEEN_MAX: Final = 60  # Replies in one conversation.
REPLIES: Final = {"start", *set().union(*EXCHANGE_REPLIES.values())}
ADDRESSES: Final = (Address("192.0.2.1", 80), Address("192.0.2.2", 80))
NUMERIC: Final = "http://192.0.2.1/x"  # No resolver is asked for it.
REFUSED: Final = (ip_network("192.0.2.1"),)
PROXY: Final = "http://proxy.test:3128"
UPGRADE: Final = {"Upgrade": "echo", "Connection": "upgrade"}
UNFIT: Final = [("X", "a\r\nb"), ("Content-Length", "70001")]
ANSWERS: Final = (
    b"",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK,
    b"HTTP/1.1 103 Early Hints\r\n\r\nnonsense\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Yes\r\nUpgrade: echo\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
    OK,
    b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nnonsense\r\n",
    b"HTTP/1.1",
    b"ok",
)
OPENED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
TUNNEL_ANSWERS: Final = (OPENED, OPENED, OPENED, OPENED[:9], b"HTTP/1.1 407 Who?\r\n\r\n", b"")
TOY_ANSWERS: Final = (b"yes\n", b"yes\n", b"who?\n", b"ye", b"no\n", b"yes\nsurplus", b"")
Pairs = dict[tuple[Phase, str], set[Phase]]


class Contexts:
    """What TLS is made with. In version 1.2 the server says the last word; one trusts nobody."""

    def __init__(self, ca: Authority) -> None:
        self.server = ca.server_context()
        older = ca.client_context()
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        wary = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.clients = (ca.client_context(), older, ca.client_context(), older, wary)


@pytest.fixture(scope="module")
def tls(ca: Authority) -> Contexts:
    return Contexts(ca)


class Walk:
    """One conversation.

    Args:
        seed: Makes its choices.
        tls: Contexts for both sides.
        seen: The pairs that were seen, and where they led to.
    """

    def __init__(self, seed: int, tls: Contexts, seen: Pairs) -> None:
        self.random = Random(seed)
        self.seen = seen
        self.pool = pool_of(1)
        self.peer: TlsPeer | None = None
        self.outer: TlsPeer | None = None  # The proxy's.
        self.heard = 0  # Bytes of it that were the peer's.
        self.url = self.random.choice(["http://a.test/x", "http://a.test/x", NUMERIC])
        self.first = exchange_with(self.pool, url=self.url)
        if self.random.random() < 0.4:
            idle_connection(self.pool, url=self.url)
        elif self.random.random() < 0.4:
            send(self.first)
        self.exchange = Exchange(self.plan(tls), self.pool)

    def plan(self, tls: Contexts) -> Any:
        random = self.random
        options: dict[str, Any] = {"informs": random.random() < 0.8}
        options["switches"] = random.random() < 0.8
        options["races"] = random.random() < 0.5
        options["url"] = self.url
        if random.random() < 0.2:
            options["refused_networks"] = REFUSED
        if random.random() < 0.4:
            self.peer = TlsPeer(tls.server)
            wrong = random.random() < 0.1  # A server's context makes no client.
            options["tls_context"] = tls.server if wrong else random.choice(tls.clients)
            options["url"] = "https://a.test/x"
            if random.random() < 0.6:
                options["proxy"] = PROXY
                if random.random() < 0.2:
                    options["proxy_authorization"] = "a\nb"
        elif random.random() < 0.4:
            options["proxy"] = PROXY
            options["tunnels"] = random.random() < 0.5
        if "proxy" in options and random.random() < 0.6:
            if random.random() < 0.5:
                options["handshake"] = Toy
                options["proxy"] = random.choice(["socks5://p.test", "socks4a://192.0.2.9"])
            else:
                self.outer = TlsPeer(tls.server)
                wrong = random.random() < 0.1
                options["proxy_tls_context"] = tls.server if wrong else random.choice(tls.clients)
                options["proxy"] = "https://b.test"
        data = random.choice([None, None, b"x" * 70_000, iter([b"x"])])
        headers = dict(UPGRADE) if random.random() < 0.3 else {}
        if data is not None and not isinstance(data, bytes) and random.random() < 0.5:
            headers["Content-Length"] = random.choice(["0", "1"])
        if data is not None and random.random() < 0.3:
            headers["Expect"] = "100-continue"
        options["headers"] = headers
        plan = plan_for(method="GET" if data is None else "POST", data=data, **options)
        if random.random() < 0.15:
            lines = [("Host", "a.test"), random.choice(UNFIT)]
            plan.request = replace(plan.request, lines=lines)
        return plan

    def take(self) -> None:
        """Talk until the exchange has ended."""
        self.reply("start", ())
        for _ in range(SEEN_MAX):
            command: Any = self.exchange.command
            replies = sorted(EXCHANGE_REPLIES.get(type(command), ()))
            if isinstance(command, Write) and not command.watch:
                replies.remove("readable")
            if not replies:
                return
            if self.random.random() < 0.85:  # Mostly things go well, or none would get far.
                replies = [each for each in replies if each not in {"expired", "failed"}]
            reply = self.random.choice(replies)
            self.reply(reply, self.arguments(reply, command))

    def reply(self, reply: str, arguments: tuple[Any, ...]) -> None:
        before = self.exchange.phase
        getattr(self.exchange, reply)(*arguments, 0.0)
        self.seen.setdefault((before, reply), set()).add(self.exchange.phase)

    def arguments(self, reply: str, command: Any) -> tuple[Any, ...]:
        random, peer = self.random, self.peer
        match reply:
            case "woken" if random.random() < 0.7 and self.first.connection is not None:
                if random.random() < 0.5:
                    self.first.received(OK, 0.0)
                self.first.abandon(0.0)
            case "resolved":
                return (random.choice([ADDRESSES, ADDRESSES, ADDRESSES, ()]),)
            case "connected":
                return ("stream",)
            case "written" if type(command) is Write:
                self.carry(command.data)
            case "readable":
                sent = random.choice([0, len(command.data)]) if type(command) is Write else 0
                if sent:
                    self.carry(command.data)
                return (sent,)
            case "received":
                return (self.answer(peer),)
            case "pulled":
                return (random.choice([b"x", None]),)
            case "drain":
                return (random.randrange(4), 50.0)
            case "failed":
                return (OSError("no"),)
        return ()

    def carry(self, data: bytes) -> None:
        """Give the peers what is theirs, until their handshakes are over."""
        peer, outer = self.peer, self.outer
        inner = peer is not None and not peer.established
        with suppress(ssl.SSLError):  # An alert is sent as it is.
            if outer is not None and (inner or not outer.established):
                outer.take(data)
                data, self.heard = outer.received[self.heard :], len(outer.received)
            for_peer = self.exchange.phase in {Phase.SECURING, Phase.SENDING}
            if peer is not None and inner and for_peer:
                peer.take(data)

    def answer(self, peer: TlsPeer | None) -> bytes:
        random, outer = self.random, self.outer
        if outer is not None and self.exchange.phase is Phase.SECURING_PROXY:
            hello = outer.flush()
            return hello if random.random() < 0.9 else hello[:20]
        answer = self.answer_within(peer)
        over = outer is not None and outer.established
        return outer.say(answer) if outer is not None and over and answer else answer

    def answer_within(self, peer: TlsPeer | None) -> bytes:
        random, phase = self.random, self.exchange.phase
        if phase is Phase.TUNNELING:
            plan = self.exchange.plan
            return random.choice(TUNNEL_ANSWERS if plan.offers.handshake is None else TOY_ANSWERS)
        answer = random.choice(ANSWERS)
        if peer is None:
            return answer
        if phase is Phase.SECURING:
            hello = peer.flush()
            return hello if random.random() < 0.9 else hello[:20]
        return peer.say(answer) if answer and peer.established else answer


@pytest.fixture(scope="module")
def seen(tls: Contexts) -> Pairs:
    pairs: Pairs = {}
    for seed in range(WALKS):
        Walk(seed, tls, pairs).take()
    lose_the_rest_of_an_upload(pairs)
    be_refused_addresses(pairs)
    return pairs


def lose_the_rest_of_an_upload(pairs: Pairs) -> None:
    """A conversation that chance holds too seldom: the response comes, and then the pipe breaks."""
    exchange = exchange_with(Pool(), method="POST", data=b"x" * 70_000)
    send_part = [
        ("start", ()),
        ("resolved", (ADDRESSES,)),
        ("connected", ("stream",)),
        ("written", ()),
        ("readable", (0,)),
        ("received", (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",)),
        ("proceed", ()),
        ("failed", (OSError("no"),)),
    ]
    converse(exchange, send_part, pairs)


def be_refused_addresses(pairs: Pairs) -> None:
    """Another one: a proxy does not reach the first address of an origin, nor the second."""
    exchange = exchange_with(Pool(), proxy="socks5://192.0.2.9", handshake=Toy)
    addresses = tuple(Address(f"192.0.2.{number}", 80) for number in (1, 2, 3))
    steps = [
        ("start", ()),
        ("resolved", (addresses,)),
        ("connected", ("first",)),
        ("written", ()),
        ("received", (b"away\n",)),
        ("closed", ()),
        ("connected", ("second",)),
        ("expired", ()),
        ("closed", ()),
        ("connected", ("third",)),
    ]
    converse(exchange, steps, pairs)


def converse(exchange: Exchange, steps: list[tuple[str, tuple[Any, ...]]], pairs: Pairs) -> None:
    for reply, arguments in steps:
        before = exchange.phase
        getattr(exchange, reply)(*arguments, 0.0)
        pairs.setdefault((before, reply), set()).add(exchange.phase)


def test_whatever_happens_is_in_the_table(seen: Pairs) -> None:
    for (phase, reply), found in seen.items():
        assert found <= TRANSITIONS[phase].get(reply, frozenset()), (phase, reply)


@pytest.mark.parametrize("phase", TRANSITIONS)
def test_whatever_is_in_the_table_happens(phase: Phase, seen: Pairs) -> None:
    for reply, leads_to in TRANSITIONS[phase].items():
        if (phase, reply) == (Phase.RECEIVING, "written"):
            continue  # TLS itself had to say something: ``test_exchange_tls`` makes it.
        assert seen.get((phase, reply), set()) == leads_to, (phase, reply)


def test_the_table_names_phases_and_replies() -> None:
    assert set(TRANSITIONS) == set(Phase)
    assert {reply for row in TRANSITIONS.values() for reply in row} == REPLIES
    assert TRANSITIONS[Phase.ENDED] == {}


class Contrary(Walk):
    """Before each reply that fits, all that do not are tried."""

    def reply(self, reply: str, arguments: tuple[Any, ...]) -> None:
        exchange, pool = self.exchange, self.pool
        fits = EXCHANGE_REPLIES.get(type(exchange.command), frozenset())
        for wrong in REPLIES - fits:
            if exchange.command is None and wrong == "start":
                continue
            before = state_of(exchange, pool)
            with pytest.raises(LocalProtocolError):
                getattr(exchange, wrong)(*ARGUMENTS.get(wrong, ()), 0.0)
            assert state_of(exchange, pool) == before
        super().reply(reply, arguments)


ARGUMENTS: Final[dict[str, tuple[Any, ...]]] = {
    "readable": (0,),
    "resolved": (ADDRESSES,),
    "connected": ("another",),
    "received": (b"",),
    "pulled": (None,),
    "drain": (10, 1.0),
    "failed": (OSError("no"),),
}


def state_of(exchange: Exchange, pool: Pool) -> tuple[Any, ...]:
    counts = (pool.open_count, pool.idle_count, pool.waiting_count)
    return exchange.phase, exchange.command, exchange.progress, exchange.stream, counts


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, 200, 25)])
def test_whatever_is_not_in_the_table_is_refused_and_changes_nothing(
    tls: Contexts, seeds: range
) -> None:
    pairs: Pairs = {}
    for seed in seeds:
        walk = Contrary(seed, tls, pairs)
        walk.take()
        for reply in REPLIES:
            if reply not in EXCHANGE_REPLIES.get(type(walk.exchange.command), frozenset()):
                with pytest.raises(LocalProtocolError):
                    getattr(walk.exchange, reply)(*ARGUMENTS.get(reply, ()), 0.0)


def test_a_wait_has_a_row_of_its_own() -> None:
    """No phase but the first waits for the pool today; the command may come at any point."""
    pool = pool_of(1)
    exchange_with(pool).start(0.0)
    waiting = exchange_with(pool)
    assert isinstance(waiting.start(0.0), Wait)
    assert waiting.phase is Phase.CHECKING_OUT
    assert isinstance(waiting.expired(9.0), Fail)
