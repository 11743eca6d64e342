"""responses: a function in the place of ``HTTPAdapter.send``."""

from __future__ import annotations

from typing import Any

import requests
import responses
from responses import matchers
from urllib3.util import Retry

LIBRARIES = ("responses",)


@responses.activate
def activated(url: str) -> Any:
    responses.get("http://a.test/json", json={"a": 1}, headers={"Set-Cookie": "c=d; Path=/"})
    form = matchers.urlencoded_params_matcher({"a": "b"})
    responses.post("http://a.test/form", body=b"posted", match=[form])
    responses.get("http://a.test/error", body=requests.ReadTimeout("slow"))
    responses.get("http://a.test/away", status=301, headers={"Location": "/json"})
    responses.add_callback(
        "PUT", "http://a.test/call", callback=lambda request: (201, {}, request.body)
    )
    responses.add_passthru(url)

    with requests.Session() as session:
        first = session.get("http://a.test/json")
        raised = None
        try:
            session.get("http://a.test/error")
        except requests.ReadTimeout as error:
            raised = str(error)
        refused = False
        try:
            session.get("http://a.test/unknown")
        except requests.ConnectionError:
            refused = True
        redirected = session.get("http://a.test/away")
        return {
            "json": first.json(),
            "cookies": [dict(first.cookies), dict(session.cookies)],
            "posted": session.post("http://a.test/form", data={"a": "b"}).text,
            "raised": raised,
            "refused": refused,
            "redirected": [redirected.url, [each.status_code for each in redirected.history]],
            "called": session.put("http://a.test/call", data="sent").text,
            "real": session.get(f"{url}/real").json()["target"],
            "calls": [[each.request.method, each.request.url] for each in responses.calls],
        }


@responses.activate
def retried() -> Any:
    for _ in range(2):
        responses.get("http://a.test/", status=503)
    last = responses.get("http://a.test/", body="answer")
    rules = Retry(total=3, status_forcelist=[503], backoff_factor=0)
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=rules))
        return [session.get("http://a.test/").text, last.call_count, len(responses.calls)]


@responses.activate
def matched() -> Any:
    """Each matcher, with a request that it takes and one that it does not."""
    get, post = "http://a.test/get", "http://a.test/post"
    file = {"file": ("a.txt", b"content")}
    rules: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
        "query": (
            matchers.query_param_matcher({"a": "1", "b": 2}),
            {"params": {"a": "1", "b": 2}},
            {"params": {"a": "1"}},
        ),
        "query, loosely": (
            matchers.query_param_matcher({"a": "1"}, strict_match=False),
            {"params": [("a", "1"), ("c", "3")]},
            {"params": {"a": "2"}},
        ),
        "query as text": (
            matchers.query_string_matcher("a=1&b=c+d"),
            {"params": {"b": "c d", "a": 1}},
            {"params": {"a": 1}},
        ),
        "fragment": (
            matchers.fragment_identifier_matcher("part=1"),
            {"url": f"{get}#part=1"},
            {"url": f"{get}#part=2"},
        ),
        "fields": (
            matchers.header_matcher({"X-A": "b"}),
            {"headers": {"X-A": "b"}},
            {"headers": {"X-A": "c"}},
        ),
        "fields, strictly": (
            matchers.header_matcher({"X-A": "b"}, strict_match=True),
            {"prepared": {"X-A": "b"}},
            {"headers": {"X-A": "b"}},
        ),
        "settings": (
            matchers.request_kwargs_matcher({"verify": False, "stream": True}),
            {"verify": False, "stream": True},
            {"verify": True},
        ),
        "form": (
            matchers.urlencoded_params_matcher({"a": "b c", "d": "ü"}),
            {"data": {"a": "b c", "d": "ü"}},
            {"data": {"a": "b"}},
        ),
        "JSON": (
            matchers.json_params_matcher({"a": [1, {"b": None}]}),
            {"json": {"a": [1, {"b": None}]}},
            {"json": {"a": [2]}},
        ),
        "JSON in part": (
            matchers.json_params_matcher({"a": {"b": 1}}, strict_match=False),
            {"json": {"a": {"b": 1, "c": 2}, "d": 3}},
            {"data": b"no JSON"},
        ),
        "text": (matchers.body_matcher("text"), {"data": "text"}, {"data": b"other"}),
        "multipart": (
            matchers.multipart_matcher(file, data={"a": "b"}),
            {"files": file, "data": {"a": "b"}},
            {"files": {"file": ("a.txt", b"other")}, "data": {"a": "b"}},
        ),
    }
    found = {}
    for name, (matcher, taken, refused) in rules.items():
        method, url = ("POST", post) if {"data", "json", "files"} & taken.keys() else ("GET", get)
        responses.reset()
        responses.add(method, url, body=name, match=[matcher])
        found[name] = [asked(method, url, options) for options in (taken, refused)]
    return found


def asked(method: str, url: str, options: dict[str, Any]) -> str:
    """The text of the answer, or the first line of the reason why there is none."""
    options = {"url": url, **options}
    with requests.Session() as session:
        try:
            if "prepared" in options:
                prepared = session.prepare_request(requests.Request(method, url))
                prepared.headers = requests.structures.CaseInsensitiveDict(options["prepared"])
                return session.send(prepared).text
            return session.request(method, **options).text
        except requests.ConnectionError as error:
            return str(error).splitlines()[0]


@responses.activate
def called_back() -> Any:
    """What a callback is shown of a request, and how it may answer."""
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append([request.method, request.url, request.params, text_of(request.body)])
        seen.append(request.headers.get("content-type", "").partition(";")[0])
        return 201, [("Set-Cookie", "a=b"), ("Set-Cookie", "c=d"), ("X-A", "e")], "answer"

    responses.add_callback("POST", "http://a.test/", callback=answer, content_type="text/own")
    responses.get("http://a.test/stream", body=b"0123456789")
    responses.get("http://a.test/auto", body=b"x", auto_calculate_content_length=True)
    with requests.Session() as session:
        first = session.post("http://a.test/?q=1", data={"f": "g"})
        session.post("http://a.test/", files={"file": b"content"})
        session.post("http://a.test/", json={"k": 1})
        with session.get("http://a.test/stream", stream=True) as streamed:
            pieces = [each.decode() for each in streamed.iter_content(4)]
            raw = streamed.raw.read()
        counted = session.get("http://a.test/auto").headers["content-length"]
        kept = [[each.name, each.value] for each in session.cookies]
    last = responses.calls[0]
    return {
        "seen": seen,
        "answer": [
            first.status_code,
            first.text,
            first.headers["x-a"],
            first.headers["content-type"],
        ],
        "cookies": kept,
        "streamed": [pieces, raw.decode(), counted],
        "call": [last.request.url, last.response.text, last.request.body],
        "count": [responses.assert_call_count("http://a.test/", 2), len(responses.calls)],
    }


def text_of(body: Any) -> str:
    """Content as text; of multipart content the part, without what is different each time."""
    if not isinstance(body, bytes):
        return str(body)
    lines = body.decode().splitlines()
    return lines[3] if len(lines) > 4 else lines[0]


def ordered() -> Any:
    """The registry that wants requests in order, and the check that all were asked."""
    from responses.registries import OrderedRegistry

    with responses.RequestsMock(registry=OrderedRegistry) as mock:
        for number in range(3):
            mock.get("http://a.test/", body=str(number))
        texts = [requests.get("http://a.test/").text for _ in range(3)]
    unasked = "none"
    try:
        with responses.RequestsMock() as mock:
            mock.get("http://a.test/never")
    except AssertionError as error:
        unasked = str(error).splitlines()[0]
    return [texts, unasked]
