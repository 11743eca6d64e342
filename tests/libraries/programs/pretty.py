"""httpretty: sockets that are none answer a session."""

from __future__ import annotations

from typing import Any

import httpretty
import requests

from . import below

LIBRARIES = ()

# urllib3 asks for it since 2.3, and httpretty 1.1.4 has none: Requests needs the same.
httpretty.core.fakesock.socket.shutdown = lambda self, how: None


@httpretty.activate(allow_net_connect=False, verbose=False)
def mocked() -> Any:
    """What a session is told by sockets that are none, and what they were asked."""
    below.prepare()
    httpretty.register_uri(httpretty.GET, "http://a.test/json", body='{"a": 1}')
    httpretty.register_uri(
        httpretty.GET, "http://a.test/away", status=302, location="http://a.test/json"
    )
    httpretty.register_uri(
        httpretty.POST,
        "http://a.test/form",
        responses=[
            httpretty.Response("first", status=201),
            httpretty.Response("second", status=500),
        ],
    )
    httpretty.register_uri(httpretty.GET, "https://b.test/secure", body="secret")
    with requests.Session() as session:
        read = session.get("http://a.test/json", params={"q": "r"})
        posted = [session.post("http://a.test/form", data={"b": "c"}) for _ in range(2)]
        redirected = session.get("http://a.test/away")
        secure = session.get("https://b.test/secure")
    last = httpretty.latest_requests()
    return [
        read.json(),
        [[each.status_code, each.text] for each in posted],
        [redirected.url, redirected.json(), len(redirected.history)],
        secure.text,
        [[each.method, each.path] for each in last if each.method == "POST"][:1],
        httpretty.latest_requests()[0].querystring,
    ]
