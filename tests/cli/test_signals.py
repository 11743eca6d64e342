"""Signals, at whatever moment they come: one line, the exit code of a shell, and nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.processes import COMMAND, SECONDS_MAX
from tests.servers.server import Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.server import Connection

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + bytes(0x10000) + b"\r\n"  # More than any file buffers.

pytestmark = pytest.mark.usefixtures("no_leaks")


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, b"sojourn: interrupted\n"),
        (signal.SIGTERM, 143, b"sojourn: terminated\n"),
        (signal.SIGHUP, 129, b"sojourn: hung up\n"),
    ],
)
def test_a_signal_leaves_no_half_file(
    number: signal.Signals, code: int, said: bytes, tmp_path: Path
) -> None:
    """The one that comes after it disturbs nothing, but the system may deliver it first."""

    def play(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.send(HEAD + CHUNK)
        connection.read_to_end()

    file = tmp_path / "file"
    file.write_text("before")
    with (
        Server(play) as server,
        subprocess.Popen(
            [*COMMAND, "get", server.url(), "-o", str(file)], stderr=subprocess.PIPE
        ) as process,
    ):
        while not any(each.stat().st_size for each in tmp_path.glob(".*")):
            assert process.poll() is None
        process.send_signal(number)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert process.stderr.read() in {said, b"sojourn: terminated\n"}
        assert process.wait(SECONDS_MAX) in {code, 143, -signal.SIGTERM}
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "before"


def test_a_program_that_is_to_survive_its_terminal_does(tmp_path: Path) -> None:
    def play(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        os.kill(process.pid, signal.SIGHUP)
        connection.send(HEAD + b"0\r\n\r\n")

    with Server(play) as server:
        process = subprocess.Popen(
            ["nohup", *COMMAND, "get", server.url()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
        )
        with process:
            assert process.wait(SECONDS_MAX) == 0


# Runs the program in forks of an interpreter that has loaded nothing of it, and sends the signal
# when the module of a number is looked for.
SWEEP = """
import importlib.abc, os, signal, sys

class Interrupting(importlib.abc.MetaPathFinder):
    def __init__(self, position):
        self.left = position

    def find_spec(self, name, path=None, target=None):
        if self.left == 0:
            os.kill(os.getpid(), signal.NAME)
        self.left -= 1
        return None

position, ended, outcomes = 0, False, set()
while not ended:
    child = os.fork()
    if child == 0:
        from sojourn.__main__ import main
        sys.meta_path.insert(0, Interrupting(position))
        sys.argv[1:] = ["get", "/x"]
        sys.exit(main())
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    ended = code == 2  # All that it loads was loaded.
    outcomes.add(code)
    position += STEP
print(position, sorted(outcomes))
"""


@pytest.mark.parametrize(
    ("name", "code", "said", "step"),
    [("SIGINT", 130, "interrupted", 11), ("SIGTERM", 143, "terminated", 47)],
)
def test_a_signal_while_the_program_loads_is_one_line(
    name: str, code: int, said: str, step: int
) -> None:
    program = SWEEP.replace("NAME", name).replace("STEP", str(step))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=180, check=False, text=True
    )
    position, outcomes = done.stdout.split(maxsplit=1)
    assert int(position) > 100
    assert outcomes == f"[2, {code}]\n"
    *interrupted, last = done.stderr.splitlines()
    assert set(interrupted) == {f"sojourn: {said}"}
    assert last.startswith("sojourn: invalid URL")


# A weak reference's callback can raise nothing: Python prints a traceback there, and goes on.
CALLBACK = """
import os, signal, sys, weakref
from sojourn.__main__ import main
import sojourn.cli.get as get

class Thing:
    pass

def drive(*_):
    thing = Thing()
    reference = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT))
    del thing
    while True:
        pass

get.drive_call = drive
sys.argv[1:] = ["get", "http://a.test/"]
sys.exit(main())
"""


def test_a_signal_that_comes_where_nothing_can_be_raised_is_not_lost() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLBACK],
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"sojourn: interrupted\n")


LIGHT = "import sys, sojourn.__main__; print(sorted(m for m in sys.modules if 'sojourn' in m))"


def test_little_is_loaded_before_signals_are_watched() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, check=True, text=True)
    assert done.stdout == "['sojourn', 'sojourn.__main__']\n"


WITHIN_EXEC = """\
import os, signal, sys
import sojourn.cli
from sojourn.__main__ import main

def run():
    exec("os.kill(os.getpid(), signal.SIGTERM)")  # As dataclasses have it, while they are loaded.

sojourn.cli.main = run
sys.exit(main())
"""


def test_a_signal_that_comes_within_an_exec_has_its_own_exit_code(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(WITHIN_EXEC)
    done = subprocess.run(
        [sys.executable, "-m", "program"],
        cwd=tmp_path,
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert (done.returncode, done.stderr) == (143, b"sojourn: terminated\n")
