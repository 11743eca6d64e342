"""A conformance kit for drivers: scripted scenarios, played against a driver of one's own.

``conformance(MyDriver)`` is a test of pytest with a case for each scenario that concerns the
driver. ``Driver`` has what its author writes, and ``docs/conformance.md`` tells the story.

Nothing is needed besides the core and, where cases are collected, pytest.
"""

from .case import Ask, Case
from .cases import cases
from .collecting import conformance
from .driver import USUAL, Driver
from .job import Job
from .play import check
from .streams import Listener, PeerStream
from .watched import Interrupted

__all__ = [
    "USUAL",
    "Ask",
    "Case",
    "Driver",
    "Interrupted",
    "Job",
    "Listener",
    "PeerStream",
    "cases",
    "check",
    "conformance",
]
