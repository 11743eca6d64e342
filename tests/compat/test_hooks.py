"""Hooks are called as Requests calls them."""

from __future__ import annotations

from typing import Any

import pytest
import requests.hooks as theirs

from sojourn.compat import hooks as ours

from .sides import outcome


def test_events() -> None:
    assert ours.HOOKS == theirs.HOOKS == ["response"]
    assert ours.default_hooks() == theirs.default_hooks() == {"response": []}
    ours.default_hooks()["response"].append(len)
    assert ours.default_hooks() == {"response": []}


def append(mark: str) -> Any:
    return lambda seen, **named: seen + mark + "".join(named)


def nothing(seen: str, **named: Any) -> None:
    """A hook that leaves the response as it is."""


@pytest.mark.parametrize(
    "hooks",
    [
        None,
        {},
        {"response": None},
        {"response": []},
        {"other": [append("x")]},
        {"response": append("a")},
        {"response": [append("a"), nothing, append("b")]},
        {"response": (append("a"), append("b"))},
        {"response": [nothing]},
        {"response": 5},
        {"response": ["no function"]},
        {"response": [lambda seen, **_: ""]},
    ],
)
@pytest.mark.parametrize("named", [{}, {"timeout": 1, "verify": True}])
def test_dispatch(hooks: Any, named: dict[str, Any]) -> None:
    told, expected = (
        outcome(module.dispatch_hook, "response", hooks, "r", **named) for module in (ours, theirs)
    )
    assert told == expected


@pytest.mark.parametrize("module", [ours, theirs])
def test_a_hook_that_is_added_by_a_hook_is_called(module: Any) -> None:
    hooks: list[Any] = []
    hooks.append(lambda seen: hooks.append(append("b")))
    assert module.dispatch_hook("response", {"response": hooks}, "a") == "ab"
