"""The methods of an asynchronous session that send are coroutine functions to whoever asks."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import sys
import warnings
from unittest.mock import AsyncMock, create_autospec

import pytest

import sojourn

VERBS = ["request", "send", "get", "options", "head", "post", "put", "patch", "delete"]


def is_coroutine_function(function: object) -> bool:
    if sys.version_info >= (3, 12):
        return inspect.iscoroutinefunction(function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.iscoroutinefunction(function)


@pytest.mark.parametrize("name", VERBS)
def test_the_methods_of_asyncio_say_that_they_are_awaited(name: str) -> None:
    assert is_coroutine_function(getattr(sojourn.AsyncSession, name))
    assert is_coroutine_function(getattr(sojourn.AsyncSession(), name))


@pytest.mark.parametrize("name", VERBS)
def test_the_methods_of_blocking_code_do_not(name: str) -> None:
    assert not is_coroutine_function(getattr(sojourn.Session, name))


@pytest.mark.parametrize("name", VERBS)
def test_what_they_take_and_say_of_themselves_stays(name: str) -> None:
    shared, own = getattr(sojourn.Session, name), getattr(sojourn.AsyncSession, name)
    assert inspect.signature(own) == inspect.signature(shared)
    assert own.__doc__ == shared.__doc__
    assert own.__qualname__ == f"AsyncSession.{name}"


def test_a_transport_is_awaited_too() -> None:
    assert is_coroutine_function(sojourn.AsyncHTTPAdapter.send)
    assert not is_coroutine_function(sojourn.HTTPAdapter.send)


def test_a_mock_of_a_session_is_awaited() -> None:
    assert isinstance(create_autospec(sojourn.AsyncSession, instance=True).get, AsyncMock)


def test_a_session_travels_as_before() -> None:
    assert isinstance(pickle.loads(pickle.dumps(sojourn.AsyncSession())), sojourn.AsyncSession)
