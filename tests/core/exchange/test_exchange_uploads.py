"""Content of requests: how it goes out, and what happens when the peer answers first."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Exchange, Pool, Request, Timeouts
from sojourn_core.commands import Content, Fail, Finish, Head, Inform, Pull, Read, Write
from sojourn_core.exchange.phase import Phase
from sojourn_core.exchange.upload import WRITE_AT_ONCE_MAX, WRITE_PIECE_SIZE
from sojourn_core.values.errors import ConnectionError as SojournConnectionError
from sojourn_core.values.errors import InvalidContent, LocalProtocolError, Progress
from sojourn_core.values.record import replace
from tests.core.exchanges import (
    ADDRESSES,
    CONTENT_LIMIT,
    HEAD_LIMIT,
    OK,
    closes,
    connect,
    exchange_with,
    idle_connection,
    plan_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("each_codec")

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CUT = Finish(reusable=False, reason="the upload was cut short")


def chunks() -> Iterator[bytes]:
    yield b"never taken: the test gives the chunks"


def post(pool: Pool | None = None, data: Any = None, **plan: Any) -> Exchange:
    data = chunks() if data is None else data
    return exchange_with(pool, method="POST", data=data, **plan)


def connected(exchange: Exchange) -> Any:
    """The command after the connection is there."""
    exchange.resolved(ADDRESSES, 0.0)
    return exchange.connected("stream", 0.0)


def streaming(pool: Pool | None = None, **plan: Any) -> Exchange:
    """A POST of streamed content whose head is written and whose first chunk is asked for."""
    exchange = post(pool, **plan)
    connect(exchange)
    assert isinstance(exchange.written(0.0), Pull)
    return exchange


# --- how content goes out ---------------------------------------------------------------------


def test_content_at_hand_goes_out_in_one_write_with_the_head() -> None:
    command = connect(post(data=b"hello"))
    request = b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello"
    assert command == Write(request, deadline=3.0, watch=False)


def test_a_request_may_say_that_it_is_chunked_and_have_no_content() -> None:
    exchange = exchange_with(method="POST", headers={"Transfer-Encoding": "chunked"})
    command = connect(exchange)
    assert isinstance(command, Write)
    assert command.data.endswith(b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert isinstance(exchange.written(0.0), Read)


@pytest.mark.parametrize("framing", [{}, {"Transfer-Encoding": "chunked"}])
def test_large_content_goes_out_in_pieces_that_are_watched(framing: dict[str, str]) -> None:
    content = bytes(range(256)) * (WRITE_PIECE_SIZE // 256) + b"the rest"
    exchange = post(data=content, headers=framing)
    command = connect(exchange)
    written: list[Write] = []
    while isinstance(command, Write):
        written.append(command)
        command = exchange.written(0.0)
    assert command == Read(HEAD_LIMIT, deadline=2.0)
    assert {write.watch for write in written} == {True}
    sizes = [len(write.data) for write in written[1:]]
    if framing:
        assert written[-1].data == b"0\r\n\r\n"
        assert b"".join(write.data for write in written[1:3]) == (
            b"%x\r\n" % WRITE_PIECE_SIZE + content[:-8] + b"\r\n8\r\nthe rest\r\n"
        )
    else:
        assert sizes == [WRITE_PIECE_SIZE, 8]
        assert b"".join(write.data for write in written[1:]) == content


@pytest.mark.parametrize(("size", "writes"), [(WRITE_AT_ONCE_MAX, 1), (WRITE_AT_ONCE_MAX + 1, 2)])
def test_how_much_content_goes_out_with_the_head(size: int, writes: int) -> None:
    exchange = post(data=b"x" * size)
    command = connect(exchange)
    count = 0
    while isinstance(command, Write):
        count += 1
        command = exchange.written(0.0)
    assert count == writes


def test_streamed_content_is_pulled_chunk_by_chunk() -> None:
    plan = plan_for(method="POST", data=chunks(), deadline=9.0)
    exchange = Exchange(plan, Pool())
    head = b"POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert connect(exchange) == Write(head, deadline=3.0, watch=True)
    assert not exchange.progress.content_touched
    pull = exchange.written(1.0)
    assert isinstance(pull, Pull)
    assert pull.content is plan.content
    assert pull.deadline == 9.0, "the user's iterator may take as long as the call"
    assert exchange.pulled(b"hello", 5.0) == Write(b"5\r\nhello\r\n", deadline=8.0, watch=True)
    assert exchange.progress.content_touched
    assert exchange.written(5.0) == pull
    assert exchange.pulled(b"", 5.0) == Write(b"", deadline=8.0, watch=True)
    exchange.written(5.0)
    assert exchange.pulled(None, 5.0) == Write(b"0\r\n\r\n", deadline=8.0, watch=True)
    assert exchange.written(5.0) == Read(HEAD_LIMIT, deadline=7.0)


def test_the_last_piece_of_a_known_length_waits_for_the_end_of_the_content() -> None:
    exchange = streaming(headers={"Content-Length": "5"})
    assert exchange.pulled(b"hel", 0.0) == Write(b"hel", deadline=3.0, watch=True)
    assert isinstance(exchange.written(0.0), Pull)
    assert isinstance(exchange.pulled(b"lo", 0.0), Pull)
    assert exchange.pulled(None, 0.0) == Write(b"lo", deadline=3.0, watch=True)
    assert exchange.written(0.0) == Read(HEAD_LIMIT, deadline=2.0)


@pytest.mark.parametrize("reused", [False, True])
def test_a_head_that_declares_no_content_waits_for_the_end_of_the_content(reused: bool) -> None:
    pool = Pool()
    if reused:
        idle_connection(pool)
    exchange = post(pool, headers={"Content-Length": "0"})
    exchange.start(0.0)
    assert isinstance(exchange.quiet(0.0) if reused else connected(exchange), Pull)
    assert exchange.progress.octets_written == 0
    head = b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n"
    assert exchange.pulled(None, 0.0) == Write(head, deadline=3.0, watch=True)
    assert exchange.written(0.0) == Read(HEAD_LIMIT, deadline=2.0)


@pytest.mark.parametrize(
    ("length", "chunks", "at_the_peer"),
    [
        (0, [b"x"], b""),
        (3, [b"abc", b"d"], b""),
        (3, [b"ab", b"c", b"d"], b"ab"),
        (3, [b"ab", b"cd"], b"ab"),
        (3, [b"ab", None], b"ab"),
        (1, [None], b""),
    ],
)
def test_no_request_is_complete_whose_content_has_another_length(
    length: int, chunks: list[bytes | None], at_the_peer: bytes
) -> None:
    pool = Pool()
    exchange = post(pool, headers={"Content-Length": str(length)})
    exchange.start(0.0)
    command = connected(exchange)
    rest, written = iter(chunks), b""
    while not isinstance(command, Fail):
        if isinstance(command, Write):
            written += command.data
            command = exchange.written(0.0)
        else:
            command = exchange.pulled(next(rest), 0.0)
    assert isinstance(command.error, InvalidContent)
    assert command.error.maybe_sent == bool(written)
    assert written.partition(b"\r\n\r\n")[2] == at_the_peer
    assert bool(written) == bool(length), "a head alone may be all of a request"
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


# --- content that is not what it was said to be -----------------------------------------------


@pytest.mark.parametrize(
    ("pulled", "message"),
    [
        ([b"hello!"], "the content is longer than its Content-Length says"),
        ([b"hell", b"o!"], "the content is longer than its Content-Length says"),
        ([b"hell", None], "the content is shorter than its Content-Length says"),
    ],
)
def test_streamed_content_of_another_length(pulled: list[bytes | None], message: str) -> None:
    pool = Pool()
    exchange = streaming(pool, headers={"Content-Length": "5"})
    *before, last = pulled
    for chunk in before:
        exchange.pulled(chunk, 0.0)
        exchange.written(0.0)
    command = exchange.pulled(last, 0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidContent)
    assert str(command.error) == message
    assert command.error.maybe_sent
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


@pytest.mark.parametrize("reused", [False, True])
@pytest.mark.parametrize(
    ("length", "message"),
    [
        ("4", "the content is longer than its Content-Length says"),
        ("6", "the content is shorter than its Content-Length says"),
    ],
)
def test_content_of_another_length_is_refused_before_any_octet(
    length: str, message: str, reused: bool
) -> None:
    """The connection is as good as it was, and goes back to the pool."""
    pool = Pool()
    if reused:
        idle_connection(pool)
    plan = plan_for(method="POST", data=b"hello")
    plan.request = replace(plan.request, lines=[("Host", "a.test"), ("Content-Length", length)])
    exchange = Exchange(plan, pool)
    if reused:
        exchange.start(0.0)
    command = exchange.quiet(0.0) if reused else connect(exchange)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidContent)
    assert str(command.error) == message
    assert not command.error.maybe_sent
    assert command.error.progress == Progress(reused=reused, unprocessed=reused)
    assert closes(command.effects) == []
    assert pool.idle_count == 1


def test_large_content_that_is_too_short_fails_when_it_ends() -> None:
    size = WRITE_AT_ONCE_MAX + 1
    plan = plan_for(method="POST", data=b"x" * size)
    plan.request = replace(
        plan.request, lines=[("Host", "a.test"), ("Content-Length", str(size + 1))]
    )
    exchange = Exchange(plan, Pool())
    connect(exchange)
    assert isinstance(exchange.written(0.0), Write)
    command = exchange.written(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidContent)
    assert command.error.maybe_sent


def test_content_without_framing_cannot_be_sent() -> None:
    plan = plan_for(method="POST", data=chunks())
    plan.request = replace(plan.request, lines=[("Host", "a.test")])
    exchange = Exchange(plan, Pool())
    connect(exchange)
    exchange.written(0.0)
    command = exchange.pulled(b"x", 0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidContent)


@pytest.mark.parametrize(
    "error",
    [
        OSError("disk on fire"),
        ConnectionResetError("disk on fire"),
        SojournConnectionError("disk on fire"),
        TimeoutError("disk on fire"),
        ValueError("disk on fire"),
        InvalidContent("disk on fire", request=Request("GET", "http://b.test/")),
    ],
)
def test_what_the_users_iterator_raises_passes_as_it_is(error: Exception) -> None:
    """It is not our connection that was lost, and perhaps not even our request."""
    known = dict(vars(error))
    pool = Pool()
    exchange = streaming(pool)
    command = exchange.failed(error, 0.0)
    assert isinstance(command, Fail)
    assert command.error is error
    assert vars(error) == known, "nothing of this exchange stands on it"
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0
    assert exchange.phase is Phase.ENDED


def test_an_error_about_the_content_itself_passes_through() -> None:
    error = InvalidContent("a chunk of content cannot be of type int")
    command = streaming().failed(error, 0.0)
    assert isinstance(command, Fail)
    assert command.error is error
    assert error.maybe_sent
    assert error.progress is not None


def test_content_that_times_out_by_itself_is_not_our_timeout() -> None:
    command = streaming().expired(0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is InvalidContent
    assert "timed out" in str(command.error)


# --- the peer answers first -------------------------------------------------------------------


def test_a_refusal_cuts_the_upload_short() -> None:
    """RFC 9112 section 9.5: a client that sees an error stops sending."""
    pool = Pool()
    exchange = streaming(pool)
    exchange.pulled(b"hello", 0.0)
    assert exchange.readable(3, 0.0) == Read(HEAD_LIMIT, deadline=2.0)
    head = exchange.received(TOO_LARGE, 0.0)
    assert isinstance(head, Head)
    assert head.head.status == 413
    assert closes(head.effects) == ["stream"]
    assert exchange.proceed(0.0) == Content(b"no")
    assert exchange.proceed(0.0) == CUT
    assert pool.open_count == 0


def test_the_answer_to_an_upload_that_was_cut_is_read_to_its_end() -> None:
    exchange = streaming()
    exchange.pulled(b"hello", 0.0)
    exchange.readable(0, 0.0)
    assert isinstance(exchange.received(TOO_LARGE[:-1], 0.0), Head)
    assert exchange.proceed(0.0) == Content(b"n")
    assert exchange.proceed(0.0) == Read(CONTENT_LIMIT, deadline=2.0)
    last = exchange.received(b"o", 0.0)
    assert isinstance(last, Content)
    assert (last.data, closes(last.effects)) == (b"o", ["stream"])
    assert exchange.proceed(0.0) == CUT


def test_octets_written_are_counted_once() -> None:
    exchange = streaming()
    before = exchange.progress.octets_written
    write = exchange.pulled(b"hello", 0.0)
    assert isinstance(write, Write)
    exchange.readable(3, 0.0)
    assert exchange.progress.octets_written == before + 3
    exchange.received(b"HTTP/1.1", 0.0)
    assert exchange.progress.octets_written == before + len(write.data)


def test_a_success_lets_the_upload_go_on() -> None:
    pool = Pool()
    exchange = streaming(pool)
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    assert isinstance(exchange.received(OK, 0.0), Head)
    assert exchange.at_hand() is None, "the request has not ended"
    assert exchange.proceed(0.0) == Content(b"ok")
    assert exchange.proceed(0.0) == Write(b"hello\r\n", deadline=1.0), "nothing more will come"
    assert isinstance(exchange.written(0.0), Pull)
    assert exchange.pulled(None, 0.0) == Write(b"0\r\n\r\n", deadline=1.0)
    finish = exchange.written(0.0)
    assert isinstance(finish, Finish)
    assert finish.reusable, "both were sent to their end"
    assert finish.effects is not None
    assert finish.effects.releases == [exchange.plan.content]
    assert pool.idle_count == 1


BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
OLD = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"
REST = b"hello\r\n"


@pytest.mark.parametrize(
    ("events", "commands"),
    [
        pytest.param(  # An event: when it happens, the reply, and its arguments.
            [
                (0.0, "received", BEGUN + b"do"),
                (5.0, "proceed"),
                (6.0, "proceed"),
                (6.1, "readable", 2),
                (6.2, "received", b"n"),
                (7.0, "proceed"),
                (7.1, "written"),
                (7.2, "pulled", None),
                (7.3, "written"),
                (7.4, "received", b"e"),
                (9.0, "proceed"),
            ],
            [
                "Head 200",
                "Content b'do'",
                "Write b'hello\\r\\n' watching until 9.0",
                "Read until 8.1",
                "Content b'n'",
                "Write b'llo\\r\\n' watching until 10.0",
                "Pull",
                "Write b'0\\r\\n\\r\\n' watching until 10.2",
                "Read until 9.3",
                "Content b'e'",
                "Finish kept",
            ],
            id="content and upload go on together, and only when they are asked for",
        ),
        pytest.param(
            [(0.0, "received", OK), (1.0, "proceed"), (1.1, "proceed"), (2.1, "expired")],
            [
                "Head 200",
                "Content b'ok'",
                "Write b'hello\\r\\n' until 2.1",
                "Finish: the upload was cut short",
            ],
            id="the response is complete, and the peer takes nothing for a second",
        ),
        pytest.param(
            [(0.0, "received", CLOSING), (1.0, "proceed"), (1.1, "proceed")],
            ["Head 200", "Content b'ok'", "Finish: the upload was cut short"],
            id="the response is complete, and its peer has said that it closes",
        ),
        pytest.param(
            [(0.0, "received", OLD), (1.0, "proceed"), (1.1, "proceed")],
            ["Head 200", "Content b'ok'", "Finish: the upload was cut short"],
            id="the response is complete, and of HTTP/1.0",
        ),
        pytest.param(
            [
                (0.0, "received", CLOSING[:-1]),
                (1.0, "proceed"),
                (1.1, "proceed"),
                (1.2, "readable", 0),
                (1.3, "received", b"k"),
                (1.4, "proceed"),
            ],
            [
                "Head 200",
                "Content b'o'",
                "Write b'hello\\r\\n' watching until 4.1",
                "Read until 3.2",
                "Content b'k'",
                "Finish: the upload was cut short",
            ],
            id="the peer says that it closes, and reads until its response is complete",
        ),
        pytest.param(
            [
                (0.0, "received", b"HTTP/1.1 200 OK\r\n\r\n"),
                (1.0, "proceed"),
                (1.1, "readable", 0),
                (1.2, "received", b""),
            ],
            [
                "Head 200",
                "Write b'hello\\r\\n' watching until 4.0",
                "Read until 3.1",
                "Finish: the upload was cut short",
            ],
            id="the stream ends the content",
        ),
        pytest.param(
            [(0.0, "received", BEGUN), (1.0, "proceed"), (4.0, "expired")],
            [
                "Head 200",
                "Write b'hello\\r\\n' watching until 4.0",
                "Fail WriteTimeout",
            ],
            id="the peer takes nothing, and its response is not complete",
        ),
        pytest.param(
            [
                (0.0, "received", BEGUN),
                (1.0, "proceed"),
                (1.1, "written"),
                (1.2, "failed", ValueError("its own")),
            ],
            ["Head 200", "Write b'hello\\r\\n' watching until 4.0", "Pull", "Fail ValueError"],
            id="what the iterator raises reaches the reader",
        ),
        pytest.param(
            [(0.0, "received", BEGUN), (1.0, "drain", 100, 1.5), (1.2, "received", b"done")],
            ["Head 200", "Read until 1.5", "Finish: the upload was cut short"],
            id="nobody wants the answer",
        ),
        pytest.param(
            [
                (0.0, "received", BEGUN),
                (1.0, "proceed"),
                (1.1, "failed", BrokenPipeError(32, "Broken pipe")),
                (1.2, "received", b"done"),
                (1.3, "proceed"),
            ],
            [
                "Head 200",
                "Write b'hello\\r\\n' watching until 4.0",
                "Read until 3.1",
                "Content b'done'",
                "Finish: the upload was cut short",
            ],
            id="the peer has closed its side, and goes on answering",
        ),
    ],
)
def test_an_answer_before_the_end_of_the_upload(
    events: list[tuple[Any, ...]], commands: list[str]
) -> None:
    pool = Pool()
    exchange = streaming(pool)
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    released: list[Any] = []
    for (now, reply, *arguments), expected in zip(events, commands, strict=True):
        command = getattr(exchange, reply)(*arguments, now)
        assert in_words(command) == expected
        if command.effects is not None:
            released += command.effects.releases
    assert released == [exchange.plan.content], "once"
    assert pool.idle_count == (1 if commands[-1] == "Finish kept" else 0)
    assert pool.open_count == pool.idle_count


def in_words(command: Any) -> str:
    match command:
        case Head(head=head):
            return f"Head {head.status}"
        case Content(data=data):
            return f"Content {data!r}"
        case Write(data=data, deadline=deadline, watch=watch):
            return f"Write {data!r} {'watching ' if watch else ''}until {deadline:.1f}"
        case Read(deadline=deadline):
            return f"Read until {deadline:.1f}"
        case Finish(reusable=reusable, reason=reason):
            return "Finish kept" if reusable else f"Finish: {reason}"
        case Fail(error=error):
            return f"Fail {type(error).__name__}"
        case _:
            return type(command).__name__


def test_who_gives_up_an_early_answer_lets_go_of_the_content() -> None:
    exchange = streaming()
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    exchange.received(BEGUN, 0.0)
    effects = exchange.abandon(0.0)
    assert closes(effects) == ["stream"]
    assert effects is not None
    assert effects.releases == [exchange.plan.content]


def test_a_large_piece_goes_out_bit_by_bit_after_the_response() -> None:
    """So that a peer that takes it slowly is told from one that takes nothing."""
    exchange = streaming()
    exchange.pulled(b"x" * 40_000, 0.0)
    exchange.readable(0, 0.0)
    exchange.received(OK, 0.0)
    assert exchange.proceed(0.0) == Content(b"ok")
    command: Any = exchange.proceed(0.0)
    sizes: list[int] = []
    while isinstance(command, Write):
        sizes.append(len(command.data))
        command = exchange.written(0.9 * len(sizes))
    assert isinstance(command, Pull)
    assert sizes == [16_384, 16_384, 40_008 - 2 * 16_384]
    assert exchange.progress.octets_written > 40_008


@pytest.mark.parametrize("sent", [0, 3, 10])
def test_continue_lets_the_upload_go_on(sent: int) -> None:
    exchange = streaming()
    data = b"5\r\nhello\r\n"
    exchange.pulled(b"hello", 0.0)
    exchange.readable(sent, 0.0)
    inform = exchange.received(CONTINUE, 0.0)
    assert isinstance(inform, Inform)
    command = exchange.proceed(0.0)
    if sent < len(data):
        assert command == Write(data[sent:], deadline=3.0, watch=True)
        command = exchange.written(0.0)
    assert isinstance(command, Pull)


def test_part_of_a_head_lets_the_upload_go_on() -> None:
    exchange = streaming()
    exchange.pulled(b"hello", 0.0)
    exchange.readable(10, 0.0)
    assert isinstance(exchange.received(TOO_LARGE[:9], 0.0), Pull)
    exchange.pulled(b"hello", 0.0)
    exchange.readable(0, 0.0)
    assert isinstance(exchange.received(TOO_LARGE[9:], 0.0), Head)


def test_what_is_no_answer_stops_the_upload() -> None:
    pool = Pool()
    exchange = streaming(pool)
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    command = exchange.received(b"SSH-2.0\r\n\r\n", 0.0)
    assert isinstance(command, Fail)
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


def test_an_answer_before_the_end_of_large_content_is_seen_between_its_pieces() -> None:
    exchange = post(data=b"x" * (2 * WRITE_PIECE_SIZE))
    connect(exchange)
    exchange.written(0.0)
    exchange.readable(100, 0.0)
    assert isinstance(exchange.received(TOO_LARGE, 0.0), Head)


def test_the_peer_may_go_away_in_the_middle_of_an_upload() -> None:
    exchange = streaming()
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    command = exchange.received(b"", 0.0)
    assert isinstance(command, Fail)
    assert str(command.error) == "http://a.test closed the connection without answering"
    assert command.error.maybe_sent


def test_only_a_watched_write_can_be_interrupted() -> None:
    exchange = post(data=b"hello")
    command = connect(exchange)
    with pytest.raises(LocalProtocolError, match="not watched"):
        exchange.readable(0, 0.0)
    assert exchange.command is command
    assert isinstance(exchange.written(0.0), Read)


# --- a pipe that breaks -----------------------------------------------------------------------

BROKEN = BrokenPipeError(32, "Broken pipe")
LOST = "the connection to http://a.test was lost: [Errno 32] Broken pipe"


@pytest.mark.parametrize("data", [b"at hand", None])
def test_the_answer_may_wait_behind_a_broken_pipe(data: bytes | None) -> None:
    pool = Pool()
    exchange = post(pool, data)
    connect(exchange)
    assert exchange.failed(BROKEN, 0.0) == Read(HEAD_LIMIT, deadline=2.0)
    assert isinstance(exchange.received(TOO_LARGE, 0.0), Head)
    assert exchange.proceed(0.0) == Content(b"no")
    assert exchange.proceed(0.0) == CUT
    assert pool.open_count == 0


@pytest.mark.parametrize("last", [b"", b"nonsense\r\n\r\n", ConnectionResetError(104, "reset")])
def test_a_broken_pipe_without_an_answer_is_the_error(last: bytes | OSError) -> None:
    pool = Pool()
    exchange = streaming(pool)
    exchange.pulled(b"hello", 0.0)
    exchange.failed(BROKEN, 0.0)
    command = (
        exchange.received(last, 0.0) if isinstance(last, bytes) else exchange.failed(last, 0.0)
    )
    assert isinstance(command, Fail)
    assert type(command.error) is SojournConnectionError
    assert str(command.error) == LOST
    assert command.error.__cause__ is BROKEN
    assert command.error.maybe_sent
    assert closes(command.effects) == ["stream"]
    assert pool.open_count == 0


def test_an_answer_that_breaks_off_behind_a_broken_pipe_says_so() -> None:
    exchange = streaming()
    exchange.pulled(b"hello", 0.0)
    exchange.failed(BROKEN, 0.0)
    exchange.received(TOO_LARGE[:-1], 0.0)
    exchange.proceed(0.0)
    exchange.proceed(0.0)
    command = exchange.failed(ConnectionResetError(104, "reset"), 0.0)
    assert isinstance(command, Fail)
    assert type(command.error).__name__ == "ChunkedEncodingError"
    assert "was lost within the content" in str(command.error)


def test_a_pipe_that_breaks_after_an_early_success_leaves_the_response() -> None:
    pool = Pool()
    exchange = streaming(pool)
    exchange.pulled(b"hello", 0.0)
    exchange.readable(3, 0.0)
    assert isinstance(exchange.received(OK, 0.0), Head)
    assert exchange.proceed(0.0) == Content(b"ok")
    assert isinstance(exchange.proceed(0.0), Write)
    finish = exchange.failed(BROKEN, 0.0)
    assert isinstance(finish, Finish), "no more is read of a response that is complete"
    assert finish.reason == CUT.reason
    assert pool.open_count == 0


def test_a_pipe_that_breaks_on_a_reused_connection_tells_how_far_it_got() -> None:
    pool = Pool()
    idle_connection(pool)
    exchange = exchange_with(pool, timeouts=Timeouts(read=None))
    exchange.start(0.0)
    write = exchange.quiet(0.0)
    assert isinstance(write, Write)
    assert exchange.failed(BROKEN, 0.0) == Read(HEAD_LIMIT, deadline=inf)
    command = exchange.received(b"", 0.0)
    assert isinstance(command, Fail)
    assert command.error.progress == Progress(reused=True, octets_written=len(write.data))


BEGUN_EARLY = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegun"


@pytest.mark.parametrize(
    ("limit", "ends"),
    [
        (0, None),
        (100, lambda exchange: exchange.expired(1.0)),
        (100, lambda exchange: exchange.failed(OSError("gone"), 0.5)),
        (100, lambda exchange: exchange.received(b"", 0.5)),
        (100, lambda exchange: exchange.received(b" and", 0.5)),
        (100, lambda exchange: exchange.abandon(0.5)),
    ],
    ids=["at once", "too slow", "lost", "cut", "whole", "given up"],
)
def test_content_is_released_whatever_ends_the_draining_of_its_early_answer(
    limit: int, ends: Any
) -> None:
    """Some of the answer is left out before its end is there."""
    exchange = streaming()
    exchange.pulled(b"a", 0.0)
    exchange.readable(0, 0.0)
    assert isinstance(exchange.received(BEGUN_EARLY, 0.0), Head)
    last: Any = exchange.drain(limit, 1.0, 0.0)
    if ends is not None:
        assert isinstance(last, Read)
        last = ends(exchange)
    effects = last.effects if isinstance(last, Finish) else last
    assert effects.releases == [exchange.plan.content]
    assert effects.closes == ["stream"]
