"""The program as a process, with whatever stands behind its three streams."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from typing import NamedTuple

SECONDS_MAX = 60  # For a process that should have ended.
COMMAND = (sys.executable, "-X", "dev", "-W", "error", "-m", "sojourn")


class Done(NamedTuple):
    """How a process ended.

    Attributes:
        code: Its exit code.
        out: What it wrote to standard output, or to the terminal.
        err: What it wrote to standard error.
    """

    code: int
    out: bytes
    err: bytes


def shell(script: str, *arguments: str, **environment: str) -> Done:
    """Run a script of the shell, in which ``"$@"`` is the program with its arguments."""
    done = subprocess.run(
        ["/bin/bash", "-c", script, "bash", *COMMAND, *arguments],
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
        env={**os.environ, **environment},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def at_a_terminal(*arguments: str) -> Done:
    """Run the program with a terminal as its standard output."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [*COMMAND, *arguments], stdout=theirs, stderr=subprocess.PIPE, stdin=theirs
        )
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # EIO: nobody has the other end any more.
            while piece := os.read(ours, 65536):
                shown += piece
        assert process.stderr is not None
        with process.stderr:
            err = process.stderr.read()
        return Done(process.wait(SECONDS_MAX), shown.replace(b"\r\n", b"\n"), err)
    finally:
        os.close(ours)
