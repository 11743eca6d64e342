"""Credentials of compat beside those of Requests."""

from __future__ import annotations

import inspect
import pickle
from typing import Any, Final

import pytest
import requests.auth as theirs

from sojourn.compat import auth as ours
from sojourn.compat.models import Request
from sojourn_core.rules.auth.credentials import AuthBase, AuthFlow

BOTH: Final = pytest.mark.parametrize("auth", [theirs, ours], ids=["requests", "sojourn"])
NAMES: Final = ("AuthBase", "HTTPBasicAuth", "HTTPProxyAuth", "HTTPDigestAuth")


@pytest.mark.parametrize(
    ("username", "password"),
    [("u", "p"), ("ü", "ß"), (b"\xff", b"\x00"), ("u:v", ""), (b"u", "p")],
)
def test_basic(username: Any, password: Any) -> None:
    wanted = theirs._basic_auth_str(username, password)
    assert ours._basic_auth_str(username, password) == wanted
    request = Request("GET", "http://a.test/").prepare()
    assert ours.HTTPBasicAuth(username, password)(request) is request
    assert request.headers["Authorization"] == wanted
    ours.HTTPProxyAuth(username, password)(request)
    assert request.headers["Proxy-Authorization"] == wanted


@BOTH
def test_what_is_no_text_is_taken_as_text_with_a_warning(auth: Any) -> None:
    with pytest.warns(DeprecationWarning, match=r"name|password") as warned:
        assert auth._basic_auth_str(1, None) == auth._basic_auth_str("1", "None")
    assert len(warned) == 2


@BOTH
def test_what_latin_1_has_not(auth: Any) -> None:
    with pytest.raises(UnicodeEncodeError):
        auth._basic_auth_str("€", "p")


@BOTH
def test_credentials_are_equal_by_what_they_hold(auth: Any) -> None:
    one = auth.HTTPBasicAuth("u", "p")
    assert one == auth.HTTPBasicAuth("u", "p") == auth.HTTPProxyAuth("u", "p")
    assert one != auth.HTTPBasicAuth("u", "q")
    assert one != 5
    assert one.__hash__ is None
    assert pickle.loads(pickle.dumps(one)) == one


@BOTH
def test_the_base_does_nothing(auth: Any) -> None:
    with pytest.raises(NotImplementedError, match=r"Auth hooks must be callable\."):
        auth.AuthBase()(None)


def test_constants() -> None:
    for name in ("CONTENT_TYPE_FORM_URLENCODED", "CONTENT_TYPE_MULTI_PART"):
        assert getattr(ours, name) == getattr(theirs, name)


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name: str) -> None:
    def names(module: Any) -> list[str]:
        return list(inspect.signature(getattr(module, name)).parameters)

    assert names(ours) == names(theirs)


def test_what_they_are() -> None:
    assert issubclass(ours.HTTPBasicAuth, AuthBase)
    assert issubclass(ours.HTTPDigestAuth, AuthFlow)
    assert "secret" not in repr(ours.HTTPBasicAuth("u", "secret"))
    assert "secret" not in repr(ours.HTTPDigestAuth("u", "secret"))


def test_digest_puts_all_in_quotes() -> None:
    assert ours.HTTPDigestAuth("u", "p").quotes_all
