"""``sojourn explain``: the sources of the parts of a request, and nothing is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Ended
    from tests.servers.scripted import HandlerServer

    Run = Callable[..., Ended]


def test_it_tells_each_source_and_sends_nothing(
    run: Run, serve: Callable[..., HandlerServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda _: b"")
    monkeypatch.setenv("HTTP_PROXY", f"http://ada:s3cret@127.0.0.1:{server.port}")
    ended = run(
        "explain", "-H", "X-Key: s3cret", "-a", "ada:s3cret", "-d", "a=s3cret", "http://a.test/"
    )
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.decode().splitlines()
    assert lines[0] == "POST http://a.test/"
    assert "  X-Key: request" in lines
    assert "  Content-Type: request" in lines
    assert "  Authorization: request" in lines
    assert any(line.startswith(f"  http://127.0.0.1:{server.port}: environment") for line in lines)
    assert b"s3cret" not in ended.out
    assert server.requests == []


def test_it_writes_json_for_programs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine a.test login ada password s3cret\n")
    monkeypatch.setenv("NETRC", str(file))
    ended = run("explain", "--as-json", "-k", "https://a.test/?q=s3cret")
    assert ended.code == 0
    made = json.loads(ended.out)
    assert made["method"] == "GET"
    sources = {part["name"]: part["source"] for part in made["parts"]}
    assert sources["Authorization"] == "netrc"
    assert sources["nothing is verified"] == "request"
    assert b"s3cret" not in ended.out


def test_what_makes_no_sense_is_told_as_by_get(run: Run) -> None:
    for arguments in (["-H", "no colon", "a.test"], ["--cacert", "", "a.test"], ["https://"]):
        told, made = run("explain", *arguments), run("get", *arguments)
        assert (told.code, told.out, told.err) == (made.code, b"", made.err)
        assert told.code == 2
