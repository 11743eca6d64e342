"""Programs are judged by the checkers that are installed; without one there is nothing to judge."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what asks a checker, where there is none."""
    if os.environ.get("SOJOURN_REQUIRE_CHECKERS") or find_spec("mypy") or find_spec("pyright"):
        return
    asking = [each for each in items if "found" in getattr(each, "fixturenames", ())]
    items[:] = [each for each in items if each not in asking]
    config.hook.pytest_deselected(items=asking)
