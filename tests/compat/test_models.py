"""Requests and responses of compat beside those of Requests."""

from __future__ import annotations

import inspect
import io
import pickle
from http.cookiejar import CookieJar
from typing import Any, Final

import pytest
import requests
import requests.models as theirs
from urllib3 import HTTPResponse

from sojourn.compat import models as ours
from sojourn.compat.cookies import RequestsCookieJar, create_cookie
from sojourn.compat.structures import CaseInsensitiveDict
from sojourn_core import Fields
from sojourn_core.values.errors import (
    InvalidHeader,
    InvalidURL,
    MissingSchema,
    RequestException,
    StreamConsumedError,
)

BOTH: Final = pytest.mark.parametrize("models", [theirs, ours], ids=["requests", "sojourn"])
URL: Final = "http://a.test/x"

SIGNED: Final = [
    "Request",
    "Request.prepare",
    "Request.register_hook",
    "Request.deregister_hook",
    "PreparedRequest",
    "PreparedRequest.prepare",
    "PreparedRequest.prepare_method",
    "PreparedRequest.prepare_url",
    "PreparedRequest.prepare_headers",
    "PreparedRequest.prepare_body",
    "PreparedRequest.prepare_content_length",
    "PreparedRequest.prepare_auth",
    "PreparedRequest.prepare_cookies",
    "PreparedRequest.prepare_hooks",
    "PreparedRequest.copy",
    "PreparedRequest._encode_params",
    "PreparedRequest._encode_files",
    "Response.iter_content",
    "Response.iter_lines",
    "Response.json",
    "Response.raise_for_status",
    "Response.close",
]


def parameters_of(module: Any, path: str) -> list[inspect.Parameter]:
    found = module
    for name in path.split("."):
        found = getattr(found, name)
    return list(inspect.signature(found).parameters.values())


@pytest.mark.parametrize("path", SIGNED)
def test_signatures(path: str) -> None:
    found = [each for each in parameters_of(ours, path) if each.kind is not each.KEYWORD_ONLY]
    for mine, wanted in zip(found, parameters_of(theirs, path), strict=True):
        assert mine.kind is wanted.kind
        if mine.kind is not mine.VAR_KEYWORD:
            assert mine.name == wanted.name
        if wanted.default is not wanted.empty:
            assert mine.default == wanted.default


def test_constants() -> None:
    names = ("REDIRECT_STATI", "DEFAULT_REDIRECT_LIMIT", "CONTENT_CHUNK_SIZE", "ITER_CHUNK_SIZE")
    for name in names:
        assert getattr(ours, name) == getattr(theirs, name)


# --- requests -------------------------------------------------------------------------------------


def jar_for(domain: str) -> CookieJar:
    jar = CookieJar()
    jar.set_cookie(create_cookie("k", "v", domain=domain))
    jar.set_cookie(create_cookie("other", "v", domain="b.test"))
    return jar


PREPARED: Final[list[dict[str, Any]]] = [
    {"method": "get"},
    {"method": "get", "params": {"a": ["1", "2"], "b": None}},
    {"method": "get", "params": "x=y z"},
    {"method": "post"},
    {"method": "post", "data": {"a": "ü b", "c": [1, 2]}},
    {"method": "post", "data": [("a", "1"), ("a", "2")]},
    {"method": "post", "data": "text"},
    {"method": "post", "data": b"octets"},
    {"method": "post", "data": io.BytesIO(b"file")},
    {"method": "post", "data": iter([b"a"])},
    {"method": "post", "json": {"a": [1, None]}},
    {"method": "put", "json": 0},
    {"method": "put", "headers": {"X-a": "1", b"X-B": "2"}},
    {"method": "get", "auth": ("ü", "p")},
    {"method": "get", "cookies": {"a": "1", "b": "2"}},
    {"method": "get", "cookies": jar_for("a.test")},
    {"method": "get", "cookies": {"a": "1"}, "headers": {"Cookie": "own=1"}},
    {"method": "get", "headers": {"Authorization": "own"}, "auth": ("u", "p")},
]


@pytest.mark.parametrize("given", PREPARED, ids=str)
def test_requests_are_prepared_alike(given: dict[str, Any]) -> None:
    wanted = theirs.Request(url=URL, **given).prepare()
    found = ours.Request(url=URL, **given).prepare()
    assert found.method == wanted.method
    assert found.url == wanted.url
    assert found.path_url == wanted.path_url
    assert sorted(found.headers.items()) == sorted(wanted.headers.items())
    assert type(found.body) is type(wanted.body) or (found.body or b"").decode() == wanted.body
    assert repr(found) == repr(wanted)


def test_the_types_are_those_that_programs_know() -> None:
    prepared = ours.Request("GET", URL, cookies={"a": "1"}).prepare()
    assert type(prepared) is ours.PreparedRequest
    assert type(prepared.headers) is CaseInsensitiveDict
    assert isinstance(prepared.headers, Fields)
    assert type(prepared._cookies) is RequestsCookieJar
    copied = prepared.copy()
    assert copied._cookies is not prepared._cookies
    assert copied._cookies.get_dict() == {"a": "1"}
    assert type(copied.headers) is CaseInsensitiveDict
    assert copied.headers is not prepared.headers
    assert pickle.loads(pickle.dumps(prepared)).headers == prepared.headers


def test_cookies_count_once() -> None:
    prepared = ours.Request("GET", URL, cookies={"a": "1"}).prepare()
    prepared.prepare_cookies({"a": "2"})
    assert prepared.headers["Cookie"] == "a=1"


def test_a_jar_of_the_standard_library_is_copied() -> None:
    prepared = ours.Request("GET", URL, cookies=jar_for("a.test")).prepare()
    copied = prepared.copy()
    assert type(copied._cookies) is CookieJar
    assert len(copied._cookies) == 2
    assert copied._cookies is not prepared._cookies


@pytest.mark.parametrize(
    ("url", "kind"),
    [("a.test/x", MissingSchema), ("http://", InvalidURL), ("http://*.a.test/", InvalidURL)],
)
def test_urls_that_cannot_be_asked(url: str, kind: type[Exception]) -> None:
    with pytest.raises(requests.RequestException) as wanted:
        theirs.Request("GET", url).prepare()
    with pytest.raises(RequestException) as found:
        ours.Request("GET", url).prepare()
    assert type(found.value) is kind
    assert type(wanted.value).__name__ == kind.__name__


def test_what_a_missing_scheme_says() -> None:
    with pytest.raises(MissingSchema) as found:
        ours.Request("GET", "a.test/x").prepare()
    with pytest.raises(requests.exceptions.MissingSchema) as wanted:
        theirs.Request("GET", "a.test/x").prepare()
    assert str(found.value) == str(wanted.value)


@BOTH
@pytest.mark.parametrize("url", ["mailto:a@b.test", "data:x"])
def test_other_schemes_pass(models: Any, url: str) -> None:
    prepared = models.Request("GET", url, params={"a": "1"}).prepare()
    assert prepared.url == url


@pytest.mark.parametrize("headers", [{"a": None}, {"a": 1}, {"a": "b\r\nc"}, {"a": " b"}])
def test_fields_that_cannot_be_sent(headers: dict[str, Any]) -> None:
    with pytest.raises(requests.exceptions.InvalidHeader):
        theirs.Request("GET", URL, headers=headers).prepare()
    with pytest.raises(InvalidHeader):
        ours.Request("GET", URL, headers=headers).prepare()


@pytest.mark.parametrize(
    "data", ["a=b", b"a", {"a": "ü"}, [("a", [1, 2])], {"a": None}, 5, None], ids=str
)
def test_params_are_encoded_alike(data: Any) -> None:
    wanted = theirs.RequestEncodingMixin._encode_params(data)
    assert ours.RequestEncodingMixin._encode_params(data) == wanted


def test_files_are_encoded_alike() -> None:
    def encoded(models: Any) -> bytes:
        files = {"f": ("n.txt", io.BytesIO(b"file"), "text/plain"), "g": "text"}
        body, kind = models.RequestEncodingMixin._encode_files(files, {"a": "1"})
        boundary = kind.partition("boundary=")[2]
        assert kind.startswith("multipart/form-data; ")
        result: bytes = body.replace(boundary.encode(), b"BOUNDARY")
        return result

    assert encoded(ours) == encoded(theirs)


@BOTH
@pytest.mark.parametrize(("files", "data"), [(None, None), ({"a": "b"}, "text")])
def test_files_that_cannot_be_encoded(models: Any, files: Any, data: Any) -> None:
    with pytest.raises(ValueError, match="must"):
        models.RequestEncodingMixin._encode_files(files, data)


@BOTH
def test_hooks(models: Any) -> None:
    request = models.Request("GET", URL, hooks={"response": [print, 5]})
    assert request.hooks == {"response": [print]}
    assert request.deregister_hook("response", print)
    assert not request.deregister_hook("response", print)
    with pytest.raises(ValueError, match="Unsupported event"):
        request.register_hook("other", print)


# --- responses ------------------------------------------------------------------------------------


@BOTH
def test_a_new_response_is_empty(models: Any) -> None:
    made = models.Response()
    assert made.status_code is made.raw is made.url is made.encoding is made.reason is None
    assert made.request is made.next is None
    assert made.history == []
    assert made.headers == {}
    assert made.cookies.get_dict() == {}
    assert made.elapsed.total_seconds() == 0
    assert made._content is False
    assert made.content is None
    assert made.text == ""


def response_of(models: Any, raw: Any, **attributes: Any) -> Any:
    made = models.Response()
    made.status_code = 200
    made.raw = raw
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


TEXTS: Final = [
    (b"gr\xc3\xbcn", "utf-8"),
    (b"gr\xfcn", "ISO-8859-1"),
    (b"gr\xc3\xbcn und bl\xc3\xa4ulich, wei\xc3\x9f und sch\xc3\xb6n", None),
    (b"\xef\xbb\xbfx", "utf-8"),
    (b"abc", "no-such-charset"),
    (b"\xff\xfeabc", "utf-8"),
    (b"", None),
]


@pytest.mark.parametrize(("content", "encoding"), TEXTS)
def test_text(content: bytes, encoding: str | None) -> None:
    wanted = response_of(theirs, io.BytesIO(content), encoding=encoding)
    found = response_of(ours, io.BytesIO(content), encoding=encoding)
    assert found.text == wanted.text
    assert found.apparent_encoding == wanted.apparent_encoding


@pytest.mark.parametrize("content", [b'{"a": 1}', b"[]", '"\u00fc"'.encode("utf-16"), b"", b"nope"])
@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_json(content: bytes, encoding: str | None) -> None:
    def outcome(models: Any, failure: type[Exception]) -> Any:
        try:
            return response_of(models, io.BytesIO(content), encoding=encoding).json()
        except failure as error:
            return str(error)

    ours_failure = __import__("sojourn.exceptions", fromlist=["x"]).JSONDecodeError
    wanted = outcome(theirs, requests.exceptions.JSONDecodeError)
    assert outcome(ours, ours_failure) == wanted


@BOTH
def test_content_is_gone_on_with(models: Any) -> None:
    made = response_of(models, io.BytesIO(b"abcdef"))
    assert next(made.iter_content(2)) == b"ab"
    assert made.content == b"cdef"
    assert made.content == b"cdef"
    assert list(made.iter_content(3)) == [b"cde", b"f"]


@pytest.mark.parametrize(
    ("models", "refused"),
    [(theirs, requests.exceptions.StreamConsumedError), (ours, StreamConsumedError)],
)
def test_content_is_streamed_once(models: Any, refused: type[Exception]) -> None:
    made = response_of(models, io.BytesIO(b"abcdef"))
    assert list(made.iter_content(4)) == [b"abcd", b"ef"]
    with pytest.raises(refused):
        made.iter_content(4)
    with pytest.raises(RuntimeError, match="already consumed"):
        _ = made.content
    with pytest.raises(TypeError):
        response_of(models, io.BytesIO(b"")).iter_content("1024")


@BOTH
def test_text_is_decoded_as_it_comes(models: Any) -> None:
    made = response_of(models, io.BytesIO("grün".encode()), encoding="utf-8")
    assert "".join(made.iter_content(3, decode_unicode=True)) == "grün"
    made = response_of(models, io.BytesIO(b"gr"), encoding=None)
    assert list(made.iter_content(3, decode_unicode=True)) == [b"gr"]


@BOTH
def test_a_mark_is_left_in_text(models: Any) -> None:
    content = "\ufeffa".encode()
    made = response_of(models, io.BytesIO(content), encoding="utf-8")
    assert list(made.iter_content(3, decode_unicode=True)) == ["\ufeff", "a"]
    assert response_of(models, io.BytesIO(content), encoding="utf-8").text == "\ufeffa"
    made = response_of(models, io.BytesIO("\ufeff[1]".encode()), encoding="utf-8")
    with pytest.raises(ValueError, match="BOM"):
        made.json()


@BOTH
def test_json_is_read_by_what_was_declared(models: Any) -> None:
    content = '"é"'.encode()
    assert response_of(models, io.BytesIO(content), encoding="latin-1").json() == "Ã©"
    assert response_of(models, io.BytesIO(content), encoding=None).json() == "é"


LINES = "one\r\ntwo\u2028\u2029\x85\v\f\x1c\n\r||\r\n\n||||three\r"


@pytest.mark.parametrize("delimiter", [None, "||", "|", "\r\n", ""])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 512, None])
@pytest.mark.parametrize("text", [LINES, LINES + "\n", "", "\r\n", "||"])
def test_lines_depend_on_the_pieces(text: str, size: int | None, delimiter: str | None) -> None:
    content = text.encode("utf-16-le")
    for unicode in (True, False):
        found, wanted = [
            list(
                response_of(models, io.BytesIO(content), encoding="utf-16-le").iter_lines(
                    size, unicode, delimiter if unicode or not delimiter else delimiter.encode()
                )
            )
            for models in (ours, theirs)
        ]
        assert found == wanted


@BOTH
def test_a_file_of_urllib3(models: Any) -> None:
    raw = HTTPResponse(io.BytesIO(b"a\nb\n"), preload_content=False)
    with response_of(models, raw) as made:
        assert list(made.iter_lines()) == [b"a", b"b"]
    assert made.raw.closed


@BOTH
def test_status_and_its_error(models: Any) -> None:
    made = response_of(models, None, status_code=404, reason=b"N\xfcll", url=URL)
    assert not made
    assert not made.ok
    assert repr(made) == "<Response [404]>"
    with pytest.raises(OSError, match=r"404 Client Error: Nüll for url: http://a\.test/x"):
        made.raise_for_status()
    made.status_code = 0
    assert made.content is None


@BOTH
def test_redirects_and_links(models: Any) -> None:
    made = response_of(models, None, status_code=301)
    made.headers["Location"] = "/y"
    made.headers["Link"] = '<http://a.test/2>; rel="next"'
    assert made.is_redirect
    assert made.is_permanent_redirect
    assert made.links == {"next": {"url": "http://a.test/2", "rel": "next"}}


@BOTH
def test_pickles(models: Any) -> None:
    made = response_of(models, io.BytesIO(b"abc"), url=URL, encoding="utf-8", reason="OK")
    made.headers["A"] = "b"
    made.cookies.set("k", "v")
    made.request = models.Request("POST", URL, data={"a": "1"}).prepare()
    again = pickle.loads(pickle.dumps(made))
    assert (again.content, again.text, again.url, again.raw) == (b"abc", "abc", URL, None)
    assert again.headers == {"a": "b"}
    assert again.cookies.get_dict() == {"k": "v"}
    assert again.request.body in ("a=1", b"a=1")
    assert type(again.request) is models.PreparedRequest


def test_what_is_discarded_is_kept_if_it_is_small() -> None:
    made = response_of(ours, io.BytesIO(b"abc"))
    made.discard(3, 0.0)
    assert made.content == b"abc"
    made = response_of(ours, io.BytesIO(b"abcd" * 10_000))
    made.discard(3, 0.0)
    assert made.raw.closed
