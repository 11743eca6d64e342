"""docker at work, with a daemon that is played: over TCP, over TLS, and over a Unix socket."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from .daemon import Daemon
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.authority import Authority

WAYS = ["tcp", "unix", "tls"]
LINES = ["one\n", "two\n", "three\n"]


@pytest.fixture(params=WAYS)
def run(request: pytest.FixtureRequest, tmp_path: Path, ca: Authority) -> Callable[[str], Any]:
    """Run a program with a daemon, which goes on streaming once the program has read a part."""
    way = request.param

    def run_with(program: str) -> Any:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        context = ca.server_context() if way == "tls" else None
        path = tmp_path / "socket" if way == "unix" else None
        trusted = str(ca.path) if way == "tls" else ""
        with Daemon(path, context) as daemon:

            def hear() -> None:
                with open(pipe, "rb") as file:
                    file.read()
                daemon.went_on.set()

            thread = threading.Thread(target=hear, name="hears of progress", daemon=True)
            thread.start()
            return result_of(program, daemon.url, pipe, trusted)

    return run_with


def test_what_a_daemon_streams_is_given_when_it_comes(run: Callable[[str], Any]) -> None:
    told = run("dockerd.streams")
    assert told == {
        "version": "27.0",
        "logs followed": LINES,
        "logs": "".join(LINES),
        "logs of a tty": "\x01\0\0\0\0\0\0\x04one\n\x02\0\0\0\0\0\0\x04two\n"
        "\x01\0\0\0\0\0\0\x06three\n",
        "events": [{"Action": "start"}, {"Action": "die"}],
        "events as text": ['{"Action": "start"}\n', '{"Action": "die"}\n'],
        "pull": ["Pulling", "Pulled"],
        "build": ["Step", told["build"][1]],
        "archive": [6011, {"name": "a", "size": 6}],
        "pieces of the archive": [6, 4096, 1904, 5],
        "missing": "page not found: /images/none/json",
    }
    assert int(told["build"][1]) > 512  # A tar of it.


def test_a_process_is_talked_to_after_a_switch(run: Callable[[str], Any]) -> None:
    assert run("dockerd.sockets") == {
        "exec streamed": ["hello\n", "bye\n"],
        "exec": "hello\nbye\n",
        "exec of a tty": "hello\nbye\n",
        "exec apart": ["hello\nbye\n", None],
        "detached": 14 + 12,
        "code": 0,
        "by hand": [6, "hello\n", True],
        "attached": [6, "TYPED\n"],
    }
