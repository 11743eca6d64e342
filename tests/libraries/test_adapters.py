"""requests-file, requests-futures and betamax at work: other transports, threads, records."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from tests.servers.scripted import Received, response

from .answers import echo
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.scripted import HandlerServer


def test_files_are_read_by_their_urls(tmp_path: Path) -> None:
    path = tmp_path / "a file.txt"
    path.write_text("0123456789", encoding="ascii")
    url = path.as_uri()
    told = result_of("file.read", url)
    assert told == {
        "whole": [200, "0123456789", "10", url],
        "missing": [404, False, True],
        "pieces": ["0123", "4567", "89"],
        "raw": "012",
        "refused": True,
        "head": [200, "10"],
        "part": [200, "0123456789"],  # It does not look at Range.
    }


def test_requests_are_sent_by_threads(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    told = result_of("futures.sent", server.url(""))
    assert told == [[f"/{number}" for number in range(6)], '{"a": 1}', "yes", "FuturesSession"]


def test_what_was_recorded_is_played_back(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    def answer(request: Received) -> bytes:
        if request.target == "/gzip":
            fields = ("Content-Encoding", "gzip"), ("Set-Cookie", "c=d; Path=/")
            return response(200, *fields, content=gzip.compress(b"text"))
        return echo(request)

    server = serve(answer)
    first, second = result_of("betamax.recorded", server.url(""), tmp_path)
    assert first == [[200, "OK", "text"], "a=b", ["/end", 1], "d"]
    assert second == first
    assert len(server.requests) == 4  # The second time nothing was sent.
