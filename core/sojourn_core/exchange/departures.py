"""The reasons for which connections leave a pool."""

from __future__ import annotations

from enum import Enum


class Gone(Enum):
    """A reason why a pool let go of a connection. The value is what people are shown."""

    IDLE_TOO_LONG = "it was idle for too long"
    ENDED = "its peer ended it, or spoke unasked, while it was idle"
    EVICTED = "room was made for another connection"
    FULL = "there were enough idle connections"
    REPLACED = "only a new connection would do"
    USED_UP = "it was of no more use after its exchange"
    DROPPED = "its response was dropped unread"
    CLOSED = "the pool was closed"
    MENDED = "the step that it belonged to was cut short"
