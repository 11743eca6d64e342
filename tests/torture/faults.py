"""The steps of a run, and what may happen to each.

A step is named after what it asks of the driver: a method of a transport or of a messenger, a
piece of content, something that is handed up. A kind of step that is not listed here, of a command
that is new, gets ``ANY_STEP``.
"""

from __future__ import annotations

import random
import socket
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sojourn_core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tests.torture.peers import Peer

CORE: Final = str(Path(sojourn_core.__file__ or "").parent)
# The loops of a driver are no part of the machines: theirs are the steps themselves.
LOOPS: Final = ("drive.py", "drive_call.py", "steps.py")
MEMORY: Final = "memory"  # With the number of the call, from 0, at which there is none left.

ANY_STEP: Final = ("timeout", "cancel", "drop", "reset", "raise", MEMORY)
# The peer's side of the stream ends, or speaks: now, or after a part of what is under way.
PEER: Final = ("end", "reset", "unclean", "garbage", "noise")
# Code of the user's, but for content and the resolver.
USERS: Final = ("hook", "informational", "auth", "token", "flow", "rule", "method")
FITTING: Final[dict[str, tuple[str, ...]]] = {
    "start": (MEMORY,),
    "is_quiet": (*PEER, "cancel", MEMORY),
    "close": (MEMORY,),
    "resolve": ("unresolved", "no-address", "timeout", "cancel", "drop", "raise", MEMORY),
    "connect": (*PEER, "refused", "timeout", "cancel", "drop", MEMORY),
    "race": (*PEER, "refused", "timeout", "cancel", "drop", MEMORY),
    "wait": ("timeout", "cancel", "drop", "spurious", MEMORY),
    "send": (*PEER, "short", "timeout", "cancel", "drop", MEMORY),
    "send_watching": (*PEER, "short", "spurious", "timeout", "cancel", "drop", MEMORY),
    "send_file": (*PEER, "short", "spurious", "shrunk", "raise", "timeout", "cancel", MEMORY),
    "receive": (
        *PEER,
        *(f"{each}-within" for each in PEER),
        "timeout",
        "cancel",
        "drop",
        MEMORY,
    ),
    "pull": ("raise", "timeout", "reset", "cancel", MEMORY),
    "rewind": ("raise", "reset", "cancel"),
    **dict.fromkeys(USERS, ("raise", "timeout", "reset", "cancel")),
    "sleep_until": ("cancel", "drop", MEMORY),
    "head": ("cancel", "close", "drain"),
    "content": ("cancel", "close", "drain"),
    "finish": ("cancel",),
}


class UsersOwn(Exception):
    """The user's own code raises this."""


class Cancelled(BaseException):
    """A task is cancelled, or a program interrupted."""


class Dropped(BaseException):
    """Nobody awaits a coroutine any more."""


class Endless(BaseException):
    """The run waits for what will never come, or goes on for ever."""


class Fault(NamedTuple):
    """One thing that goes wrong.

    Attributes:
        step: The number of the step, from 0.
        name: As in ``FITTING``; ``memory`` comes with a number.
    """

    step: int
    name: str

    def __str__(self) -> str:
        return f"{self.step}:{self.name}"


STEPS_MAX: Final = 1000  # Of one run; each has some dozens.


class Tape:
    """The steps of one run, and its fault.

    Args:
        fault: What goes wrong; None for nothing.
        seed: Of what is left to chance: how much of something comes before.

    Attributes:
        steps: The kinds of the steps so far.
        fired: The fault has come.
        raised: What the fault has raised.
        seed: As given.
    """

    def __init__(self, fault: Fault | None, seed: int) -> None:
        self.steps: list[str] = []
        self.fired = False
        self.raised: BaseException | None = None
        self.seed = seed
        self.random = random.Random(f"{seed} {fault}")
        self._fault = fault
        self._calls: int | None = None  # After so many more calls there is no memory left.

    def take(self, kind: str) -> str:
        """Note a step, and return what goes wrong with it; empty for nothing."""
        sys.setprofile(None)  # Whatever was to run out of memory has not.
        number = len(self.steps)
        self.steps.append(kind)
        if number == STEPS_MAX:  # Once: what comes after it lets go of things.
            raise Endless(f"the run is at step {number}")
        fault = self._fault
        if fault is None or fault.step != number:
            return ""
        if fault.name.startswith(MEMORY):
            self._calls = int(fault.name.partition("-")[2] or 0)
            return ""
        self.fired = True
        return fault.name

    def fail(self, error: BaseException) -> BaseException:
        """Note what is raised."""
        self.raised = error
        return error

    def ask_user(self, kind: str) -> None:
        """Take a step that is the user's code: raise what it raises, or what is thrown into it."""
        self.raise_own(self.take(kind))

    def raise_own(self, name: str) -> None:
        """Raise what the user's own code raises, or what is thrown into it."""
        match name:
            case "":
                self.done()
            case "raise":
                raise self.fail(UsersOwn("of the user's own"))
            case "timeout":
                raise self.fail(TimeoutError("of the user's own"))
            case "reset":
                raise self.fail(OSError("of the user's own"))
            case "cancel":
                raise self.fail(Cancelled())
            case _:
                raise AssertionError(f"{name} fits no code of the user's")

    def done(self) -> None:
        """Note the end of a step: the machine that is told of it may run out of memory."""
        left, self._calls = self._calls, None
        if left is None:
            return

        def look(frame: FrameType, event: str, _: Any) -> None:
            nonlocal left
            code = frame.f_code.co_filename
            if event == "call" and code.startswith(CORE) and not code.endswith(LOOPS):
                assert left is not None
                if not left:
                    sys.setprofile(None)
                    self.fired = True
                    raise self.fail(MemoryError())
                left -= 1

        sys.setprofile(look)


@contextmanager
def fed() -> Iterator[None]:
    """Let nothing run out of memory after this, nor what was running before a run."""
    before, told = sys.getprofile(), sys.unraisablehook
    sys.setprofile(None)
    sys.unraisablehook = lambda _: None  # There may be no memory for a finalizer either.
    try:
        yield
    finally:
        sys.setprofile(before)
        sys.unraisablehook = told


def befall(peer: Peer, name: str, chance: random.Random) -> None:
    """Have a fault of the peer, or of the network, come to a stream."""
    kind, _, within = name.partition("-")
    keep = chance.randrange(peer.under_way + 1) if within else 0
    match kind:
        case "end":
            peer.end(keep)
        case "unclean":
            peer.end(keep, notify=False)
        case "reset":
            peer.reset(keep)
        case "garbage":
            peer.babble(garbage(chance), keep)
        case "noise":
            peer.disturb(garbage(chance), keep)
        case _:
            raise AssertionError(f"{name} is no fault of a peer")


def garbage(chance: random.Random) -> bytes:
    """Make bytes that nobody expects: some look like HTTP."""
    return chance.choice(
        (
            chance.randbytes(chance.randrange(1, 40)),
            b"HTTP/1.1 " + chance.randbytes(8),
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
            b"0\r\n\r\n",
            b"\r\n" * 5,
            bytes(30),
        )
    )


def network_error(name: str) -> OSError:
    """Make the error of a transfer that the network fails."""
    match name:
        case "refused":
            return ConnectionRefusedError("it is refused")
        case "unresolved":
            return socket.gaierror(socket.EAI_AGAIN, "the resolver has failed")
        case "timeout":
            return TimeoutError("it has timed out")
        case _:
            return ConnectionResetError("it is reset")
