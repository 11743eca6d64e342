"""Conformance vectors: where they are, which check goes with which file, and what waits for one.

A module ``*_cases.py`` gives a check for each kind of file, by the file's name within the folder::

    @checks("url/prepare.json")
    def check_prepare(case: Case) -> None:
        assert_right(case, prepare_url(case["input"]))

and is imported by ``test_vectors.py``, which makes one test of each case. A file without a check
must be named in ``PENDING``, with the reason; any other is an error, so that none is passed over.
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
FOLDER: Final = Path(os.environ.get("SOJOURN_VECTORS") or REPOSITORY.parent / "shared" / "vectors")

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
    """The names of all vector files within the folder; none if there is no folder."""
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))


def cases(file: str) -> list[Case]:
    """The cases of a file."""
    return json.loads((FOLDER / file).read_text(encoding="utf-8"))


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
