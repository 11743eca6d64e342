"""The part of the kit for drivers at message level, and for transports within the process.

``message_conformance(MyDriver)`` is a test of pytest with a case for each scenario that concerns
the driver. A case is a web, which answers each request as a value, and requests that are made to
it. The web listens on the loopback interface; a driver that has its own is given it as a function.
"""

from .ask import MessageAsk
from .cases import message_cases
from .check import check_messages
from .collecting import message_conformance
from .driver import MESSAGE_USUAL, MessageDriver
from .web import Incoming, Reply, Web

__all__ = [
    "MESSAGE_USUAL",
    "Incoming",
    "MessageAsk",
    "MessageDriver",
    "Reply",
    "Web",
    "check_messages",
    "message_cases",
    "message_conformance",
]
