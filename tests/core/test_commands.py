"""Commands are values, and each has its replies in one table."""

from __future__ import annotations

import dataclasses
import inspect
from math import inf
from typing import Any, get_args

import pytest

from sojourn_core import Call, Effects, Exchange, Fields, ResponseHead, commands
from sojourn_core.commands import (
    CALL_REPLIES,
    EXCHANGE_REPLIES,
    Address,
    CallCommand,
    Content,
    ExchangeCommand,
    Finish,
    Head,
    Read,
    Send,
    Write,
)

MACHINES = [(Call, CALL_REPLIES, CallCommand), (Exchange, EXCHANGE_REPLIES, ExchangeCommand)]


@pytest.mark.parametrize(("machine", "replies", "union"), MACHINES)
def test_each_command_of_a_machine_has_its_replies(machine: type, replies: Any, union: Any) -> None:
    assert set(replies) == set(get_args(union))


@pytest.mark.parametrize(("machine", "replies", "union"), MACHINES)
def test_each_reply_is_a_method_that_takes_the_time(
    machine: type, replies: Any, union: Any
) -> None:
    for reply in set().union(*replies.values()):
        parameters = list(inspect.signature(getattr(machine, reply)).parameters)
        assert parameters[0] == "self"
        assert parameters[-1] == "now"


@pytest.mark.parametrize("command", sorted({*CALL_REPLIES, *EXCHANGE_REPLIES}, key=str))
def test_a_command_is_a_small_value(command: type) -> None:
    assert dataclasses.is_dataclass(command)
    assert not hasattr(command, "__dict__") or "__slots__" in vars(command)
    assert getattr(commands, command.__name__) is command
    assert command.__doc__


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (Write(b"x", 1.0), Write(b"x", 1.0, watch=False), Write(b"x", 1.0, watch=True)),
        (Read(5, inf), Read(5, inf), Read(5, 1.0)),
        (Content(b"x"), Content(b"x", None), Content(b"y")),
        (Finish(reusable=True), Finish(True, "", None, None), Finish(reusable=False)),
        (
            Head(ResponseHead(200, Fields([("A", "b")]))),
            Head(ResponseHead(200, Fields([("A", "b")]))),
            Head(ResponseHead(200, Fields([("a", "b")]))),
        ),
        (Address("::1", 80, "ipv6"), Address("::1", 80, family="ipv6"), Address("::1", 80)),
    ],
)
def test_commands_compare_by_what_they_say(one: object, same: object, other: object) -> None:
    assert one == same
    assert one != other
    assert repr(one) == repr(same)


def test_what_a_send_may_leave_out() -> None:
    assert [field.default for field in dataclasses.fields(Send)[3:]] == [inf, False, None]


def test_heads_are_values_that_compare_with_heads_only() -> None:
    head = ResponseHead(200, Fields([("Set-Cookie", "hunter2")]), "OK")
    assert head != "200"
    assert head != ResponseHead(200, head.fields, "Fine")
    assert "hunter2" not in repr(head)
    with pytest.raises(TypeError, match="unhashable"):
        hash(head)


def test_no_effects_are_false() -> None:
    effects = Effects()
    assert not effects
    effects.wakes.append(None)  # type: ignore[arg-type]  # any element will do here
    assert effects
