"""The way that an error tells: the decisions, the responses that led there, and the text."""

from __future__ import annotations

import copy
import pickle

import pytest

from sojourn_core import Response
from sojourn_core.commands import Discard, Fail
from sojourn_core.values.errors import (
    ConnectTimeout,
    HTTPError,
    RequestException,
    TooManyRedirects,
)
from tests.core.conversation import hop, redirect, session, start


def failed_on_the_third() -> RequestException:
    """The error of a call that was redirected twice and then found no connection."""
    call = start(session(), "GET", "http://a.test/1", headers={"Authorization": "Bearer secret"})
    hop(call, redirect(302, "http://a.test/2"))
    hop(call, redirect(302, "http://b.test/3"))
    command = call.lost(ConnectTimeout("no connection to http://b.test in 5 s"), now=5.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, RequestException)
    return command.error


def test_an_error_on_the_third_hop_tells_the_way_there() -> None:
    error = failed_on_the_third()
    assert [each.url for each in error.history] == ["http://a.test/1", "http://a.test/2"]
    codes = [each.code for each in error.decisions]
    assert codes.count("redirect.followed") == 2
    assert "auth.stripped.cross-origin" in codes
    text = error.explain()
    assert text.endswith("\n  ConnectTimeout: no connection to http://b.test in 5 s")
    assert "redirect.followed: http://b.test" in text
    assert "secret" not in text


def test_an_error_of_the_first_request_has_no_history() -> None:
    call = start(session(), "GET", "http://a.test/1")
    command = call.lost(ConnectTimeout("slow"), now=5.0)
    assert isinstance(command, Fail)
    error = command.error
    assert isinstance(error, RequestException)
    assert error.history == []
    assert error.explain() == "request 1\n  ConnectTimeout: slow"


def test_a_refused_redirect_is_the_responses_own_and_not_in_its_history() -> None:
    call = start(session(max_redirects=1), "GET", "http://a.test/1")
    hop(call, redirect(302, "http://a.test/2"))
    assert isinstance(call.answered(redirect(302, "http://a.test/3"), now=0.0), Discard)
    command = call.discarded(now=0.0)
    assert isinstance(command, Fail)
    error = command.error
    assert isinstance(error, TooManyRedirects)
    assert [each.url for each in error.history] == ["http://a.test/1"]
    assert error.response is not None
    assert error.response not in error.history


def test_an_error_about_a_response_tells_of_that() -> None:
    response = Response.of(404)
    response.history = [Response.of(302)]
    with pytest.raises(HTTPError) as caught:
        response.raise_for_status()
    assert caught.value.history == response.history
    assert caught.value.decisions == response.decisions


def test_an_error_of_no_call_has_nothing_to_tell() -> None:
    error = RequestException("by hand")
    assert (error.decisions, error.history) == ([], [])
    assert error.explain() == "request 1\n  RequestException: by hand"


def test_the_way_travels_with_the_error() -> None:
    error = failed_on_the_third()
    for made in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert made.explain() == error.explain()
        assert len(made.history) == 2
