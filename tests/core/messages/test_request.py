from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    BearerAuth,
    Content,
    CookieJar,
    Fields,
    Policy,
    PreparedRequest,
    Request,
)
from sojourn_core.messages.preparation import Preparation
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import (
    InvalidContent,
    InvalidHeader,
    InvalidMethod,
    LocalProtocolError,
    MissingSchema,
)
from tests.core.conversation import URL, generate

if TYPE_CHECKING:
    from collections.abc import Callable


def prepared(method: str = "GET", url: str = URL, **given: Any) -> PreparedRequest:
    return Request(method, url, **given).prepare()


def test_an_intent_that_says_nothing() -> None:
    request = Request()
    assert (request.method, request.url, request.auth, request.cookies) == (None,) * 4
    assert (request.headers, request.params, request.data, request.files) == ({}, {}, [], [])
    assert request.hooks == {"response": []}


def test_an_intent_is_prepared_without_a_session() -> None:
    request = prepared(
        "post",
        params={"a": "b"},
        headers={"X-A": "1", "X-None": None},
        cookies={"c": "d"},
        json={"e": 1},
        auth=("u", "p"),
        hooks={"response": print},
    )
    assert (request.method, request.url) == ("POST", "http://a.test/x?a=b")
    assert request.headers.lines == [
        ("X-A", "1"),
        ("Cookie", "c=d"),
        ("Content-Length", "8"),
        ("Content-Type", "application/json"),
        ("Authorization", "Basic dTpw"),
    ]
    assert request.body == b'{"e": 1}'
    assert request.hooks == {"response": [print]}
    assert request.path_url == "/x?a=b"
    assert request.preparation.home is None


@pytest.mark.parametrize("cls", [Request, PreparedRequest])
def test_a_repr_shows_the_method(cls: type[Any]) -> None:
    request = cls()
    request.method = "GET"
    assert repr(request) == f"<{cls.__name__} [GET]>"


# --- method and URL ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "method"), [("get", "GET"), (b"Brew", "BREW"), ("M-SEARCH", "M-SEARCH"), (None, None)]
)
def test_a_method(given: Any, method: str | None) -> None:
    request = PreparedRequest()
    request.prepare_method(given)
    assert request.method == method


@pytest.mark.parametrize("given", ["", "GET /", "GET\r\n", "GÉT", b"\xff"])
def test_what_is_no_method(given: Any) -> None:
    with pytest.raises(InvalidMethod, match=r"^method .* is not a token$"):
        PreparedRequest().prepare_method(given)


def test_a_url_is_needed() -> None:
    with pytest.raises(MissingSchema):
        prepared(url="a.test/x")
    with pytest.raises(MissingSchema):
        _ = PreparedRequest().parsed_url


def test_the_parsed_url_is_that_of_the_text() -> None:
    request = prepared()
    request.url = "http://b.test/y"
    assert request.parsed_url.host == "b.test"


# --- fields -----------------------------------------------------------------------------------


def test_fields_keep_order_case_and_repetition() -> None:
    lines = [("x-b", "1"), ("X-A", "2"), ("X-B", "3")]
    assert prepared(headers=Fields(lines)).headers.lines == lines
    assert prepared(headers=lines).headers.lines == lines


@pytest.mark.parametrize("headers", [None, {}, [], Fields()])
def test_no_fields(headers: Any) -> None:
    assert prepared(headers=headers).headers.lines == []


@pytest.mark.parametrize("headers", [{"A B": "1"}, {"A": "1\r\nB: 2"}, [("A", 5)]])
def test_fields_are_checked(headers: Any) -> None:
    with pytest.raises(InvalidHeader):
        prepared(headers=headers)


# --- cookies ----------------------------------------------------------------------------------


def test_cookies_do_not_replace_a_field_given_by_hand() -> None:
    request = prepared(headers={"Cookie": "hand=1"}, cookies={"jar": "2"})
    assert request.headers["Cookie"] == "hand=1"


def test_a_jar_gives_what_fits_the_url() -> None:
    jar = CookieJar()
    jar.set("fits", "1", domain="a.test")
    jar.set("other", "2", domain="b.test")
    assert prepared(cookies=jar).headers["Cookie"] == "fits=1"
    assert "cookie" not in prepared(url="http://c.test/", cookies=jar).headers


# --- content and its framing: RFC 9112 section 6 ----------------------------------------------

LENGTH = "Content-Length"
CHUNKED = ("Transfer-Encoding", "chunked")


@pytest.mark.parametrize(
    ("method", "make", "framing"),
    [
        ("GET", lambda: None, []),
        ("HEAD", lambda: None, []),
        ("POST", lambda: None, [(LENGTH, "0")]),
        ("DELETE", lambda: b"", [(LENGTH, "0")]),
        ("GET", lambda: b"abc", [(LENGTH, "3")]),
        ("POST", lambda: "é", [(LENGTH, "2")]),
        ("POST", lambda: io.BytesIO(b"abc"), [(LENGTH, "3")]),
        ("POST", lambda: io.BytesIO(b""), [(LENGTH, "0")]),
        ("POST", generate, [CHUNKED]),
        ("POST", lambda: [b"a", b"b"], [CHUNKED]),
    ],
)
def test_how_content_is_framed(
    method: str, make: Callable[[], Any], framing: list[tuple[str, str]]
) -> None:
    assert prepared(method, data=make()).headers.lines == framing


@pytest.mark.parametrize(
    ("make", "headers"),
    [
        (lambda: b"abc", {LENGTH: "3"}),
        (generate, {LENGTH: "4"}),
        (generate, dict([CHUNKED])),
        (lambda: b"abc", dict([CHUNKED])),
        (lambda: None, {LENGTH: "7"}),
        (lambda: None, dict([CHUNKED])),
    ],
)
def test_framing_that_was_given_is_kept(make: Callable[[], Any], headers: dict[str, str]) -> None:
    request = prepared("POST", data=make(), headers=headers)
    assert dict(request.headers.lines) == headers


@pytest.mark.parametrize(
    ("make", "headers", "message"),
    [
        (
            lambda: b"abc",
            {LENGTH: "4"},
            "Content-Length '4' was given, and the content has 3 bytes",
        ),
        (
            lambda: b"abc",
            {LENGTH: "3", **dict([CHUNKED])},
            "Content-Length and Transfer-Encoding exclude each other",
        ),
        (
            generate,
            {LENGTH: "4", **dict([CHUNKED])},
            "Content-Length and Transfer-Encoding exclude each other",
        ),
    ],
)
def test_framing_that_contradicts(
    make: Callable[[], Any], headers: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidContent) as caught:
        prepared("POST", data=make(), headers=headers)
    assert str(caught.value) == message


@pytest.mark.parametrize("given", [None, "text/plain"])
def test_a_form_has_a_type_unless_one_was_given(given: str | None) -> None:
    request = prepared("POST", data={"a": "b"}, headers={"Content-Type": given})
    assert request.headers["Content-Type"] == (given or "application/x-www-form-urlencoded")
    assert request.body == b"a=b"


def test_what_there_is_to_send() -> None:
    assert prepared().content is None
    assert prepared("POST", data=b"abc").content == b"abc"
    request = prepared("POST", data=[b"abc"])
    content = request.content
    assert isinstance(content, Content)
    assert request.content is content


def test_a_body_set_by_hand_is_what_is_sent() -> None:
    request = prepared("POST", data=[b"abc"])
    first = request.content
    request.body = "é"
    assert request.content == "é".encode()
    request.body = [b"def"]
    assert isinstance(request.content, Content)
    assert request.content is not first


def test_multipart_content_has_a_boundary_of_the_given_entropy() -> None:
    request = PreparedRequest()
    request.preparation = Preparation(entropy=bytes)
    request.prepare("POST", URL, files={"a": b"b"})
    assert request.headers["Content-Type"] == f"multipart/form-data; boundary={'0' * 32}"
    assert request.body.startswith(b"--" + b"0" * 32 + b"\r\n")
    assert request.headers["Content-Length"] == str(len(request.body))


@pytest.mark.parametrize(
    ("given", "policy", "sent", "boundary"),
    [
        ("multipart/form-data; boundary=MINE", Policy(), None, "MINE"),
        ('multipart/mixed; boundary="a b"', Policy(), None, "a b"),
        ("multipart/form-data", Policy(), f"multipart/form-data; boundary={'0' * 32}", "0" * 32),
        ("text/plain", Policy(), None, "0" * 32),
        ("multipart/form-data; boundary=MINE", Policy.requests(), None, "0" * 32),
        ("multipart/form-data", Policy.requests(), None, "0" * 32),
    ],
)
def test_a_content_type_by_hand_and_the_boundary(
    given: str, policy: Policy, sent: str | None, boundary: str
) -> None:
    request = PreparedRequest()
    request.preparation = Preparation(entropy=bytes, policy=policy)
    request.prepare("POST", URL, headers={"content-type": given}, files={"a": b"b"})
    assert request.headers.get_all("Content-Type") == [sent or given]
    assert request.body.startswith(f"--{boundary}\r\n".encode())
    assert request.headers["Content-Length"] == str(len(request.body))
    if policy == Policy():  # Prepared anew it is the same: the field has the boundary now.
        other = Preparation(entropy=lambda size: bytes([255]) * size, policy=policy)
        request.preparation = other
        request.prepare_body(None, {"a": b"b"})
        assert request.headers["Content-Type"] == (sent or given)
        if given != "text/plain":
            assert request.body.startswith(f"--{boundary}\r\n".encode())


def test_a_boundary_by_hand_that_cannot_be_sent() -> None:
    request = PreparedRequest()
    request.preparation = Preparation(entropy=bytes)
    headers = {"Content-Type": "multipart/form-data; boundary=a*b"}
    with pytest.raises(InvalidHeader, match="boundary 'a\\*b'"):
        request.prepare("POST", URL, headers=headers, files={"a": b"b"})


def test_multipart_content_takes_entropy() -> None:
    request = PreparedRequest()
    request.preparation = Preparation()
    with pytest.raises(LocalProtocolError, match="entropy"):
        request.prepare("POST", URL, files={"a": b"b"})


# --- credentials ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "auth", "headers", "sent"),
    [
        (URL, None, {}, None),
        (URL, ("u", "p"), {}, "Basic dTpw"),
        (URL, BearerAuth("t"), {}, "Bearer t"),
        ("http://u:p@a.test/", None, {}, "Basic dTpw"),
        ("http://:@a.test/", None, {}, None),
        ("http://u:p@a.test/", BearerAuth("t"), {}, "Bearer t"),
        ("http://u:p@a.test/", BearerAuth("t"), {"Authorization": "Custom x"}, "Custom x"),
        ("custom://u:p@a.test/", None, {}, None),
    ],
)
def test_credentials(url: str, auth: Any, headers: dict[str, str], sent: str | None) -> None:
    assert prepared(url=url, auth=auth, headers=headers).headers.get("authorization") == sent


def test_a_request_without_url_has_no_user_info() -> None:
    request = PreparedRequest()
    request.prepare_auth(None)
    assert "authorization" not in request.headers


def test_an_authentication_may_change_the_content() -> None:
    def sign(request: PreparedRequest) -> PreparedRequest:
        request.body += b"&signature"
        return request

    request = prepared("POST", data=b"abc", auth=sign)
    assert request.body == b"abc&signature"
    assert request.headers.get_all(LENGTH) == ["13"]


def test_an_authentication_may_give_another_request() -> None:
    def replace(request: PreparedRequest) -> PreparedRequest:
        other = request.copy()
        other.headers["Authorization"] = "Custom x"
        return other

    request = prepared(auth=replace)
    assert request.headers["Authorization"] == "Custom x"


def test_what_an_authentication_sets_is_checked() -> None:
    def broken(request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = "secret\r\n"
        return request

    with pytest.raises(InvalidHeader) as caught:
        prepared(auth=broken)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("auth", [("u", "p", "r"), ("u",), 5])
def test_what_is_no_authentication(auth: Any) -> None:
    with pytest.raises(TypeError, match="not callable"):
        prepared(auth=auth)


@pytest.mark.parametrize("auth", [(), "", False])
def test_empty_credentials_are_none(auth: Any) -> None:
    request = prepared(auth=auth)
    assert "authorization" not in request.headers
    assert request.auth is None


# --- framing that was made here, and content that is set anew ---------------------------------


@pytest.mark.parametrize(
    ("first", "second", "framing"),
    [
        (b"abc", b"abcdef", [(LENGTH, "6")]),
        (b"abc", [b"a"], [CHUNKED]),
        ([b"a"], b"abc", [(LENGTH, "3")]),
        (None, b"abc", [(LENGTH, "3")]),
    ],
)
def test_content_that_is_prepared_anew_is_framed_anew(
    first: Any, second: Any, framing: list[tuple[str, str]]
) -> None:
    request = prepared("POST", data=first)
    request.prepare_body(second)
    assert request.headers.lines == framing


def test_framing_that_was_given_holds_for_content_that_is_prepared_anew() -> None:
    request = prepared("POST", data=b"abc", headers={LENGTH: "3"})
    with pytest.raises(InvalidContent):
        request.prepare_body(b"abcdef")


@pytest.mark.parametrize(
    ("policy", "framing"),
    [(Policy(), [(LENGTH, "0")]), (Policy.requests(), [CHUNKED])],
)
def test_an_empty_file(policy: Policy, framing: list[tuple[str, str]]) -> None:
    request = PreparedRequest()
    request.preparation = Preparation(policy)
    request.prepare("POST", URL, data=io.BytesIO(b""))
    assert request.headers.lines == framing


@pytest.mark.parametrize("data", [b"abc", lambda: io.BytesIO(b"abc")])
def test_a_wrong_length_is_put_right_if_the_policy_says_so(data: Any) -> None:
    request = PreparedRequest()
    request.preparation = Preparation(Policy.requests())
    request.prepare("POST", URL, data=data() if callable(data) else data, headers={LENGTH: "99"})
    assert request.headers.lines == [(LENGTH, "3")]


class Unplaced(io.BytesIO):
    """A file that does not say where it stands."""

    def tell(self) -> int:
        raise OSError


def test_a_file_that_does_not_say_where_it_stands_can_be_sent() -> None:
    request = prepared("POST", data=Unplaced(b"abc"))
    content = request.content
    assert isinstance(content, Content)
    assert b"".join(content.chunks()) == b"abc"


# --- state ------------------------------------------------------------------------------------


def test_a_request_goes_through_pickle() -> None:
    request = PreparedRequest()
    request.preparation = Preparation(entropy=bytes)
    request.prepare("POST", "http://u:p@a.test/x", data=b"abc", cookies={"a": "1"})
    copied = pickle.loads(pickle.dumps(request))
    for name in ("method", "url", "body", "auth", "userinfo"):
        assert getattr(copied, name) == getattr(request, name), name
    assert copied.headers.lines == request.headers.lines
    assert copied.parsed_url == request.parsed_url
    assert copied.preparation.derived == request.preparation.derived
    assert copied.preparation.entropy is None  # A session has another.


# --- copies and decisions ---------------------------------------------------------------------


def test_a_copy_has_fields_and_cookies_of_its_own() -> None:
    request = prepared("POST", headers={"A": "1"}, cookies={"c": "d"}, data=[b"abc"])
    request.decided(Decision(code="x", subject="x", reason="x"))
    made = request.copy()
    assert type(made) is PreparedRequest
    assert (made.method, made.url, made.body) == (request.method, request.url, request.body)
    assert made.content is request.content
    made.headers["A"] = "2"
    made.cookies.set("c", "e")
    assert request.headers["A"] == "1"
    assert request.cookies["c"] == "d"
    assert made.preparation is request.preparation


def test_a_copy_without_cookies() -> None:
    assert prepared().copy().cookies is None


def test_decisions_are_noted_in_their_order() -> None:
    request = prepared()
    decisions = [Decision(code=code, subject="x", reason="x") for code in ("one", "two")]
    for decision in decisions:
        request.decided(decision)
    assert request.preparation.decisions == tuple(decisions)
