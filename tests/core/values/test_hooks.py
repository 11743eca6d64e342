from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import PreparedRequest, Request
from sojourn_core.values.hooks import HOOKS, default_hooks, hooks_for


def first(response: Any) -> None: ...


def second(response: Any) -> None: ...


def test_there_is_one_event_and_no_hook_to_begin_with() -> None:
    assert list(default_hooks()) == HOOKS == ["response"]
    assert default_hooks() == {"response": []}
    assert default_hooks()["response"] is not default_hooks()["response"]


@pytest.mark.parametrize(
    ("hooks", "found"),
    [
        (None, []),
        ({}, []),
        ({"response": []}, []),
        ({"response": None}, []),
        ({"response": first}, [first]),
        ({"response": [first, second]}, [first, second]),
        ({"response": (first,)}, [first]),
        ({"another": first}, []),
    ],
)
def test_the_functions_of_an_event(hooks: Any, found: list[Any]) -> None:
    assert hooks_for("response", hooks) == found


@pytest.mark.parametrize("registry", [Request(), PreparedRequest()])
def test_hooks_come_and_go(registry: Request | PreparedRequest) -> None:
    registry.register_hook("response", first)
    # The silenced check: what is not callable is the test.
    registry.register_hook("response", iter([second, "no function", first]))
    assert registry.hooks["response"] == [first, second, first]
    assert registry.deregister_hook("response", first)
    assert registry.hooks["response"] == [second, first]
    assert registry.deregister_hook("response", first)
    assert not registry.deregister_hook("response", first)


@pytest.mark.parametrize("hook", [None, 5])
def test_what_is_no_hook_is_none(hook: Any) -> None:
    assert Request(hooks={"response": hook}).hooks == {"response": []}


def test_an_event_that_there_is_not() -> None:
    with pytest.raises(ValueError, match=r'^Unsupported event specified, with event name "start"$'):
        Request().register_hook("start", first)
    with pytest.raises(ValueError, match="Unsupported event"):
        Request(hooks={"start": first})
