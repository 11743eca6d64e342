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
    Hook -> [Discard ->] Hook ...                         each in turn; one may replace the response
    Hook -> [Load or Discard ->] Fail                     a hook, or an override, raises an error

What user code raises while a reply is worked on, that very error is what the call fails with.

Credentials belong to the origin that the caller asked for. Fields given for it go no further than
that origin, and what was dropped once does not come back; but credentials that the session or the
call holds as such are set anew when the chain returns.

The last look at a request is taken where ``Send`` is built, whatever path it came by: see
``final_check``.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from sojourn_core.messages.fail import Fail
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.redirect import Follow, Ignore
from sojourn_core.rules.retry import may_resend
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import (
    LocalProtocolError,
    ProxyError,
    RequestException,
    UnrewindableBodyError,
)
from sojourn_core.values.fields import Fields
from sojourn_core.values.hooks import hooks_for
from sojourn_core.values.timeouts import deadline_at

from .chain import Chain
from .challenges import Challenges
from .commands import Delegate, Deliver, Discard, Hook, Load, Rewind
from .dispatch import look_at, send_command
from .hop import Hop
from .next_hop import Redirect
from .phase import CallPhase, Signal
from .ports import Mode
from .states import (
    DELEGATING,
    ENDED,
    NEW,
    REWINDING,
    SENDING,
    Discarding,
    Hooking,
    Loading,
    Refusing,
    Replacing,
    Salvaging,
)

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.hooks import Hook as HookFunction
    from sojourn_core.values.route import Route
    from sojourn_core.values.url.url import Origin

    from .commands import CallCommand
    from .ports import CallSettings, Owner
    from .states import State

__all__ = ["Call", "CallPhase"]


class Call:
    """One logical request.

    Args:
        request: The first request, prepared.
        owner: Whose methods are asked, and whose jar.
        rules: The settings of the call.
        settings: For the wire.
        mode: Who follows redirects.

    Attributes:
        settings: For the wire; the proxies are those of the current hop.
        mode: Who follows redirects.
        command: The command that waits for a reply.

    Raises:
        InvalidURL: If the request has none that can be asked; or a sibling of that error.
    """

    __slots__ = (
        "_chain",
        "_challenges",
        "_deadline",
        "_hop",
        "_owner",
        "_rules",
        "_state",
        "command",
        "mode",
        "settings",
    )

    def __init__(
        self,
        request: PreparedRequest,
        owner: Owner,
        rules: CallSettings,
        settings: SendSettings,
        mode: Mode = Mode.WHOLE,
    ) -> None:
        try:
            url = request.parsed_url
        except RequestException as error:
            error.request = request
            raise
        self._hop = Hop(request, url, request.preparation.home or url.origin)
        self._owner = owner
        self._rules = rules
        self._state: State = NEW
        self._chain = Chain()
        self._challenges: Challenges | None = None
        self._deadline = inf
        self.settings = settings
        self.mode = mode
        self.command: CallCommand | None = None

    @property
    def phase(self) -> CallPhase:
        """Where the call stands."""
        return self._state.phase

    @property
    def request(self) -> PreparedRequest:
        """The request of the current hop."""
        return self._hop.request

    @property
    def home(self) -> Origin:
        """The origin that the caller asked for."""
        return self._hop.home

    @property
    def route(self) -> Route:
        """How the request of the current hop goes."""
        return self._hop.route

    @property
    def history(self) -> list[Response]:
        """The responses that led here, each of them read or closed."""
        return self._chain.history

    @property
    def decisions(self) -> list[Decision]:
        """Everything that was decided so far, in order."""
        return self._chain.decisions

    @property
    def redirects(self) -> int:
        """How many redirects were followed."""
        return self._chain.redirects

    # --- the replies ----------------------------------------------------------------------------

    def start(self, now: float) -> CallCommand:
        """Begin."""
        self._begin(now)
        hop = self._hop
        request = hop.request
        try:
            if self._challenges is not None:
                # The caller may send it again: a copy is changed.
                request = self._challenges.begin_hop(request.copy(), hop.url, hop)
                hop.request = request
        except Exception as error:  # noqa: BLE001 - a flow may raise anything, and it is the user's
            return self._fail(error)
        if request.preparation.decisions:
            self._chain.log(request.preparation.decisions)
        if request.body is None:
            return self._send(now)
        return self._replay(hop, now)  # Its content may have been used by another call.

    def resume(self, response: Response, now: float) -> CallCommand:
        """Begin with a response in hand, hooks and cookies of which are done: go where it leads."""
        self._begin(now)
        self._chain.decisions.extend(response.decisions)
        try:
            return self._lead(response, now)
        except Exception as error:  # noqa: BLE001 - an override may raise anything
            return self._leave(response, error, now)

    def answered(self, response: Response, now: float) -> CallCommand:
        """The head of the response is there."""
        self._expect(Signal.ANSWERED)
        hop = self._hop
        nested = self.mode is Mode.NESTED and self._chain.redirects > 0
        if response.request is None or not nested:
            response.request = hop.request
        if response.url is None:
            response.url = hop.request.url
        if not isinstance(response.headers, Fields):  # pyright: ignore[reportUnnecessaryIsInstance] - a transport of somebody's
            response.headers = Fields(response.headers)
        decisions = self._chain.decisions
        try:
            if nested:
                decisions.extend(response.decisions)
                response.decisions = decisions
                if response.request is not hop.request:
                    self._hop = Hop(response.request, response.request.parsed_url, hop.home)
                return self._lead(response, now)
            response.seconds = now - hop.sent_at
            response.received_at = self._owner.wall_at(now)
            charset = self._rules.policy.text_charset
            if charset is not None:
                response.text_charset = charset
            response.decisions = decisions
            challenges = self._challenges
            if challenges is None:
                return self._show(response, now)
            if challenges.reads_content(response, hop):
                return self._ask(Loading(response), Load(response))
            return self._challenged(challenges, response, now)
        except Exception as error:  # noqa: BLE001 - overrides and flows may raise anything
            return self._leave(response, error, now)

    def lost(self, error: RequestException, now: float) -> CallCommand:
        """The request could not be sent, or no response came."""
        self._expect(Signal.LOST)
        hop = self._hop
        content = hop.request.content
        if isinstance(content, Content) and content.touched and not content.rewindable:
            return self._fail(error)
        try:
            challenges = self._challenges
            asked = challenges is not None and isinstance(error, ProxyError)
            if asked and challenges.answers_proxy(error.response, hop):
                return self._replay(hop, now)
        except Exception as unanswered:  # noqa: BLE001 - a flow may raise anything
            return self._fail(unanswered)
        if not may_resend(hop.request.method or "", error, hop.resends):
            return self._fail(error)
        hop.resends += 1
        hop.fresh = True
        stale = Decision(
            code="retry.stale-connection",
            subject=str(hop.url.origin),
            reason="the peer had closed a connection that was used before",
            section="RFC 9110 9.2.2",
        )
        self._chain.log((stale,))
        return self._replay(hop, now)

    def loaded(self, now: float) -> CallCommand:
        """The content of the response is there."""
        self._expect(Signal.LOADED)
        state = self._state
        if isinstance(state, Salvaging):
            return self._fail(state.error)
        assert isinstance(state, Loading)
        assert self._challenges is not None
        try:
            return self._challenged(self._challenges, state.response, now)
        except Exception as error:  # noqa: BLE001 - overrides and flows may raise anything
            return self._leave(state.response, error, now)

    def hooked(self, made: Any, now: float) -> CallCommand:
        """The hook has run; ``made`` is what it returned: None, or a response to go on with."""
        self._expect(Signal.HOOKED)
        state = self._state
        assert isinstance(state, Hooking)
        seen = state.response
        if made is None or made is seen:
            return self._show_next(seen, state.left, now)
        return self._discard(Replacing(made, state.left), seen, now, 0)

    def followed(self, responses: list[Response], now: float) -> CallCommand:
        """The session's own method has followed the redirects: the responses of further hops."""
        self._expect(Signal.FOLLOWED)
        assert isinstance(self.command, Delegate)
        led = [self.command.response, *responses]
        response = led.pop()
        if led:
            response.history = response.history or led
        return self._deliver(response)

    def discarded(self, now: float) -> CallCommand:
        """The response is drained or closed."""
        self._expect(Signal.DISCARDED)
        state = self._state
        if isinstance(state, Discarding):
            return self._replay(state.hop, now)
        if isinstance(state, Replacing):
            return self._show_next(state.response, state.left, now)
        assert isinstance(state, Refusing)
        return self._fail(state.error)

    def rewound(self, now: float) -> CallCommand:
        """The content is back where it started."""
        self._expect(Signal.REWOUND)
        return self._send(now)

    def failed(self, error: Exception, now: float) -> CallCommand:
        """User code raised, content could not be rewound, or a response could not be read."""
        self._expect(Signal.FAILED)
        state = self._state
        if isinstance(state, Hooking):
            return self._leave(state.response, error, now)
        if isinstance(state, Salvaging):  # The error that matters is the one of before.
            return self._discard(Refusing(state.error), state.response, now, 0)
        if state is DELEGATING or isinstance(error, RequestException):
            return self._fail(error)
        if isinstance(state, Loading):
            raised = RequestException(f"a response could not be read: {error}")
        else:
            raised = UnrewindableBodyError(f"the content cannot be sent again: {error}")
        raised.__cause__ = error
        return self._fail(raised)

    def abandon(self) -> Response | None:
        """Give up; the driver abandons the exchange that is under way, if there is one.

        Returns:
            A response that a hook was shown, and that nobody will have: the driver closes it.
        """
        state = self._state
        self._state = ENDED
        self.command = None
        return state.response if isinstance(state, Hooking) else None

    # --- what the replies have in common ----------------------------------------------------------

    def _expect(self, signal: Signal) -> None:
        if signal not in self._state.fits:
            raise LocalProtocolError(f"{signal.value!r} does not fit {type(self.command).__name__}")

    def _begin(self, now: float) -> None:
        if self._state is not NEW:
            raise LocalProtocolError("the call was started before")
        self._deadline = deadline_at(now, self.settings.timeouts.total)
        auth = self._hop.request.auth
        if isinstance(auth, AuthFlow):
            self._challenges = Challenges(self._rules, self._chain, auth)

    def _ask(self, state: State, command: CallCommand) -> CallCommand:
        self._state = state
        self.command = command
        return command

    def _send(self, now: float) -> CallCommand:
        """Send the request of the hop: every request of the call goes out through here."""
        hop, rules, settings = self._hop, self._rules, self.settings
        if settings.proxies and self._challenges is None:
            self._challenges = Challenges(rules, self._chain, None)
        decisions: list[Decision] = []
        try:
            told = look_at(hop, rules, settings, self._challenges, decisions)
            command = send_command(hop, settings, self._deadline, told, now)
        except Exception as error:  # noqa: BLE001 - a flow may raise anything
            self._chain.log(decisions)
            return self._fail(error)
        if decisions:
            self._chain.log(decisions)
        return self._ask(SENDING, command)

    # --- a response is there --------------------------------------------------------------------

    def _challenged(self, challenges: Challenges, response: Response, now: float) -> CallCommand:
        """Answer a challenge, if it is one that there is an answer to."""
        hop, owner = self._hop, self._owner
        old = hop.request
        hop.url = old.parsed_url  # A transport may have set another.
        try:
            answer = challenges.answer(response, hop)
        except RequestException as error:
            error.response = error.response or response
            return self._refuse(response, error, now)
        if answer is None:
            return self._show(response, now)
        self._store_cookies(response, now)
        # None was given by hand. A flow's answer may be another request than the one answered.
        given = answer.headers.get("cookie")
        url = answer.parsed_url
        if given is None or answer.preparation.of("cookie", given) is not None:
            owner.rebuild_cookies(  # The challenge may have set some.
                answer,
                answer,
                response,
                owner.wall_at(now),
                at_home=challenges.is_home(url, hop),
                same_origin=url.origin == hop.url.origin,
            )
        noted, known = answer.preparation.decisions, old.preparation.decisions
        self._chain.log(noted[len(known) :] if noted[: len(known)] == known else noted)
        self._chain.append(response)
        return self._discard(Discarding(hop.answering(answer, url)), response, now)

    def _show(self, response: Response, now: float) -> CallCommand:
        hooks = self._hop.request.hooks.get("response")
        if not hooks:
            return self._settle(response, now)
        return self._show_next(response, hooks_for("response", self._hop.request.hooks), now)

    def _show_next(self, response: Response, left: list[HookFunction], now: float) -> CallCommand:
        """Show a response to the next hook; go on with it after the last one."""
        if left:
            settings = self.settings
            arguments = {
                "timeout": settings.timeout,
                "verify": settings.verify,
                "proxies": settings.proxies,
                "stream": settings.stream,
                "cert": settings.cert,
            }
            return self._ask(Hooking(response, left[1:]), Hook(left[0], response, arguments))
        try:
            response.decisions = self._chain.decisions
            request = response.request
            if request is not None and request is not self._hop.request:
                # A hook sent something of its own, and it is that which a redirect answers.
                url = request.parsed_url
                self._hop = Hop(request, url, request.preparation.home or url.origin)
            return self._settle(response, now)
        except Exception as error:  # noqa: BLE001 - overrides may raise anything
            return self._leave(response, error, now)

    def _settle(self, response: Response, now: float) -> CallCommand:
        """Store the cookies of a response that hooks have seen, and see where it leads."""
        for earlier in response.history:  # Responses that a hook went through by itself.
            self._store_cookies(earlier, now)
        self._store_cookies(response, now)
        return self._lead(response, now)

    def _store_cookies(self, response: Response, now: float) -> None:
        if response.url is None:
            return
        owner, chain = self._owner, self._chain
        request = response.request or self._hop.request
        found = owner.store_cookies(request, response, owner.wall_at(now), len(chain.history))
        if found:
            chain.decisions.extend(found)

    def _lead(self, response: Response, now: float) -> CallCommand:
        """Go where a response leads."""
        mode, hop = self.mode, self._hop
        if mode is Mode.ALONE or mode is Mode.DELEGATED:
            response.follow_with(self.preview)
            if mode is Mode.ALONE:
                return self._deliver(response)
            request = response.request or hop.request
            return self._ask(DELEGATING, Delegate(response, request, self.settings.given()))
        redirect = self._redirect(response, now)
        if not redirect.target and response.status_code not in self._rules.policy.redirect_statuses:
            return self._deliver(response)
        try:
            verdict = redirect.decide()
        except RequestException as error:
            self._chain.append(response)
            return self._refuse_request(response, error, hop.request.method or "", now)
        if isinstance(verdict, Follow):
            return self._follow(response, redirect, verdict, now)
        if verdict.decisions:
            self._chain.log(verdict.decisions)
        if isinstance(verdict, Ignore):
            return self._deliver(response)
        error = verdict.error
        error.response, error.request = response, hop.request
        response.history = response.history or self._chain.history[:]
        return self._refuse(response, error, now, follows=True)

    def _redirect(self, response: Response, now: float) -> Redirect:
        owner = self._owner
        wall, proxies = owner.wall_at(now), self.settings.proxies
        hop, redirects = self._hop, self._chain.redirects
        hop.url = hop.request.parsed_url  # A transport, or a hook, may have set another.
        return Redirect(owner, self._rules, hop, response, redirects, proxies, wall)

    def _follow(
        self, response: Response, redirect: Redirect, plan: Follow, now: float
    ) -> CallCommand:
        hop, chain, challenges = self._hop, self._chain, self._challenges
        chain.append(response)
        try:
            request = redirect.follow(plan)
            known = request.preparation
            if known.decisions:  # The call has taken them over.
                redirect.decisions.extend(known.decisions)
                request.preparation = known._replace(decisions=())
            if challenges is not None:
                request = challenges.begin_hop(request, request.parsed_url, hop)
        except RequestException as error:
            chain.log(redirect.decisions)
            return self._refuse_request(response, error, plan.method, now)
        chain.log(redirect.decisions)
        chain.redirects += 1
        if redirect.proxies != self.settings.proxies:
            self.settings = replace(self.settings, proxies=redirect.proxies)
        following = Discarding(Hop(request, plan.url, hop.home))
        return self._discard(following, response, now, follows=True)

    def preview(self, response: Response) -> PreparedRequest | None:
        """Return the request that a delivered response would lead to (``response.next``).

        It is made as a call makes it, but for credentials that answer challenges: those have their
        say when it is sent. The call stays as it is.
        """
        redirect = self._redirect(response, self._hop.sent_at)
        verdict = redirect.decide()
        return redirect.follow(verdict) if isinstance(verdict, Follow) else None

    # --- drained, sent again, over ----------------------------------------------------------------

    def _refuse_request(
        self, response: Response, error: RequestException, method: str, now: float
    ) -> CallCommand:
        """Fail because the request that a redirect leads to cannot be made."""
        if error.response is None:
            error.response = response
        reason = "the request that it leads to cannot be made"
        decision = Decision(code="redirect.refused.request", subject=method, reason=reason)
        self._chain.log((decision,))
        return self._refuse(response, error, now, follows=True)

    def _refuse(
        self, response: Response, error: Exception, now: float, *, follows: bool = False
    ) -> CallCommand:
        return self._discard(Refusing(error), response, now, follows=follows)

    def _discard(
        self,
        state: State,
        response: Response,
        now: float,
        limit: int | None = None,
        *,
        follows: bool = False,
    ) -> CallCommand:
        limits = self._rules.limits
        deadline = deadline_at(now, limits.drain_seconds_max, self._deadline)
        limit = limits.drain_size_max if limit is None else limit
        return self._ask(state, Discard(response, limit, deadline, follows))

    def _leave(self, response: Response, error: Exception, now: float) -> CallCommand:
        """Fail with an error that user code has raised about a response.

        Whoever catches it may want the content: it is read, as it would have been without the
        error. What was to be streamed stays open, if the error has the response.
        """
        if self.settings.stream:
            if getattr(error, "response", None) is response:
                return self._fail(error)
        elif not response.is_redirect:
            return self._ask(Salvaging(response, error), Load(response))
        return self._discard(Refusing(error), response, now, 0)

    def _replay(self, hop: Hop, now: float) -> CallCommand:
        """Send a request whose content may have been used up."""
        self._hop = hop
        content = hop.request.content
        if isinstance(content, Content) and content.touched:
            if not content.rewindable:
                said = "the content was a stream and cannot be sent again"
                return self._fail(UnrewindableBodyError(said))
            return self._ask(REWINDING, Rewind(content))
        return self._send(now)

    def _deliver(self, response: Response) -> CallCommand:
        chain = self._chain
        if chain.history:
            response.history = chain.history[:]
        load = not self.settings.stream
        if load and response.is_redirect:
            # Whoever follows it drains it, within limits.
            is_hop = chain.redirects == 0 and self._hop.request.preparation.home is not None
            load = not (is_hop or self.mode is Mode.NESTED)
        return self._ask(ENDED, Deliver(response, load))

    def _fail(self, error: Exception) -> CallCommand:
        if isinstance(error, RequestException) and error.request is None:
            error.request = self._hop.request
        return self._ask(ENDED, Fail(error))
