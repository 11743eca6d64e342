"""A Call: one logical request, with all the hops, resends and hooks that it takes.

The message level of Sojourn. A call answers each reply of its driver with the next command: send
this request, run the hooks on that response, drain it, hand it over. How a request gets to its
origin and a response back is the driver's; what follows from the response is decided here, by the
functions of ``redirect``, ``retry`` and the session's own methods.

The life of a call::

    Send -> [Hook ->] Deliver
                   -> Discard -> [Rewind ->] Send ...     a redirect is followed
                   -> Discard -> Fail                     or refused
    Send -> [Load ->] Discard -> [Rewind ->] Send ...     a challenge is answered
    Send -> [Rewind ->] Send                              a stale connection, once for each hop

Credentials belong to the origin that the caller asked for. Fields given for it go no further than
that origin, and what was dropped once does not come back; but credentials that the session or the
call holds as such are set anew when the chain returns.

The last look at a request is taken where ``Send`` is built, whatever path it came by: see ``gate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.retry import may_resend
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import (
    LocalProtocolError,
    ProxyError,
    RequestException,
    UnrewindableBodyError,
    unsent,
)
from sojourn_core.values.fields import Fields
from sojourn_core.values.timeouts import deadline_at

from .authenticating import Authenticating
from .commands import CALL_REPLIES, Hook, Load
from .course import Course
from .phase import CallPhase

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response

    from .commands import CallCommand

__all__ = ["Call", "CallPhase"]


class Call(Course):
    """One logical request.

    Args:
        session: Whose settings, jar and methods apply.
        request: The first request, prepared.
        settings: For the wire.
        allow_redirects: Whether redirects are followed.
        nested: Whether each hop but the first is sent by a call of its own, which has run its hooks
            and kept its cookies: a session whose ``send`` is overridden does it so.

    Attributes:
        request: The request of the current hop.
        history: The responses that led here, each of them read or closed.
        home: The origin that the caller asked for.
        decisions: Everything that was decided so far, in order.
        redirects: How many redirects were followed.
        route: How the request of the current hop goes.
        command: The command that waits for a reply.
        phase: Where the call stands.
    """

    __slots__ = ()

    # --- the replies ----------------------------------------------------------------------------

    def start(self, now: float) -> CallCommand:
        """Begin."""
        if self.phase is not CallPhase.NEW:
            raise LocalProtocolError("the call was started before")
        self._deadline = deadline_at(now, self.settings.timeouts.total)
        request = self.request
        if isinstance(request.auth, AuthFlow):
            authenticating = self._authenticating = Authenticating(self.session, request.auth)
            try:
                # The caller may send it again: a copy is changed.
                request = authenticating.begin_hop(request.copy(), belongs=self._is_home(request))
            except RequestException as error:
                unsent(error, self.request)
                return self._fail(error)
            self.request = request
        if request.body is None:
            return self._send(now)
        return self._replay(request, now)  # Its content may have been used by another call.

    def resume(self, response: Response, now: float) -> CallCommand:
        """Begin with a response in hand, hooks and cookies of which are done: go where it leads."""
        if self.phase is not CallPhase.NEW:
            raise LocalProtocolError("the call was started before")
        self._deadline = deadline_at(now, self.settings.timeouts.total)
        if isinstance(self.request.auth, AuthFlow):
            self._authenticating = Authenticating(self.session, self.request.auth)
        self.decisions.extend(response.decisions)
        return self._lead(response, now)

    def answered(self, response: Response, now: float) -> CallCommand:
        """The head of the response is there."""
        self._expect("answered")
        if response.request is None or not (self.nested and self.redirects):
            response.request = self.request
        if response.url is None:
            response.url = self.request.url
        if not isinstance(response.headers, Fields):  # pyright: ignore[reportUnnecessaryIsInstance] - a transport of somebody's
            response.headers = Fields(response.headers)
        if self.nested and self.redirects:
            self.decisions.extend(response.decisions)
            response.decisions = self.decisions
            self.request = response.request
            return self._lead(response, now)
        response.seconds = now - self._sent_at
        session = self.session
        response.received_at = session.wall_at(now)
        if session.policy.text_charset is not None:
            response.text_charset = session.policy.text_charset
        response.decisions = self.decisions
        authenticating = self._authenticating
        if authenticating is not None:
            if authenticating.wants_content(by_proxy=self._is_from_proxy(response)):
                self._loaded = response
                self.phase = CallPhase.LOADING
                return self._ask(Load(response))
            command = self._challenged(authenticating, response, now)
            if command is not None:
                return command
        return self._show(response, now)

    def loaded(self, now: float) -> CallCommand:
        """The content of the response is there."""
        self._expect("loaded")
        response, self._loaded = self._loaded, None
        assert response is not None
        assert self._authenticating is not None
        return self._challenged(self._authenticating, response, now) or self._show(response, now)

    def lost(self, error: RequestException, now: float) -> CallCommand:
        """The request could not be sent, or no response came."""
        self._expect("lost")
        request = self.request
        content = request.content
        if isinstance(content, Content) and content.touched and not content.rewindable:
            return self._fail(error)
        try:
            if isinstance(error, ProxyError) and self._answers_proxy(
                cast("Response | None", error.response)
            ):
                return self._replay(request, now)
        except RequestException as unanswered:
            return self._fail(unanswered)
        if not may_resend(request.method or "", error, self._resends):
            return self._fail(error)
        self._resends += 1
        self._decide(
            Decision(
                code="retry.stale-connection",
                subject=str(request.parsed_url.origin),
                reason="the peer had closed a connection that was used before",
                section="RFC 9110 9.2.2",
            )
        )
        self._fresh = True
        return self._replay(request, now)

    def hooked(self, response: Response, now: float) -> CallCommand:
        """The hooks have run; ``response`` is what they made of it."""
        self._expect("hooked")
        response.decisions = self.decisions
        request = response.request
        if request is not None and request is not self.request:
            # A hook sent something of its own, and it is that which a redirect answers.
            self.request = request
            self.home = request.home or request.parsed_url.origin
        return self._settle(response, now)

    def discarded(self, now: float) -> CallCommand:
        """The response is drained or closed."""
        self._expect("discarded")
        if self.phase is CallPhase.REFUSING:
            assert self._refusal is not None
            return self._fail(self._refusal)
        pending = self._pending
        assert pending is not None
        self._pending = None
        return self._replay(pending, now)

    def rewound(self, now: float) -> CallCommand:
        """The content is back where it started."""
        self._expect("rewound")
        return self._send(now)

    def failed(self, error: BaseException, now: float) -> CallCommand:
        """A hook raised, content could not be rewound, or a response could not be read."""
        self._expect("failed")
        if isinstance(error, RequestException):
            return self._fail(error)
        if self.phase is CallPhase.HOOKING:
            raised = RequestException(f"a response hook raised {type(error).__name__}")
        elif self.phase is CallPhase.LOADING:
            raised = RequestException(f"a response could not be read: {error}")
        else:
            raised = UnrewindableBodyError(f"the content cannot be sent again: {error}")
        raised.__cause__ = error
        return self._fail(raised)

    def resumed(self, now: float) -> CallCommand:
        """The pause is over."""
        self._expect("resumed")
        return self._send(now)

    def abandon(self) -> None:
        """Give up; the driver abandons the exchange that is under way, if there is one."""
        self.phase = CallPhase.ENDED
        self.command = self._pending = self._refusal = None

    # --- what the replies have in common ----------------------------------------------------------

    def _expect(self, reply: str) -> None:
        if reply not in CALL_REPLIES.get(type(self.command), ()):
            raise LocalProtocolError(f"{reply!r} does not fit {type(self.command).__name__}")

    def _show(self, response: Response, now: float) -> CallCommand:
        if self.request.hooks.get("response"):
            self.phase = CallPhase.HOOKING
            return self._ask(Hook(response))
        return self._settle(response, now)

    def _challenged(
        self, authenticating: Authenticating, response: Response, now: float
    ) -> CallCommand | None:
        """The command that answers a challenge; None if the response is to be handed over."""
        old = self.request
        try:
            if self._is_from_proxy(response):
                answer = old.copy() if self._answers_proxy(response) else None
            else:
                answer = authenticating.answer(old, response, belongs=self._is_home(old))
                if answer is not None:
                    self._note_answer("auth.answered", str(old.parsed_url.origin))
        except RequestException as error:
            error.response = error.response or response
            return self._refuse(response, error, now)
        if answer is None:
            return None
        self._store_cookies(response, now)
        # None was given by hand. A flow's answer may be another request than the one answered.
        if answer.headers.get("cookie") == answer.jar_field:
            self._rebuild_cookies(old, answer, response, now)
        response.history = self.history[:]
        self.history.append(response)
        self._resends = 0
        self._pending = answer
        self.phase = CallPhase.DISCARDING
        return self._ask(self._discard(response, now))

    def _is_from_proxy(self, response: Response) -> bool:
        """Whether it is the challenge of a forward proxy; in a tunnel the origin speaks."""
        return (
            response.status_code == 407
            and self.route.proxy is not None
            and self.request.parsed_url.scheme == "http"
        )

    def _answers_proxy(self, response: Response | None) -> bool:
        authenticating = self._authenticating
        if authenticating is None or response is None or response.status_code != 407:
            return False
        if not authenticating.answer_proxy(self.request, response, self.route):
            return False
        assert self.route.proxy is not None
        self._note_answer("auth.answered.proxy", str(self.route.proxy.url.origin))
        return True

    def _note_answer(self, code: str, subject: str) -> None:
        self._decide(
            Decision(
                code=code,
                subject=subject,
                reason="the credentials have an answer to its challenge",
                section="RFC 9110 11.7" if code.endswith("proxy") else "RFC 9110 11.6",
            )
        )

    def _rebuild_cookies(
        self, old: PreparedRequest, answer: PreparedRequest, response: Response, now: float
    ) -> None:
        """The challenge may have set some."""
        same_origin = answer.parsed_url.origin == old.parsed_url.origin
        session = self.session
        session.keeping.rebuild(
            session,
            answer,
            answer,
            response,
            session.wall_at(now),
            at_home=self._is_home(answer),
            same_origin=same_origin,
        )
