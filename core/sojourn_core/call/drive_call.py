"""The loop of a driver at message level: each command of a call carried out, and reported.

A ``Messenger`` has the part that waits: it sends a request, reads or discards the content of a
response, and pauses, by whatever stack it stands on. The bindings have a loop of their own, which
is made for sessions whose methods may be overridden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sojourn_core.messages.fail import Fail
from sojourn_core.messages.send import Send
from sojourn_core.values.content.content import Content
from sojourn_core.values.content.shielded import ContentError
from sojourn_core.values.steps import awaited, end_of

from .commands import Deliver, Discard, Hook, Load, Pause, Rewind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator

    from sojourn_core.messages.response import Response

    from .call import Call
    from .commands import CallCommand


class Messenger(Protocol):
    """A stack that carries messages, for ``drive_call``. Deadlines are on the clock of ``now``."""

    def now(self) -> float:
        """Return the time in seconds, on a clock that only goes forward."""
        ...

    def send(self, call: Call, command: Send, /) -> Response:
        """Send a request, and return its response, made by ``call.respond``, its content unread.

        Raises:
            RequestException: There is none; its ``progress`` says how far the request got.
            OSError: The same, without a word on that.
            ContentError: The content of the request has raised an error.
        """
        ...

    def load(self, response: Response, /) -> object:
        """Read the content of a response whole, and give it to the response."""
        ...

    def discard(self, response: Response, limit: int, deadline: float, /) -> object:
        """Drain what is left of a response within the limit and the deadline, else close it."""
        ...

    def sleep_until(self, when: float, /) -> object:
        """Wait until ``when``: between two requests of a call that tries again, or has a pace."""
        ...


class AsyncMessenger(Protocol):
    """The same, for ``drive_call_async``: what may take time is awaited."""

    def now(self) -> float:
        """Return the time in seconds, on a clock that only goes forward."""
        ...

    def send(self, call: Call, command: Send, /) -> Awaitable[Response]:
        """Send a request; see ``Messenger``."""
        ...

    def load(self, response: Response, /) -> Awaitable[object]:
        """Read the content of a response whole; see ``Messenger``."""
        ...

    def discard(self, response: Response, limit: int, deadline: float, /) -> Awaitable[object]:
        """Drain or close a response; see ``Messenger``."""
        ...

    def sleep_until(self, when: float, /) -> Awaitable[object]:
        """Wait until ``when``; see ``Messenger``."""
        ...


def drive_call(call: Call, messenger: Messenger) -> Response:
    """Drive a call from its start until its response is there.

    The content of the response has been read, unless the settings of the call say that it is
    streamed: then it is the caller's to read, by the means of the messenger.

    Raises:
        RequestException: The call has failed.
        Exception: User code has raised it, and it is the very same.
    """
    response: Response = end_of(_steps(call, messenger, waits=False))
    return response


async def drive_call_async(call: Call, messenger: AsyncMessenger) -> Response:
    """Drive a call as ``drive_call`` does, and await what the methods return; hooks may be async.

    A cancellation gives the call up.
    """
    response: Response = await awaited(_steps(call, messenger, waits=True))
    return response


def _steps(call: Call, messenger: Any, *, waits: bool) -> Generator[Any, Any, Response]:
    came: list[Any] = []
    try:
        # No name here holds the last command: an error in it leads to this frame.
        leading = _lead(call, messenger, came, waits=waits)
        return (yield from _hand_over((yield from leading), messenger, waits=waits))
    except BaseException:
        given_up = call.abandon()
        # A hook had the one response, and the call does not know of the other: nobody will.
        for response in (given_up, *came):
            if response is not None:
                closing = messenger.discard(response, 0, messenger.now())
                if waits:
                    yield closing
        raise
    finally:
        came.clear()


def _lead(
    call: Call, messenger: Any, came: list[Any], *, waits: bool
) -> Generator[Any, Any, Deliver | Fail]:
    """Carry out commands up to the last one, and return that.

    Args:
        call: The call.
        messenger: Carries them out.
        came: Holds a response that has come while the call, or the user's code, looks at it.
        waits: What may take time is awaited.
    """
    now = messenger.now
    command = call.start(now())
    done: Any = None
    try:
        while not isinstance(command, (Deliver, Fail)):
            try:
                done = _begin(call, command, messenger)
                if waits and hasattr(done, "__await__"):
                    done = yield done
            except ContentError as shown:  # The call ends with it, whatever its class.
                _release(command)
                call.abandon()
                return Fail(shown.error)
            except Exception as error:  # noqa: BLE001 - what it means, the call decides
                command = _report_error(call, command, error, now())
            else:
                if isinstance(command, Send):
                    came.append(done)
                command = _report(call, command, done, now())
                came.clear()
        return command
    finally:
        del command, done  # An error in them leads to this frame.


def _hand_over(
    last: Deliver | Fail, messenger: Any, *, waits: bool
) -> Generator[Any, Any, Response]:
    try:
        if isinstance(last, Fail):
            raise last.error
        if last.load:
            loading = messenger.load(last.response)
            if waits:
                yield loading
        return last.response
    finally:
        del last


def _begin(call: Call, command: CallCommand, messenger: Any) -> Any:
    """Do what a command asks for, or begin to: return what came of it, or an awaitable of that."""
    match command:
        case Send():
            return messenger.send(call, command)
        case Load(response):
            return messenger.load(response)
        case Discard(response, limit, deadline):
            return messenger.discard(response, limit, deadline)
        case Hook(hook, response, arguments):
            return hook(response, **arguments)
        case Rewind(content):
            return content.rewind()
        case Pause(until):
            return messenger.sleep_until(until)
        case _:
            raise AssertionError("no call is in this mode unless it is told to be")


def _report(call: Call, command: CallCommand, done: Any, now: float) -> CallCommand:
    """Reply with what came of a command."""
    match command:
        case Send():
            return call.answered(done, now)
        case Load():
            return call.loaded(now)
        case Hook():
            return call.hooked(done, now)
        case Rewind():
            return call.rewound(now)
        case Pause():
            return call.resumed(now)
        case _:
            return call.discarded(now)


def _report_error(call: Call, command: CallCommand, error: Exception, now: float) -> CallCommand:
    match command:
        case Send():
            lost: Any = call.lost  # It takes what is no error of ours as well.
            lost_with: CallCommand = lost(error, now)
            return lost_with
        case Discard():
            return call.discarded(now)  # It is closed then, and nobody asks why.
        case _:
            return call.failed(error, now)


def _release(command: CallCommand) -> None:
    """Close the user's iterator, which nobody will take more of."""
    if isinstance(command, Send) and isinstance(command.request.content, Content):
        command.request.content.close()
