"""Content that waits for 100 (Continue), RFC 9110 section 10.1.1."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import Pool, Timeouts
from sojourn_core.commands import Content, Fail, Finish, Head, Inform, Pull, Read, Write, WriteFile
from sojourn_core.values.errors import ConnectionError as SojournConnectionError
from sojourn_core.values.errors import DeadlineExceeded, RemoteProtocolError
from tests.core.exchange.test_exchange_splits import pieces_of
from tests.core.exchanges import (
    HEAD_LIMIT,
    OK,
    connect,
    exchange_with,
    file_on_disk,
    idle_connection,
)

pytestmark = pytest.mark.usefixtures("each_codec")

EXPECT = {"Expect": "100-continue"}
HEAD = b"POST /x HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n"
FAILED = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"
CUT = Finish(reusable=False, reason="the upload was cut short")


def waiting(pool: Pool | None = None, **plan: Any) -> Any:
    """An exchange whose head is out, and whose content waits since 0.5."""
    plan = {"data": b"hello", "headers": EXPECT, "informs": False, **plan}
    exchange = exchange_with(pool, method="POST", **plan)
    assert isinstance(connect(exchange), Write)
    assert exchange.written(0.5) == Read(HEAD_LIMIT, deadline=1.5)
    return exchange


def test_the_head_goes_out_alone_and_is_watched() -> None:
    exchange = exchange_with(method="POST", data=b"hello", headers=EXPECT)
    assert connect(exchange) == Write(HEAD, deadline=3.0, watch=True)


def test_a_100_lets_the_content_go_and_the_connection_is_kept() -> None:
    pool = Pool()
    exchange = waiting(pool)
    command = exchange.received(CONTINUE, 0.6)
    assert command == Write(b"hello", deadline=3.6, watch=True)
    assert exchange.written(0.7) == Read(HEAD_LIMIT, deadline=2.7)
    assert isinstance(exchange.received(OK, 0.8), Head)
    assert exchange.proceed(0.8) == Content(b"ok")
    assert exchange.proceed(0.8) == Finish(reusable=True)
    assert pool.idle_count == 1


def test_the_end_of_the_time_lets_the_content_go_too() -> None:
    exchange = waiting()
    assert exchange.expired(1.5) == Write(b"hello", deadline=4.5, watch=True)
    assert isinstance(exchange.written(1.5), Read)
    assert exchange.received(CONTINUE, 1.6) == Read(HEAD_LIMIT, deadline=3.6)  # It comes late.
    assert isinstance(exchange.received(OK, 1.7), Head)


@pytest.mark.parametrize(
    ("data", "more", "kind"),
    [
        (b"x" * 400_000, {}, Write),
        (iter([b"x"]), {}, Pull),
        (file_on_disk(), {"writes_files": True}, WriteFile),
    ],
)
def test_content_of_any_kind_waits(data: Any, more: dict[str, Any], kind: type) -> None:
    exchange = waiting(data=data, **more)
    assert isinstance(exchange.received(HINTS, 0.6), Read)
    assert isinstance(exchange.received(CONTINUE, 0.7), kind)


@pytest.mark.parametrize("answer", [OK, FAILED, TOO_LARGE, b"HTTP/1.1 204 None\r\n\r\n"])
def test_a_final_response_keeps_the_content_and_costs_the_connection(answer: bytes) -> None:
    pool = Pool()
    exchange = waiting(pool)
    head = exchange.received(answer, 0.6)
    assert isinstance(head, Head)
    command = exchange.proceed(0.6)
    if isinstance(command, Content):
        command = exchange.proceed(0.6)
    assert command == CUT
    assert pool.open_count == 0
    assert not exchange.progress.content_touched


def test_content_that_did_not_go_out_is_untouched_and_not_released() -> None:
    exchange = waiting(data=iter([b"x"]))
    head = exchange.received(TOO_LARGE, 0.6)
    assert isinstance(head, Head)
    assert head.effects is None or not head.effects.releases
    assert not exchange.plan.content.touched


def test_other_informational_heads_do_not_end_the_wait() -> None:
    exchange = waiting()
    assert exchange.received(HINTS, 0.9) == Read(HEAD_LIMIT, deadline=1.5)
    assert exchange.received(HINTS + CONTINUE, 1.0) == Write(b"hello", deadline=4.0, watch=True)


def test_who_asks_is_told_of_each_of_them() -> None:
    exchange = waiting(informs=True)
    command = exchange.received(HINTS + CONTINUE, 0.9)
    statuses = []
    while isinstance(command, Inform):
        statuses.append(command.head.status)
        command = exchange.proceed(0.9)
    assert statuses == [103, 100]
    assert command == Write(b"hello", deadline=3.9, watch=True)
    exchange = waiting(informs=True)
    assert isinstance(exchange.received(HINTS, 0.9), Inform)
    assert exchange.proceed(0.9) == Read(HEAD_LIMIT, deadline=1.5)


def test_a_driver_that_does_not_watch_sends_the_head_first() -> None:
    exchange = exchange_with(method="POST", data=b"hello", headers=EXPECT, informs=False)
    write = connect(exchange)
    assert isinstance(write, Write)
    assert exchange.readable(10, 0.1) == Read(HEAD_LIMIT, deadline=2.1)
    assert exchange.received(HINTS, 0.2) == Write(write.data[10:], deadline=3.2, watch=True)
    assert exchange.written(0.3) == Read(HEAD_LIMIT, deadline=1.3)
    assert exchange.received(CONTINUE, 0.4) == Write(b"hello", deadline=3.4, watch=True)


def test_a_final_response_before_all_of_the_head_is_out() -> None:
    exchange = exchange_with(method="POST", data=b"hello", headers=EXPECT)
    connect(exchange)
    exchange.readable(10, 0.1)
    assert isinstance(exchange.received(TOO_LARGE, 0.2), Head)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"", SojournConnectionError), (b"nonsense\r\n\r\n", RemoteProtocolError)],
)
def test_what_goes_wrong_while_it_waits(answer: bytes, error: type[Exception]) -> None:
    pool = Pool()
    exchange = waiting(pool)
    command = exchange.received(answer, 0.6)
    assert isinstance(command, Fail)
    assert type(command.error) is error
    assert pool.open_count == 0


def test_the_deadline_of_the_call_counts_while_it_waits() -> None:
    exchange = exchange_with(method="POST", data=b"hello", headers=EXPECT, deadline=0.8)
    connect(exchange)
    assert exchange.written(0.5) == Read(HEAD_LIMIT, deadline=0.8)
    command = exchange.expired(0.8)
    assert isinstance(command, Fail)
    assert type(command.error) is DeadlineExceeded


def test_a_broken_pipe_still_lets_the_answer_be_read() -> None:
    exchange = exchange_with(method="POST", data=b"hello", headers=EXPECT)
    connect(exchange)
    assert exchange.failed(BrokenPipeError("gone"), 0.1) == Read(HEAD_LIMIT, deadline=2.1)
    assert isinstance(exchange.received(TOO_LARGE, 0.2), Head)


def test_it_may_wait_for_ever() -> None:
    exchange = exchange_with(
        method="POST", data=b"hello", headers=EXPECT, timeouts=Timeouts(expect=None)
    )
    connect(exchange)
    assert exchange.written(0.5) == Read(HEAD_LIMIT, deadline=inf)


@pytest.mark.parametrize(
    ("method", "data", "value"),
    [("POST", None, "100-continue"), ("POST", b"", "100-continue"), ("POST", b"hello", "tea")],
)
def test_nothing_else_waits(method: str, data: bytes | None, value: str) -> None:
    exchange = exchange_with(method=method, data=data, headers={"Expect": value})
    command = connect(exchange)
    assert isinstance(command, Write)
    assert not command.watch
    assert isinstance(exchange.written(0.5), Read)
    assert exchange.command == Read(HEAD_LIMIT, deadline=2.5)


def test_a_connection_that_was_kept() -> None:
    pool = Pool()
    idle_connection(pool)
    exchange = exchange_with(pool, method="POST", data=b"hello", headers=EXPECT)
    exchange.start(0.0)
    assert exchange.quiet(0.0) == Write(HEAD, deadline=3.0, watch=True)
    assert exchange.written(0.5) == Read(HEAD_LIMIT, deadline=1.5)


# --- however the bytes are cut --------------------------------------------------------------------


def heard(pieces: list[bytes]) -> list[Any]:
    exchange = waiting(informs=True)
    told: list[Any] = []
    command: Any = exchange.command
    left = list(pieces)
    while not isinstance(command, (Finish, Fail)):
        match command:
            case Read():
                command = exchange.received(left.pop(0) if left else b"", 0.6)
            case Write():
                told.append(command.data)
                command = exchange.written(0.6)
            case Inform() | Head():
                told.append(command.head.status)
                command = exchange.proceed(0.6)
            case Content():
                command = exchange.proceed(0.6)
            case _:
                raise AssertionError(command)
    return [*told, getattr(command, "reason", None)]


@pytest.mark.parametrize(
    "octets", [HINTS + CONTINUE + OK, CONTINUE + HINTS + OK, TOO_LARGE, HINTS + FAILED]
)
@given(at=st.lists(st.integers(0, 120), max_size=8))
def test_any_split_sends_the_same(octets: bytes, at: list[int]) -> None:
    byte_by_byte = heard([octets[i : i + 1] for i in range(len(octets))])
    assert (b"hello" in byte_by_byte) is (CONTINUE in octets)
    # The content may go out before or after a head that comes early.
    assert sorted(heard(pieces_of(octets, at)), key=str) == sorted(byte_by_byte, key=str)
