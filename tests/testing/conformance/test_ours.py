"""The bindings pass the kit."""

from __future__ import annotations

from sojourn.testing.conformance import conformance
from tests.testing.conformance.drivers import AsyncioDriver, SyncDriver

test_sync = conformance(SyncDriver)
test_asyncio = conformance(AsyncioDriver)
