"""A conformance kit for drivers: scripted scenarios, played against a driver of one's own.

``conformance(MyDriver)`` is a test of pytest with a case for each scenario that concerns the
driver; ``message_conformance`` is one for drivers of calls and for transports, which stand at the
level of messages. ``Driver`` and ``MessageDriver`` have what their authors write, and
``docs/conformance.md`` tells the story.

Nothing is needed besides the core and, where cases are collected, pytest.
"""

from .case import Ask, Case
from .cases import cases
from .collecting import conformance
from .driver import USUAL, Driver
from .job import Job
from .messages import MESSAGE_USUAL, MessageAsk, MessageDriver, message_conformance
from .play import check
from .streams import Listener, PeerStream
from .watched import Interrupted

__all__ = [
    "MESSAGE_USUAL",
    "USUAL",
    "Ask",
    "Case",
    "Driver",
    "Interrupted",
    "Job",
    "Listener",
    "MessageAsk",
    "MessageDriver",
    "PeerStream",
    "cases",
    "check",
    "conformance",
    "message_conformance",
]
