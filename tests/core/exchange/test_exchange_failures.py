"""Deadlines, lost connections and broken responses: the errors, and what they say."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from sojourn_core import Exchange, Limits, Pool
from sojourn_core.commands import Content, Fail, Finish, Head, Inform, Read
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress
from sojourn_core.values.record import replace
from tests.core.exchanges import (
    ADDRESSES,
    CONTENT_LIMIT,
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
from tests.core.stages import STAGES

pytestmark = pytest.mark.usefixtures("each_codec")

REQUEST_SIZE = len(b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n")
SENT = Progress(octets_written=REQUEST_SIZE)
RECEIVED = Progress(octets_written=REQUEST_SIZE, octets_received=len(OK) - 1)


def failure(command: Any) -> errors.RequestException:
    assert isinstance(command, Fail)
    return command.error


@pytest.mark.parametrize(
    ("stage", "kind", "message", "progress"),
    [
        (
            "checking out",
            errors.PoolTimeout,
            "no connection to http://a.test became free in 4.0 s",
            Progress(),
        ),
        (
            "resolving",
            errors.ConnectTimeout,
            "no connection to http://a.test in 1.0 s",
            Progress(),
        ),
        (
            "connecting",
            errors.ConnectTimeout,
            "no connection to http://a.test in 1.0 s",
            Progress(),
        ),
        ("writing", errors.WriteTimeout, "http://a.test took in nothing for 3.0 s", SENT),
        (
            "awaiting the head",
            errors.ReadTimeout,
            "no answer from http://a.test in 2.0 s",
            SENT,
        ),
        (
            "receiving",
            errors.StalledContent,
            "http://a.test was silent for 2.0 s within the content",
            RECEIVED,
        ),
    ],
)
def test_a_deadline_that_passes(
    stage: str, kind: type[Exception], message: str, progress: Progress
) -> None:
    exchange, pool = STAGES[stage][1]()
    streams = [] if exchange.connection is None else ["stream"]
    command = exchange.expired(0.0)
    error = failure(command)
    assert type(error) is kind
    assert str(error) == message
    assert error.maybe_sent == (progress != Progress())
    assert error.progress == progress
    # The silenced check: Finish and Fail have effects.
    assert closes(command.effects) == streams
    assert pool.open_count == (1 if stage == "checking out" else 0)
    assert pool.waiting_count == 0


@pytest.mark.parametrize(
    ("stage", "kind", "message", "progress"),
    [
        (
            "resolving",
            errors.NameResolutionError,
            "host 'a.test' cannot be resolved: [Errno 5] no",
            Progress(),
        ),
        (
            "connecting",
            errors.ConnectionError,
            "cannot connect to http://a.test: [Errno 5] no",
            Progress(),
        ),
        (
            "awaiting the head",
            errors.ConnectionError,
            "the connection to http://a.test was lost: [Errno 5] no",
            SENT,
        ),
        (
            "receiving",
            errors.ChunkedEncodingError,
            "the connection to http://a.test was lost within the content: [Errno 5] no",
            RECEIVED,
        ),
    ],
)
def test_a_command_that_cannot_be_carried_out(
    stage: str, kind: type[Exception], message: str, progress: Progress
) -> None:
    exchange, pool = STAGES[stage][1]()
    streams = [] if exchange.connection is None else ["stream"]
    cause = OSError(5, "no")
    command = exchange.failed(cause, 0.0)
    error = failure(command)
    assert type(error) is kind
    assert str(error) == message
    assert error.__cause__ is cause
    assert error.maybe_sent == (progress != Progress())
    assert error.progress == progress
    # The silenced check: Finish and Fail have effects.
    assert closes(command.effects) == streams
    assert pool.open_count == 0


def test_an_error_without_a_text_is_named() -> None:
    exchange, _ = STAGES["connecting"][1]()
    error = failure(exchange.failed(ConnectionRefusedError(), 0.0))
    assert str(error) == "cannot connect to http://a.test: ConnectionRefusedError"


def test_an_error_of_ours_passes_through_unchanged() -> None:
    exchange, _ = STAGES["checking out"][1]()
    ours = errors.PolicyRefused("the session was closed")
    assert failure(exchange.failed(ours, 0.0)) is ours
    assert ours.progress == Progress()
    assert not ours.maybe_sent


@pytest.mark.parametrize("steps", range(5))
def test_the_deadline_of_the_whole_call_goes_before_all_others(steps: int) -> None:
    pool = pool_of(1)
    if not steps:  # The only one that has to wait for a slot.
        exchange_with(pool).start(0.0)
    exchange = exchange_with(pool, deadline=0.5)
    exchange.start(0.0)
    for reply in (
        lambda: exchange.resolved(ADDRESSES, 0.0),
        lambda: exchange.connected("stream", 0.0),
        lambda: exchange.written(0.0),
        lambda: exchange.received(b"HTTP/1.1", 0.0),
    )[:steps]:
        reply()
    error = failure(exchange.expired(0.5))
    assert type(error) is errors.DeadlineExceeded
    assert str(error) == "the call to http://a.test took longer than it may in all"


def test_a_host_without_an_address() -> None:
    exchange, pool = STAGES["resolving"][1]()
    error = failure(exchange.resolved((), 0.0))
    assert type(error) is errors.NameResolutionError
    assert str(error) == "host 'a.test' has no address"
    assert not error.maybe_sent
    assert pool.open_count == 0


def test_a_peer_that_just_goes_away() -> None:
    (fail,) = hear(exchange_with(), [], ended=True)
    error = failure(fail)
    assert type(error) is errors.ConnectionError
    assert str(error) == "http://a.test closed the connection without answering"
    assert error.maybe_sent
    assert error.progress == SENT


def test_a_peer_that_goes_away_on_a_connection_that_was_used_before() -> None:
    """What a decision to send again depends on."""
    pool = Pool()
    idle_connection(pool)
    (fail,) = hear(exchange_with(pool), [], ended=True)
    assert failure(fail).progress == Progress(reused=True, octets_written=REQUEST_SIZE)


INVALID = "http://a.test: the response is not valid HTTP: "


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([b"HTTP"], "http://a.test: the stream ended within the head of the response"),
        (
            [b"HTTP/1.1 103 Early Hints\r\n\r\n"],
            "http://a.test: the stream ended before the head of the response",
        ),
        ([b"SSH-2.0-x\r\n\r\n"], INVALID + "illegal status line"),
        ([b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n"], INVALID + "illegal header line"),
        ([b"HTTP/1.1 200 OK\r\nA b: c\r\n\r\n"], INVALID + "illegal header line 'A b'"),
        (
            [b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nB : d\r\n\r\n"],
            INVALID + "illegal header line 'B '",
        ),
        ([b"HTTP/1.1 200 OK\r\n: secret\r\n\r\n"], INVALID + "illegal header line ''"),
        (
            [b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"],
            INVALID + "conflicting Content-Length headers",
        ),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"],
            INVALID + "Only Transfer-Encoding: chunked is supported",
        ),
    ],
)
def test_a_head_that_is_none(pieces: list[bytes], message: str) -> None:
    pool = Pool()
    error = failure(hear(exchange_with(pool), pieces, ended=True)[-1])
    conflict = "conflicting" in message
    assert type(error) is (errors.ConflictingLengths if conflict else errors.RemoteProtocolError)
    assert str(error) == message
    assert error.maybe_sent
    assert pool.open_count == 0


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKE_OFF = "the content of the response broke off: "


@pytest.mark.parametrize(
    ("answer", "content", "message"),
    [
        (OK[:-1], b"o", "the content of the response ended 1 bytes early"),
        (OK[:-2], b"", "the content of the response ended 2 bytes early"),
        (CHUNKED + b"4\r\nok", b"ok", BROKE_OFF + "peer closed connection"),
        (CHUNKED + b"2\r\nok\r\n", b"ok", BROKE_OFF + "peer closed connection"),
        (CHUNKED + b"2\r\nok\r\nxyz\r\n", b"ok", BROKE_OFF + "illegal chunk header"),
        (CHUNKED + b"2\r\nok!\n", b"ok", BROKE_OFF + "malformed chunk footer"),
    ],
)
def test_content_that_breaks_off(answer: bytes, content: bytes, message: str) -> None:
    """What came before is handed up all the same, whatever the octets came with."""
    pool = Pool()
    handed = hear(exchange_with(pool), [answer], ended=True)
    assert isinstance(handed[0], Head)
    assert b"".join(command.data for command in handed[1:-1]) == content
    error = failure(handed[-1])
    assert type(error) is errors.ChunkedEncodingError
    assert str(error).startswith(message)
    assert closes(handed[-1].effects) == ["stream"]
    assert pool.open_count == 0


def test_informational_heads_before_an_error_are_handed_up() -> None:
    handed = hear(exchange_with(), [b"HTTP/1.1 103 Early Hints\r\n\r\nnonsense\r\n\r\n"])
    assert [type(command) for command in handed] == [Inform, Fail]


def test_a_failed_exchange_does_not_know_its_error() -> None:
    """The error's traceback knows the exchange; both ways would be a cycle."""
    exchange, _ = STAGES["resolving"][1]()
    failure(exchange.failed(OSError("no"), 0.0))
    assert exchange.command is None


# --- what is refused before any octet ---------------------------------------------------------


@pytest.mark.parametrize("reused", [False, True])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Secret", "hunter2\r\nX: y"),
        ("X-Secret", "hunter2\0"),
        ("X y", "hunter2"),
        ("X-S", "hunter\u0107"),
    ],
)
def test_a_field_that_cannot_be_sent(name: str, value: str, reused: bool) -> None:
    """h11 looks last, and quotes what it sees; a secret must not get into the message."""
    pool = Pool()
    if reused:
        idle_connection(pool)
    plan = plan_for()
    plan.request = replace(plan.request, lines=[("Host", "a.test"), (name, value)])
    exchange = Exchange(plan, pool)
    if reused:
        exchange.start(0.0)
    error = failure(exchange.quiet(0.0) if reused else connect(exchange))
    assert type(error) is errors.InvalidHeader
    assert str(error).startswith("the head of the request cannot be sent: ")
    assert "hunter" not in str(error) + repr(error)
    assert not error.maybe_sent
    assert pool.idle_count == 1, "nothing was written on the connection"
    next_one = exchange_with(pool)
    next_one.start(0.0)
    assert next_one.connection is not None
    assert next_one.connection.requests == (1 if reused else 0)


def test_secrets_of_the_request_are_in_no_error() -> None:
    plan = plan_for("http://a.test/x?token=hunter2", headers={"Authorization": "Bearer hunter2"})
    for reply in (
        lambda exchange: exchange.failed(OSError("no"), 0.0),
        lambda exchange: exchange.expired(0.0),
        lambda exchange: exchange.received(b"nonsense\r\n\r\n", 0.0),
        lambda exchange: exchange.received(b"", 0.0),
    ):
        exchange = Exchange(plan, Pool())
        send(exchange)
        error = failure(reply(exchange))
        assert "hunter2" not in str(error) + repr(error) + repr(error.progress)


# --- draining ---------------------------------------------------------------------------------


def draining(limit: int, head: bytes = b"Content-Length: 10") -> tuple[Exchange, Pool, Any]:
    pool = Pool()
    exchange = exchange_with(pool, deadline=50.0)
    send(exchange)
    head = b"HTTP/1.1 302 Found\r\n" + head + b"\r\n\r\n"
    assert isinstance(exchange.received(head, 0.0), Head)
    return exchange, pool, exchange.drain(limit, 0.5, 0.0)


def test_draining_keeps_the_connection() -> None:
    exchange, pool, command = draining(10)
    assert command == Read(CONTENT_LIMIT, deadline=0.5)
    assert exchange.received(b"12345", 0.1) == Read(CONTENT_LIMIT, deadline=0.5)
    assert exchange.received(b"67890", 0.2) == Finish(reusable=True)
    assert pool.idle_count == 1


def test_draining_what_has_come_already_takes_no_read() -> None:
    exchange = exchange_with()
    send(exchange)
    exchange.received(OK, 0.0)
    assert exchange.drain(0, 0.5, 0.0) == Finish(reusable=True)


def test_content_may_be_drained_in_its_middle() -> None:
    exchange = exchange_with()
    send(exchange)
    exchange.received(OK[:-1], 0.0)
    assert exchange.proceed(0.0) == Content(b"o")
    assert exchange.drain(1, 0.5, 0.0) == Read(CONTENT_LIMIT, deadline=0.5)
    assert exchange.received(b"k", 0.0) == Finish(reusable=True)


@pytest.mark.parametrize(
    ("limit", "pieces"), [(0, []), (5, [b"12345"]), (5, [b"123456789"]), (9, [b"1234", b"56789"])]
)
def test_draining_ends_at_its_limit(limit: int, pieces: list[bytes]) -> None:
    exchange, pool, command = draining(limit)
    for piece in pieces:
        assert isinstance(command, Read)
        command = exchange.received(piece, 0.0)
    assert isinstance(command, Finish)
    assert (command.reusable, command.reason) == (
        False,
        "the rest of the content is too long to drain",
    )
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (
            lambda exchange: exchange.expired(0.5),
            "the rest of the content took too long to drain",
        ),
        (
            lambda exchange: exchange.failed(OSError("no"), 0.1),
            "the connection was lost while it was drained",
        ),
        (lambda exchange: exchange.received(b"", 0.1), "the rest of the content broke off"),
    ],
)
def test_nothing_that_happens_while_draining_is_an_error(reply: Any, reason: str) -> None:
    exchange, pool, _ = draining(10)
    command = reply(exchange)
    assert isinstance(command, Finish)
    assert (command.reusable, command.reason) == (False, reason)
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


def test_a_chunk_that_breaks_off_while_draining_is_no_error() -> None:
    exchange, _, _ = draining(100, b"Transfer-Encoding: chunked")
    command = exchange.received(b"2\r\nok\r\nnonsense\r\n", 0.0)
    assert isinstance(command, Finish)
    assert command.reason == "the rest of the content broke off"


def test_the_deadline_of_the_call_is_never_moved_back_by_draining() -> None:
    exchange = exchange_with(deadline=0.25)
    send(exchange)
    exchange.received(OK[:-1], 0.0)
    assert exchange.drain(10, 0.5, 0.0) == Read(CONTENT_LIMIT, deadline=0.25)


def test_limits_of_the_plan_apply() -> None:
    limits = Limits(informational_heads_max=1)
    (inform, fail) = hear(exchange_with(limits=limits), [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2])
    assert isinstance(inform, Inform)
    said = "there are too many informational responses: over 1 heads, or over 65536 bytes"
    assert told([fail])[0][2] == f"http://a.test: {said}"


# --- what a failure leaves behind -------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n",
        OK[:-1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_a_response_that_fails_leaves_no_circle(answer: bytes) -> None:
    """What is part of a circle, a socket say, is let go of late."""
    pieces = [answer] if answer else []
    gc.collect()
    gc.disable()
    try:
        handed = hear(exchange_with(), pieces, ended=True)
        assert isinstance(handed[-1], Fail)
        del handed
        assert gc.collect() == 0
    finally:
        gc.enable()
