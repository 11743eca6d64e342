"""What the message level is tested with: responses made of nothing, and a driver without a network.

``respond`` makes a response. ``travel`` drives a call to its end over a function that answers
requests, and writes down everything that was sent, as it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sojourn_core import (
    Call,
    Content,
    Fields,
    Request,
    Response,
    RetryPolicy,
    SendSettings,
    Session,
    Timeouts,
)
from sojourn_core.call.ports import Mode
from sojourn_core.commands import (
    CallCommand,
    Delegate,
    Deliver,
    Discard,
    Fail,
    Hook,
    Load,
    Pause,
    Rewind,
    Send,
)
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sojourn_core import Decision, PreparedRequest

    Answer = Callable[[PreparedRequest], Response]

URL = "http://a.test/x"
WALL = 1_767_225_600.0  # 2026-01-01T00:00:00Z: what the clock on the wall says at ``now=0``.


def respond(status: int, *lines: tuple[str, str], content: bytes | None = None) -> Response:
    """A response with these field lines."""
    response = Response()
    response.status_code = status
    response.headers = Fields.from_lines(list(lines))
    if content is not None:
        response._content = content
    return response


def redirect(status: int, location: str, *lines: tuple[str, str]) -> Response:
    """A response that redirects."""
    return respond(status, ("Location", location), *lines)


def session(**settings: Any) -> Session:
    """A session at a known time, with these attributes."""
    made = Session()
    made.set_clock(0.0, WALL)
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def start(
    owner: Session,
    method: str,
    url: str,
    *,
    redirects: bool = True,
    mode: Mode | None = None,
    retries: RetryPolicy | None = None,
    **given: Any,
) -> Call:
    """A call that was started, so that its request awaits an answer."""
    owner.retries = retries
    call = owner.call(Request(method, url, **given), allow_redirects=redirects, mode=mode)
    assert isinstance(call.start(now=0.0), Send)
    return call


def hop(call: Call, response: Response, now: float = 0.0) -> PreparedRequest:
    """Answer a call with a redirect, and give the request that it leads to."""
    command: CallCommand = call.answered(response, now)
    assert isinstance(command, Discard), command
    command = call.discarded(now)
    if isinstance(command, Rewind):
        command.content.rewind()
        command = call.rewound(now)
    assert isinstance(command, Send), command
    return command.request


def codes(call: Call) -> list[str]:
    """The codes of everything that was decided."""
    return [decision.code for decision in call.decisions]


@dataclass(frozen=True)
class Sent:
    """A request as it went out."""

    method: str
    url: str
    origin: str
    host: str
    target: str
    lines: tuple[tuple[str, str], ...]
    content: bytes | None

    def values(self, name: str) -> list[str]:
        """The values of each line of this name."""
        return [value for known, value in self.lines if known.lower() == name.lower()]

    def octets(self) -> str:
        """All that an observer at the other end can see of it, as text."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.lines)
        content = (self.content or b"").decode("latin-1")
        return f"{self.method} {self.target}\r\nHost: {self.host}\r\n{lines}\r\n{content}"


@dataclass
class Journey:
    """What became of a call."""

    sent: list[Sent] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    response: Response | None = None
    error: RequestException | None = None
    decisions: list[Decision] = field(default_factory=list)


def snapshot(request: PreparedRequest) -> Sent:
    """A request as it is now; its content is read, as sending it would."""
    content = request.content
    if isinstance(content, Content):
        content = b"".join(content.chunks())
    url = request.parsed_url
    return Sent(
        method=request.method or "",
        url=url.text,
        origin=str(url.origin),
        host=request.headers.get("host", url.host_field),
        target=url.target,
        lines=tuple(request.headers.lines),
        content=content,
    )


def travel(call: Call, answer: Answer, *, step: float = 0.0) -> Journey:
    """Drive a call to its end; each reply comes ``step`` seconds after the one before."""
    journey = Journey()
    now = 0.0
    command = call.start(now)
    while True:
        now += step
        journey.commands.append(type(command).__name__)
        match command:
            case Send(request=request):
                journey.sent.append(snapshot(request))
                try:
                    response = answer(request)
                except RequestException as error:
                    command = call.lost(error, now)
                else:
                    command = call.answered(response, now)
            case Hook(hook=hook, response=response):
                command = call.hooked(hook(response), now)
            case Discard():
                command = call.discarded(now)
            case Load():
                command = call.loaded(now)
            case Rewind(content=content):
                try:
                    content.rewind()
                except RequestException as error:
                    command = call.failed(error, now)
                else:
                    command = call.rewound(now)
            case Delegate():
                command = call.followed([], now)
            case Pause(until=until):
                now = until
                command = call.resumed(now)
            case Deliver(response=response):
                journey.response = response
                break
            case Fail(error=error):
                journey.error = error
                break
    journey.decisions = call.decisions
    return journey


class Curious(AuthFlow):
    """Credentials that want to see the content of each response, and never have an answer."""

    reads_content = True


def waiting(kind: type) -> Call:
    """A call that has just answered with a command of this kind."""
    auth = Curious() if kind is Load else None
    hooks = {"response": lambda r: None}
    call = start(
        session(),
        "POST",
        URL,
        mode=Mode.DELEGATED if kind is Delegate else None,
        data=[b"content"],
        hooks=hooks,
        auth=auth,
        retries=RetryPolicy(statuses={307}, methods=None) if kind is Pause else None,
    )
    assert snapshot(call.request).content == b"content"  # It was sent, and is used up.
    answer = respond(200) if kind is Deliver else redirect(307, "/y")
    if kind is Fail:
        call.lost(LostConnection("lost"), 0.0)
    elif kind is not Send:
        call.answered(answer, 0.0)
        if kind not in (Hook, Load, Pause):
            call.hooked(answer, 0.0)
        if kind in (Rewind, Pause):
            call.discarded(0.0)
    assert type(call.command) is kind
    return call


def state(call: Call) -> tuple[Any, ...]:
    """All that a reply could change."""
    lines = list(call.request.headers.lines)
    return (call.phase, call.command, call.request, lines, call.history[:], call.decisions[:])


def timed(total: float | None) -> Call:
    """A call that may take this many seconds in all."""
    settings = SendSettings(timeouts=Timeouts(total=total))
    return session().call(Request("GET", URL), settings=settings)


def generate() -> Iterator[bytes]:
    """Content that can be had once."""
    yield b"once"
