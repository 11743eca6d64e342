"""``drive_call`` and ``drive_call_async``, by messengers that are made up."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    Content,
    ContentError,
    Fields,
    Policy,
    Request,
    Response,
    ResponseHead,
    RetryPolicy,
    Session,
    drive_call,
    drive_call_async,
    shielded,
    shielded_async,
)
from sojourn_core import errors as e

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from sojourn_core import Call, RedirectHop, RedirectVerdict
    from sojourn_core.commands import Send

URL = "http://a.test/"


class Cancelled(BaseException):
    """What an event loop throws into a task that is cancelled."""


@dataclass
class Played:
    """A messenger without a network.

    Attributes:
        answers: Statuses with a Location or None, or errors, in turn.
        log: What was asked of it.
        content: Of each response.
    """

    answers: list[Any]
    log: list[Any] = field(default_factory=list)
    content: bytes = b"content"
    broken: BaseException | None = None  # What reading content raises.

    def now(self) -> float:
        return 0.0

    def send(self, call: Call, command: Send) -> Response:
        request = command.request
        body = request.content
        sent = b"".join(shielded(body)) if isinstance(body, Content) else body
        self.log.append(("send", request.method, request.url, sent))
        if isinstance(self.answers[0], BaseException):
            raise self.answers.pop(0)  # No name in this frame holds it.
        status, location = self.answers.pop(0)
        fields = Fields({"Location": location} if location else {})
        return call.respond(ResponseHead(status, fields))

    def load(self, response: Response) -> None:
        self.log.append(("load", response.status_code))
        if self.broken is not None:
            raise self.broken
        response.give(self.content)

    def discard(self, response: Response, limit: int, deadline: float) -> None:
        self.log.append(("discard", response.status_code, limit > 0))
        if self.broken is not None:
            raise self.broken

    def sleep_until(self, when: float) -> None:
        self.log.append(("sleep", when))


class Awaited:
    """The same, awaited."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self.now = played.now

    async def send(self, call: Call, command: Send) -> Response:
        return self._played.send(call, command)

    async def load(self, response: Response) -> None:
        self._played.load(response)

    async def discard(self, response: Response, limit: int, deadline: float) -> None:
        self._played.discard(response, limit, deadline)

    async def sleep_until(self, when: float) -> None:
        self._played.sleep_until(when)


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run what never waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


def blocking(call: Call, played: Played) -> Response:
    return drive_call(call, played)


def awaited(call: Call, played: Played) -> Response:
    response: Response = run(drive_call_async(call, Awaited(played)))
    return response


@pytest.fixture(params=[blocking, awaited])
def drive(request: pytest.FixtureRequest) -> Callable[[Call, Played], Response]:
    """Each of the two."""
    found: Callable[[Call, Played], Response] = request.param
    return found


def test_a_redirect_is_followed_and_the_last_content_read(drive: Any) -> None:
    played = Played([(302, "/b"), (200, None)])
    response = drive(Session().call(Request("GET", URL)), played)
    assert response.content == b"content"
    assert [hop.status_code for hop in response.history] == [302]
    assert played.log == [
        ("send", "GET", URL, None),
        ("discard", 302, True),
        ("send", "GET", f"{URL}b", None),
        ("load", 200),
    ]


def test_content_that_is_streamed_is_left_to_the_caller(drive: Any) -> None:
    played, owner = Played([(200, None)]), Session()
    call = owner.call(Request("GET", URL), settings=owner.settings_for(stream=True))
    drive(call, played)
    assert played.log == [("send", "GET", URL, None)]


def test_content_is_rewound(drive: Any) -> None:
    played = Played([(307, "/b"), (200, None)])
    drive(Session().call(Request("PUT", URL, data=[b"a", b"b"])), played)
    assert [each[3] for each in played.log if each[0] == "send"] == [b"ab", b"ab"]


def test_hooks_are_asked_and_may_take_the_place(drive: Any) -> None:
    played = Played([(200, None)])
    other = Response.of(201, content=b"other")

    def hook(response: Response, **arguments: Any) -> Response:
        return other

    call = Session().call(Request("GET", URL, hooks={"response": hook}))
    assert drive(call, played) is other
    assert ("discard", 200, False) in played.log


def test_hooks_may_be_asynchronous() -> None:
    seen = []

    async def hook(response: Response, **arguments: Any) -> None:
        seen.append(response.status_code)

    call = Session().call(Request("GET", URL, hooks={"response": hook}))
    awaited(call, Played([(200, None)]))
    assert seen == [200]


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (e.ReadTimeout("late"), e.ReadTimeout),
        (ConnectionResetError("reset"), e.ConnectionError),
        (TimeoutError("late"), e.Timeout),
        (KeyError("a bug"), KeyError),
    ],
)
def test_errors_of_a_messenger(drive: Any, error: Exception, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        drive(Session().call(Request("GET", URL)), Played([error]))


def test_a_retry_waits_for_its_time(drive: Any) -> None:
    policy = RetryPolicy(statuses={503}, backoff=2.0, jitter=0.0)
    played, owner = Played([(503, None), (200, None)]), Session()
    owner.retries = policy
    assert drive(owner.call(Request("GET", URL)), played).status_code == 200
    assert played.log == [
        ("send", "GET", URL, None),
        ("discard", 503, True),
        ("sleep", 2.0),
        ("send", "GET", URL, None),
        ("load", 200),
    ]


def test_what_was_lost_on_a_stale_connection_is_sent_again(drive: Any) -> None:
    stale = e.ConnectionError("lost")
    stale.progress = e.Progress(reused=True, octets_written=100)
    played = Played([stale, (200, None)])
    assert drive(Session().call(Request("GET", URL)), played).status_code == 200
    assert [each[0] for each in played.log] == ["send", "send", "load"]


class MineError(OSError):
    """Of the user's own."""


def test_the_error_of_content_is_raised_as_it_is_and_the_iterator_closed(drive: Any) -> None:
    error, closed = MineError("mine"), []

    def content() -> Iterator[bytes]:
        try:
            yield b"a"
            raise error
        finally:
            closed.append(True)

    with pytest.raises(MineError) as caught:
        drive(Session().call(Request("POST", URL, data=content())), Played([(200, None)]))
    assert caught.value is error
    assert caught.value.__cause__ is None
    assert closed == [True]


def test_a_hook_that_raises_ends_the_call_and_the_response_is_read(drive: Any) -> None:
    error = MineError("mine")

    def hook(response: Response, **arguments: Any) -> None:
        raise error

    played = Played([(200, None)])
    with pytest.raises(MineError) as caught:
        drive(Session().call(Request("GET", URL, hooks={"response": hook})), played)
    assert caught.value is error
    assert played.log[-1] == ("load", 200)


def test_an_interrupt_gives_the_response_up_that_a_hook_was_shown(drive: Any) -> None:
    def hook(response: Response, **arguments: Any) -> None:
        raise Cancelled

    played = Played([(200, None)])
    with pytest.raises(Cancelled):
        drive(Session().call(Request("GET", URL, hooks={"response": hook})), played)
    assert played.log[-1] == ("discard", 200, False)


def test_an_interrupt_gives_a_response_up_that_nobody_was_shown(drive: Any) -> None:
    def rule(hop: RedirectHop) -> RedirectVerdict:
        raise Cancelled

    played = Played([(302, "/b")])
    with pytest.raises(Cancelled):
        drive(Session(policy=Policy(on_redirect=rule)).call(Request("GET", URL)), played)
    assert played.log == [("send", "GET", URL, None), ("discard", 302, False)]


def test_content_that_cannot_be_read_is_an_error_of_the_caller_alone(drive: Any) -> None:
    broken = e.ChunkedEncodingError("cut")
    with pytest.raises(e.ChunkedEncodingError):
        drive(Session().call(Request("GET", URL)), Played([(200, None)], broken=broken))
    played = Played([(302, "/b"), (200, None)], broken=broken)
    with pytest.raises(e.ChunkedEncodingError):
        drive(Session().call(Request("GET", URL)), played)
    assert [each[0] for each in played.log] == ["send", "discard", "send", "load"]


def test_an_error_holds_no_circle(drive: Any) -> None:
    error = e.ReadTimeout("late")
    gone = weakref.ref(error)
    with suppress(e.ReadTimeout):
        drive(Session().call(Request("GET", URL)), Played([error]))
    gc.collect()
    gc.disable()
    try:
        del error
        assert gone() is None
    finally:
        gc.enable()


def test_content_of_both_kinds_is_shielded() -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"a"
        raise MineError("mine")

    async def collect(chunks: AsyncIterator[bytes]) -> list[bytes]:
        return [chunk async for chunk in chunks]

    assert run(collect(shielded_async(Content([b"a", b"b"])))) == [b"a", b"b"]
    with pytest.raises(ContentError, match="mine") as caught:
        run(collect(shielded_async(Content(content()))))
    assert isinstance(caught.value.error, MineError)
