from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from sojourn_core import AuthBase, BearerAuth, HTTPBasicAuth, HTTPProxyAuth, PreparedRequest
from sojourn_core.rules.auth.credentials import basic_credentials
from sojourn_core.values.errors import InvalidHeader


def field_of(auth: Any, name: str = "Authorization") -> str:
    request = PreparedRequest()
    assert auth(request) is request
    assert list(request.headers) == [name]
    return request.headers[name]


@pytest.mark.parametrize(
    ("user", "password", "charset", "octets"),
    [
        # RFC 7617 sections 2 and 2.1.
        ("Aladdin", "open sesame", "utf-8", b"Aladdin:open sesame"),
        ("test", "123\u00a3", "utf-8", b"test:123\xc2\xa3"),
        ("test", "123\u00a3", "latin-1", b"test:123\xa3"),
        ("", "", "utf-8", b":"),
        # Normalization Form C, where it is UTF-8 and text.
        ("a\u0308", "\u212b", "utf-8", b"\xc3\xa4:\xc3\x85"),
        ("a\u0308", "", "UTF8", b"\xc3\xa4:"),
        (b"a\xcc\x88", "", "utf-8", b"a\xcc\x88:"),
        ("user", "with:colons:", "utf-8", b"user:with:colons:"),
        (b"\xff", b"\x80", "utf-8", b"\xff:\x80"),
    ],
)
def test_basic_credentials(
    user: str | bytes, password: str | bytes, charset: str, octets: bytes
) -> None:
    scheme, _, token = field_of(HTTPBasicAuth(user, password, charset=charset)).partition(" ")
    assert scheme == "Basic"
    assert b64decode(token, validate=True) == octets


def test_the_example_of_the_rfc() -> None:
    assert field_of(HTTPBasicAuth("Aladdin", "open sesame")) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_credentials_for_a_proxy() -> None:
    value = field_of(HTTPProxyAuth("Aladdin", "open sesame"), "Proxy-Authorization")
    assert value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_a_bearer_token() -> None:
    assert field_of(BearerAuth("mF_9.B5f-4.1JqM")) == "Bearer mF_9.B5f-4.1JqM"


@pytest.mark.parametrize(
    ("user", "password", "charset", "message"),
    [
        ("sec:ret", "secret", "utf-8", "the user name of Basic credentials holds a colon"),
        ("se\ncret", "", "utf-8", "the user name of Basic credentials holds a control character"),
        ("", "se\x7fcret", "utf-8", "the password of Basic credentials holds a control character"),
        (b"", b"\x00", "utf-8", "the password of Basic credentials holds a control character"),
        (
            None,
            "",
            "utf-8",
            "the user name of Basic credentials must be str or bytes, not NoneType",
        ),
        ("", 1234, "utf-8", "the password of Basic credentials must be str or bytes, not int"),
        ("", "\u20ac", "latin-1", "the password of Basic credentials cannot be encoded as latin-1"),
        ("\ud800", "", "utf-8", "the user name of Basic credentials cannot be encoded as utf-8"),
    ],
)
def test_what_basic_cannot_say(user: Any, password: Any, charset: str, message: str) -> None:
    with pytest.raises(InvalidHeader) as caught:
        basic_credentials(user, password, charset)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("one", "same", "others"),
    [
        (
            HTTPBasicAuth("u", "p"),
            HTTPBasicAuth("u", "p"),
            [HTTPBasicAuth("u", "q"), HTTPBasicAuth("v", "p"), ("u", "p"), BearerAuth("u")],
        ),
        (BearerAuth("t"), BearerAuth("t"), [BearerAuth("u"), "t"]),
    ],
)
def test_equality_is_by_content(one: Any, same: Any, others: list[Any]) -> None:
    assert one == same
    assert hash(one) == hash(same)
    assert all(one != other for other in others)


@pytest.mark.parametrize(
    ("auth", "text"),
    [
        (HTTPBasicAuth("u", "secret"), "HTTPBasicAuth('u', '***')"),
        (HTTPProxyAuth("u", "secret"), "HTTPProxyAuth('u', '***')"),
        (BearerAuth("secret"), "BearerAuth('***')"),
    ],
)
def test_no_repr_holds_the_secret(auth: AuthBase, text: str) -> None:
    assert repr(auth) == text


def test_an_authentication_must_say_what_it_does() -> None:
    with pytest.raises(NotImplementedError, match="must be callable"):
        AuthBase()(PreparedRequest())
