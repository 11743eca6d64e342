"""pytest-httpbin serves beside our own servers, over HTTP and HTTPS, and leaks nothing.

It closes each connection after one response, and knows no chunked requests (501).
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from pytest_httpbin import certs

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(params=["httpbin", "httpbin_secure"])
def connect(request: pytest.FixtureRequest) -> Callable[[], http.client.HTTPConnection]:
    server: Any = request.getfixturevalue(request.param)
    if request.param == "httpbin":
        return lambda: http.client.HTTPConnection(server.host, server.port)
    context = ssl.create_default_context(cafile=certs.where())
    return lambda: http.client.HTTPSConnection(server.host, server.port, context=context)


def test_httpbin_tells_what_it_received(
    connect: Callable[[], http.client.HTTPConnection],
) -> None:
    with closing(connect()) as client:
        client.request("POST", "/anything/a?b=c", body=b"content", headers={"X-D": "e"})
        with client.getresponse() as response:
            told = json.load(response)
    assert (told["method"], told["args"], told["data"]) == ("POST", {"b": "c"}, "content")
    assert told["headers"]["X-D"] == "e"


def test_httpbin_survives_a_client_that_leaves(
    connect: Callable[[], http.client.HTTPConnection],
) -> None:
    gone = connect()
    socket.create_connection((gone.host, gone.port), 10).close()
    with closing(connect()) as client:
        client.request("GET", "/status/204")
        with client.getresponse() as response:
            assert response.status == 204
