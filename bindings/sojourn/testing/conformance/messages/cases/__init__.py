"""All cases of the message level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import calls, failing, receiving, sending

if TYPE_CHECKING:
    from sojourn.testing.conformance.messages.case import MessageCase


def message_cases(offers: frozenset[str]) -> list[MessageCase]:
    """Return the cases that concern a driver which offers this."""
    rooms = (sending, receiving, calls, failing)
    return [case for room in rooms for case in room.cases() if case.needs <= offers]
