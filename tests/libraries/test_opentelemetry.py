"""opentelemetry's instrumentation at work: a span for each request that a session sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.steps import Hold, ReadHead

from .process import result_of
from .site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer, ScriptedServer


def test_each_request_has_a_span_and_a_measurement(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("opentelemetry.spans", serve(site).url("")) == [
        [
            [
                "GET",
                "UNSET",
                [],
                {
                    "http.method": "GET",
                    "http.request.method": "GET",
                    "http.url": "http://127.0.0.1:PORT/a?b=c",
                    "url.full": "http://127.0.0.1:PORT/a?b=c",
                    "http.request.header.x_own": "('own',)",
                    "http.host": "127.0.0.1",
                    "server.address": "127.0.0.1",
                    "network.peer.address": "127.0.0.1",
                    "net.peer.port": "PORT",
                    "server.port": "PORT",
                    "network.peer.port": "PORT",
                    "http.status_code": "200",
                    "http.response.status_code": "200",
                    "http.flavor": "1.1",
                    "network.protocol.version": "1.1",
                    "http.response.header.content_type": "('application/json',)",
                },
            ]
        ],
        [
            ["POST", "ERROR", [], "http://127.0.0.1:PORT/status/404", "404"],
            ["GET", "UNSET", [], "http://127.0.0.1:PORT/chain/1", "200"],
            ["PUT", "UNSET", [], "http://127.0.0.1:PORT/put", "200"],
            ["OPTIONS", "UNSET", [], "http://127.0.0.1:PORT/bare", "200"],
            ["GET", "UNSET", [], "http://REDACTED:REDACTED@127.0.0.1:PORT/a", "200"],
        ],
        {"http.client.duration": 6, "http.client.request.duration": 6},
    ]


def test_the_trace_goes_along_with_the_request(serve: Callable[..., HandlerServer]) -> None:
    told = result_of("opentelemetry.propagated", serve(site).url(""))
    assert told == [[False, False, True], True, 4]


def test_some_urls_are_left_out(serve: Callable[..., HandlerServer]) -> None:
    server = serve(site)
    told = result_of("opentelemetry.excluded", server.url(""))
    assert told == [["/a"], ["/b"], 0]
    assert len(server.requests) == 7


def test_hooks_see_request_and_response(serve: Callable[..., HandlerServer]) -> None:
    told = result_of("opentelemetry.hooked", serve(site).url(""))
    assert told == [["PreparedRequest", ["GET", 200, 11]], "GET by hook", True, "hook"]


def test_an_error_ends_its_span(
    serve: Callable[..., HandlerServer], scripted: Callable[..., ScriptedServer], nobody: str
) -> None:
    silent = scripted([ReadHead(), Hold()])
    told = result_of("opentelemetry.failed", serve(site).url(""), nobody, silent.url("/"))
    assert told == {
        "nobody": ["ConnectionError", "ERROR", ["exception"], "ConnectionError", None],
        "silent": ["ReadTimeout", "ERROR", ["exception"], "ReadTimeout", None],
        "loop": ["TooManyRedirects", "ERROR", ["exception"], "TooManyRedirects", "302"],
        "nothing": ["ConnectionError", "ERROR", ["exception"], "ConnectionError", None],
    }
