"""The list of threats, and which of them a test tries that is no table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST: Final = Path(__file__).parent / "threats.json"
TRIED: Final[set[str]] = set()  # It is complete when all modules of tests are loaded.


def tries(*ids: str) -> Any:
    """Mark a test that tries these threats; its argument ``row`` is the id."""
    TRIED.update(ids)
    return pytest.mark.parametrize("row", ids)


def read_list() -> Mapping[str, Any]:
    """The whole list."""
    found: Mapping[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return found


def classes() -> dict[str, str]:
    """The class of each id."""
    return {row["id"]: row["class"] for row in read_list()["threats"]}
