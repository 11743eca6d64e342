"""Prepared requests of compat beside those of Requests, step by step; and what is added to them."""

from __future__ import annotations

import array
import copy
import io
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests as theirs
from multidict import CIMultiDict
from urllib3 import HTTPHeaderDict
from urllib3.util import SKIP_HEADER as THEIR_SKIP

import sojourn.compat as ours
from sojourn.compat.outgoing import SKIP_HEADER, USER_AGENT, as_it_goes_out
from sojourn.compat.structures import AsFields, CaseInsensitiveDict, in_fields
from sojourn_core.values.errors import InvalidContentType, InvalidHeader, InvalidJSONError

if TYPE_CHECKING:
    from collections.abc import Callable

URL: Final = "http://a.test/x"
MODULES: Final = (theirs, ours)


def same(program: Callable[[Any], Any]) -> None:
    """A program finds the same with both."""
    found = [program(module) for module in MODULES]
    assert found[1] == found[0]


def headers_of(prepared: Any) -> list[tuple[Any, Any]]:
    return list(prepared.headers.items())


# --- steps ----------------------------------------------------------------------------------------


def test_a_fresh_request() -> None:
    def program(module: Any) -> Any:
        fresh = module.PreparedRequest()
        names = ("method", "url", "headers", "body", "hooks", "_cookies", "_body_position")
        return [getattr(fresh, name) for name in names], fresh.copy().headers, repr(fresh)

    same(program)


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "DELETE", None])
@pytest.mark.parametrize(
    "data", [None, {}, [], b"", "", b"\x80", "h\u00e9", {"a": None}, {"a": "1"}, [("a", "1")]]
)
def test_bodies(method: str | None, data: Any) -> None:
    def program(module: Any) -> Any:
        prepared = module.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_headers(None)
        prepared.prepare_body(data, None)
        return type(prepared.body), prepared.body, headers_of(prepared)

    same(program)


@pytest.mark.parametrize("first", [b"abc", {"a": "1"}, None])
@pytest.mark.parametrize("second", [b"longer", "text", {"b": "22"}, {"b": None}])
def test_a_body_after_another(first: Any, second: Any) -> None:
    def program(module: Any) -> Any:
        prepared = module.Request("POST", URL, data=first).prepare()
        prepared.prepare_body(second, None)
        return prepared.body, headers_of(prepared)

    if second == {"b": None} and first is not None:  # The length of the first one would stay.
        prepared = ours.Request("POST", URL, data=first).prepare()
        prepared.prepare_body(second, None)
        assert "Content-Length" not in prepared.headers
    else:
        same(program)


def test_a_buffer_is_the_object_itself() -> None:
    for given in (bytearray(b"\x80"), memoryview(b"\x80"), array.array("I", [1, 2])):
        prepared = ours.Request("POST", URL, data=given).prepare()
        assert prepared.body is given
        assert prepared.headers["Content-Length"] == str(len(bytes(given)))
        assert prepared.content == bytes(given)


def test_an_empty_buffer_gives_way_to_json() -> None:
    prepared = ours.Request("POST", URL, data=bytearray(), json={}).prepare()
    assert prepared.body == b"{}"  # Requests loses it.


def test_files_are_bytes() -> None:
    file = io.BytesIO(b"content")
    prepared = ours.Request("POST", URL, files={"f": file}).prepare()
    file.close()
    assert isinstance(prepared.body, bytes)
    again = pickle.loads(pickle.dumps(prepared))
    assert (type(again), again.body) == (ours.PreparedRequest, prepared.body)


def test_iterables_are_files_too() -> None:
    prepared = ours.Request("POST", URL, files={"f": iter([b"con", b"tent"])}).prepare()
    assert b"\r\n\r\ncontent\r\n--" in prepared.body


class AsyncFile:
    async def read(self, size: int = -1) -> bytes:
        return b""


def test_files_of_asyncio_are_refused() -> None:
    with pytest.raises(InvalidContentType, match="async session"):
        ours.Request("POST", URL, files={"f": ("name", AsyncFile())}).prepare()


def test_json_that_is_none_names_its_request() -> None:
    prepared = ours.PreparedRequest()
    prepared.prepare_headers({})
    with pytest.raises(InvalidJSONError) as caught:
        prepared.prepare_body(None, None, json=float("nan"))
    assert caught.value.request is prepared


@pytest.mark.parametrize(
    "change",
    [
        lambda r: setattr(r, "body", b"longer than before"),
        lambda r: setattr(r, "body", None),
        lambda r: setattr(r, "headers", {"X-A": "1"}),
        lambda r: setattr(r, "headers", CIMultiDict([("X-A", "1"), ("x-a", "2")])),
        lambda r: setattr(r, "headers", HTTPHeaderDict([("X-A", "1"), ("X-A", "2")])),
        lambda r: r.headers.update({"Authorization": b"Basic x", "X-Number": 5}),
        lambda r: r.headers.pop("Content-Length"),
        lambda r: None,
    ],
)
def test_authentications(change: Callable[[Any], Any]) -> None:
    def apply(request: Any) -> Any:
        change(request)
        return request

    def program(module: Any) -> Any:
        prepared = module.Request("POST", URL, data=b"abc", auth=apply).prepare()
        return type(prepared.headers).__name__, headers_of(prepared), prepared.body

    if apply(theirs.Request("POST", URL, data=b"abc").prepare()).body is None:
        prepared = ours.Request("POST", URL, data=b"abc", auth=apply).prepare()
        assert prepared.headers["Content-Length"] == "0"  # Requests leaves it at 3,
        prepared.prepare_body(b"abc", None)
        prepared.prepare_body(None, None)
        assert prepared.headers["Content-Length"] == "0"  # and here as well.
    else:
        same(program)


def test_an_authentication_may_return_another_request() -> None:
    def apply(request: Any) -> Any:
        other = request.copy()
        other.headers["X-Other"] = b"1"
        return other

    def program(module: Any) -> Any:
        return headers_of(module.Request("POST", URL, data=b"abc", auth=apply).prepare())

    same(program)


def test_copies_and_pickles_keep_what_was_given() -> None:
    prepared = ours.Request("GET", URL, headers={"X-A": b"1", "X-B": "2 "}).prepare()
    for made in (prepared.copy(), pickle.loads(pickle.dumps(prepared)), copy.deepcopy(prepared)):
        assert headers_of(made) == [("X-A", b"1"), ("X-B", "2 ")]
        assert made.headers.lines == [("X-A", "1"), ("X-B", "2")]
        assert type(made) is ours.PreparedRequest


# --- mappings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [dict, CaseInsensitiveDict, HTTPHeaderDict, CIMultiDict])
def test_steps_on_a_mapping_of_another_kind(kind: Any) -> None:
    def program(module: Any) -> Any:
        prepared = module.PreparedRequest()
        prepared.method, prepared.url = "POST", URL
        mine = prepared.headers = kind({"X-A": "1"})
        prepared.prepare_cookies({"c": "1"})
        prepared.prepare_body({"a": "1"}, None)
        prepared.prepare_content_length(b"another")
        prepared.prepare_auth(("user", "pass"))
        return prepared.headers is mine, list(mine.items())

    same(program)


def test_a_field_that_changes_its_spelling_is_there_once() -> None:
    prepared = ours.PreparedRequest()
    prepared.method, prepared.url = "POST", URL
    prepared.headers = {"content-length": "99", "X-A": "1"}  # type: ignore[assignment]  # As programs do.
    prepared.prepare_content_length(b"abc")
    assert prepared.headers == {"X-A": "1", "Content-Length": "3"}


def test_each_pair_is_a_line() -> None:
    for kind in (HTTPHeaderDict, CIMultiDict):
        made = in_fields(kind([("A", "1"), ("B", "2"), ("a", "3")]))
        assert sorted(value for _, value in made.lines) == ["1", "2", "3"]
        assert made["a"] == "1, 3"


def test_fields_are_left_alone() -> None:
    request = ours.Request("GET", URL, headers={"A": "1"}).prepare()
    given = request.headers
    with AsFields(request):
        assert request.headers is given
    assert in_fields(given) is given


# --- what goes out --------------------------------------------------------------------------------


def test_it_is_the_value_of_urllib3() -> None:
    assert SKIP_HEADER == THEIR_SKIP
    code = "import sys, sojourn.compat.outgoing; print('urllib3' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert told.stdout.split() == [b"False"]


def test_a_request_with_all_fields_goes_out_as_it_is() -> None:
    with ours.Session() as session:
        prepared = session.prepare_request(ours.Request("POST", URL, data=b"abc"))
    assert as_it_goes_out(prepared) is prepared


@pytest.mark.parametrize(
    ("method", "body", "headers", "added"),
    [
        ("GET", None, {}, [("Accept-Encoding", "identity"), ("User-Agent", USER_AGENT)]),
        ("GET", None, {"user-agent": "a"}, [("Accept-Encoding", "identity")]),
        ("GET", None, {"accept-encoding": ""}, [("User-Agent", USER_AGENT)]),
        ("GET", None, {"User-Agent": "", "Accept-Encoding": "*"}, []),
    ],
)
def test_fields_of_the_transport(method: str, body: Any, headers: Any, added: Any) -> None:
    prepared = ours.Request(method, URL, headers=headers).prepare()
    before = headers_of(prepared)
    sent = as_it_goes_out(prepared)
    assert sent.headers.lines == [*added, *headers.items()]
    assert headers_of(prepared) == before


@pytest.mark.parametrize(
    ("method", "body", "framing"),
    [
        ("GET", b"x", [("Transfer-Encoding", "chunked")]),
        ("POST", "", [("Transfer-Encoding", "chunked")]),
        ("POST", iter([b"x"]), [("Transfer-Encoding", "chunked")]),
        ("POST", None, [("Content-Length", "0")]),
        ("QUERY", None, [("Content-Length", "0")]),
        ("DELETE", None, []),
        ("GET", None, []),
    ],
)
def test_content_that_was_not_framed(method: str, body: Any, framing: Any) -> None:
    prepared = ours.Request(method, URL).prepare()
    prepared.headers = CaseInsensitiveDict({"User-Agent": "a", "Accept-Encoding": "b"})
    prepared.body = body
    lines = as_it_goes_out(prepared).headers.lines
    assert lines == [*framing, ("User-Agent", "a"), ("Accept-Encoding", "b")]


def test_fields_that_are_skipped() -> None:
    headers = {"User-Agent": SKIP_HEADER, "Accept-Encoding": SKIP_HEADER, "X-A": "1"}
    prepared = ours.Request("GET", URL, headers=headers).prepare()
    assert as_it_goes_out(prepared).headers.lines == [("X-A", "1")]
    assert prepared.headers["User-Agent"] == SKIP_HEADER


@pytest.mark.parametrize("name", ["Accept", "Host", "Content-Type"])
def test_fields_that_cannot_be_skipped(name: str) -> None:
    prepared = ours.Request("GET", URL, headers={name: SKIP_HEADER}).prepare()
    with pytest.raises(InvalidHeader, match=name) as caught:
        as_it_goes_out(prepared)
    assert caught.value.request is prepared
