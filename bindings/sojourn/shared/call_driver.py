"""The drive loop of a call, once for both bindings: each command carried out, and reported.

What is to be done, and what a failure means, the core decides. The loop is a generator, the course
of the call. In a binding that awaits, it is awaited, and awaits each step itself: ``yield from`` is
``await`` here, where blocking code can run it too. In a binding that blocks, each step is done when
it returns, and nothing is yielded for that.
"""

from __future__ import annotations

from types import CoroutineType, coroutine
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar

from sojourn_core import commands as c
from sojourn_core.call.ports import NESTED
from sojourn_core.values.errors import RequestException
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

from .response_base import ResponseBase

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sojourn_core.call.call import Call
    from sojourn_core.messages.request import PreparedRequest

    from .clock import Clock

    Course = Generator[Any, Any, Any]

_OWN: Final[Any] = ResponseBase  # Responses of other transports are loaded in their own way.

_COROUTINE: Final[Any] = CoroutineType

Answer_co = TypeVar("Answer_co", covariant=True)
Hops_co = TypeVar("Hops_co", covariant=True)


class Sender(Protocol):
    """The methods of a session that a course needs, as the binding or an override has them.

    Attributes:
        clock: Monotonic seconds.
    """

    clock: Clock

    def transmit(self, command: c.Send, *, nested: bool = False) -> Any:
        """Send a hop, and give its response."""
        ...

    def resolve_redirects(self, resp: Any, req: PreparedRequest, **arguments: Any) -> Any:
        """Follow the redirects of a response in hand, and give the response of each hop."""
        ...


@record(frozen=True)
class Ways(Value, Generic[Answer_co, Hops_co]):
    """The part of a call's loop that is a binding's own.

    Attributes:
        waits: What a step of the session gives is awaited.
        load: Reads the content of a response, and keeps it.
        collect: Makes a list of what ``resolve_redirects`` gives.
        pause: Lets time pass, until a time of the monotonic clock; it is given the session too.
        run: Runs the course of a call, and gives the response that it comes to.
        hops: Runs a course from a response in hand, and gives what is handed over on the way.
        hand: Makes of that what the course yields, where it is told from what the loop is yielded.
    """

    waits: bool
    load: Callable[[Any], Any]
    collect: Callable[[Any], Any]
    pause: Callable[[Any, float], Any]
    run: Callable[[Course], Answer_co]
    hops: Callable[[Course], Hops_co]
    hand: Callable[[Any], Any]


def course(
    session: Sender, ways: Ways[Any, Any], begin: Callable[[], Call], first: Any = None
) -> Course:
    """Go through a call: to the response that it comes to, or along its hops.

    Args:
        session: Sends the hops.
        ways: Those of the binding.
        begin: Makes the call, once the course is entered upon.
        first: A response in hand, which the call goes on from; None to begin with the request.

    Yields:
        What an event loop is yielded; and the response of each further hop, if there is a first.

    Returns:
        The response that it comes to; or a ``StopIteration`` to raise.

    Raises:
        Exception: If the call fails.
    """
    call, waits, clock = begin(), ways.waits, session.clock
    del begin  # It has the caller's request, which many calls in flight need not hold.
    answer: Any = None  # A response that the call does not know of yet.
    command = call.start(clock()) if first is None else call.resume(first, clock())
    try:
        while True:
            if isinstance(command, c.Send):
                try:
                    answer = session.transmit(command, nested=call.mode is NESTED)
                    if waits:
                        awaited, answer = answer, None
                        answer = yield from _outcome(awaited)
                except RequestException as error:
                    command = call.lost(error, clock())
                else:
                    command = call.answered(answer, clock())
                answer = None
            elif isinstance(command, c.Deliver):
                answer = command.response
                if not command.load:
                    _entrust(answer)
                elif not (isinstance(answer, _OWN) and answer.take_at_hand()):
                    loading = ways.load(answer)
                    if waits:
                        yield from _outcome(loading)
                if first is None or answer is first:
                    return answer
                last, answer = answer, None  # It is the caller's now.
                yield ways.hand(last)
                return last
            elif isinstance(command, c.Discard):
                drained: Any = command.response
                if first is not None and command.follows and drained is not first:
                    yield ways.hand(_entrust(drained))
                if not (isinstance(drained, _OWN) and drained.drains_at_once()):
                    drained = drained.discard(command.limit, command.deadline)
                    if waits:
                        yield from _outcome(drained)
                command = call.discarded(clock())
            elif isinstance(command, (c.Hook, c.Load, c.Delegate, c.Pause)):
                try:
                    done = _do(session, ways, command)
                    if waits and _is_awaitable(done):
                        done = yield from _outcome(done)
                    command = _report(call, command, done, clock())
                except Exception as error:  # noqa: BLE001 - it may be the user's
                    command = call.failed(error, clock())
            elif isinstance(command, c.Rewind):
                command = _rewind(call, command, clock())
            else:
                raise command.error
    except BaseException as error:
        yield from _close(waits, answer, call.abandon())  # Nobody will have them.
        if isinstance(error, StopIteration) and first is None:
            return _stopped(error, waits)
        raise
    finally:
        del command, answer  # An error that is raised holds this frame, and must not be held by it.


def _is_awaitable(done: Any) -> bool:
    from inspect import isawaitable  # asyncio has loaded it, and blocking code does not ask.

    return isawaitable(done)


def _entrust(response: Any) -> Any:
    """Prepare for a response to be dropped unread: it is handed over before its content ends."""
    if isinstance(response, _OWN):
        response.entrust()
    return response


_Step: TypeAlias = c.Hook | c.Load | c.Delegate | c.Pause


def _do(session: Sender, ways: Ways[Any, Any], ask: _Step) -> Any:
    """Run what may be the user's own code (a hook, a reader, an overridden method), or pause.

    Returns:
        What it gave, or an awaitable of that.
    """
    match ask:
        case c.Hook():
            return ask.hook(ask.response, **ask.arguments)
        case c.Load():
            return ways.load(ask.response)
        case c.Delegate():
            hops = session.resolve_redirects(ask.response, ask.request, **ask.arguments)
            return ways.collect(hops)
        case c.Pause():
            return ways.pause(session, ask.until)


def _report(call: Call, command: _Step, done: Any, now: float) -> c.CallCommand:
    match command:
        case c.Hook():
            return call.hooked(done, now)
        case c.Load():
            return call.loaded(now)
        case c.Delegate():
            return call.followed(done, now)
        case c.Pause():
            return call.resumed(now)


async def _await(given: Any) -> Any:
    return await given


def _outcome(given: Any) -> Course:
    """Return what awaits anything: a coroutine as it is, for a wrapper would be held, too."""
    awaiting: Any = given if type(given) is _COROUTINE else _await(given)
    steps: Course = awaiting
    return steps


def _stopped(error: StopIteration, waits: bool) -> StopIteration:
    """Return what a hook or a transport has raised, but no generator can raise.

    Raises:
        RuntimeError: Nor can a coroutine.
    """
    if waits:
        raise RuntimeError("a hook or a transport raised StopIteration") from error
    return error


def _close(waits: bool, *responses: Any) -> Course:
    for response in responses:
        if response is not None:
            closing = response.close()
            if waits:
                yield from _outcome(closing)


def _rewind(call: Call, command: c.Rewind, now: float) -> c.CallCommand:
    try:
        command.content.rewind()
    except RequestException as error:
        return call.failed(error, now)
    return call.rewound(now)


def previewed(
    ways: Ways[Any, Any], begin: Callable[[], Call], response: Any
) -> Generator[Any, Any, None]:
    """Hand over the request that follows a response, if there is one, and send nothing."""
    following = begin().preview(response)
    if following is not None:
        yield ways.hand(following)


coroutine(course)  # They are changed in place: they can be awaited, and run by blocking code.
coroutine(_close)
