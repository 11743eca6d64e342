"""What a call makes of the error that a request was lost with, whatever it is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sojourn_core import Request, Timeouts, errors
from sojourn_core.commands import Fail, Pull, Read, Send, Write
from tests.core.conversation import session
from tests.core.exchanges import ADDRESSES, exchange_with

ORIGIN = "http://a.test"


def lost(error: Exception, now: float = 1.0, **given: Any) -> Any:
    settings = session().settings_for(timeout=Timeouts(total=5.0))
    call = session().call(Request("GET", f"{ORIGIN}/x", **given), settings=settings)
    assert isinstance(call.start(0.0), Send)
    return call.lost(error, now)


@pytest.mark.parametrize(
    ("error", "now", "kind", "said", "maybe_sent"),
    [
        (
            OSError("gone"),
            1.0,
            errors.ConnectionError,
            f"the connection to {ORIGIN} was lost: gone",
            True,
        ),
        (
            ConnectionResetError(),
            1.0,
            errors.ConnectionError,
            f"the connection to {ORIGIN} was lost: ConnectionResetError",
            True,
        ),
        (
            ConnectionRefusedError("no"),
            1.0,
            errors.ConnectionError,
            f"cannot connect to {ORIGIN}: no",
            False,
        ),
        (
            TimeoutError("slow"),
            1.0,
            errors.Timeout,
            f"no answer from {ORIGIN} in time: slow",
            True,
        ),
        (
            TimeoutError(),
            5.0,
            errors.DeadlineExceeded,
            f"the call to {ORIGIN} took longer than it may in all",
            True,
        ),
    ],
)
def test_an_error_of_the_system_becomes_one_of_ours(
    error: OSError, now: float, kind: type[Exception], said: str, maybe_sent: bool
) -> None:
    command = lost(error, now)
    assert isinstance(command, Fail)
    raised = command.error
    assert type(raised) is kind
    assert isinstance(raised, errors.RequestException)
    assert str(raised) == said
    assert raised.__cause__ is error
    assert raised.maybe_sent is maybe_sent
    assert raised.request is not None
    assert raised.progress is None


@pytest.mark.parametrize("error", [ValueError("mine"), RuntimeError(), KeyError("x")])
def test_what_is_no_error_of_the_system_ends_the_call_as_it_is(error: Exception) -> None:
    assert lost(error) == Fail(error)


def test_progress_in_the_constructor_lets_a_request_go_out_once_more() -> None:
    progress = errors.Progress(reused=True, unprocessed=True)
    error = errors.ConnectionError("closed meanwhile", progress=progress)
    assert error.progress is progress
    assert isinstance(lost(error), Send)
    assert lost(errors.ConnectionError("closed meanwhile")).error.progress is None
    decoding = errors.JSONDecodeError("x", "{", 1, progress=progress)
    assert decoding.progress is progress


@pytest.mark.parametrize("error", [ValueError("mine"), OSError("mine"), StopIteration("mine")])
@pytest.mark.parametrize("steps", range(5))
def test_an_exchange_takes_any_error_too(error: Exception, steps: int) -> None:
    """While it resolves, connects, sends, pulls from the user's iterator, and receives."""
    exchange = exchange_with(method="PUT", data=iter([b"a"]))
    replies: list[Any] = [
        partial(exchange.resolved, ADDRESSES),
        partial(exchange.connected, "stream"),
        exchange.written,
        partial(exchange.pulled, None),
    ]
    command: Any = exchange.start(0.0)
    for reply in replies[:steps]:
        command = reply(0.0)
    if isinstance(command, Write):  # The answer may be there: it is read.
        command = exchange.failed(OSError("broken"), 0.0)
        assert isinstance(command, Read)
    is_users = isinstance(command, Pull)
    command = exchange.failed(error, 0.0)
    assert isinstance(command, Fail)
    assert (command.error is error) is is_users
    assert is_users or isinstance(command.error, errors.ConnectionError)
