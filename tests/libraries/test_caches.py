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

FRESH = ("Cache-Control", "max-age=3600")
TEXT = ("Content-Type", "text/plain")
LARGE = bytes(range(256)) * 400


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
        case "/modified":
            fields = ("Last-Modified", formatdate(0, usegmt=True)), TEXT
            if request.value("if-modified-since") == formatdate(0, usegmt=True):
                return response(304, date, ("X-Count", "again"), *fields)
            return response(200, date, ("X-Count", "first"), *fields, content=b"content")
        case "/vary":
            language = request.value("accept-language") or ""
            vary = ("Vary", "Accept-Language")
            return response(200, date, FRESH, TEXT, vary, content=language.encode())
        case "/away":
            return response(301, date, FRESH, ("Location", "/fresh"))
        case "/large":
            return response(200, date, FRESH, TEXT, content=LARGE)
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


def test_cachecontrol_keeps_in_files(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    server = serve(answer)
    told = result_of("cachecontrol.in_files", server.url(""), tmp_path)
    assert (
        told["FileCache"]
        == told["SeparateBodyFileCache"]
        == [
            [False, 200, 7],
            [False, 200, 7],
            [False, 200, 7],
            [True, 200, 7],
            [False, 200, 102400],
            [True, 200, 7],
            [True, 200, 7],
            [True, 200, 7],
            [True, 200, 7],
            [True, 200, 102400],
            [False],
        ]
    )
    assert asked(server) == {"/fresh": 4, "/gzip": 2, "/chunked": 2, "/away": 2, "/large": 2}


def test_cachecontrol_asks_whether_it_is_still_so(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("cachecontrol.validated", serve(answer).url("")) == {
        "/stale": [
            [False, 200, None, "content"],
            [True, 200, None, "content"],
            [True, 200, None, "content"],
        ],
        "/modified": [
            [False, 200, "first", "content"],
            [False, 200, "first", "content"],
            [False, 200, "first", "content"],
        ],
        "no etags": [False, False],
    }


def test_cachecontrol_heeds_vary(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("cachecontrol.varied", serve(answer).url("")) == [
        [False, "de"],
        [True, "de"],
        [False, "fr"],
        [True, "fr"],
        [False, "de"],
    ]


def test_cachecontrol_heeds_what_a_request_says(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("cachecontrol.directed", serve(answer).url("")) == [
        [False, False, True, True, True],
        False,
        [[True, False], [True, True]],
        ["/away", "/fresh"],
    ]


def test_cachecontrol_has_three_heuristics(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("cachecontrol.judged", serve(answer).url("")) == {
        "one day": [[False, True], [False, True], [False, True]],
        "last modified": [[False, False], [False, True], [False, True]],
        "after": [[False, True], [False, True], [False, True]],
    }


def test_cachecontrol_keeps_nothing_that_was_read_in_part(
    serve: Callable[..., HandlerServer],
) -> None:
    told = result_of("cachecontrol.read_partly", serve(answer).url(""))
    assert told == [False, 102400, True, True, [True, "content"], ["con", "ten", "t"], True]


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
