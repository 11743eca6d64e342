"""The course of a call: what its replies set going.

How a hop is sent, where its response leads, what becomes of its cookies. ``Call`` has the replies
themselves, and challenges; like it, nothing here knows how a request gets to its origin.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from sojourn_core.messages.fail import Fail
from sojourn_core.messages.send import Send
from sojourn_core.rules.proxies import choose_proxy
from sojourn_core.rules.redirect import Answered, Follow, Ignore, Refuse, decide_redirect
from sojourn_core.rules.redirect_fields import strips_authorization
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import (
    DeadlineExceeded,
    RequestException,
    UnrewindableBodyError,
    unsent,
)
from sojourn_core.values.route import DIRECT, Route
from sojourn_core.values.timeouts import deadline_at

from .authenticating import Authenticating
from .commands import Deliver, Discard, Rewind
from .final_check import inspect, without_proxy_field
from .next_request import draft_request, next_request
from .phase import CallPhase

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.session.session import Session

    from .commands import CallCommand


class Course:
    """What a call holds, and the steps that it takes. See ``Call`` for what is public."""

    __slots__ = (
        "_authenticating",
        "_deadline",
        "_fresh",
        "_loaded",
        "_pending",
        "_refusal",
        "_resends",
        "_sent_at",
        "allow_redirects",
        "command",
        "decisions",
        "history",
        "home",
        "nested",
        "phase",
        "redirects",
        "request",
        "route",
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
        nested: bool = False,
    ) -> None:
        self.session = session
        self.request = request
        self.settings = settings
        self.allow_redirects = allow_redirects
        self.nested = nested
        self.redirects = 0
        self.route = DIRECT
        self.history: list[Response] = []
        self.decisions: list[Decision] = []
        self.command: CallCommand | None = None
        self.phase = CallPhase.NEW
        try:
            self.home = request.home or request.parsed_url.origin
        except RequestException as error:
            unsent(error, request)
            raise
        self._deadline = inf
        self._fresh = False
        self._resends = 0
        self._sent_at = 0.0
        self._pending: PreparedRequest | None = None
        self._refusal: RequestException | None = None
        self._loaded: Response | None = None
        self._authenticating: Authenticating | None = None

    # --- commands -------------------------------------------------------------------------------

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
        proxy_authorization = None
        try:
            inspect(request, home=self.home, policy=self.session.policy, decide=self._decide)
            if self.settings.proxies or "proxy-authorization" in request.headers.by_name():
                proxy_authorization = self._choose_route(request)
                request = self.request = without_proxy_field(request)
            else:
                self.route = DIRECT
        except RequestException as error:
            unsent(error, self.request)
            return self._fail(error)
        if now >= self._deadline:
            late = DeadlineExceeded("the call took longer than it may in all", maybe_sent=False)
            return self._fail(late)
        self.phase = CallPhase.SENDING
        self._sent_at = now
        fresh, self._fresh = self._fresh, False
        return self._ask(
            Send(request, self.route, self.settings, self._deadline, fresh, proxy_authorization)
        )

    def _choose_route(self, request: PreparedRequest) -> str | None:
        """Set the route of this hop.

        Returns:
            What its proxy is told (Proxy-Authorization), or None.
        """
        url = request.parsed_url
        proxy, key = choose_proxy(url, self.settings.proxies)
        if proxy is None:
            self.route = DIRECT
            if "proxy-authorization" in request.headers:
                self._decide(
                    Decision(
                        code="auth.stripped.proxy",
                        subject="Proxy-Authorization",
                        reason="the request goes to its origin directly",
                        section="RFC 9110 11.7.2",
                    )
                )
            return None
        self.route = Route(proxy)
        self._decide(
            Decision(
                code="proxy.chosen",
                subject=str(proxy.url.origin),
                reason=f"{key!r} of the proxies fits this URL",
            )
        )
        authenticating = self._authenticating
        if authenticating is None:
            authenticating = self._authenticating = Authenticating(self.session, None)
        return authenticating.proxy_field(request, self.route)

    def _is_home(self, request: PreparedRequest) -> bool:
        """Whether credentials of the call are for this request: its home, or that by https."""
        url = request.parsed_url
        home = self.home
        if url.origin == home:
            return True
        asked = self.history[0].request if self.history else None
        return (
            asked is not None
            and asked.parsed_url.origin == home
            and not strips_authorization(asked.parsed_url, url, self.session.policy)
        )

    def _settle(self, response: Response, now: float) -> CallCommand:
        """A response is there, hooks have seen it: store its cookies and see where it leads."""
        for earlier in response.history:  # Responses that a hook went through by itself.
            self._store_cookies(earlier, now)
        self._store_cookies(response, now)
        return self._lead(response, now)

    def _lead(self, response: Response, now: float) -> CallCommand:
        """Go where a response leads."""
        session = self.session
        if not self.allow_redirects:
            response.follow_with(self.peek)
            return self._deliver(response)
        location = session.get_redirect_target(response) or ""
        if not location and response.status_code not in session.policy.redirect_statuses:
            return self._deliver(response)
        try:
            draft = draft_request(session, self.request, response, location, self.home)
        except RequestException as raised:
            response.history = self.history[:]
            self.history.append(response)
            return self._refuse_request(response, raised, self.request.method or "", now)
        verdict = self._judge(response, location, draft)
        if isinstance(verdict, Follow):
            return self._follow(response, verdict, draft, now)
        for decision in verdict.decisions:
            self._decide(decision)
        if isinstance(verdict, Ignore):
            return self._deliver(response)
        error = verdict.error
        error.response, error.request = response, self.request
        response.history = response.history or self.history[:]
        return self._refuse(response, error, now)

    def _store_cookies(self, response: Response, now: float) -> None:
        session = self.session
        keeping = session.keeping
        if response.url is None or not keeping.has_cookies(response):
            return
        request = response.request or self.request
        wall = session.wall_at(now)
        self.decisions.extend(keeping.store(session, request, response, wall, len(self.history)))

    def _judge(
        self, response: Response, location: str, draft: PreparedRequest | None
    ) -> Follow | Ignore | Refuse:
        request = self.request
        session = self.session
        answered = Answered(
            method=request.method or "",
            url=request.parsed_url,
            lines=request.headers.lines,
            has_content=request.body is not None,
            status=response.status_code or 0,
            fields=response.headers,
            hops=self.redirects,
            hops_max=session.max_redirects,
            home=self.home,
        )
        method = None if draft is None else draft.method or ""
        return decide_redirect(
            answered, session.policy, target=location, method=method, limits=session.limits
        )

    def _follow(
        self, response: Response, plan: Follow, draft: PreparedRequest | None, now: float
    ) -> CallCommand:
        response.history = self.history[:]
        self.history.append(response)
        try:
            request = self._next_request(response, plan, draft, now)
        except RequestException as error:
            return self._refuse_request(response, error, plan.method, now)
        self.redirects += 1
        self._resends = 0
        self._pending = request
        self.phase = CallPhase.DISCARDING
        return self._ask(self._discard(response, now))

    def _refuse_request(
        self, response: Response, error: RequestException, method: str, now: float
    ) -> CallCommand:
        """Fail because the request that a redirect leads to cannot be made."""
        if error.response is None:
            error.response = response
        self._decide(
            Decision(
                code="redirect.refused.request",
                subject=method,
                reason="the request that it leads to cannot be made",
            )
        )
        return self._refuse(response, error, now)

    def _refuse(self, response: Response, error: RequestException, now: float) -> CallCommand:
        self._refusal = error
        self.phase = CallPhase.REFUSING
        return self._ask(self._discard(response, now))

    def _discard(self, response: Response, now: float) -> Discard:
        limits = self.session.limits
        deadline = deadline_at(now, limits.drain_seconds_max, self._deadline)
        return Discard(response, limits.drain_size_max, deadline)

    def _next_request(
        self, response: Response, plan: Follow, draft: PreparedRequest | None, now: float
    ) -> PreparedRequest:
        request, proxies = next_request(
            self.session,
            self.request,
            response,
            plan,
            draft,
            home=self.home,
            proxies=self.settings.proxies,
            wall=self.session.wall_at(now),
            decide=self._decide,
        )
        if proxies != self.settings.proxies:
            self.settings = replace(self.settings, proxies=proxies)
        authenticating = self._authenticating
        if authenticating is not None:
            request = authenticating.begin_hop(request, belongs=self._is_home(request))
        return request

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
        draft = draft_request(self.session, self.request, response, location, self.home)
        verdict = self._judge(response, location, draft)
        if not isinstance(verdict, Follow):
            return None
        known, settings = len(self.decisions), self.settings
        try:
            return self._next_request(response, verdict, draft, self._sent_at)
        finally:
            del self.decisions[known:]
            self.settings = settings
