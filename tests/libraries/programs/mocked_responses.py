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
