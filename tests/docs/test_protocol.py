"""The tables of ``docs/protocol.md`` say what the code does."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Call, Exchange, Pool, Timeouts
from sojourn_core.commands import CALL_REPLIES, EXCHANGE_REPLIES

from .pages import TOP
from .walks import call_transitions, exchange_transitions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = (TOP / "docs" / "protocol.md").read_text(encoding="utf-8")
SIGNATURE = re.compile(r"`(\w+)\(([\w, ]*)\)`")
MACHINES = [
    pytest.param("Call: the level of messages", Call, CALL_REPLIES, id="call"),
    pytest.param("Exchange: the level of bytes", Exchange, EXCHANGE_REPLIES, id="exchange"),
]


def tables(title: str) -> Iterator[list[list[str]]]:
    """The tables of a section: rows of cells, without the titles of their columns."""
    (section,) = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for table in re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE):
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
        ]
        assert set(rows[1]) == {"---"}
        yield rows[2:]


def signatures(cell: str) -> list[tuple[str, list[str]]]:
    """The signatures in a cell: names, and the names of their parameters."""
    return [
        (name, [each for each in parameters.split(", ") if each])
        for name, parameters in SIGNATURE.findall(cell)
    ]


def parameters_of(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


@pytest.mark.parametrize(("title", "machine", "replies"), MACHINES)
def test_the_commands_and_their_replies(
    title: str, machine: type, replies: Mapping[type, frozenset[str]]
) -> None:
    documented: dict[str, set[str]] = {}
    fields: dict[str, list[str]] = {}
    for row in next(tables(title)):
        ((command, fields_of_command),) = signatures(row[0])
        assert command not in documented, "each command has one row"
        documented[command] = {name for name, _ in signatures(row[2])}
        assert bool(documented[command]) != (row[2] == "\N{EN DASH}")
        fields[command] = fields_of_command
    assert documented == {command.__name__: set(names) for command, names in replies.items()}
    for command in replies:
        known = [field.name for field in dataclasses.fields(command)]
        assert fields[command.__name__] == known, command.__name__


@pytest.mark.parametrize(("title", "machine", "replies"), MACHINES)
def test_the_signatures_of_the_replies(
    title: str, machine: type, replies: Mapping[type, frozenset[str]]
) -> None:
    for row in next(tables(title)):
        for name, parameters in signatures(row[2]):
            assert parameters == parameters_of(getattr(machine, name)), name


@pytest.mark.parametrize(
    ("title", "transitions"),
    [
        pytest.param("Call: the level of messages", call_transitions, id="call"),
        pytest.param("Exchange: the level of bytes", exchange_transitions, id="exchange"),
    ],
)
def test_what_can_follow_each_reply(title: str, transitions: Any) -> None:
    """Compared with what is seen in some thousand conversations."""
    _, rows = tables(title)
    documented = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in rows}
    documented.pop("resumed", None)  # No rule pauses yet, so it is never seen.
    assert documented == transitions()


def test_the_steps_of_the_pool() -> None:
    (rows,) = tables("The pool")
    documented = dict(signature for row in rows for signature in signatures(row[0]))
    steps = {
        name: parameters_of(step)
        for name, step in vars(Pool).items()
        if inspect.isfunction(step) and not name.startswith("_")
    }
    assert documented == steps


def test_the_timeouts() -> None:
    (rows,) = tables("Deadlines")
    timed = {row[0].strip("`") for row in rows}
    assert timed == {field.name for field in dataclasses.fields(Timeouts)}
