"""Calls that are played to their end over a web made of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sojourn_core import Limits, Request, RequestException, Session
from sojourn_core.commands import Delegate, Deliver, Discard, Fail, Hook, Load, Pause, Rewind, Send

from .situation import WALL, Situation
from .trail import Replay, Sent, Trail
from .web import Web

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import Call, Policy
    from sojourn_core.commands import CallCommand

    from .web import Page, Pages

    NewSession: TypeAlias = Callable[..., Session]


_LIMITS: Final = Limits()


def play(call: Call, web: Web | Pages, *, seconds: float = 0.0) -> Trail:
    """Play a call to its end. Nothing is connected to, and nothing sleeps.

    Args:
        call: A call that was not started.
        web: What answers it.
        seconds: How much time passes before each reply, on the call's clock, which starts at 0. A
            pause takes its time on that clock too.

    Returns:
        Its trail. What the call fails with is ``error`` there; only an error of a function of
        ``web`` is raised.
    """
    answer = (web if isinstance(web, Web) else Web(web)).begin()
    trail, now = Trail(), 0.0
    command = call.start(now)
    while True:
        if type(command) is Send:
            note(trail, command)
            page = answer(command)
            now += seconds
            command = tell(call, trail, page, now)
        elif type(command) is Discard:
            now += seconds
            command = call.discarded(now)
        elif isinstance(command, Deliver | Fail):
            return end(call, trail, command)
        elif type(command) is Pause:
            now = max(now, command.until)
            command = call.resumed(now)
        else:
            now += seconds
            command = carry_out(call, command, now)


def simulate(
    graph: Web | Pages,
    request: Request | Situation,
    policy: Policy,
    *,
    session: NewSession = Session,
) -> Trail:
    """Play a request under a policy, over a graph of redirects.

    Args:
        graph: What answers: a mapping of URL to ``Answer``, or another that ``Web`` takes.
        request: The request; or a ``Situation``, which has the state of its session too.
        policy: The policy of the session.
        session: The class of the session, or a function that makes one: it is called with
            ``policy`` and ``entropy`` alone.

    Returns:
        The trail, which can be played again (``Trail.replay``).

    Raises:
        RequestException: If the request cannot be prepared.
    """
    web = graph if isinstance(graph, Web) else Web(graph)
    if isinstance(request, Situation):
        situation = request
        owner = situation.session(policy, session)
        trail = play(owner.call(situation.request()), web)
        trail.replay = Replay(
            again=lambda: simulate(web, situation, policy, session=session),
            with_other_secrets=lambda: simulate(
                web, situation.with_other_secrets(), policy, session=session
            ),
            secrets=situation.secrets,
        )
        return trail
    owner = session(policy=policy, entropy=bytes)
    owner.set_clock(0.0, WALL)
    return play(owner.call(request), web)


# --- the steps ------------------------------------------------------------------------------------


def note(trail: Trail, send: Send) -> Sent:
    """Add a request to a trail, as it goes out."""
    sent = trail.sent
    noted = Sent(send, len(sent), sent[0].home if sent else None)
    sent.append(noted)
    return noted


def tell(call: Call, trail: Trail, page: Page, now: float) -> CallCommand:
    """Tell a call what its request was answered with."""
    trail.answers.append(page)
    if isinstance(page, RequestException):
        return call.lost(page, now)
    return call.answered(page.response_to(trail.sent[-1].request, _LIMITS), now)


def carry_out(call: Call, command: CallCommand | None, now: float) -> CallCommand:
    """Carry out a command that is neither ``Send`` nor the end, and reply."""
    match command:
        case Discard():
            return call.discarded(now)
        case Load():
            return call.loaded(now)
        case Delegate():
            return call.followed([], now)
        case Pause(until=until):
            return call.resumed(max(now, until))
        case Rewind():
            return _rewind(call, command, now)
        case Hook(hook=hook, response=response, arguments=arguments):
            try:
                shown = hook(response, **arguments)
            except Exception as error:  # noqa: BLE001 - whatever the user's hook raises
                return call.failed(error, now)
            return call.hooked(shown, now)
        case _:
            raise TypeError(f"{command!r} is not to be carried out")


def _rewind(call: Call, command: Rewind, now: float) -> CallCommand:
    try:
        command.content.rewind()
    except RequestException as error:
        return call.failed(error, now)
    return call.rewound(now)


def end(call: Call, trail: Trail, command: Deliver | Fail) -> Trail:
    """Complete a trail."""
    trail.decisions = call.decisions
    if isinstance(command, Deliver):
        trail.response = command.response
    else:
        trail.error = command.error
    return trail
