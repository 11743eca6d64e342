from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

from sojourn_core import Fields
from sojourn_core.rules.merge import merge_hooks, merge_setting, replace_hooks


def first(response: Any) -> None: ...


def second(response: Any) -> None: ...


@pytest.mark.parametrize(
    ("of_request", "of_session", "merged"),
    [
        (None, None, None),
        (1, None, 1),
        (None, 2, 2),
        (1, 2, 1),
        ({"a": "1"}, 2, {"a": "1"}),
        (1, {"a": "1"}, 1),
        ({"a": "1"}, {"b": "2"}, {"b": "2", "a": "1"}),
        ({"a": "1"}, {"a": "2", "b": "3"}, {"a": "1", "b": "3"}),
        ({"a": None}, {"a": "2", "b": "3"}, {"b": "3"}),
        ({"b": "1"}, {"a": None}, {"b": "1"}),
        ({}, {"a": "1"}, {"a": "1"}),
    ],
)
def test_settings(of_request: Any, of_session: Any, merged: Any) -> None:
    assert merge_setting(of_request, of_session) == merged


def test_neither_mapping_is_changed() -> None:
    of_request, of_session = {"a": None}, {"a": "1"}
    merged = merge_setting(of_request, of_session)
    assert merged == {}
    assert isinstance(merged, OrderedDict)
    assert (of_request, of_session) == ({"a": None}, {"a": "1"})


def test_the_class_of_the_merged_mapping_is_the_callers_choice() -> None:
    merged = merge_setting({"a": "1"}, {"A": "2", "B": "3"}, Fields)
    assert merged.lines == [("a", "1"), ("B", "3")]


@pytest.mark.parametrize(
    ("of_request", "of_session", "merged"),
    [
        ({"response": [first]}, None, [first]),
        ({"response": [first]}, {"response": []}, [first]),
        ({"response": []}, {"response": [second]}, [second]),
        (None, {"response": [second]}, [second]),
        ({"response": [first]}, {"response": [second]}, [first]),
        ({"response": []}, {"response": []}, []),
    ],
)
def test_the_hooks_of_the_request_or_else_of_the_session(
    of_request: Any, of_session: Any, merged: Any
) -> None:
    assert merge_hooks(of_request, of_session)["response"] == merged


@pytest.mark.parametrize(
    ("of_request", "of_session", "merged"),
    [
        ({"response": [first]}, {"response": [], "informational": [second]}, ([first], [second])),
        ({"response": [], "informational": [first]}, {"response": [second]}, ([second], [first])),
        ({"informational": first}, {"response": [second]}, ([second], [first])),
        (
            {"response": [], "informational": [first]},
            {"response": [], "informational": [second]},
            ([], [first]),
        ),
        ({"response": [first]}, {"response": [second], "informational": []}, ([first], None)),
        (None, {"response": [], "informational": [second]}, ([], [second])),
    ],
)
def test_hooks_for_informational_responses_are_replaced_by_themselves(
    of_request: Any, of_session: Any, merged: Any
) -> None:
    found = replace_hooks(of_request, of_session)
    assert (found["response"], found.get("informational") or None) == merged
