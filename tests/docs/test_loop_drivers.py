"""The drivers of the documentation pass the conformance kit, and fetch from a real server."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn.testing.conformance import conformance

from . import driven


@pytest.fixture(scope="module", autouse=True)
def is_warm() -> None:
    """Let each library open what it keeps for the whole process: threads, pipes, pollers."""
    for make in (driven.Gevent, driven.Twisted, driven.Tk):
        driver: Any = make()
        driver.warm_up()
        driver.close()


test_the_page = conformance(driven.Blocking)
test_selectors = conformance(driven.Selectors)
test_gevent = conformance(driven.Gevent)
test_twisted = conformance(driven.Twisted)
test_tk = conformance(driven.Tk)
