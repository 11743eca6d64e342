"""The program as a function: arguments in, exit code and both streams out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from sojourn.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable


class Ended(NamedTuple):
    """How the program ended.

    Attributes:
        code: Its exit code.
        out: What it wrote to standard output.
        err: What it wrote to standard error.
    """

    code: int
    out: bytes
    err: str


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ended]:
    """``run("get", url)``: the program, in this process."""

    def run_program(*arguments: str) -> Ended:
        code = main(arguments)
        out, err = capsysbinary.readouterr()
        return Ended(code, out, err.decode())

    return run_program
