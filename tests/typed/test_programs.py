"""Typed programs, as mypy and pyright judge them: each runs once, in its strict mode, over all.

``accepted`` has programs that must pass. ``refused`` has mistakes: each line with the comment
``# refused: KIND`` must be refused for that reason, and no other line. The programs whose names
begin with ``drop_in`` are judged twice, by the annotations of ``sojourn.compat`` and by those of
Requests itself: what the one lets pass or refuses, the other does too.

A checker that is not installed has no tests; ``SOJOURN_REQUIRE_CHECKERS`` makes that a failure.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import sojourn
import sojourn_core
from sojourn.compat import error_types
from tests.conftest import need_program

if TYPE_CHECKING:
    from collections.abc import Callable

HERE: Final = Path(__file__).parent
TOP: Final = HERE.parents[1]
ACCEPTED: Final = sorted(path for path in (HERE / "accepted").glob("*.py") if path.stem[0] != "_")
REFUSED: Final = sorted(path for path in (HERE / "refused").glob("*.py") if path.stem[0] != "_")

# Why a line is refused: the code of mypy's error, and pyright's rule.
KINDS: Final = {
    "argument": {"arg-type", "dict-item", "reportArgumentType"},
    "assignment": {"assignment", "reportAttributeAccessIssue"},
    "attribute": {"attr-defined", "reportAttributeAccessIssue"},
    "item": {"assignment", "index", "reportArgumentType"},
    "iteration": {"attr-defined", "reportGeneralTypeIssues", "reportAttributeAccessIssue"},
    "keyword": {"call-arg", "reportCallIssue"},
    "operator": {"operator", "reportOperatorIssue"},
    "override": {"override", "reportIncompatibleMethodOverride"},
}
_MARK: Final = re.compile(r"  # refused: (\w+)$")
_MYPY: Final = re.compile(r"(.+?):(\d+): error: .*?(?:  \[([\w-]+)\])?$")

Found = dict[str, list[tuple[int, str]]]  # By name of file: lines, and codes of errors there.


def by_mypy(files: list[Path], cwd: Path, *, path: Path) -> Found:
    command = [sys.executable, "-m", "mypy", "--config-file", str(TOP / "pyproject.toml")]
    command += ["--no-error-summary", "--hide-error-context", "--no-pretty", *map(str, files)]
    environment = {**os.environ, "MYPYPATH": str(path)}
    ended = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    found: Found = {}
    for line in ended.stdout.splitlines():
        error = _MYPY.fullmatch(line)
        if error is not None:
            # The name alone: what mypy remembers of an earlier run has the folder of that run.
            found.setdefault(Path(error[1]).name, []).append((int(error[2]), error[3]))
    return found


def by_pyright(files: list[Path], cwd: Path, *, path: Path) -> Found:
    command = [sys.executable, "-m", "pyright", "--outputjson", *map(str, files)]
    command += ["--pythonpath", sys.executable]
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    said = json.loads(ended.stdout)
    assert said["summary"]["filesAnalyzed"] >= len(files)
    found: Found = {}
    for each in said["generalDiagnostics"]:
        rule = each.get("rule", "")
        if not rule.startswith("reportUnknown"):  # What follows from an error on the same line.
            line = each["range"]["start"]["line"] + 1
            found.setdefault(Path(each["file"]).name, []).append((line, rule))
    return found


CHECKERS: Final[dict[str, Callable[..., Found]]] = {"mypy": by_mypy, "pyright": by_pyright}


def for_requests(program: Path, folder: Path) -> Path:
    """Return a drop-in program as it was before it was dropped in."""
    before = folder / f"{program.parent.stem}_{program.name}"
    text = program.read_text(encoding="utf-8")
    text = text.replace("import sojourn.compat as requests", "import requests")
    before.write_text(text.replace("sojourn.compat", "requests"), encoding="utf-8")
    return before


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """The drop-in programs as they are for Requests."""
    folder = tmp_path_factory.mktemp("originals")
    programs = [path for path in (*ACCEPTED, *REFUSED) if path.stem.startswith("drop_in")]
    return {path: for_requests(path, folder) for path in programs}


REQUIRED: Final = bool(os.environ.get("SOJOURN_REQUIRE_CHECKERS"))


@pytest.fixture(
    scope="module", params=[each for each in sorted(CHECKERS) if REQUIRED or find_spec(each)]
)
def found(request: pytest.FixtureRequest, originals: dict[Path, Path]) -> Found:
    """The errors that a checker finds in all programs."""
    checker: str = request.param
    installed = find_spec(checker)
    need_program(checker, None if installed is None else checker, switch="SOJOURN_REQUIRE_CHECKERS")
    before = list(originals.values())
    return CHECKERS[checker]([*ACCEPTED, *REFUSED, *before], TOP, path=before[0].parent)


def judged(found: Found, program: Path) -> list[tuple[int, str]]:
    return sorted(found.get(program.name, []))


def marked(program: Path) -> dict[int, str]:
    lines = program.read_text(encoding="utf-8").splitlines()
    marks = ((number, _MARK.search(line)) for number, line in enumerate(lines, 1))
    return {number: mark[1] for number, mark in marks if mark is not None}


def agrees(found: Found, program: Path, marks: dict[int, str]) -> None:
    errors = judged(found, program)
    assert {line for line, _ in errors} == marks.keys(), errors
    for line, kind in marks.items():
        codes = {code for at, code in errors if at == line}
        assert codes & KINDS[kind], f"line {line} is refused for {codes}"


@pytest.mark.parametrize("program", ACCEPTED, ids=lambda path: path.stem)
def test_what_is_right_passes(found: Found, program: Path) -> None:
    assert judged(found, program) == []


@pytest.mark.parametrize("program", REFUSED, ids=lambda path: path.stem)
def test_each_mistake_is_refused_where_it_stands(found: Found, program: Path) -> None:
    agrees(found, program, marked(program))


def test_requests_own_annotations_judge_its_programs_alike(
    found: Found, originals: dict[Path, Path]
) -> None:
    for program, before in originals.items():
        agrees(found, before, marked(program))


@pytest.mark.parametrize("package", [sojourn, sojourn_core], ids=lambda package: package.__name__)
def test_each_package_says_that_it_is_typed(package: object) -> None:
    """PEP 561: checkers read a package's own annotations if it has this file."""
    assert Path(str(getattr(package, "__file__", ""))).with_name("py.typed").is_file()


def test_the_errors_of_the_drop_in_that_checkers_see_are_all_that_there_are() -> None:
    assert sorted(error_types.__all__) == sorted(sojourn.exceptions.__all__)
