"""The trail of a call: all that was sent, what was answered, each decision, and the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sojourn_core import Content

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import URL, Decision, Fields, Origin, PreparedRequest, Response
    from sojourn_core.commands import Send

    from .web import Page


class Sent:
    """A request as it went out.

    Attributes:
        send: The command.
        request: The request of the command.
        number: The requests of this call that went before it.
        home: The origin of the first request of the call.
        content: The content, read as sending would read it; None if there is none.
    """

    __slots__ = ("content", "home", "number", "request", "send")

    def __init__(self, send: Send, number: int, home: Origin | None = None) -> None:
        self.send = send
        request = send.request
        self.request: PreparedRequest = request
        self.number = number
        self.home: Origin = request.parsed_url.origin if home is None else home
        self.content: bytes | None = None if request.body is None else _read(request)

    @property
    def method(self) -> str:
        """The method."""
        return self.request.method or ""

    @property
    def url(self) -> URL:
        """The URL, its fragment included."""
        return self.request.parsed_url

    @property
    def origin(self) -> Origin:
        """The origin that it goes to."""
        return self.request.parsed_url.origin

    @property
    def fields(self) -> Fields:
        """The field lines. Host is among them only if it was given by hand."""
        return self.request.headers

    @property
    def at_home(self) -> bool:
        """It goes to the origin of the first request."""
        return self.origin == self.home

    def wire(self) -> bytes:
        """Return all that its origin can see of it: request line, field lines, content."""
        url = self.url
        host = self.fields.get("host", url.host_field)
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.fields.lines)
        head = f"{self.method} {url.target}\r\nHost: {host}\r\n{lines}\r\n"
        return head.encode("latin-1", "replace") + (self.content or b"")

    def seen(self, texts: tuple[str, ...]) -> bool:
        """Return whether its origin sees one of these texts."""
        seen = self.wire()
        return any(text.encode("latin-1", "replace") in seen for text in texts)

    def __repr__(self) -> str:
        return f"<Sent {self.method} {self.url.shown}>"


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that belongs somewhere.

    Attributes:
        what: The thing that it is, for messages: ``Authorization``, ``netrc of a.test``.
        texts: Its forms, as they would stand on the wire.
        origin: The origin that may see it; None if that is no origin.
        host: The host that may see it, on each of its origins; None if that is no host.
    """

    what: str
    texts: tuple[str, ...]
    origin: Origin | None = None
    host: str | None = None

    def belongs_to(self, origin: Origin) -> bool:
        """Return whether an origin may see it."""
        return origin == self.origin or origin.host == self.host


@dataclass(frozen=True, slots=True)
class Replay:
    """The means to play a trail again.

    Attributes:
        again: Plays it once more, from a new session.
        with_other_secrets: Plays it once more, the value of each secret replaced.
        secrets: The secrets of the request and of its session.
    """

    again: Callable[[], Trail]
    with_other_secrets: Callable[[], Trail]
    secrets: tuple[Secret, ...]


class Trail:
    """The course of a call.

    Attributes:
        sent: All that was sent, in order.
        answers: What each of them was answered with, or the error that it ended with.
        decisions: Each decision of the call.
        response: The response that it ended with; None if it ended with an error.
        error: The error that it ended with; None if it ended with a response.
        replay: The means to play it again, if ``simulate`` has made it; else None.
    """

    __slots__ = ("answers", "decisions", "error", "replay", "response", "sent")

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: list[Page] = []
        self.decisions: list[Decision] = []
        self.response: Response | None = None
        self.error: Exception | None = None
        self.replay: Replay | None = None

    @property
    def codes(self) -> list[str]:
        """The code of each decision."""
        return [decision.code for decision in self.decisions]

    def __repr__(self) -> str:
        ended = self.response if self.error is None else self.error
        return f"<Trail of {len(self.sent)} requests, ended with {ended!r}>"


def _read(request: PreparedRequest) -> bytes | None:
    content = request.content
    if isinstance(content, Content):
        return b"".join(content.chunks())
    return content
