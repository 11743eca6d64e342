"""The fast lane: the tests of the core, the vectors and the scenarios, on every processor.

``python -m tests.fast`` is for whoever changes code and wants to know within about a minute. Each
process collects all tests and runs its share of them, every second one where there are two, so
that long and short tests fall to all alike. What fails is printed as pytest prints it, and the exit
status is not 0 then. What it does not know is for pytest: ``python -m tests.fast -x -k redirect``;
paths take the place of the usual folders.

As a plugin (``-p tests.fast --share 0/2``) this module is what leaves the others' tests out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = ("tests/core", "tests/vectors", "tests/scenarios")
PROCESSES_MAX: Final = 4  # Each collects everything, which takes some seconds.


# --- the plugin -------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says which share of the tests to run."""
    parser.addoption("--share", metavar="K/N", help="run every N-th test, from the K-th on")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of other shares."""
    share = config.getoption("--share")
    if share is None:
        return
    number, count = map(int, share.split("/"))
    others = [item for index, item in enumerate(items) if index % count != number]
    config.hook.pytest_deselected(items=others)
    items[:] = items[number::count]


# --- the command ------------------------------------------------------------------------------


def available_processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start(share: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    """Start pytest on one share."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", __spec__.name]
    return subprocess.Popen(
        [*command, "--share", share, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def without_progress(output: str) -> str:
    """Take the dots off that pytest prints first, if something comes after them."""
    start = output.find("\n=")
    return output if start < 0 else output[start + 1 :]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests, print what failed, and give pytest's exit status, or the worst of them."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fast",
        description="Run the tests of the core, the vectors and the scenarios on all processors.",
        epilog="Other options and paths are for pytest.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=min(available_processors(), PROCESSES_MAX),
        help="how many run side by side (default: one for each processor)",
    )
    options, rest = parser.parse_known_args(arguments)
    if not any(Path(each.partition("::")[0]).exists() for each in rest):
        rest = [*FOLDERS, *rest]
    count = max(options.processes, 1)
    begun = time.monotonic()
    statuses: list[int] = []
    with ExitStack() as stack:
        running = [start(f"{number}/{count}", rest) for number in range(count)]
        for process in running:
            stack.callback(process.terminate)  # For when this one is interrupted.
        for process in running:
            output, _ = process.communicate()
            statuses.append(process.returncode)
            failed = process.returncode not in {
                pytest.ExitCode.OK,
                pytest.ExitCode.NO_TESTS_COLLECTED,
            }
            lines = output.rstrip().splitlines() or ["no output"]
            print(without_progress(output) if failed else lines[-1], flush=True)
    print(f"{time.monotonic() - begun:.0f} s")
    if all(status == pytest.ExitCode.NO_TESTS_COLLECTED for status in statuses):
        return int(pytest.ExitCode.NO_TESTS_COLLECTED)
    statuses = [s for s in statuses if s != pytest.ExitCode.NO_TESTS_COLLECTED]
    return next((status for status in statuses if status != pytest.ExitCode.OK), 0)


if __name__ == "__main__":
    sys.exit(main())
