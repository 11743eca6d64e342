"""Each field of ``Limits``, ``Timeouts`` and ``PoolLimits``: just within it, and just beyond."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import AuthFlow, HTTPAdapter, Limits, PoolLimits, Timeouts
from sojourn_core import Pool, Request, parse_url
from sojourn_core.commands import Address, Close, Connect, Fail, Probe, Read, Resolve, Write
from sojourn_core.exchange.race import Race
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.content.coding.decoder import decoder_for
from sojourn_core.values.errors import (
    ConnectTimeout,
    DeadlineExceeded,
    InvalidURL,
    PoolTimeout,
    ReadTimeout,
    WriteTimeout,
)
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.bindings.clients import BINDINGS, Binding
from tests.core.codecs import CODECS, speaking
from tests.core.conversation import WALL, respond, travel
from tests.core.conversation import session as session_of_core
from tests.core.exchanges import ADDRESSES, connect, exchange_with, idle_connection, send
from tests.scenarios import bare
from tests.scenarios.model import A, Outcome, Scenario, Setup, get, ok
from tests.servers.scripted import response
from tests.servers.steps import Hold, ReadHead, Sleep, WaitClosed
from tests.servers.steps import Send as Sends

from .table import SENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, Received, ScriptedServer

    from .table import Sent

HERE: Final = parse_url("http://a.test/")
EACH: Final = pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.name)
SECONDS: Final = 0.3  # Of a timeout on the wire, which passes because the peer says nothing.
LONG: Final = 20.0  # Of one that does not pass, whatever else the machine does.


@pytest.fixture(params=BINDINGS)
def binding(request: pytest.FixtureRequest) -> Iterator[Binding]:
    made = Binding(request.param)
    yield made
    made.close()


def limits_of(sent: Sent) -> Limits:
    """The limits of a row."""
    return Limits(**{sent.name: sent.limit, **sent.others})


# --- what the bytes of one response are held to ---------------------------------------------------


@pytest.mark.parametrize("codec", CODECS)
@EACH
def test_in_the_core(sent: Sent, codec: str, ca: Authority) -> None:
    for more in (0, 1):
        octets = sent.octets(sent.limit + more)
        follows = octets.startswith(b"HTTP/1.1 302") and not more
        then = (ReadHead(), Sends(ok())) if follows else ()
        scenario = Scenario(
            name=sent.name,
            intents=(get(f"{A}/x"),),
            peers={A: ((ReadHead(), Sends(octets), *then, WaitClosed()),)},
            outcomes=(Outcome(),),
            seen=(),
            setup=Setup(options={"limits": limits_of(sent)}),
        )
        with speaking(codec):
            result = bare.run(scenario, ca).results[0]
        if more:
            assert result.error is sent.error, result.message
            assert sent.says in result.message
        else:
            assert result.status == 200, result.message


def test_on_the_wire(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    answers: dict[str, bytes] = {}

    def answer(request: Received) -> bytes | None:
        return answers.get(request.target, response(200))

    server = serve(answer)
    for number, sent in enumerate(SENT):
        session = binding.session(limits=limits_of(sent))
        answers[f"/{number}/0"] = sent.octets(sent.limit)
        answers[f"/{number}/1"] = sent.octets(sent.limit + 1)
        close = {"Connection": "close"}
        assert binding.run(session.get(server.url(f"/{number}/0"), headers=close)).ok, sent.name
        with pytest.raises(sent.error) as caught:
            binding.run(session.get(server.url(f"/{number}/1"), headers=close))
        assert sent.says in str(caught.value)


# --- the other limits on a peer -------------------------------------------------------------------


def test_url_size_max(binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda _: response(200))
    base = server.url("/")
    session = binding.session(limits=Limits(url_size_max=200))
    assert binding.run(session.get(base + "x" * (200 - len(base)))).ok
    with pytest.raises(InvalidURL, match="200"):
        binding.run(session.get(base + "x" * (201 - len(base))))
    most = DEFAULT_LIMITS.url_size_max
    assert parse_url("http://a.test/" + "x" * (most - 14)).text
    with pytest.raises(InvalidURL, match=str(most)):
        parse_url("http://a.test/" + "x" * (most - 13))


@pytest.mark.parametrize("more", [0, 1])
def test_drain_size_max(more: int, binding: Binding, serve: Callable[..., HandlerServer]) -> None:
    content = bytes(200_000)  # More than comes along with the head.

    def answer(request: Received) -> bytes:
        if request.target == "/x":
            return response(302, ("Location", "/y"), content=content)
        return response(200)

    server = serve(answer)
    limits = Limits(drain_size_max=len(content) if not more else 1000, drain_seconds_max=5.0)
    session = binding.session(limits=limits)
    assert binding.run(session.get(server.url("/x"))).ok
    assert server.connections == 1 + more  # Beyond the limit the connection is given up.


def test_drain_seconds_max(binding: Binding, scripted: Callable[..., ScriptedServer]) -> None:
    moved = response(302, ("Location", "/y"), content=b"slow")
    there = (ReadHead(), Sends(response(200, content=b"there")), WaitClosed())
    patient = scripted((ReadHead(), Sends(moved[:-1]), Sleep(0.05), Sends(moved[-1:]), *there))
    session = binding.session(limits=Limits(drain_seconds_max=5.0))
    assert binding.run(session.get(patient.url("/x"))).content == b"there"
    hasty = scripted((ReadHead(), Sends(moved[:-1]), Hold()), there)
    session = binding.session(limits=Limits(drain_seconds_max=0.05))
    assert binding.run(session.get(hasty.url("/x"))).content == b"there"


class Patient(AuthFlow):
    """Credentials that answer every challenge."""

    def respond(self, request: Any, response: Any) -> Any:
        """Once more."""
        return request if response.status_code == 401 else None


def test_challenges_max() -> None:
    for rounds, status in ((3, 200), (4, 401)):
        owner = session_of_core(limits=Limits(challenges_max=3))
        left = [401] * rounds + [200]
        call = owner.call(Request("GET", "http://a.test/", auth=Patient()))
        journey = travel(call, lambda _, left=left: respond(left.pop(0)))
        assert journey.response is not None
        assert journey.response.status_code == status


def test_decoded_step_max() -> None:
    import gzip

    for most in (100, 1000):
        decoder = decoder_for(["gzip"], Limits(decoded_step_max=most), None)
        assert decoder is not None
        pieces = list(decoder.feed(gzip.compress(bytes(10_000))))
        assert max(map(len, pieces)) == most
        assert sum(map(len, pieces)) == 10_000


# --- cookies: beyond a limit there is a decision, and never an error ------------------------------


def store(limits: Limits, *lines: str) -> tuple[CookieJar, list[str]]:
    """Tell a jar of these lines; the jar, and the codes of what was decided."""
    jar = CookieJar(limits=limits)
    return jar, [each.code for each in jar.store(lines, HERE, WALL)]


def test_set_cookies_max() -> None:
    for count in (3, 4):
        jar, _ = store(Limits(set_cookies_max=3), *(f"c{n}=1" for n in range(count)))
        assert len(jar) == 3


def test_cookie_size_max() -> None:
    for size, kept in ((20, 1), (21, 0)):
        jar, codes = store(Limits(cookie_size_max=20), f"n={'x' * (size - 1)}")
        assert len(jar) == kept
        assert (codes == ["cookie.stored"]) is bool(kept)


def test_cookies_per_domain_max() -> None:
    for count, evicted in ((3, False), (4, True)):
        lines = [f"c{n}=1" for n in range(count)]
        jar, codes = store(Limits(cookies_per_domain_max=3), *lines)
        assert len(jar) == 3
        assert ("cookie.evicted" in codes) is evicted


def test_cookies_max() -> None:
    for count, evicted in ((3, False), (4, True)):
        jar = CookieJar(limits=Limits(cookies_max=3))
        codes = [
            each.code
            for n in range(count)
            for each in jar.store(["c=1"], parse_url(f"http://h{n}.test/"), WALL)
        ]
        assert len(jar) == 3
        assert ("cookie.evicted" in codes) is evicted


def test_cookie_deletions_max() -> None:
    for count in (3, 4):
        jar = CookieJar(limits=Limits(cookie_deletions_max=3))
        for n in range(count):
            jar.store([f"c{n}=1"], HERE, WALL)
            jar.store([f"c{n}=; Max-Age=0"], HERE, WALL)
        assert len(jar.deletions()) == 3


def test_cookies_sent_max() -> None:
    for count in (3, 4):
        jar, _ = store(Limits(cookies_sent_max=3), *(f"c{n}=1" for n in range(count)))
        assert jar.cookie_field(HERE, WALL) == "c0=1; c1=1; c2=1"


def test_cookie_field_size_max() -> None:
    for size, sent in ((20, 2), (21, 1)):
        jar, _ = store(Limits(cookie_field_size_max=20), "a=1", f"b={'x' * (size - 7)}")
        field = jar.cookie_field(HERE, WALL)
        assert field is not None
        assert len(field.split("; ")) == sent


# --- timeouts -------------------------------------------------------------------------------------

JUST: Final = 1e-6


def test_connect() -> None:
    timeouts = Timeouts(connect=1.0)
    exchange = exchange_with(timeouts=timeouts)
    assert isinstance(exchange.start(0.0), Resolve)
    command = exchange.resolved(ADDRESSES, 1.0 - JUST)
    assert isinstance(command, Connect)
    assert isinstance(exchange.connected("stream", 1.0 - JUST), Write)
    exchange = exchange_with(timeouts=timeouts)
    exchange.start(0.0)
    command = exchange.resolved(ADDRESSES, 0.5)
    assert isinstance(command, Connect)
    assert command.deadline <= 1.0
    failed = exchange.expired(1.0)
    assert isinstance(failed, Fail)
    assert type(failed.error) is ConnectTimeout
    assert "1.0 s" in str(failed.error)


def test_read() -> None:
    for late in (False, True):
        exchange = exchange_with(timeouts=Timeouts(read=1.0))
        command = send(exchange)
        assert command.deadline == 1.0
        if not late:
            assert not isinstance(exchange.received(ok(), 1.0 - JUST), Fail)
            continue
        failed = exchange.expired(1.0)
        assert isinstance(failed, Fail)
        assert type(failed.error) is ReadTimeout
        assert "1.0 s" in str(failed.error)


def test_write() -> None:
    for late in (False, True):
        exchange = exchange_with(timeouts=Timeouts(write=1.0))
        command = connect(exchange)
        assert isinstance(command, Write)
        assert command.deadline == 1.0
        if not late:
            assert isinstance(exchange.written(1.0 - JUST), Read)
            continue
        failed = exchange.expired(1.0)
        assert isinstance(failed, Fail)
        assert type(failed.error) is WriteTimeout
        assert "1.0 s" in str(failed.error)


def test_total() -> None:
    owner = session_of_core()
    call = owner.call(
        Request("GET", "http://a.test/"),
        settings=owner.settings_for(timeout=Timeouts(total=1.0)),
    )
    command: Any = call.start(0.0)
    assert command.deadline == 1.0
    exchange = exchange_with(deadline=command.deadline)
    assert send(exchange).deadline == 1.0
    failed = exchange.expired(1.0)
    assert isinstance(failed, Fail)
    assert type(failed.error) is DeadlineExceeded


def test_stagger() -> None:
    # It is no limit on an address: the next one is started beside it.
    race = Race((Address("192.0.2.1", 80), Address("192.0.2.2", 80)), Timeouts(stagger=0.5).stagger)
    assert race.due(0.0) is not None
    assert race.due(0.5 - JUST) is None
    assert race.due(0.5) is not None


def test_expect() -> None:
    # It is no limit on a server: the content goes out all the same.
    for late in (False, True):
        exchange = exchange_with(
            method="POST",
            data=b"tea",
            headers={"Expect": "100-continue"},
            timeouts=Timeouts(expect=1.0),
            informs=False,
        )
        assert isinstance(connect(exchange), Write)
        command = exchange.written(0.0)
        assert isinstance(command, Read)
        assert command.deadline == 1.0
        if late:
            command = exchange.expired(1.0)
        else:
            command = exchange.received(b"HTTP/1.1 100 Continue\r\n\r\n", 1.0 - JUST)
        assert isinstance(command, Write)
        assert command.data == b"tea"


def timed_out(binding: Binding, url: str, error: Any, **given: Any) -> None:
    """See a request time out, by its type."""
    with pytest.raises(error) as caught:
        binding.run(binding.session().get(url, **given))
    assert type(caught.value) is error


def test_timeouts_on_the_wire(
    binding: Binding, scripted: Callable[..., ScriptedServer], ca: Authority
) -> None:
    answers = (ReadHead(), Sends(ok()), WaitClosed())
    waits = Timeouts(connect=LONG, read=LONG, write=LONG, pool=LONG, total=LONG)
    server = scripted(answers, (ReadHead(), Hold()), (ReadHead(), Hold()))
    assert binding.run(binding.session().get(server.url(), timeout=waits)).ok
    timed_out(binding, server.url(), ReadTimeout, timeout=Timeouts(read=SECONDS))
    timed_out(binding, server.url(), DeadlineExceeded, timeout=Timeouts(total=SECONDS))
    silent = scripted((Hold(),))  # It accepts, and speaks no TLS.
    url = silent.url().replace("http:", "https:")
    timed_out(binding, url, ConnectTimeout, timeout=Timeouts(connect=SECONDS))
    deaf = scripted((ReadHead(), Sleep(5 * SECONDS)))
    with pytest.raises(WriteTimeout):
        binding.run(
            binding.session().post(
                deaf.url(), data=bytes(64 << 20), timeout=Timeouts(write=SECONDS)
            )
        )


# --- the pool -------------------------------------------------------------------------------------


def held(session: Any, binding: Binding, url: str, timeout: Any) -> Any:
    """A response that nobody has read yet."""
    return binding.run(session.get(url, stream=True, timeout=timeout))


@pytest.mark.parametrize(
    ("name", "others"),
    [("connections_max", {}), ("connections_per_key_max", {"connections_max": 10})],
)
def test_connections_max(
    name: str, others: dict[str, int], binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(lambda _: response(200, content=bytes(1 << 20)))
    adapter = HTTPAdapter if binding.name == "sync" else sojourn.AsyncHTTPAdapter
    session = binding.session()
    session.mount("http://", adapter(pool=PoolLimits(**{name: 2, **others})))
    waits = Timeouts(pool=SECONDS)
    kept = [held(session, binding, server.url(), waits) for _ in range(2)]
    with pytest.raises(PoolTimeout, match=f"{SECONDS} s"):
        held(session, binding, server.url(), waits)
    for each in kept:
        binding.run(each.close())
    assert binding.run(session.get(server.url(), timeout=waits)).ok


def idles(limits: PoolLimits, *urls: str) -> Pool:
    """A pool in which connections to these were left, one after the other."""
    pool = Pool(limits)
    exchanges = [exchange_with(pool, url=url) for url in urls]
    for number, exchange in enumerate(exchanges):
        send(exchange, f"stream {number}")
    for exchange in exchanges:
        exchange.received(ok(), 0.0)
        exchange.proceed(0.0)
    return pool


def test_idle_max() -> None:
    for count, kept in ((3, 3), (4, 3)):
        urls = [f"http://h{n}.test/" for n in range(count)]
        assert idles(PoolLimits(idle_max=3), *urls).idle_count == kept


def test_idle_per_key_max() -> None:
    for count, kept in ((3, 3), (4, 3)):
        assert idles(PoolLimits(idle_per_key_max=3), *[A] * count).idle_count == kept


def test_idle_seconds_max() -> None:
    for after, command in ((1.0 - JUST, Probe), (1.0 + JUST, (Resolve, Close))):
        pool = Pool(PoolLimits(idle_seconds_max=1.0))
        idle_connection(pool)
        assert isinstance(exchange_with(pool).start(after), command)


# --- none is left out -----------------------------------------------------------------------------

OTHERS: Final = {
    name.removeprefix("test_"): name for name in list(globals()) if name.startswith("test_")
}
SHARED: Final = {"connections_per_key_max": "connections_max", "pool": "connections_max"}


@pytest.mark.parametrize("kind", [Limits, Timeouts, PoolLimits])
def test_each_field_has_its_test(kind: Any) -> None:
    tried = {sent.name for sent in SENT} | OTHERS.keys() | SHARED.keys()
    assert [field.name for field in fields(kind) if field.name not in tried] == []


def test_rows_are_of_fields() -> None:
    assert {sent.name for sent in SENT} <= {field.name for field in fields(Limits)}
    for one, two in pairwise(sorted(sent.name for sent in SENT)):
        assert one != two
