"""The table of phases and signals, and the code: each says what the other does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import Request, SendSettings
from sojourn_core.call.phase import TRANSITIONS, CallPhase, Signal
from sojourn_core.call.ports import Mode
from sojourn_core.commands import CALL_REPLIES, Delegate, Discard, Hook, Load, Pause, Rewind, Send
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import LocalProtocolError
from tests.core.conversation import (
    URL,
    redirect,
    respond,
    session,
    state,
    waiting,
)
from tests.docs.walks import walk_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import Call


def after(call: Call, reply: str, argument: Any) -> Call:
    """The call after one more reply."""
    getattr(call, reply)(argument, 0.0)
    return call


def salvaging() -> Call:
    """A call whose hook has raised an error about a response without a Location."""
    request = Request("GET", URL, hooks={"response": lambda seen: None})
    call = session().call(request, settings=SendSettings())
    call.start(0.0)
    call.answered(respond(200), 0.0)
    call.failed(ValueError("of a hook"), 0.0)
    return call


# One call in each phase: how it gets there.
PHASES: dict[CallPhase, Callable[[], Call]] = {
    CallPhase.NEW: lambda: session().call(Request("GET", URL)),
    CallPhase.SENDING: lambda: waiting(Send),
    CallPhase.LOADING: lambda: waiting(Load),
    CallPhase.HOOKING: lambda: waiting(Hook),
    CallPhase.REPLACING: lambda: after(waiting(Hook), "hooked", respond(200)),
    CallPhase.DELEGATING: lambda: waiting(Delegate),
    CallPhase.SALVAGING: salvaging,
    CallPhase.DISCARDING: lambda: waiting(Discard),
    CallPhase.PAUSING: lambda: waiting(Pause),
    CallPhase.REFUSING: lambda: after(waiting(Hook), "failed", ValueError("of a hook")),
    CallPhase.REWINDING: lambda: waiting(Rewind),
    CallPhase.ENDED: lambda: after(waiting(Send), "lost", LostConnection("lost")),
}
SIGNALS: dict[Signal, Callable[[Call], Any]] = {
    Signal.START: lambda call: call.start(0.0),
    Signal.RESUME: lambda call: call.resume(redirect(302, "/y"), 0.0),
    Signal.ANSWERED: lambda call: call.answered(respond(200), 0.0),
    Signal.LOST: lambda call: call.lost(LostConnection("lost"), 0.0),
    Signal.LOADED: lambda call: call.loaded(0.0),
    Signal.HOOKED: lambda call: call.hooked(None, 0.0),
    Signal.FOLLOWED: lambda call: call.followed([], 0.0),
    Signal.DISCARDED: lambda call: call.discarded(0.0),
    Signal.RESUMED: lambda call: call.resumed(0.0),
    Signal.REWOUND: lambda call: call.rewound(0.0),
    Signal.FAILED: lambda call: call.failed(ValueError("no"), 0.0),
}


def test_each_phase_and_each_signal_is_here() -> None:
    assert set(PHASES) == set(TRANSITIONS) == set(CallPhase)
    assert set(SIGNALS) == set(Signal)


@pytest.mark.parametrize("phase", CallPhase)
@pytest.mark.parametrize("signal", Signal)
def test_each_signal_in_each_phase(phase: CallPhase, signal: Signal) -> None:
    call = PHASES[phase]()
    assert call.phase is phase
    following = TRANSITIONS[phase].get(signal)
    before = state(call)
    if following is None:
        with pytest.raises(LocalProtocolError):
            SIGNALS[signal](call)
        assert state(call) == before
        return
    SIGNALS[signal](call)
    assert call.phase in following


def test_all_that_the_table_says_is_seen_and_nothing_else() -> None:
    seen: set[tuple[CallPhase, str, CallPhase]] = set()
    walk_calls(lambda before, reply, call: seen.add((before, reply, call.phase)))
    table = {
        (phase, signal.value, following)
        for phase, signals in TRANSITIONS.items()
        for signal, found in signals.items()
        for following in found
    }
    assert seen == table


def test_the_commands_and_the_phases_say_the_same_of_replies() -> None:
    for phase, make in PHASES.items():
        command = make().command
        fits = set() if command is None else set(CALL_REPLIES[type(command)])
        if phase is CallPhase.NEW:
            fits = {"start", "resume"}
        assert {signal.value for signal in TRANSITIONS[phase]} == fits


@pytest.mark.parametrize("phase", CallPhase)
def test_a_call_may_be_given_up_in_each_phase(phase: CallPhase) -> None:
    call = PHASES[phase]()
    call.abandon()
    assert (call.phase, call.command) == (CallPhase.ENDED, None)


def test_a_mode_says_who_follows() -> None:
    assert {
        mode for mode in Mode if session().call(Request("GET", URL), mode=mode).mode is mode
    } == {*Mode}
