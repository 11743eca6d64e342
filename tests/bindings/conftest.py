"""Each test here closes what it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bindings.clients import BINDINGS, Binding

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a binding with those that its module names, or the first two."""
    if "binding" in metafunc.fixturenames:
        names = getattr(metafunc.module, "BINDINGS", BINDINGS)
        metafunc.parametrize("binding", names, indirect=True)


@pytest.fixture
def binding(request: pytest.FixtureRequest) -> Iterator[Binding]:
    """Each of the bindings in turn; its sessions are closed with the test."""
    made = Binding(request.param)
    try:
        yield made
    finally:
        made.close()
