"""The program as a process: what only the interpreter and the system can show."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.servers.scripted import response
from tests.servers.server import PeerClosedError, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.scripted import HandlerServer
    from tests.servers.server import Connection

SECONDS_MAX = 60  # For a process that should have ended.
COMMAND = (sys.executable, "-X", "dev", "-W", "error", "-m", "sojourn")
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + bytes(0x10000) + b"\r\n"  # More than any file buffers.

pytestmark = pytest.mark.usefixtures("no_leaks")


def finished(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end, with every warning an error."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, timeout=SECONDS_MAX, check=False, **options
    )


def test_demo_ends_with_0_and_says_nothing_on_standard_error() -> None:
    done = finished("demo")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"promises were kept.\n")
    assert b"\x1b" not in done.stdout


def test_get_sends_standard_input_and_writes_standard_output(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(lambda received: response(200, content=received.content[::-1]))
    done = finished("get", server.url(), "--data-binary", "@-", input=b"abc\x00")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\x00cba", b"")


def test_a_problem_is_one_line_and_no_traceback(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda _: None)
    done = finished("get", server.url())
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"sojourn: ")
    assert done.stderr.count(b"\n") == 1


def test_the_version() -> None:
    from sojourn_core.version import __version__

    assert finished("--version").stdout.decode() == f"sojourn {__version__}\n"


@pytest.fixture
def endless_url() -> Iterator[str]:
    """The URL of a response that does not end before nobody takes it."""

    def play(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.send(HEAD)
        with suppress(PeerClosedError):
            while True:
                connection.send(CHUNK)

    with Server(play) as server:
        yield server.url()


def test_a_reader_that_leaves_ends_it_quietly(endless_url: str) -> None:
    with subprocess.Popen(
        [*COMMAND, "get", endless_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"\0"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(SECONDS_MAX) == 141


def test_ctrl_c_ends_it_with_one_line_and_leaves_no_file(tmp_path: Path) -> None:
    def play(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.send(HEAD + CHUNK)
        connection.read_to_end()

    with (
        Server(play) as server,
        subprocess.Popen(
            [*COMMAND, "get", server.url(), "-o", str(tmp_path / "file")], stderr=subprocess.PIPE
        ) as process,
    ):
        while not any(file.stat().st_size for file in tmp_path.iterdir()):
            assert process.poll() is None
        os.kill(process.pid, signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read() == b"sojourn: interrupted\n"
        assert process.wait(SECONDS_MAX) == 130
    assert list(tmp_path.iterdir()) == []
