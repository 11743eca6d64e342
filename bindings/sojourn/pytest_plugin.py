"""Fixtures of pytest for programs that use Sojourn.

pytest loads this module in each of its runs, so it imports nothing until a fixture is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .adapters.router import Router


@pytest.fixture
def sojourn_mock() -> Iterator[Router]:
    """Have a ``Router`` answer every request of every session, in the place of the network.

    Sessions of ``sojourn.compat`` are included; transports that are mounted besides are not. A
    request that no route fits fails the test, and so does a route that was never called.
    """
    from .adapters.intercept import intercepting
    from .adapters.router import Router

    router = Router()
    with intercepting(router):
        yield router
    router.assert_all_called()


@pytest.fixture
def sojourn_no_network() -> Iterator[None]:
    """Fail a test that sends a request over a connection, whoever asks for it.

    Requests that a mounted transport answers without one go on as ever.
    """
    from .adapters.intercept import intercepting, refuse

    with intercepting(refuse):
        yield
