"""A request as urllib3 is given it: its field lines, and its content, which is counted."""

from __future__ import annotations

from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from urllib3 import HTTPHeaderDict
from urllib3.util import SKIP_HEADER

from sojourn_core.values.content.content import Content
from sojourn_core.values.content.shielded import ContentError
from sojourn_core.values.errors import DeadlineExceeded, InvalidContent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.exchange.plan import ExchangePlan

    from .noted import Attempt

_ADDED: Final = ("User-Agent", "Accept-Encoding")  # By urllib3, where they are not given.


class Outgoing:
    """One request on its way to urllib3.

    Args:
        plan: Of the request.
        attempt: Is told how much of the content urllib3 has taken.

    Attributes:
        body: The content: none, bytes, or an iterator of pieces.

    Raises:
        InvalidContent: The content is asynchronous.
    """

    def __init__(self, plan: ExchangePlan, attempt: Attempt) -> None:
        self._plan = plan
        self._attempt = attempt
        content = plan.content
        self._streamed: Content | None = None
        self.body: Any = content
        if isinstance(content, Content):
            content.refuse_if_async()
            self._streamed, self.body = content, self._pieces(content)
        elif content is not None:
            attempt.written = len(content)

    def fields(self) -> HTTPHeaderDict:
        """Return the field lines, and no others: urllib3 adds none."""
        fields = HTTPHeaderDict()
        for name, value in self._plan.request.lines:
            fields.add(name, value)
        for name in _ADDED:
            if name not in fields:
                fields[name] = SKIP_HEADER
        return fields

    def _pieces(self, content: Content) -> Iterator[bytes]:
        try:
            yield from self._counted(content.chunks())
        except Exception as error:
            raise ContentError(error) from error

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Give the chunks one by one, the last once they are known to be as many as declared.

        A request must not be complete whose content turns out to have another length.
        """
        left = self._declared()
        held = b""
        for chunk in chunks:
            self._attempt.touched = True
            if clock() > self._plan.deadline:
                said = f"the call to {self._plan.place} took longer than it may in all"
                raise DeadlineExceeded(said)
            if left is not None:
                left -= len(chunk)
                if left < 0:
                    raise InvalidContent("the content is longer than its Content-Length says")
            if held:
                self._attempt.written += len(held)
                yield held
            held = chunk
        if left:
            raise InvalidContent("the content is shorter than its Content-Length says")
        if held:
            self._attempt.written += len(held)
            yield held

    def _declared(self) -> int | None:
        for name, value in self._plan.request.lines:
            if name.lower() == "content-length" and value.isascii() and value.isdecimal():
                return int(value)
        return None

    def release(self) -> None:
        """Close the user's iterator, if anything was taken of it, so that its ``finally`` runs."""
        if self._streamed is not None and self._streamed.touched:
            self._streamed.close()
