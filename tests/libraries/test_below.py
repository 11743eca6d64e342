"""Tools that look below the session: they patch urllib3, ``http.client`` or sockets.

``use_urllib3`` has them see and answer what they saw and answered with Requests. Each program tells
the same with ``LIBRARIES_ON=requests``.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from tests.servers.scripted import response

from .answers import echo
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.scripted import HandlerServer, Received


def recorded(request: Received) -> bytes:
    if request.target == "/gzip":
        fields = ("Content-Encoding", "gzip"), ("Set-Cookie", "c=d; Path=/")
        return response(200, *fields, content=gzip.compress(b"packed"))
    if request.target == "/a":
        return response(200, content=b"no secret")
    return echo(request)


def test_vcrpy_records_and_plays(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    server = serve(recorded)
    by_server, counted, by_tape, played = result_of("vcr.recorded", server.url(""), tmp_path)
    assert by_server == [[200, "OK", "packed"], "a=b", "cd", ["/end", 1], "packed", "d"]
    assert by_tape == by_server
    assert [counted, played] == [[0, 6], [6, 6]]
    assert len(server.requests) == 6


def test_vcrpy_keeps_secrets_and_refuses(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    server = serve(recorded)
    assert result_of("vcr.filtered", server.url(""), tmp_path) == [
        False,
        "CannotOverwriteExistingCassetteException",
        "/other",
    ]
    assert [each.target for each in server.requests] == ["/a", "/other"]


def test_sentry_sees_each_hop(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("sentry.watched", serve(echo).url("")) == [
        [
            ["http.client", "GET URL/redirect", 302],
            ["http.client", "GET URL/end", 200],
            ["http.client", "POST URL/posted", 200],
        ],
        True,
        [
            ["httplib", "URL/redirect", "GET"],
            ["httplib", "URL/end", "GET"],
            ["httplib", "URL/posted", "POST"],
        ],
    ]


def test_httpretty_answers() -> None:
    assert result_of("pretty.mocked") == [
        {"a": 1},
        [[201, "first"], [500, "second"]],
        ["http://a.test/json", {"a": 1}, 1],
        "secret",
        [["POST", "/form"]],
        {"q": ["r"]},
    ]


def test_mocket_answers() -> None:
    assert result_of("mocketed.mocked") == [
        {"a": 1},
        [[201, "first"], [500, "second"]],
        "b=c",
        ["http://a.test/json", {"a": 1}, 1],
        "secret",
    ]
