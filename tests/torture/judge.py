"""What must hold of a run, whatever went wrong in it."""

from __future__ import annotations

import gc
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sojourn_core import RequestException, errors
from tests.torture.faults import Cancelled, Dropped, Endless, UsersOwn

if TYPE_CHECKING:
    from tests.torture.faults import Fault, Tape
    from tests.torture.stage import Answer, Stage

DECLARED = tuple(getattr(errors, name) for name in errors.__all__ if name != "Progress")


@dataclass
class Ran:
    """What a run has come to.

    Attributes:
        steps: The kinds of its steps.
        fired: Its fault has come.
        ends: For each request how it ended, in a word or two.
        problems: What does not hold, in words.
        errors: What the calls have raised.
        contents: Each response that claims to be whole: its URL, status and content.
    """

    steps: list[str]
    fired: bool = False
    ends: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    contents: list[tuple[str, int, bytes]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)


def judge_error(error: BaseException, tape: Tape, stage: Stage) -> str:
    """Say what is wrong with what a call has raised; empty for nothing."""
    if error is tape.raised and isinstance(error, (UsersOwn, Cancelled, MemoryError, OSError)):
        # A fault of the network is told by an error of ours; the user's own OSError is not.
        own = not isinstance(error, OSError) or "own" in str(error)
        return "" if own else f"a call raises the network's own {error!r}"
    if isinstance(error, Dropped):
        return "" if isinstance(tape.raised, Dropped) else "a coroutine never ends"
    if isinstance(error, Endless) and (stage.may_be_endless or "pull" in tape.steps[-9:]):
        return ""  # The user waits for ever, or has content without an end.
    if isinstance(error, DECLARED):
        return "" if isinstance(error, RequestException) else f"{error!r} is no RequestException"
    return f"a call raises {error!r}, which is not declared"


def judge_end(tape: Tape, error: BaseException | None) -> str:
    """Say whether a cancellation came out of the call; empty if it did, or if there was none."""
    expected = tape.raised
    if isinstance(expected, (Cancelled, Dropped)) and type(error) is not type(expected):
        return f"{type(expected).__name__} is swallowed: the call ends with {error!r}"
    return ""


def judge_answer(answer: Answer) -> list[str]:
    """Say what a response lacks that claims to be whole."""
    found: list[str] = []
    length = answer.headers.get("content-length")
    bodiless = (
        answer.request is not None and answer.request.method == "HEAD"
    ) or answer.status_code in (204, 304)
    chunked = "transfer-encoding" in answer.headers
    if length is not None and length.isdecimal() and not bodiless and not chunked:
        missing = int(length) - answer.raw_size
        if missing:
            found.append(f"{missing} bytes are missing, and nobody says so")
    return found


def judge_leaks(stage: Stage) -> list[str]:
    """Say what is left once a call is over."""
    found: list[str] = []
    pool = stage.pool
    stage.tidy()  # What an interrupted step has left behind, the next one mends.
    leased, idle, waiting = pool.counts
    leased -= len(stage.line.crowd)
    if leased:
        found.append(f"{leased} slots are leased")
    if waiting:
        found.append(f"{waiting} tickets wait")
    open_count = count_open(stage)
    if open_count != idle:
        found.append(f"{open_count} streams are open, and {idle} connections idle")
    # Where memory runs out between a close and the reply that tells of it, a second one is right.
    times = 1 + isinstance(stage.tape.raised, MemoryError)
    found += [
        f"a stream was closed {each.closes} times"
        for each in stage.network.made
        if each.closes > times
    ]
    starved = isinstance(stage.tape.raised, MemoryError)  # What is to be closed may go unsaid.
    for content in stage.contents:
        if is_suspended(content) and not starved:
            found.append("the user's generator is neither run to its end nor closed")
    return found


def count_open(stage: Stage) -> int:
    """Count the streams that are open.

    Where memory runs out within a reply, what it was to close may go unsaid: then it has to be let
    go of, and is closed as a socket is that nobody has any more.
    """
    left = [each for each in stage.network.made if not each.closes]
    if left and isinstance(stage.tape.raised, MemoryError):
        if not all(each.collected for each in left):
            gc.collect()  # The frames of an error may be circles.
        left = [each for each in left if not each.collected]
    return len(left)


def is_suspended(content: Any) -> bool:
    """Tell whether a generator was begun, and left."""
    return (
        inspect.isgenerator(content) and inspect.getgeneratorstate(content) == inspect.GEN_SUSPENDED
    )


def is_partial(whole: bytes, part: bytes) -> bool:
    """Tell whether this is what is left of it when its end is lost."""
    return whole.startswith(part)


def judge_contents(
    ran: Ran, plain: Ran, fault: Fault | None, known: set[bytes], loose: set[str]
) -> list[str]:
    """Say which response is not as it is without the fault.

    Args:
        ran: The run.
        plain: The same without a fault.
        fault: What went wrong.
        known: Contents that are whole.
        loose: URLs whose content ends with the connection, so that nobody can tell a part of it
            from the whole (RFC 9112 section 8).
    """
    if fault is None or fault.name.startswith(("garbage", "noise")):
        return []  # Content that somebody has replaced cannot be told from any other.
    if "response" not in plain.ends and fault.name.startswith("end"):
        return []  # It is no answer without the fault, and may well be one with a proper end.
    cut = {content for url, _, content in plain.contents if url in loose}
    return [
        f"{url} has {content[:60]!r}, which is nobody's content"
        for url, _, content in ran.contents
        if content not in known and not any(is_partial(each, content) for each in cut)
    ]
