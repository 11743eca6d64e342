"""Conformance vectors: where they are, which check goes with which file, and what waits for one.

A module ``*_cases.py`` gives a check for each kind of file, by the file's name within the folder::

    @checks("url/prepare.json")
    def check_prepare(case: Case) -> None:
        assert_right(case, prepare_url(case["input"]))

and is imported by ``test_vectors.py``, which makes one test of each case. A file without a check
must be named in ``PENDING``, with the reason; any other is an error, so that none is passed over.

The cases that were written for this project are data of the repository (``data``, with a README).
Those that are another project's data stay with their licences in a folder beside the repository, or
in the one that ``SOJOURN_VECTORS`` names; where there is one, its cases are collected too.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Case = dict[str, Any]
    Check = Callable[[Case], None]

REPOSITORY: Final = Path(__file__).parents[2]
OWN: Final = Path(__file__).parent / "data"
# The same files, with cases of other projects among those that are here.
SHARED: Final = Path(os.environ.get("SOJOURN_VECTORS") or REPOSITORY.parent / "shared" / "vectors")

# How a case says in its ``source`` that it is another project's data; without a source it is what
# the whole file is.
OTHERS: Final = (
    "curl tests",
    "greenbytes",
    "http-state",
    "llhttp",
    "requests tests",
    "tough-cookie",
    "wpt ",
)
OTHERS_FILES: Final = ("cookies/http_state.json",)

PENDING: Final[dict[str, str]] = {}

_CHECKS: Final[dict[str, Check]] = {}


def checks(file: str) -> Callable[[Check], Check]:
    """Register a check for the cases of a file."""

    def register(check: Check) -> Check:
        assert _CHECKS.get(file, check) is check, f"{file} has another check already"
        _CHECKS[file] = check
        return check

    return register


def check_for(file: str) -> Check | None:
    """The check for a file's cases, if there is one."""
    return _CHECKS.get(file)


def files() -> list[str]:
    """Return the names of all vector files."""
    found = {
        path.relative_to(folder).as_posix()
        for folder in (OWN, SHARED)
        for path in folder.rglob("*.json")
    }
    return sorted(found)


def cases(file: str) -> list[Case]:
    """Return the cases of a file: our own, and those of others that are there."""
    return [*cases_in(OWN, file), *(case for case in cases_in(SHARED, file) if others(file, case))]


def cases_in(folder: Path, file: str) -> list[Case]:
    """Return the cases of a file in one folder; none if it is not there."""
    path = folder / file
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def others(file: str, case: Case) -> bool:
    """Tell whether a case is another project's data."""
    return file in OTHERS_FILES or any(name in case.get("source", "") for name in OTHERS)


def assert_right(case: Case, answer: object, key: str = "expected") -> None:
    """Assert that an answer is the expected one or one of those that are as right.

    Args:
        case: The case; ``expected`` goes with ``acceptable``, any other key with
            ``acceptable_`` and the key.
        answer: What was found.
        key: The member of the case that says what is expected.
    """
    others = case.get("acceptable" if key == "expected" else f"acceptable_{key}", [])
    right = [case[key], *others] if key in case else others
    assert answer in right, case.get("note") or case.get("basis") or case.get("source")
