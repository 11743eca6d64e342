"""The origins that fronts and proxies forward to; each test here closes what it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .applications import uvicorn
from .running import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


@pytest.fixture(scope="session")
def origin(ca: Authority) -> Iterator[int]:
    """Port of an origin for HTTP."""
    with running(uvicorn, authority=ca) as port:
        yield port


@pytest.fixture(scope="session")
def secure_origin(ca: Authority) -> Iterator[int]:
    """Port of an origin for HTTPS."""
    with running(uvicorn, authority=ca, secure=True) as port:
        yield port
