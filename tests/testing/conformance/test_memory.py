"""The kit plays on streams of the author's own, where there are no sockets."""

from __future__ import annotations

from sojourn.testing.conformance import conformance
from tests.testing.conformance.memory import MemoryDriver

test_streams_in_memory = conformance(MemoryDriver)
