"""The cycle of a request whose content waits for 100 (Continue), RFC 9110 section 10.1.1.

The head goes out, and then the exchange reads, for as long as ``Timeouts.expect`` says. A 100, and
the end of that time, let the content go. A final response means that the content is not wanted: it
stays here, and the connection, on which it was announced, is closed after the response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.timeouts import deadline_at

from .commands import Read
from .cycle import HEAD_READ_SIZE, Cycle

if TYPE_CHECKING:
    from .commands import ExchangeCommand
    from .plan import ExchangePlan
    from .pool import Pool
    from .ticket import Slot


class Expecting(Cycle):
    """One request whose content waits, and its response; the arguments are those of ``Cycle``."""

    __slots__ = ("_until", "_waits")

    def __init__(self, plan: ExchangePlan, pool: Pool, slot: Slot, reused: bool) -> None:
        super().__init__(plan, pool, slot, reused)
        connection = slot.connection
        assert connection is not None
        self._waits = getattr(connection.codec, "takes_expectations", True)
        self._until: float | None = None  # The end of waiting, once the head is out.

    def written(self, now: float) -> ExchangeCommand:
        """Wait, once the head was sent."""
        return self.go_on(now) if self._waits else super().written(now)

    def go_on(self, now: float) -> ExchangeCommand:
        """Do what comes next: wait, unless something has come that ends that."""
        if not self._waits:
            return super().go_on(now)
        message, upload = self.message, self.upload
        if any(head.status == 100 for head in message.informational):
            self._waits = False
        elif message.head is not None or message.error is not None or upload.cut:
            upload.cut_short()
            self._waits = False
        elif message.informational and (command := self._inform()) is not None:
            return command
        if not self._waits:
            return super().go_on(now)
        if upload.unsent:  # The rest of the head, or what TLS answers.
            rest, upload.unsent = upload.unsent, b""
            return self._write(rest, now)
        if self._until is None:
            self._until = deadline_at(now, self.plan.timeouts.expect, self.deadline)
        return Read(HEAD_READ_SIZE, self._until)

    def expired(self, command: ExchangeCommand, now: float) -> ExchangeCommand:
        """Send the content: the server may know nothing of expectations."""
        if self._waits and isinstance(command, Read) and now < self.deadline:
            self._waits = False
            return super().go_on(now)
        return super().expired(command, now)
