"""The programs after Requests' manual print the same under Requests and under ``sojourn.compat``.

What they print is not written down here: Requests, which is installed for the tests, says it.
"""

from __future__ import annotations

import importlib
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "examples" / "requests_manual"


def load_runner() -> dict[str, Any]:
    """What ``__main__.py`` defines; the modules beside it are forgotten, for their plain names."""
    try:
        return runpy.run_path(str(FOLDER), run_name="requests_manual")
    finally:
        for path in FOLDER.glob("*.py"):
            sys.modules.pop(path.stem, None)


RUNNER: Final = load_runner()
PROGRAMS: Final = RUNNER["programs"]()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The servers that the programs talk to, the same for all of them."""
    with RUNNER["Server"](tmp_path_factory.mktemp("manual")) as running:
        yield running


@pytest.fixture
def clean_environment(no_leaks: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away this machine's proxies, certificates and netrc, and check for leaks."""
    kept = dict(os.environ)
    RUNNER["clean_environment"](kept)
    for name in os.environ.keys() - kept.keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("clean_environment")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_prints_the_same_under_both(
    program: Path, server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = {}
    for name in ("requests", "sojourn.compat"):
        runpy.run_path(str(program))["main"](importlib.import_module(name), server)
        printed[name] = capsys.readouterr().out
        server.forget()
    assert printed["requests"].strip()
    assert printed["sojourn.compat"] == printed["requests"]


def test_each_program_is_short_and_says_what_it_shows() -> None:
    for program in PROGRAMS:
        first, *others = program.read_text(encoding="utf-8").splitlines()
        assert first.startswith('"""'), program
        assert first.endswith('."""'), program
        assert len(others) < 35, program


def test_the_programs_of_a_chapter_are_numbered() -> None:
    for chapter in ("quickstart", "advanced"):
        found = [path.stem for path in PROGRAMS if path.stem.startswith(chapter)]
        assert len(found) > 20
        for number, name in enumerate(found, 1):
            assert name.startswith(f"{chapter}_{number:02}_")


def test_the_folder_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER), "requests", "quickstart_01", "advanced_32_custom_verb"],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    titles = [line for line in done.stdout.splitlines() if line.endswith(".")]
    assert titles == [
        "quickstart_01_verbs: Each method of HTTP has a function of its name.",
        "advanced_32_custom_verb: Any method can be sent by its name.",
    ]


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert RUNNER["main"]() == 2
    assert "python docs/examples/requests_manual requests" in capsys.readouterr().err
    assert RUNNER["main"]("requests", "no_such") == 2
    assert capsys.readouterr() == ("", "no program begins with no_such\n")
