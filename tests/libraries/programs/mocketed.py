"""mocket: sockets that are none answer a session."""

from __future__ import annotations

import warnings
from typing import Any

import requests
from mocket import Mocket, mocketize
from mocket.mocks.mockhttp import Entry, Response

from . import below

LIBRARIES = ()

warnings.simplefilter("ignore", ResourceWarning)  # Of TLS it leaves a socket, below Requests too.


@mocketize
def mocked() -> Any:
    """What a session is told by sockets that are none, and what they were asked."""
    below.prepare()
    Entry.single_register(Entry.GET, "http://a.test/json", body='{"a": 1}')
    Entry.single_register(
        Entry.GET, "http://a.test/away", status=302, headers={"Location": "http://a.test/json"}
    )
    Entry.register(
        Entry.POST, "http://a.test/form", Response("first", status=201), Response("second", 500)
    )
    Entry.single_register(Entry.GET, "https://b.test/secure", body="secret")
    with requests.Session() as session:
        read = session.get("http://a.test/json")
        posted = [session.post("http://a.test/form", data={"b": "c"}) for _ in range(2)]
        content = Mocket.last_request().body
        redirected = session.get("http://a.test/away")
        secure = session.get("https://b.test/secure")
    return [
        read.json(),
        [[each.status_code, each.text] for each in posted],
        content,
        [redirected.url, redirected.json(), len(redirected.history)],
        secure.text,
    ]
