"""Each test here closes what it opens."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""
