"""Judges what has come of a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sojourn_core.values.errors import RequestException

from .case import GivenUp, Got, Raised, Switched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .job import Job

SHOWN_MAX = 60


def judge(job: Job) -> Iterator[str]:
    """Tell how the outcome of a job differs from what must come of it."""
    expected = job.ask.expect
    match expected:
        case Got():
            yield from _judge_response(job, expected)
        case Raised():
            yield from _judge_error(job, expected)
        case GivenUp():
            yield from _judge_given_up(job)
        case Switched(leftover):
            if job.switch is None:
                yield f"no stream was switched: {job.error!r}"
            elif job.switch.leftover != leftover:
                yield f"read beyond the head: {job.switch.leftover!r}, not {leftover!r}"
    way = " ".join(job.watch.commands)
    if re.fullmatch(expected.way, way) is None:
        yield f"the commands were {way!r}, and not {expected.way!r}"


def _judge_given_up(job: Job) -> Iterator[str]:
    if job.error is not None:
        yield f"it was given up, and fails with {job.error!r}"
    elif job.finish is not None:
        yield "it was given up, and has a response all the same"
    if job.exchange.holds:
        yield "it was given up, and holds a place in the pool"
    if job.exchange.command is not None:
        yield f"it was given up, and was not abandoned at {job.exchange.command!r}"


def _judge_response(job: Job, expected: Got) -> Iterator[str]:
    finish = job.finish
    if finish is None:
        yield f"it has no whole response: {job.error!r}"
        return
    if job.status != expected.status:
        yield f"its status is {job.status}, not {expected.status}"
    yield from _judge_content(job, expected.content)
    if finish.reusable is not expected.reusable:
        kept = "kept" if finish.reusable else f"not kept ({finish.reason})"
        yield f"its connection was {kept}"
    if job.reused is not expected.reused:
        yield "its connection was used before" if job.reused else "its connection is a new one"
    if tuple(job.informed) != expected.informed:
        yield f"it was informed by {job.informed}"
    trailers = {} if finish.trailers is None else dict(finish.trailers.items())
    if trailers != dict(expected.trailers):
        yield f"its trailers are {trailers}"


def _judge_content(job: Job, content: bytes) -> Iterator[str]:
    came = bytes(job.content)
    if came != content:
        shown = came if len(came) <= SHOWN_MAX else came[:SHOWN_MAX] + b"..."
        yield f"{len(came)} bytes of content came, not those {len(content)}: {shown!r}"


def _judge_error(job: Job, expected: Raised) -> Iterator[str]:
    error = job.error
    if error is None:
        ended = "there is a response" if job.finish is not None else "nothing came of it"
        yield f"no {expected.error.__name__}: {ended}"
        return
    if type(error) is not expected.error:
        yield f"it fails with {error!r}, not with {expected.error.__name__}"
    if expected.says not in str(error):
        yield f"its error says {str(error)!r}, not {expected.says!r}"
    if expected.maybe_sent is not None and isinstance(error, RequestException):
        if error.maybe_sent is not expected.maybe_sent:
            yield f"its error says maybe_sent={error.maybe_sent}"
        if error.progress is None:
            yield "its error says nothing of the progress"
    if job.status != expected.status:
        yield f"the status handed up before is {job.status}, not {expected.status}"
    yield from _judge_content(job, expected.content)
