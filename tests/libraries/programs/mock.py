"""requests-mock: an adapter of its own, mounted, or put in the place of all."""

from __future__ import annotations

import io
from typing import Any

import requests
import requests_mock

LIBRARIES = ("requests_mock",)


def mocked(url: str) -> Any:
    with requests_mock.Mocker() as mocker:
        fields = {"X-A": "b"}
        mocker.get("http://a.test/json", json={"a": 1}, headers=fields, cookies={"c": "d"})
        mocker.post("http://a.test/text", [{"text": "one"}, {"text": "two", "status_code": 201}])
        mocker.get("http://a.test/error", exc=requests.exceptions.ConnectTimeout)
        mocker.get("http://a.test/away", status_code=302, headers={"Location": "/json"})

        first = requests.get("http://a.test/json")
        posted = requests.post("http://a.test/text?q=1", data={"b": "c"})
        again = requests.post("http://a.test/text", json={"k": 1})
        raised = False
        try:
            requests.get("http://a.test/error")
        except requests.exceptions.ConnectTimeout:
            raised = True
        redirected = requests.get("http://a.test/away")
        unknown = False
        try:
            requests.get(url)
        except requests_mock.NoMockAddress:
            unknown = True
        history = [[each.method, each.url, each.text] for each in mocker.request_history]
        return {
            "json": first.json(),
            "field": first.headers["x-a"],
            "cookies": dict(first.cookies),
            "texts": [posted.text, again.text, again.status_code],
            "raised": raised,
            "redirected": [redirected.url, [each.status_code for each in redirected.history]],
            "unknown": unknown,
            "history": history,
            "query": mocker.request_history[1].qs,
            "sent": mocker.request_history[2].json(),
        }


def passed_through(url: str) -> Any:
    with requests_mock.Mocker(real_http=True) as mocker:
        mocker.get("http://a.test/", text="mocked")
        return [requests.get(f"{url}/real").json()["target"], requests.get("http://a.test/").text]


def mounted() -> Any:
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", "mock://a.test/text", text="line\nline")
    adapter.register_uri("GET", "mock://a.test/octets", content=b"0123456789")
    adapter.register_uri("GET", "mock://a.test/file", body=io.BytesIO(b"file"))
    with requests.Session() as session:
        session.mount("mock://", adapter)
        with session.get("mock://a.test/octets", stream=True) as response:
            pieces = [piece.decode() for piece in response.iter_content(4)]
        lines = list(session.get("mock://a.test/text").iter_lines(decode_unicode=True))
        file = session.get("mock://a.test/file").text
    return [pieces, lines, file, adapter.call_count]


def looked_at() -> Any:
    """What a mock knows of the request stands on ``response.request`` too."""
    with requests_mock.Mocker() as mocker:
        mocker.get(requests_mock.ANY, text=answered, status_code=202, reason="Own")
        mocker.post("http://a.test/json", json={}, headers={"Location": "/next"})
        first = requests.get("http://A.test:8080/Path?B=C&d=e&d=f#g", timeout=(1, 2))
        second = requests.post("http://a.test/json", json={"k": 1}, verify=False, cert="file")
        with requests.Session() as session:
            session.headers["X-Own"] = "own"
            third = session.get("https://b.test/", proxies={"https": "http://p.test"}, stream=True)
        requests_ = [each.request for each in (first, second, third)]
        return {
            "query": [each.query for each in requests_],
            "qs": [each.qs for each in requests_],
            "parts": [[each.scheme, each.netloc, each.hostname, each.port] for each in requests_],
            "path": [each.path for each in requests_],
            "text": [each.text for each in requests_],
            "json": requests_[1].json(),
            "timeout": first.request.timeout,
            "settings": [second.request.verify, second.request.cert, third.request.proxies],
            "field": third.request.headers["x-own"],
            "answers": [first.text, first.status_code, first.reason, second.headers["location"]],
            "same": [
                each is kept for each, kept in zip(requests_, mocker.request_history, strict=True)
            ],
            "matched": [mocker.called, mocker.call_count, mocker.last_request.url],
        }


def answered(request: Any, context: Any) -> str:
    context.headers["X-Path"] = request.path
    return f"{request.method} {request.path}"


def matched() -> Any:
    """What an address may be matched by: query, fields, content, a pattern, an own function."""
    import re

    with requests_mock.Mocker(case_sensitive=True) as mocker:
        mocker.get("http://a.test/q?a=1", text="query")
        mocker.get("http://a.test/f", request_headers={"X-A": "b"}, text="field")
        mocker.post(re.compile(r"a\.test/\d+"), text="pattern")
        mocker.put(
            "http://a.test/own",
            additional_matcher=lambda request: "own" in (request.text or ""),
            text="own",
        )
        mocker.get("http://a.test/raw", raw=raw_of(), cookies=None)
        found = [
            requests.get("http://a.test/q?b=2&a=1").text,
            requests.get("http://a.test/f", headers={"x-a": "b"}).text,
            requests.post("http://a.test/123", data="x").text,
            requests.put("http://a.test/own", data={"own": "1"}).text,
            requests.get("http://a.test/raw").headers["x-raw"],
        ]
        for program in (
            lambda: requests.get("http://a.test/q?a=2"),
            lambda: requests.get("http://a.test/f", headers={"x-a": "c"}),
            lambda: requests.put("http://a.test/own", data="other"),
        ):
            try:
                program()
            except requests_mock.NoMockAddress as error:
                found.append([type(error).__name__, error.request.method])
        return found


def raw_of() -> Any:
    from urllib3 import HTTPResponse

    return HTTPResponse(
        body=io.BytesIO(b"raw"), status=200, headers={"X-Raw": "raw"}, preload_content=False
    )
