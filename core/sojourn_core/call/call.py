"""A Call: one logical request, with all the hops, resends and hooks that it takes.

The message level of Sojourn. A call answers each reply of its driver with the next command: send
this request, show that response to a hook, drain it, hand it over. How a request gets to its
origin and a response back is the driver's; what follows from the response is decided here, by the
functions of ``redirect``, ``retry`` and the methods of its owner, a session.

The life of a call::

    Send -> [Hook ->] Deliver
                   -> Discard -> [Rewind ->] Send ...     a redirect is followed
                   -> Discard -> Fail                     or refused
    Send -> [Load ->] Discard -> [Rewind ->] Send ...     a challenge is answered
    Send -> [Rewind ->] Send                              a stale connection, once for each hop
    Send -> [Discard ->] [Pause ->] [Rewind ->] Send      a retry, if there is a rule for them
    Hook -> [Discard ->] Hook ...                         each in turn; one may replace the response
    Hook -> [Load or Discard ->] Fail                     a hook, or an override, raises an error

What user code raises while a reply is worked on, that very error is what the call fails with.

Credentials belong to the origin that the caller asked for. Fields given for it go no further than
that origin, and what was dropped once does not come back; but credentials that the session or the
call holds as such are set anew when the chain returns.

The last look at a request is taken where ``Send`` is built, whatever path it came by: see
``final_check``. What is done about each reply stands in ``journey``, and what a state takes in
``states``; here is the contract: which reply fits, and that it raises nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.messages.response import Response
from sojourn_core.messages.send import Send
from sojourn_core.values.errors import (
    InvalidArgument,
    LocalProtocolError,
    RequestException,
    UnrewindableBodyError,
)

from .commands import Delegate, Load
from .journey import Journey
from .own_rules import OwnRules
from .phase import ANSWERED, DISCARDED, START, CallPhase, Signal
from .ports import NESTED, WHOLE
from .states import (
    DELEGATING,
    ENDED,
    NEW,
    Discarding,
    Hooking,
    Loading,
    Pausing,
    Refusing,
    Replacing,
    Salvaging,
)

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.route import Route
    from sojourn_core.values.url.url import Origin

    from .commands import CallCommand
    from .hop import Hop
    from .ports import CallSettings, Mode, Owner
    from .states import State, Step

__all__ = ["Call", "CallPhase"]


class Call(OwnRules):
    """One logical request.

    Args:
        request: The first request, prepared.
        owner: Whose methods are asked, and whose jar.
        rules: The settings of the call.
        settings: For the wire.
        mode: Who follows redirects.

    Attributes:
        command: The command that waits for a reply.
        mode: Who follows redirects.

    Raises:
        InvalidURL: If the request has none that can be asked; or a sibling of that error.
    """

    __slots__ = ("_journey", "_state", "command", "mode")

    def __init__(
        self,
        request: PreparedRequest,
        owner: Owner,
        rules: CallSettings,
        settings: SendSettings,
        mode: Mode = WHOLE,
    ) -> None:
        self._journey = Journey(request, owner, rules, settings, mode)
        if rules.retries is not None and mode is not NESTED:
            self._set_retries(rules.retries)
        self._state: State = NEW
        self.mode = mode
        self.command: CallCommand | None = None

    @property
    def phase(self) -> CallPhase:
        """The phase that the call is in."""
        return self._state.phase

    @property
    def settings(self) -> SendSettings:
        """The settings for the wire; the proxies are those of the current hop."""
        return self._journey.settings

    @property
    def limits(self) -> Limits:
        """The limits on what a peer may send, as ``plan_exchange`` takes them."""
        return self._journey.rules.limits

    @property
    def request(self) -> PreparedRequest:
        """The request of the current hop."""
        return self._journey.hop.request

    @property
    def home(self) -> Origin:
        """The origin that the caller asked for."""
        return self._journey.hop.home

    @property
    def route(self) -> Route:
        """The route of the current hop: direct, or by a proxy."""
        return self._journey.hop.route

    @property
    def history(self) -> list[Response]:
        """The responses that led here, each of them read or closed."""
        return self._journey.chain.history

    @property
    def decisions(self) -> list[Decision]:
        """Everything that was decided so far, in order."""
        return self._journey.chain.decisions

    @property
    def redirects(self) -> int:
        """The number of redirects that were followed."""
        return self._journey.chain.redirects

    # --- the replies ----------------------------------------------------------------------------

    def start(self, now: float) -> CallCommand:
        """Begin."""
        if START not in self._state.fits:
            raise self._misfit(START)
        journey = self._journey
        try:
            self._state, self.command = step = journey.set_out(now)
            return step[1]
        except Exception as error:  # noqa: BLE001 - a flow may raise anything, and it is the user's
            return self._take(journey.fail(error))

    def resume(self, response: Response, now: float) -> CallCommand:
        """Begin with a response in hand, hooks and cookies of which are done: go where it leads."""
        if Signal.RESUME not in self._state.fits:
            raise self._misfit(Signal.RESUME)
        journey = self._journey
        try:
            journey.begin(now)
            journey.chain.decisions.extend(response.decisions)
            return self._take(journey.lead(response, now))
        except Exception as error:  # noqa: BLE001 - an override may raise anything
            return self._take(self._leave(response, error, now))

    def answered(self, response: Response, now: float) -> CallCommand:
        """The head of the response is there."""
        if ANSWERED not in self._state.fits:
            raise self._misfit(ANSWERED)
        journey = self._journey
        try:
            self._state, self.command = step = journey.arrived(response, now)
            return step[1]
        except Exception as error:  # noqa: BLE001 - overrides and flows may raise anything
            return self._take(self._leave(response, error, now))

    def respond(self, head: ResponseHead) -> Response:
        """Build the response that a head belongs to, for drivers over a stack of another's.

        It answers the request that is under way, within the limits of the call. Hand it to
        ``answered`` next, which notes its times, its charset and what was decided. Give it its
        content (``give``, ``receiver``) before that, or when ``Load`` or ``Deliver`` asks for it.

        Args:
            head: Status and field lines, as they came.

        Raises:
            LocalProtocolError: No request is under way.
        """
        if Signal.ANSWERED not in self._state.fits:
            raise self._misfit(Signal.ANSWERED)
        journey = self._journey
        return Response(head, journey.hop.request, journey.rules.limits)

    def lost(self, error: Exception, now: float) -> CallCommand:
        """The request could not be sent, or no response came.

        Args:
            error: A ``RequestException`` says by its ``progress`` whether the request goes out once
                more. A ``TimeoutError`` and any other ``OSError`` become one, with the given error
                as its cause. What else there is ends the call, and is raised as it is.
            now: The time.
        """
        if Signal.LOST not in self._state.fits:
            raise self._misfit(Signal.LOST)
        from .loss import after_loss
        from .lost_error import error_for

        journey, command = self._journey, self.command
        assert isinstance(command, Send)
        raised = error_for(error, journey.hop.url.origin, command.deadline, now)
        if not isinstance(raised, RequestException):
            return self._take(journey.fail(raised))
        try:
            return self._take(after_loss(journey, raised, now))
        except Exception as unanswered:  # noqa: BLE001 - a flow may raise anything
            return self._take(journey.fail(unanswered))

    def loaded(self, now: float) -> CallCommand:
        """The content of the response is there."""
        if Signal.LOADED not in self._state.fits:
            raise self._misfit(Signal.LOADED)
        journey, state = self._journey, self._state
        if isinstance(state, Salvaging):
            return self._take(journey.fail(state.error))
        assert isinstance(state, Loading)
        try:
            return self._take(journey.challenged(state.response, now))
        except Exception as error:  # noqa: BLE001 - overrides and flows may raise anything
            return self._take(self._leave(state.response, error, now))

    def hooked(self, made: Any, now: float) -> CallCommand:
        """The hook has run; ``made`` is what it returned: None, or a response to go on with."""
        if Signal.HOOKED not in self._state.fits:
            raise self._misfit(Signal.HOOKED)
        state = self._state
        assert isinstance(state, Hooking)
        seen = state.response
        if made is None or made is seen:
            return self._show(seen, state.left, now)
        if not hasattr(made, "headers"):
            error = InvalidArgument(
                f"a response hook must return a response or None, not {type(made).__name__}",
                response=seen,
            )
            return self._take(self._leave(seen, error, now))
        replacing = Replacing(made, state.left)
        return self._take(self._journey.discard(replacing, seen, now, 0))

    def followed(self, responses: list[Response], now: float) -> CallCommand:
        """The session's own method has followed the redirects: the responses of further hops."""
        if Signal.FOLLOWED not in self._state.fits:
            raise self._misfit(Signal.FOLLOWED)
        assert isinstance(self.command, Delegate)
        led = [self.command.response, *responses]
        response = led.pop()
        if led:
            response.history = response.history or led
        return self._take(self._journey.deliver(response, now))

    def discarded(self, now: float) -> CallCommand:
        """The response is drained or closed."""
        if DISCARDED not in self._state.fits:
            raise self._misfit(DISCARDED)
        state = self._state
        if isinstance(state, Discarding):
            if state.until > now:
                return self._take(self._journey.pause(state.hop, state.until, now))
            return self._go_on(state.hop, now)
        if isinstance(state, Replacing):
            return self._show(state.response, state.left, now)
        assert isinstance(state, Refusing)
        return self._take(self._journey.fail(state.error))

    def resumed(self, now: float) -> CallCommand:
        """The time has come to send a request again."""
        if Signal.RESUMED not in self._state.fits:
            raise self._misfit(Signal.RESUMED)
        state = self._state
        assert isinstance(state, Pausing)
        return self._go_on(state.hop, now)

    def rewound(self, now: float) -> CallCommand:
        """The content is back where it started."""
        if Signal.REWOUND not in self._state.fits:
            raise self._misfit(Signal.REWOUND)
        return self._go_on(None, now)

    def failed(self, error: Exception, now: float) -> CallCommand:
        """User code raised, content could not be rewound, or a response could not be read."""
        if Signal.FAILED not in self._state.fits:
            raise self._misfit(Signal.FAILED)
        journey, state = self._journey, self._state
        if isinstance(state, Hooking):
            return self._take(self._leave(state.response, error, now))
        if isinstance(state, Salvaging):  # The error that matters is the one of before.
            return self._take(journey.discard(Refusing(state.error), state.response, now, 0))
        if state is DELEGATING or isinstance(error, RequestException):
            return self._take(journey.fail(error))
        if isinstance(state, Loading):
            raised = RequestException(f"a response could not be read: {error}")
        else:
            raised = UnrewindableBodyError(f"the content cannot be sent again: {error}")
        raised.__cause__ = error
        return self._take(journey.fail(raised))

    def abandon(self) -> Response | None:
        """Give up; the driver abandons the exchange that is under way, if there is one.

        Returns:
            A response that a hook was shown, and that nobody will have: the driver closes it.
        """
        state = self._state
        self._state = ENDED
        self.command = None
        return state.response if isinstance(state, Hooking) else None

    def preview(self, response: Response) -> PreparedRequest | None:
        """Return the request that a response leads to, and stay as it is."""
        return self._journey.preview(response)

    # --- what the replies have in common ----------------------------------------------------------

    def _misfit(self, signal: Signal) -> LocalProtocolError:
        if signal in (START, Signal.RESUME):
            return LocalProtocolError("the call was started before")
        said = f"{signal.value!r} does not fit {type(self.command).__name__}"
        return LocalProtocolError(said)

    def _take(self, step: Step) -> CallCommand:
        self._state, self.command = step
        return step[1]

    def _leave(self, response: Response, error: Exception, now: float) -> Step:
        """Fail with an error that user code has raised about a response.

        Whoever catches it may want the content: it is read, as it would have been without the
        error. What was to be streamed stays open, if the error has the response.
        """
        journey = self._journey
        if journey.settings.stream:
            if getattr(error, "response", None) is response:
                return journey.fail(error)
        elif not response.is_redirect:
            return Salvaging(response, error), Load(response)
        return journey.discard(Refusing(error), response, now, 0)

    def _show(self, response: Response, left: list[Any], now: float) -> CallCommand:
        journey = self._journey
        try:
            return self._take(journey.show_next(response, left, now))
        except Exception as error:  # noqa: BLE001 - overrides may raise anything
            return self._take(self._leave(response, error, now))

    def _go_on(self, hop: Hop | None, now: float) -> CallCommand:
        """Send a hop; the one under way, if it is None."""
        journey = self._journey
        try:
            step = journey.send(now) if hop is None else journey.replay(hop, now)
            self._state, self.command = step
            return step[1]
        except Exception as error:  # noqa: BLE001 - a flow may raise anything
            return self._take(journey.fail(error))
