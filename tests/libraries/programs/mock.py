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
