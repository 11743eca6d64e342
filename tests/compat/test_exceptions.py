"""The exceptions have the names, the bases and the behaviour that Requests' have."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import requests.exceptions as theirs

from sojourn.compat import exceptions as ours
from sojourn_core.values import errors

from .sides import outcome

NAMES = sorted(
    name
    for name, value in vars(theirs).items()
    if isinstance(value, type)
    and issubclass(value, (Exception, Warning))
    and value.__module__ == theirs.__name__
)
PLAIN = [name for name in NAMES if name != "JSONDecodeError" and not name.endswith("Warning")]


@pytest.mark.parametrize("name", NAMES)
def test_bases(name: str) -> None:
    mine, other = getattr(ours, name), getattr(theirs, name)
    for base in NAMES:
        told = issubclass(mine, getattr(ours, base))
        assert told == issubclass(other, getattr(theirs, base)), base
    # urllib3's HTTPError is a base of ContentDecodingError there.
    expected = {
        base
        for base in other.__mro__
        if base.__module__ not in {theirs.__name__, "urllib3.exceptions"}
    }
    assert expected <= set(mine.__mro__)


def test_additions_are_caught_as_requests_exceptions() -> None:
    added = set(ours.__all__) - set(NAMES)
    assert added
    assert all(issubclass(getattr(ours, name), ours.RequestException) for name in added)


def test_they_are_sojourns_own() -> None:
    for name in NAMES:
        if not name.endswith("Warning"):
            assert getattr(ours, name) is getattr(errors, name)


ANSWERED = SimpleNamespace(request="the request", status_code=404)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), {}),
        (("why",), {}),
        (("why", "more"), {}),
        ((5, "why"), {}),
        (("why",), {"request": "asked"}),
        (("why",), {"response": ANSWERED}),
        (("why",), {"response": ANSWERED, "request": "asked"}),
        (("why",), {"response": None, "request": None}),
        (("why",), {"other": 1}),
    ],
)
def test_what_they_carry(name: str, arguments: Any, named: Any) -> None:
    def told(module: Any) -> Any:
        error = getattr(module, name)(*arguments, **named)
        return error.args, str(error), repr(error), error.request, error.response, error.errno

    assert outcome(told, ours) == outcome(told, theirs)


def test_a_json_error_is_one_of_the_standard_library() -> None:
    def told(module: Any) -> Any:
        error = module.JSONDecodeError("why", "a\nb", 2, request="asked")
        return error.args, str(error), error.msg, error.doc, error.pos, error.lineno, error.request

    assert outcome(told, ours) == outcome(told, theirs)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_they_can_be_pickled(name: str, copied: Any) -> None:
    kind = getattr(ours, name)
    if name == "JSONDecodeError":
        error = kind("why", "doc", 1)
    elif name in PLAIN:
        error = kind("why", request="asked", response=ANSWERED)
    else:
        error = kind("why")
    again = copied(error)
    assert type(again) is kind
    assert again.args == error.args
    if name in PLAIN:
        assert again.request == "asked"
        assert again.response == ANSWERED


def test_warnings_that_requests_exports() -> None:
    assert requests.FileModeWarning.__mro__[1:3] == (
        theirs.RequestsWarning,
        DeprecationWarning,
    )
    assert ours.FileModeWarning.__mro__[1:3] == (ours.RequestsWarning, DeprecationWarning)
