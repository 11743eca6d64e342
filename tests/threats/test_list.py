"""Every threat of the list is tried by a test of its id, or has a reason why it is not."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
from pathlib import Path
from typing import Final

import tests.threats

from . import rows
from .absent import ABSENT
from .cookies import THREATS

REPOSITORY: Final = Path(__file__).parents[2]
# What the list was copied from, where that is.
SHARED: Final = Path(
    os.environ.get("SOJOURN_THREATS") or REPOSITORY.parent / "shared" / "security" / "threats.json"
)


def tried() -> set[str]:
    """The ids of all that is tried here, in tables and by tests of their own."""
    found = {threat.id for threat in THREATS}
    for module in pkgutil.iter_modules(tests.threats.__path__, "tests.threats."):
        if module.name != __name__:
            found |= getattr(importlib.import_module(module.name), "TRIED", set())
    return found


def test_each_threat_is_tried_or_has_a_reason() -> None:
    listed, found = set(rows.classes()), tried()
    assert sorted(listed - found - set(ABSENT)) == []
    assert sorted((found | set(ABSENT)) - listed) == []
    assert sorted(found & set(ABSENT)) == []


def test_each_reason_is_a_sentence() -> None:
    assert all(reason[0].isupper() and reason.endswith(".") for reason in ABSENT.values())


def test_the_list_is_what_it_was_copied_from() -> None:
    if SHARED.is_file() or "SOJOURN_THREATS" in os.environ:
        assert rows.read_list() == json.loads(SHARED.read_text("utf-8"))
