"""The fast lane runs each test once, and tells what failed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fast import FOLDERS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
import pathlib
import pytest

@pytest.mark.parametrize("name", ["one", "two", "three", "four", "five"])
def test_it(name):
    path = pathlib.Path(__file__).with_name(name)
    assert not path.exists(), "it ran before"
    path.touch()
    assert name not in {bad!r}, f"{{name}} is bad"
"""


def fast(*arguments: str) -> tuple[int, str]:
    made = subprocess.run(
        [sys.executable, "-m", "tests.fast", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # They take seconds to load.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return made.returncode, made.stdout


@pytest.mark.parametrize("processes", [1, 3])
def test_each_test_runs_once(tmp_path: Path, processes: int) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(TESTS.format(bad=""))
    status, output = fast(str(path), "--processes", str(processes))
    assert status == 0, output
    ran = {each.name for each in tmp_path.iterdir()} - {path.name, "__pycache__"}
    assert ran == {"one", "two", "three", "four", "five"}
    assert output.count(" passed") == processes


def test_a_failure_is_shown_and_changes_the_status(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(TESTS.format(bad="four"))
    status, output = fast(str(path), "--processes", "2")
    assert status == 1
    assert "AssertionError: four is bad" in output
    assert "3 passed" in output


def test_options_are_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(TESTS.format(bad="four"))
    status, _ = fast(str(path), "-k", "not four", "--processes", "2")
    assert status == 0
    assert fast(str(path), "-k", "nothing", "--processes", "2")[0] == 5


def test_a_broken_module_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text("import nothing_of_this_name\n")
    status, output = fast(str(path), "--processes", "2")
    assert status == 2
    assert "No module named 'nothing_of_this_name'" in output


def test_the_usual_folders_are_there() -> None:
    assert all((ROOT / folder).is_dir() for folder in FOLDERS)
