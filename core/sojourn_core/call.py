"""A Call: one logical request, with all the hops, resends and hooks that it takes.

The message level of Sojourn. A call answers each reply of its driver with the next command: send
this request, run the hooks on that response, drain it, hand it over. How a request gets to its
origin and a response back is the driver's; what follows from the response is decided here, by the
functions of ``redirect``, ``retry`` and the session's own methods.

The life of a call::

    Send -> [Hook ->] Deliver
                   -> Discard -> [Rewind ->] Send ...     a redirect is followed
                   -> Discard -> Fail                     or refused
    Send -> [Rewind ->] Send                              a stale connection, once for each hop

Credentials belong to the origin that the caller asked for. Fields given for it go no further than
that origin, and what was dropped once does not come back; but credentials that the session or the
call holds as such are set anew when the chain returns.

The last look at a request is taken where ``Send`` is built, whatever path it came by: an override,
a hook or an authentication may have changed it.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from math import inf
from typing import TYPE_CHECKING, Any

from .commands import CALL_REPLIES, Deliver, Discard, Fail, Hook, Rewind, Send
from .content import Content
from .decision import Decision
from .errors import (
    DeadlineExceeded,
    InvalidHeader,
    InvalidMethod,
    LocalProtocolError,
    RequestException,
    UnrewindableBodyError,
)
from .fields import cut, is_token
from .hop import next_request
from .redirect import TARGET_OVERRIDDEN, Follow, Refuse, decide_redirect, redirect_target
from .retry import may_resend
from .route import DIRECT
from .status import REDIRECT_STATUSES
from .timeouts import deadline_at

if TYPE_CHECKING:
    from .commands import CallCommand
    from .request import PreparedRequest
    from .response import Response
    from .session import Session
    from .settings import SendSettings


class CallPhase(Enum):
    """Where a call stands."""

    NEW = "new"
    SENDING = "awaiting the head of a response"
    HOOKING = "running hooks"
    DISCARDING = "draining a response"
    REFUSING = "draining a response whose redirect is refused"
    REWINDING = "putting the content back to its start"
    ENDED = "ended"


class Call:
    """One logical request.

    Args:
        session: Whose settings, jar and methods apply.
        request: The first request, prepared.
        settings: For the wire.
        allow_redirects: Whether redirects are followed.

    Attributes:
        request: The request of the current hop.
        history: The responses that led here, each of them read or closed.
        home: The origin that the caller asked for.
        decisions: Everything that was decided so far, in order.
        command: The command that waits for a reply.
        phase: Where the call stands.
    """

    __slots__ = (
        "_deadline",
        "_fresh",
        "_pending",
        "_refusal",
        "_resends",
        "_sent_at",
        "allow_redirects",
        "command",
        "decisions",
        "history",
        "home",
        "phase",
        "request",
        "session",
        "settings",
    )

    def __init__(
        self,
        session: Session,
        request: PreparedRequest,
        *,
        settings: SendSettings,
        allow_redirects: bool = True,
    ) -> None:
        self.session = session
        self.request = request
        self.settings = settings
        self.allow_redirects = allow_redirects
        self.history: list[Response] = []
        self.decisions: list[Decision] = []
        self.command: CallCommand | None = None
        self.phase = CallPhase.NEW
        try:
            self.home = request.home or request.parsed_url.origin
        except RequestException as error:
            error.request = request
            raise
        self._deadline = inf
        self._fresh = False
        self._resends = 0
        self._sent_at = 0.0
        self._pending: PreparedRequest | None = None
        self._refusal: RequestException | None = None

    # --- the replies ----------------------------------------------------------------------------

    def start(self, now: float) -> CallCommand:
        """Begin."""
        if self.phase is not CallPhase.NEW:
            raise LocalProtocolError("the call was started before")
        self._deadline = deadline_at(now, self.settings.timeouts.total)
        if self.request.body is None:
            return self._send(now)
        return self._replay(self.request, now)  # Its content may have been used by another call.

    def answered(self, response: Response, now: float) -> CallCommand:
        """The head of the response is there."""
        self._expect("answered")
        response.seconds = now - self._sent_at
        response.received_at = self.session.wall_at(now)
        response.request = self.request
        if response.url is None:
            response.url = self.request.url
        response.decisions = self.decisions
        if self.request.hooks.get("response"):
            self.phase = CallPhase.HOOKING
            return self._ask(Hook(response))
        return self._settle(response, now)

    def lost(self, error: RequestException, now: float) -> CallCommand:
        """The request could not be sent, or no response came."""
        self._expect("lost")
        request = self.request
        content = request.content
        if isinstance(content, Content) and content.touched and not content.rewindable:
            return self._fail(error)
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
        """A hook raised, or the content could not be rewound."""
        self._expect("failed")
        if isinstance(error, RequestException):
            return self._fail(error)
        if self.phase is CallPhase.HOOKING:
            raised = RequestException(f"a response hook raised {type(error).__name__}")
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

    # --- what follows from them -----------------------------------------------------------------

    def _expect(self, reply: str) -> None:
        if reply not in CALL_REPLIES.get(type(self.command), ()):
            raise LocalProtocolError(f"{reply!r} does not fit {type(self.command).__name__}")

    def _ask(self, command: CallCommand) -> CallCommand:
        self.command = command
        return command

    def _decide(self, decision: Decision) -> None:
        hop = len(self.history)
        self.decisions.append(decision if decision.hop == hop else replace(decision, hop=hop))

    def _send(self, now: float) -> CallCommand:
        """The last gate: every request of the call goes out through here."""
        request = self.request
        noted = request.noted
        if noted:
            request.noted = None
            for decision in noted:
                self._decide(decision)
        try:
            self._inspect(request)
        except RequestException as error:
            return self._fail(error)
        if now >= self._deadline:
            return self._fail(DeadlineExceeded("the call took longer than it may in all"))
        self.phase = CallPhase.SENDING
        self._sent_at = now
        fresh, self._fresh = self._fresh, False
        return self._ask(Send(request, DIRECT, self.settings, self._deadline, fresh))

    def _inspect(self, request: PreparedRequest) -> None:
        """Refuse what must never be sent; h11 checks each line once more when it is written."""
        method = request.method
        if method is None or not is_token(method):
            raise InvalidMethod(f"method {cut(method)} is not a token")
        url = request.parsed_url
        headers = request.headers
        names = headers.by_name()
        if len(names) != len(headers.lines):
            for name in ("Host", "Authorization"):
                if headers.repeats(name):
                    raise InvalidHeader(f"field {name!r} occurs more than once")
        if "proxy-authorization" in names:
            headers.discard("proxy-authorization")
            self._decide(
                Decision(
                    code="auth.stripped.proxy",
                    subject="Proxy-Authorization",
                    reason="the request goes to its origin directly",
                    section="RFC 9110 11.7.2",
                )
            )
        if "cookie" in names and url.origin != self.home:
            given = headers["cookie"]
            if given != request.jar_field:
                self._decide(
                    Decision(
                        code="cookie.overridden",
                        subject="Cookie",
                        reason="an override of the session set it for another origin",
                    )
                )

    def _settle(self, response: Response, now: float) -> CallCommand:
        """A response is there, hooks have seen it: store its cookies and see where it leads."""
        session = self.session
        for earlier in response.history:  # Responses that a hook went through by itself.
            self._store_cookies(earlier, now)
        self._store_cookies(response, now)
        if not self.allow_redirects:
            response.follow_with(self)
            return self._deliver(response)
        location = session.get_redirect_target(response)
        if not location:
            status = response.status_code
            if status in REDIRECT_STATUSES and redirect_target(status, response.headers):
                self._decide(TARGET_OVERRIDDEN)
            return self._deliver(response)
        verdict = self._judge(response, location)
        if isinstance(verdict, Refuse):
            for decision in verdict.decisions:
                self._decide(decision)
            error = verdict.error
            error.response, error.request = response, self.request
            response.history = response.history or self.history[:]
            return self._refuse(response, error, now)
        assert isinstance(verdict, Follow)  # It has a location.
        return self._follow(response, verdict, now)

    def _store_cookies(self, response: Response, now: float) -> None:
        headers = response.headers
        if "set-cookie" not in headers.by_name() or response.url is None:
            return
        session = self.session
        url = (response.request or self.request).parsed_url
        with session.guard:
            decisions = session.cookies.store(
                headers.get_all("set-cookie"), url, session.wall_at(now), hop=len(self.history)
            )
        self.decisions.extend(decisions)

    def _judge(self, response: Response, location: str) -> Any:
        request = self.request
        session = self.session
        return decide_redirect(
            method=request.method or "",
            url=request.parsed_url,
            lines=request.headers.lines,
            has_content=request.body is not None,
            status=response.status_code or 0,
            fields=response.headers,
            hops=len(self.history),
            hops_max=session.max_redirects,
            policy=session.policy,
            limits=session.limits,
            location=location,
        )

    def _follow(self, response: Response, plan: Follow, now: float) -> CallCommand:
        response.history = self.history[:]
        self.history.append(response)
        try:
            request = self._next_request(response, plan, now)
        except RequestException as error:
            if error.response is None:
                error.response = response
            self._decide(
                Decision(
                    code="redirect.refused.request",
                    subject=plan.method,
                    reason="the request that it leads to cannot be made",
                )
            )
            return self._refuse(response, error, now)
        self._resends = 0
        self._pending = request
        self.phase = CallPhase.DISCARDING
        return self._ask(self._discard(response, now))

    def _refuse(self, response: Response, error: RequestException, now: float) -> CallCommand:
        self._refusal = error
        self.phase = CallPhase.REFUSING
        return self._ask(self._discard(response, now))

    def _discard(self, response: Response, now: float) -> Discard:
        limits = self.session.limits
        deadline = deadline_at(now, limits.drain_seconds_max, self._deadline)
        return Discard(response, limits.drain_size_max, deadline)

    def _next_request(self, response: Response, plan: Follow, now: float) -> PreparedRequest:
        return next_request(
            self.session,
            self.request,
            response,
            plan,
            home=self.home,
            proxies=self.settings.proxies,
            wall=self.session.wall_at(now),
            decide=self._decide,
        )

    def _replay(self, request: PreparedRequest, now: float) -> CallCommand:
        """Send a request whose content may have been used up."""
        self.request = request
        content = request.content
        if isinstance(content, Content) and content.touched:
            if not content.rewindable:
                return self._fail(
                    UnrewindableBodyError("the content was a stream and cannot be sent again")
                )
            self.phase = CallPhase.REWINDING
            return self._ask(Rewind(content))
        return self._send(now)

    def _deliver(self, response: Response) -> CallCommand:
        if self.history:
            response.history = self.history[:]
        self.phase = CallPhase.ENDED
        return self._ask(Deliver(response))

    def _fail(self, error: RequestException) -> CallCommand:
        if error.request is None:
            error.request = self.request
        self.phase = CallPhase.ENDED
        return self._ask(Fail(error))

    def peek(self, response: Response) -> PreparedRequest | None:
        """The request that a delivered response would lead to (``response.next``)."""
        location = self.session.get_redirect_target(response)
        if not location:
            return None
        verdict = self._judge(response, location)
        if not isinstance(verdict, Follow):
            return None
        known = len(self.decisions)
        try:
            return self._next_request(response, verdict, self._sent_at)
        finally:
            del self.decisions[known:]
