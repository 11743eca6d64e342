"""What comes beside commands, and the commands that come only if they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Content, Effects, Exchange, Pool
from sojourn_core.commands import (
    Content as Piece,
)
from sojourn_core.commands import (
    Fail,
    Finish,
    Head,
    Pull,
    Read,
    Write,
)
from sojourn_core.exchange.phase import Phase
from sojourn_core.values import errors
from tests.core.exchanges import OK, connect, exchange_with, plan_for, send

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("each_codec")

REFUSED = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n"
UPGRADE = {"Upgrade": "echo", "Connection": "upgrade"}


def uploading(data: Any = None) -> tuple[Exchange, Content]:
    """An exchange that waits for a chunk of its content."""
    plan = plan_for(method="POST", data=iter([b"a", b"b"]) if data is None else data)
    exchange = Exchange(plan, Pool())
    connect(exchange)
    assert isinstance(exchange.written(0.0), Pull)
    assert isinstance(plan.content, Content)
    return exchange, plan.content


def released(effects: Effects | None) -> list[Content]:
    return [] if effects is None else effects.releases


def test_content_is_released_with_the_head_of_an_answer_that_cuts_it_short() -> None:
    exchange, content = uploading()
    exchange.pulled(b"a", 0.0)
    exchange.readable(0, 0.0)
    head = exchange.received(REFUSED, 0.0)
    assert isinstance(head, Head)
    assert released(head.effects) == [content]
    assert released(exchange.abandon(0.0)) == [], "it is released once"


def test_content_is_released_when_all_of_it_was_sent_too() -> None:
    exchange, content = uploading()
    exchange.pulled(b"a", 0.0)
    exchange.written(0.0)
    exchange.pulled(None, 0.0)
    exchange.written(0.0)
    head = exchange.received(OK, 0.0)
    assert isinstance(head, Head)
    assert released(head.effects) == [content]


def test_content_that_fails_is_released_with_the_error() -> None:
    exchange, content = uploading()
    exchange.pulled(b"a", 0.0)
    exchange.written(0.0)
    fail = exchange.failed(ValueError("no"), 0.0)
    assert isinstance(fail, Fail)
    assert fail.effects is not None
    assert (fail.effects.releases, fail.effects.closes) == ([content], ["stream"])


def test_content_is_released_by_giving_up() -> None:
    exchange, content = uploading()
    exchange.pulled(b"a", 0.0)
    assert released(exchange.abandon(0.0)) == [content]


def test_content_that_nothing_was_taken_from_may_be_sent_again() -> None:
    exchange, _ = uploading()
    effects = exchange.abandon(0.0)
    assert effects is not None
    assert (effects.releases, effects.closes) == ([], ["stream"])


def test_content_that_was_asked_for_a_chunk_is_touched_though_none_came() -> None:
    """The driver was interrupted while the user's own code ran."""

    def interrupted() -> Iterator[bytes]:
        raise KeyboardInterrupt
        yield b""

    exchange, content = uploading(interrupted())
    with pytest.raises(KeyboardInterrupt):
        next(content.chunks())
    assert released(exchange.abandon(0.0)) == [content]


def test_effects_add_up() -> None:
    one, other = Effects(), Effects()
    one.closes, other.closes = ["a"], ["b"]
    other.releases = [Content(iter([b"x"]))]
    assert one.add(None) is one
    assert one.add(other) is one
    assert (one.closes, one.releases) == (["a", "b"], other.releases)
    assert not Effects().add(Effects())


# --- what comes only if it is asked for -------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2])
def test_informational_heads_are_skipped_unless_they_are_asked_for(count: int) -> None:
    exchange = exchange_with(informs=False)
    send(exchange)
    assert isinstance(exchange.received(HINTS * count, 0.0), Read)
    assert isinstance(exchange.received(HINTS + OK, 0.0), Head)
    assert exchange.proceed(0.0) == Piece(b"ok")
    assert exchange.proceed(0.0) == Finish(reusable=True)


def test_an_upload_goes_on_after_an_informational_head_that_is_skipped() -> None:
    plan = plan_for(method="POST", data=iter([b"a"]), informs=False)
    exchange = Exchange(plan, Pool())
    connect(exchange)
    exchange.written(0.0)
    write = exchange.pulled(b"a", 0.0)
    assert isinstance(write, Write)
    exchange.readable(0, 0.0)
    assert exchange.received(b"HTTP/1.1 100 Continue\r\n\r\n", 0.0) == write


@pytest.mark.parametrize("informs", [False, True])
@pytest.mark.parametrize("before", [b"", HINTS])
def test_a_switch_that_nobody_asked_for_is_an_error(informs: bool, before: bytes) -> None:
    pool = Pool()
    exchange = exchange_with(pool, headers=UPGRADE, informs=informs, switches=False)
    send(exchange)
    command = exchange.received(before + SWITCHING, 0.0)
    if before and informs:
        command = exchange.proceed(0.0)
    assert isinstance(command, Fail)
    assert type(command.error) is errors.ConnectionError
    assert str(command.error).startswith("http://a.test switched to another protocol")
    assert command.error.maybe_sent
    assert command.effects is not None
    assert command.effects.closes == ["stream"]
    assert (exchange.phase, pool.open_count) == (Phase.ENDED, 0)


def test_a_plan_asks_for_neither_by_itself() -> None:
    from sojourn_core import DIRECT, Limits, Request, SendSettings, plan_exchange
    from sojourn_core.commands import Send

    send_it = Send(Request("GET", "http://a.test/").prepare(), DIRECT, SendSettings())
    plan = plan_exchange(send_it, limits=Limits(), tls_context=None)
    assert not any(plan.offers)
    assert set(plan.codecs) == {"http/1.1"}
