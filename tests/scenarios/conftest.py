"""Each test here closes what it opens."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="package")
def frozen_heap() -> Iterator[None]:
    """Spare the collector what is there already: it runs after each of many short tests."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def closes_everything(frozen_heap: None, no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""
