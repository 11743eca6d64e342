"""CacheControl and requests-cache at work: what is kept is not asked for again."""

from __future__ import annotations

import gzip
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from tests.servers.scripted import Received, response

from .answers import echo
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.scripted import HandlerServer

FRESH = ("Cache-Control", "max-age=60")
TEXT = ("Content-Type", "text/plain")


def answer(request: Received) -> bytes:
    """Content of each kind of freshness and of framing."""
    date = ("Date", formatdate(usegmt=True))  # Nothing is fresh without one.
    match request.target:
        case "/fresh":
            return response(200, date, FRESH, TEXT, content=b"content")
        case "/stale":
            fields = ("ETag", '"v1"'), ("Cache-Control", "no-cache"), TEXT
            if request.value("if-none-match") == '"v1"':
                return response(304, date, *fields)
            return response(200, date, *fields, content=b"content")
        case "/chunked":
            framing = ("Transfer-Encoding", "chunked")
            content = b"3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n"
            return response(200, date, FRESH, TEXT, framing, content=content)
        case "/gzip":
            coding = ("Content-Encoding", "gzip")
            return response(200, date, FRESH, TEXT, coding, content=gzip.compress(b"content"))
        case "/private":
            return response(200, date, ("Cache-Control", "no-store"), TEXT, content=b"content")
        case "/plain":
            return response(200, date, TEXT, content=b"content")
    return echo(request)


def asked(server: HandlerServer) -> dict[str, int]:
    """How often each target was asked for."""
    targets = [each.target for each in server.requests]
    return {target: targets.count(target) for target in targets}


def test_cachecontrol_keeps_what_it_may(serve: Callable[..., HandlerServer]) -> None:
    server = serve(answer)
    told = result_of("cachecontrol.kept", server.url(""))
    sent, kept = [[each, 200, "content", "text/plain"] for each in (False, True)]
    assert told == {
        "fresh": [sent, kept],
        "stale": [sent, kept],  # After 304.
        "chunked": [sent, kept],
        "gzip": [sent, kept],
        "private": [sent, sent],
    }
    wanted = {"/fresh": 1, "/stale": 2, "/chunked": 1, "/gzip": 1, "/private": 2}
    assert asked(server) == wanted


def test_cachecontrol_keeps_what_was_read_to_its_end(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(answer)
    told = result_of("cachecontrol.streamed", server.url(""))
    assert told == [False, ["con", "ten", "t"], True, "content"]
    assert asked(server) == {"/fresh": 1}


def test_cachecontrol_forgets_what_was_changed(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("cachecontrol.invalidated", serve(answer).url("")) == [False, True, False]


def test_cachecontrol_takes_a_heuristic(serve: Callable[..., HandlerServer]) -> None:
    server = serve(answer)
    told = result_of("cachecontrol.prolonged", server.url(""))
    assert told == [False, True, "content", True]
    assert asked(server) == {"/plain": 1}


def test_requests_cache_keeps_responses_anywhere(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    server = serve(answer)
    told = result_of("cache.kept", server.url(""), tmp_path)
    kept: Any = [[False, True], True, "application/json", "*/*", [True, "/end"], [302]]
    assert told == {"memory": kept, "sqlite": kept, "filesystem": kept}
    assert asked(server) == {"/page": 3, "/redirect": 3, "/end": 3}


def test_requests_cache_asks_whether_it_is_still_so(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(answer)
    told = result_of("cache.revalidated", server.url(""))
    assert told == [False, True, True, "content"]
    assert server.requests[1].value("if-none-match") == '"v1"'


def test_requests_cache_leaves_the_stream_to_its_reader(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(answer)
    told = result_of("cache.streamed", server.url(""))
    assert told == [[False, "content", "content"], [True, "content", "content"]]
    assert asked(server) == {"/gzip": 1}


def test_requests_cache_is_put_in_the_place_of_sessions(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(answer)
    assert result_of("cache.installed", server.url("")) == [[False, True], True]
    assert asked(server) == {"/page": 1}
