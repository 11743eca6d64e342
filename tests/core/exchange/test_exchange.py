"""The life of an exchange: a connection, the request, the response, the connection's return."""

from __future__ import annotations

from math import inf

import pytest

from sojourn_core import Exchange, Fields, Pool, PoolLimits, ResponseHead, Timeouts
from sojourn_core.commands import (
    Close,
    Connect,
    Content,
    Fail,
    Finish,
    Head,
    Inform,
    Probe,
    Read,
    Resolve,
    Switch,
    Wait,
    Write,
)
from sojourn_core.exchange.phase import Phase
from sojourn_core.values.errors import LocalProtocolError, Progress
from tests.core.exchanges import (
    ADDRESSES,
    CONTENT_LIMIT,
    HEAD_LIMIT,
    OK,
    closes,
    connect,
    exchange_with,
    hear,
    idle_connection,
    plan_for,
    pool_of,
    send,
    told,
)

pytestmark = pytest.mark.usefixtures("each_codec")

REQUEST = b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"


def head_of(
    status: int, reason: str, *lines: tuple[str, str], version: str = "1.1"
) -> ResponseHead:
    return ResponseHead(status, Fields(lines), reason, version)


def test_a_whole_conversation_on_a_new_connection() -> None:
    pool = Pool()
    exchange = exchange_with(pool, url="http://a.test:8080/x?y")
    assert exchange.phase is Phase.NEW
    assert exchange.start(10.0) == Resolve("a.test", 8080, deadline=11.0)
    assert exchange.resolved(ADDRESSES, 10.5) == Connect(ADDRESSES[0], deadline=11.0)
    request = b"GET /x?y HTTP/1.1\r\nHost: a.test:8080\r\n\r\n"
    assert exchange.connected("stream", 10.75) == Write(request, deadline=13.75)
    assert exchange.phase is Phase.SENDING
    assert exchange.written(11.0) == Read(HEAD_LIMIT, deadline=13.0)
    assert exchange.received(b"HTTP/1.1 200 OK\r\nConte", 11.5) == Read(HEAD_LIMIT, deadline=13.5)
    head = head_of(200, "OK", ("Content-Length", "4"))
    assert exchange.received(b"nt-Length: 4\r\n\r\nab", 12.0) == Head(head)
    assert exchange.phase is Phase.RECEIVING
    assert exchange.proceed(20.0) == Content(b"ab")
    assert exchange.proceed(20.0) == Read(CONTENT_LIMIT, deadline=22.0)
    assert exchange.received(b"cd", 21.0) == Content(b"cd")
    assert exchange.proceed(21.0) == Finish(reusable=True)
    assert exchange.phase is Phase.ENDED
    assert exchange.progress == Progress(octets_written=len(request), octets_received=42)
    assert (pool.open_count, pool.idle_count) == (1, 1)


def test_without_timeouts_nothing_has_a_deadline() -> None:
    none = Timeouts(connect=None, read=None, write=None, pool=None)
    exchange = exchange_with(timeouts=none)
    assert exchange.start(0.0) == Resolve("a.test", 80, inf)
    assert exchange.resolved(ADDRESSES, 0.0) == Connect(ADDRESSES[0], inf)
    assert exchange.connected("stream", 0.0) == Write(REQUEST, inf)
    assert exchange.written(0.0) == Read(HEAD_LIMIT, inf)


def test_no_deadline_lies_beyond_that_of_the_whole_call() -> None:
    pool = pool_of(1)
    exchange = exchange_with(pool, deadline=0.5)
    assert exchange.start(0.0) == Resolve("a.test", 80, 0.5)
    waiting = exchange_with(pool, deadline=0.5)
    command = waiting.start(0.0)
    assert isinstance(command, Wait)
    assert command.deadline == 0.5
    assert exchange.resolved(ADDRESSES, 0.0) == Connect(ADDRESSES[0], 0.5)
    assert exchange.connected("stream", 0.0) == Write(REQUEST, 0.5)
    assert exchange.written(0.25) == Read(HEAD_LIMIT, 0.5)


# --- the connection ---------------------------------------------------------------------------


def test_a_connection_that_was_used_before_is_probed_and_used_again() -> None:
    pool = Pool()
    idle_connection(pool, "stream")
    exchange = exchange_with(pool)
    assert exchange.start(1.0) == Probe()
    assert exchange.reused
    assert exchange.connection is not None
    assert exchange.connection.stream == "stream"
    assert exchange.quiet(1.0) == Write(REQUEST, deadline=4.0)
    assert exchange.written(1.0) == Read(HEAD_LIMIT, deadline=3.0)
    assert isinstance(exchange.received(OK, 1.0), Head)
    assert exchange.progress == Progress(
        reused=True, octets_written=len(REQUEST), octets_received=len(OK)
    )


def test_a_stale_connection_is_closed_and_its_place_taken_by_a_new_one() -> None:
    pool = pool_of(1)
    idle_connection(pool)
    exchange = exchange_with(pool)
    assert exchange.start(1.0) == Probe()
    assert exchange.readable(0, 1.0) == Close()
    assert exchange.phase is Phase.CLOSING_STALE
    assert exchange.closed(1.0) == Resolve("a.test", 80, deadline=2.0)
    assert not exchange.reused
    assert exchange.connection is None
    assert pool.open_count == 1
    exchange.resolved(ADDRESSES, 1.0)
    assert exchange.connected("another", 1.0) == Write(REQUEST, deadline=4.0)


def test_a_fresh_connection_is_made_though_an_idle_one_is_there() -> None:
    pool = Pool()
    idle_connection(pool, "old")
    exchange = exchange_with(pool, fresh=True)
    command = exchange.start(1.0)
    assert isinstance(command, Resolve)
    assert closes(command.effects) == ["old"]


def test_what_asking_for_a_slot_requires_comes_with_the_first_command() -> None:
    """Whichever that is: here a probe."""
    pool = Pool()
    idle_connection(pool, "idle")
    orphan = exchange_with(pool, url="http://b.test/")
    connect(orphan, "orphan")
    assert orphan.orphan()
    command = exchange_with(pool).start(0.0)
    assert isinstance(command, Probe)
    assert closes(command.effects) == ["orphan"]
    assert Probe() == Probe(None), "no command that others are given was changed"
    assert exchange_with(pool).start(0.0).effects is None


def test_effects_are_told_once() -> None:
    pool = Pool()
    idle_connection(pool, "old")
    exchange = exchange_with(pool, fresh=True)
    connect(exchange, "new", now=1.0)
    assert closes(exchange.abandon(1.0)) == ["new"]


def test_an_exchange_waits_until_the_pool_grants_its_ticket() -> None:
    pool = pool_of(1)
    first = exchange_with(pool)
    send(first)
    second = exchange_with(pool)
    command = second.start(1.0)
    assert isinstance(command, Wait)
    assert command == Wait(command.ticket, deadline=5.0)
    assert second.phase is Phase.CHECKING_OUT
    assert second.woken(2.0) == command, "woken for nothing, it goes on waiting"
    head = first.received(OK, 2.5)
    assert isinstance(head, Head)
    assert head.effects is not None
    assert head.effects.wakes == [command.ticket]
    assert second.woken(3.0) == Probe()
    assert second.quiet(3.0) == Write(REQUEST, deadline=6.0)


def test_a_slot_is_given_back_before_anybody_has_read_the_content() -> None:
    pool = pool_of(1)
    first, second = exchange_with(pool), exchange_with(pool)
    send(first)
    assert isinstance(first.received(OK, 0.0), Head)
    assert first.connection is None
    assert second.start(0.0) == Probe()
    second.quiet(0.0)
    second.written(0.0)
    assert first.proceed(0.0) == Content(b"ok")
    assert first.proceed(0.0) == Finish(reusable=True)
    assert second.received(OK, 0.0) == Head(head_of(200, "OK", ("Content-Length", "2")))


def test_the_slot_comes_back_with_the_last_octet_of_the_content() -> None:
    pool = Pool()
    exchange = exchange_with(pool)
    send(exchange)
    exchange.received(OK[:-1], 0.0)
    assert exchange.proceed(0.0) == Content(b"o")
    assert isinstance(exchange.proceed(0.0), Read)
    assert pool.idle_count == 0
    assert exchange.received(OK[-1:], 0.0) == Content(b"k")
    assert pool.idle_count == 1


# --- what is handed up ------------------------------------------------------------------------


def test_everything_at_hand_is_taken_in_one_step() -> None:
    exchange = exchange_with()
    send(exchange)
    assert exchange.at_hand() is None, "there is no head yet"
    exchange.received(OK, 0.0)
    assert exchange.at_hand() == (b"ok", None, [])
    assert exchange.phase is Phase.ENDED
    assert exchange.trailers is None
    with pytest.raises(LocalProtocolError):
        exchange.proceed(0.0)
    assert exchange.abandon(0.0) is None


def test_what_is_not_complete_is_not_at_hand() -> None:
    exchange = exchange_with()
    assert exchange.trailers is None
    send(exchange)
    exchange.received(OK[:-1], 0.0)
    assert exchange.at_hand() is None
    assert exchange.proceed(0.0) == Content(b"o")


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 10\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_responses_without_content(method: str, head: bytes) -> None:
    """RFC 9112 section 6.3, rules 1 and 6."""
    pool = Pool()
    handed = hear(exchange_with(pool, method=method), [head])
    assert [type(command) for command in handed] == [Head, Finish]
    assert handed[1] == Finish(reusable=True)
    assert pool.idle_count == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("answer", "ended", "content", "reason"),
    [
        (OK, False, b"ok", ""),
        (CHUNKED + b"\r\n2\r\nok\r\n0\r\n\r\n", False, b"ok", ""),
        (CHUNKED + b"\r\n0\r\n\r\n", False, b"", ""),
        (
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            False,
            b"ok",
            "the connection is not kept alive",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            False,
            b"ok",
            "the connection is not kept alive",
        ),
        (OK + b"HTTP", False, b"ok", "bytes came after the response"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nx",
            False,
            b"",
            "bytes came after the response",
        ),
        (
            CHUNKED + b"\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",
            False,
            b"",
            "bytes came after the response",
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\nx", False, b"", "bytes came after the response"),
        (
            CHUNKED + b"Content-Length: 3\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            False,
            b"ok",
            "the response has both Transfer-Encoding and Content-Length",
        ),
        (
            b"HTTP/1.1 200 OK\r\n\r\nok",
            True,
            b"ok",
            "the end of the stream ended the content",
        ),
        (
            b"HTTP/1.0 200 OK\r\n\r\n",
            True,
            b"",
            "the end of the stream ended the content",
        ),
    ],
)
def test_verdict_on_the_connection(answer: bytes, ended: bool, content: bytes, reason: str) -> None:
    pool = Pool()
    handed = hear(exchange_with(pool), [answer], ended=ended)
    finish = handed.pop()
    assert isinstance(finish, Finish)
    assert (finish.reusable, finish.reason) == (not reason, reason)
    assert b"".join(command.data for command in handed[1:]) == content
    assert pool.idle_count == (0 if reason else 1)
    assert pool.open_count == pool.idle_count
    closed = [stream for command in [*handed, finish] for stream in closes(command.effects)]
    assert closed == (["stream"] if reason else [])


def test_trailer_fields_come_with_the_end() -> None:
    answer = CHUNKED + b"\r\n2\r\nok\r\n0\r\nDigest: x\r\ndigest: y\r\n\r\n"
    exchange = exchange_with()
    handed = hear(exchange, [answer])
    finish = handed[-1]
    assert isinstance(finish, Finish)
    assert finish.trailers is not None
    assert finish.trailers.lines == [("Digest", "x"), ("digest", "y")]
    assert exchange.trailers is finish.trailers


BAD_COOKIE = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=\x01\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_was_left_out_is_told_with_the_head_and_with_the_end(size: int) -> None:
    answer = BAD_COOKIE + b"\r\n2\r\nok\r\n0\r\njunk\r\nX-Sum: 2\r\n\r\n"
    pieces = [answer[start : start + size] for start in range(0, len(answer), size)]
    handed = hear(exchange_with(), pieces)
    head, finish = handed[0], handed[-1]
    assert isinstance(head, Head)
    assert isinstance(finish, Finish)
    codes = [each.code for each in head.head.decisions]
    assert codes == ["cookie.rejected.control-character"]
    assert [each.code for each in finish.decisions] == ["trailer.dropped.malformed"]
    assert finish.trailers is not None
    assert finish.trailers.lines == [("X-Sum", "2")]


def test_what_was_left_out_of_trailers_is_at_hand_with_the_content() -> None:
    exchange = exchange_with()
    send(exchange)
    exchange.received(BAD_COOKIE + b"\r\n0\r\njunk\r\n\r\n", 0.0)
    found = exchange.at_hand()
    assert found is not None
    content, trailers, decisions = found
    assert (content, trailers) == (b"", None)
    assert [each.code for each in decisions] == ["trailer.dropped.malformed"]


def test_each_informational_head_has_the_decisions_of_its_own() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=\x01\r\n\r\n"
    inform, head, *_ = hear(exchange_with(), [hint + OK])
    assert isinstance(inform, Inform)
    assert isinstance(head, Head)
    assert [each.subject for each in inform.head.decisions] == ["Set-Cookie"]
    assert head.head.decisions == ()


def test_informational_heads_are_handed_up_in_their_order() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n"
    exchange = exchange_with()
    send(exchange)
    first = exchange.received(b"HTTP/1.1 100 Continue\r\n\r\n" + hints + OK, 0.0)
    assert first == Inform(head_of(100, "Continue"))
    assert exchange.proceed(0.0) == Inform(head_of(103, "Early Hints", ("Link", "</s>")))
    assert exchange.proceed(0.0) == Head(head_of(200, "OK", ("Content-Length", "2")))


def test_after_an_informational_head_the_final_one_is_awaited() -> None:
    exchange = exchange_with()
    send(exchange)
    assert isinstance(exchange.received(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.0), Inform)
    assert exchange.proceed(1.0) == Read(HEAD_LIMIT, deadline=3.0)
    assert isinstance(exchange.received(OK, 1.0), Head)


# --- a stream that is HTTP no more ------------------------------------------------------------

UPGRADE = {"Upgrade": "echo", "Connection": "upgrade"}
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n"


def test_a_switched_stream_belongs_to_the_caller_until_the_exchange_is_abandoned() -> None:
    pool = Pool()
    exchange = exchange_with(pool, headers=UPGRADE)
    send(exchange)
    head = head_of(101, "Switching Protocols", ("Upgrade", "echo"))
    assert exchange.received(SWITCHING + b"hello", 0.0) == Switch(head, b"hello")
    assert exchange.phase is Phase.SWITCHED
    assert exchange.connection is not None
    assert pool.open_count == 1
    assert closes(exchange.abandon(0.0)) == ["stream"]
    assert pool.open_count == 0


def test_a_switched_stream_that_nobody_holds_is_left_to_the_pool() -> None:
    pool = Pool()
    exchange = exchange_with(pool, headers=UPGRADE)
    send(exchange)
    exchange.received(SWITCHING, 0.0)
    assert exchange.orphan()
    assert closes(pool.expire(0.0)) == ["stream"]


def test_informational_heads_before_a_switch_are_handed_up() -> None:
    handed = hear(exchange_with(headers=UPGRADE), [b"HTTP/1.1 100 Continue\r\n\r\n" + SWITCHING])
    assert told(handed) == [
        ("inform", head_of(100, "Continue")),
        ("switch", head_of(101, "Switching Protocols", ("Upgrade", "echo")), b""),
    ]


def test_a_switch_that_nobody_asked_for_is_an_error() -> None:
    (fail,) = hear(exchange_with(), [SWITCHING])
    assert isinstance(fail, Fail)
    assert told([fail])[0][1] == "RemoteProtocolError"


@pytest.mark.parametrize("length", [b"", b"Content-Length: 5\r\n"])
def test_after_a_tunnel_was_granted_nothing_is_content(length: bytes) -> None:
    """RFC 9112 section 6.3, rule 2: the framing fields of such a response do not count."""
    pool = Pool()
    exchange = exchange_with(pool, method="CONNECT", switches=False)
    handed = hear(exchange, [b"HTTP/1.1 200 OK\r\n" + length + b"\r\nhello"])
    assert [type(command) for command in handed] == [Head, Finish]
    assert told(handed)[1] == ("finish", False, "the connection became a tunnel", None)
    assert pool.open_count == 0


def test_a_tunnel_that_is_refused_is_an_ordinary_response() -> None:
    refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    handed = hear(exchange_with(method="CONNECT"), [refused])
    assert told(handed)[1:] == [("content", b"no"), ("finish", True, "", None)]


# --- giving up --------------------------------------------------------------------------------


def test_an_exchange_begins_once() -> None:
    exchange = exchange_with()
    exchange.start(0.0)
    with pytest.raises(LocalProtocolError, match="started before"):
        exchange.start(0.0)


def test_abandoning_twice_does_nothing_more() -> None:
    pool = Pool()
    exchange = exchange_with(pool)
    connect(exchange)
    assert closes(exchange.abandon(0.0)) == ["stream"]
    assert exchange.abandon(0.0) is None
    assert pool.open_count == 0


def test_an_orphan_leaves_its_slot_to_the_next_step_of_the_pool() -> None:
    pool = pool_of(1)
    exchange = exchange_with(pool)
    connect(exchange)
    assert exchange.orphan()
    assert pool.open_count == 1, "a finalizer takes no step itself"
    other = exchange_with(pool)
    command = other.start(0.0)
    assert isinstance(command, Resolve)
    assert closes(command.effects) == ["stream"]


def test_an_orphan_that_waits_gives_up_its_place() -> None:
    pool = pool_of(1)
    first, second, third = (exchange_with(pool) for _ in range(3))
    send(first)
    second.start(0.0)
    command = third.start(0.0)
    assert isinstance(command, Wait)
    assert second.orphan()
    head = first.received(OK, 0.0)
    assert isinstance(head, Head)
    assert head.effects is not None
    assert head.effects.wakes == [command.ticket]


def test_an_orphan_that_was_granted_a_slot_grants_it_on() -> None:
    pool = pool_of(1)
    first, second, third = (exchange_with(pool) for _ in range(3))
    send(first)
    second.start(0.0)
    command = third.start(0.0)
    assert isinstance(command, Wait)
    first.received(OK, 0.0)
    assert second.orphan()
    effects = pool.expire(0.0)
    assert effects is not None
    assert effects.wakes == [command.ticket]
    assert isinstance(third.woken(0.0), Resolve)


@pytest.mark.parametrize("ended", [False, True])
def test_nothing_is_left_of_an_exchange_that_holds_nothing(ended: bool) -> None:
    pool = Pool()
    exchange = exchange_with(pool)
    if ended:
        hear(exchange, [OK])
    assert not exchange.orphan()
    assert pool.expire(0.0) is None


def test_a_pool_that_was_closed_takes_no_connection_back() -> None:
    pool = Pool(PoolLimits(connections_max=1))
    exchange = Exchange(plan_for(), pool)
    send(exchange)
    assert pool.close() is None
    head = exchange.received(OK, 0.0)
    assert isinstance(head, Head)
    assert closes(head.effects) == ["stream"]
    assert pool.open_count == 0
