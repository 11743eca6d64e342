"""The next request of a call: a redirect is decided once, and its plan applied.

The session's overridable methods are asked first where a subclass overrides them; their defaults
are no detour. ``decide_redirect`` decides, ``Redirect.follow`` applies the plan, and the methods
that rebuild credentials see the result: what an override changes is noted as a decision. Cookies
are retrieved anew for each URL. What the caller gave by hand stays with the origin it was given
for; what the call holds as credentials comes back with the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.preparation import Preparation
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.redirect import (
    Answered,
    Follow,
    Refuse,
    decide_redirect,
    redirect_target,
    resolve_target,
)
from sojourn_core.rules.urls import location_text
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import UnrewindableBodyError
from sojourn_core.values.record import replace

from .redirect_methods import GET_REDIRECT_TARGET, RedirectRules

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.redirect import Ignore
    from sojourn_core.values.fields import FieldLine

    from .hop import Hop
    from .ports import CallSettings, Overrides, Owner

# Methods whose content has no meaning of its own (RFC 9110 section 9.3); the others expect some.
_WITHOUT_CONTENT: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
# The gate and the session's proxies have decisions of their own on these.
_NOT_COMPARED: Final = frozenset({"cookie", "proxy-authorization"})


_REBUILD_METHOD: Final = RedirectRules.rebuild_method
_REBUILD_AUTH: Final = RedirectRules.rebuild_auth
_SHOULD_STRIP_AUTH: Final = RedirectRules.should_strip_auth
_OWN_METHODS: Final[dict[str, Any]] = {
    "get_redirect_target": GET_REDIRECT_TARGET,
    "rebuild_method": _REBUILD_METHOD,
    "rebuild_auth": _REBUILD_AUTH,
    "should_strip_auth": _SHOULD_STRIP_AUTH,
}
_NONE: Final[frozenset[str]] = frozenset()


class Redirect:
    """A response that may redirect, and where it leads. It changes nothing of its call but the
    URL of the hop, where something has set another than was sent.

    Args:
        owner: Whose methods are asked, and whose jar.
        rules: The settings of the call.
        hop: The request that was answered.
        response: That answer.
        redirects: How many redirects were followed already.
        proxies: Those of the call, by scheme.
        now: Monotonic seconds.

    Attributes:
        target: The Location that an override names, the empty text for none; None if nobody
            overrides the one of the response.
        proxies: Those of the next request, once it was made.
        decisions: What was decided while it was made, in order.
    """

    __slots__ = (
        "_draft",
        "_hop",
        "_now",
        "_overridden",
        "_owner",
        "_redirects",
        "_response",
        "_rules",
        "decisions",
        "proxies",
        "target",
    )

    def __init__(
        self,
        owner: Owner,
        rules: CallSettings,
        hop: Hop,
        response: Response,
        redirects: int,
        proxies: Any,
        now: float,
    ) -> None:
        if hop.url.text is not hop.request.url:  # A transport, or a hook, may have set another.
            hop.url = hop.request.parsed_url
        self._owner = owner
        self._rules = rules
        self._hop = hop
        self._response = response
        self._redirects = redirects
        self._now = now
        self._draft: PreparedRequest | None = None
        self.proxies = proxies
        self.decisions: list[Decision] = []
        self.target: str | None = None
        self._overridden = overridden_methods(owner)
        if "get_redirect_target" in self._overridden:
            self.target = owner.get_redirect_target(response) or ""

    def decide(self) -> Follow | Ignore | Refuse:
        """Decide what the response leads to."""
        hop, response = self._hop, self._response
        method, hops, most = None, self._redirects, self._rules.redirects_max
        if "rebuild_method" in self._overridden and hops < most:  # Of one too many nobody is asked.
            draft = self._draft = self._drafted()
            method = None if draft is None else draft.method or ""
        request = hop.request
        answered = Answered(
            request.method or "",
            hop.url,
            request.headers.lines,
            request.body is not None,
            response.status_code or 0,
            response.headers,
            hops,
            most,
            hop.home,
        )
        rules = self._rules
        return decide_redirect(
            answered, rules.policy, target=self.target, method=method, limits=rules.limits
        )

    def _drafted(self) -> PreparedRequest | None:
        """Have an override of ``rebuild_method`` choose the method, on a copy with the new URL.

        Returns:
            The copy; None if the Location is none that a request can be sent to.
        """
        rules, hop, response, target = self._rules, self._hop, self._response, self.target
        policy = rules.policy
        if target is None:
            statuses = policy.redirect_statuses
            target = redirect_target(response.status_code or 0, response.headers, statuses)
            target = location_text(policy, target)
        if not target:
            return None
        url = resolve_target(hop.url, target, policy, rules.limits)
        if isinstance(url, Refuse):
            return None
        if url.userinfo is not None and not policy.keeps_location_userinfo:
            url = url.without_userinfo()
        if url.fragment is None and hop.url.fragment is not None:
            url = url.with_fragment(hop.url.fragment)
        request = self._successor()
        request.go_to(url)
        self._owner.rebuild_method(request, response)
        return request

    def preview(self) -> PreparedRequest | None:
        """Return the request that the response would lead to; None if it leads nowhere.

        It is made as a call makes it, but for credentials that answer challenges: those have their
        say when it is sent. The call stays as it is.
        """
        verdict = self.decide()
        return self.follow(verdict, taken=False) if isinstance(verdict, Follow) else None

    def follow(self, plan: Follow, *, taken: bool = True) -> PreparedRequest:
        """Make the request that a plan leads to.

        Args:
            plan: The verdict of ``decide``.
            taken: Decisions that the request has are taken over by the call.

        Raises:
            UnrewindableBodyError: If its content must go along and cannot be sent again.
        """
        owner, hop, response = self._owner, self._hop, self._response
        overridden = self._overridden
        rebuilds_auth = "rebuild_auth" in overridden or "should_strip_auth" in overridden
        request = self._apply(plan, rebuilds_auth=rebuilds_auth)
        owner.rebuild_cookies(
            hop.request,
            request,
            response,
            self._now,
            at_home=plan.url.origin == hop.home,
            same_origin=plan.same_origin,
        )
        self.proxies = owner.rebuild_proxies(request, self.proxies)
        if rebuilds_auth or self._rules.policy.netrc_on_redirects:
            dropped = plan.dropped
            planned = [line for line in request.headers.lines if line[0].lower() not in dropped]
            owner.rebuild_auth(request, response)
            if rebuilds_auth:
                origin = str(plan.url.origin)
                self.decisions.extend(_changes(planned, request.headers.lines, origin))
        if request.auth is not None and not plan.same_origin and plan.url.origin == hop.home:
            self._return_credentials(request)
        elif owner.auth.__class__ is dict and not plan.same_origin:
            owner.apply_auth_of_origin(request)
        known = request.preparation
        if taken and known.decisions:
            self.decisions.extend(known.decisions)
            request.preparation = replace(known, decisions=())
        return request

    def _apply(self, plan: Follow, *, rebuilds_auth: bool) -> PreparedRequest:
        """Make the request as the plan says."""
        hop = self._hop
        request = self._draft or self._successor()
        request.method = plan.method
        if self._draft is None or self._rules.policy.on_redirect is not None:
            request.go_to(plan.url)
        dropped, decisions = plan.dropped, plan.decisions
        if rebuilds_auth:  # The override finds Authorization as it was, and decides on it.
            dropped = dropped - {"authorization"}
            decisions = tuple(d for d in decisions if d.code != "auth.stripped.cross-origin")
        self.decisions.extend(decisions)
        if dropped:
            kept: list[FieldLine] = []
            for line in request.headers.lines:  # A comprehension would be a call more.
                if line[0].lower() not in dropped:
                    kept.append(line)  # noqa: PERF401
            request.headers = request.fields_class.from_lines(kept)
        if not plan.keeps_content:
            request.body = None
        content = None if request.body is None else request.content
        if content is None:
            framed = "content-length" in hop.request.headers.by_name()
            if framed or plan.method not in _WITHOUT_CONTENT:
                self._frame_no_content(request, framed=framed)
        elif isinstance(content, Content) and content.touched and not content.rewindable:
            raise UnrewindableBodyError(
                "the content was a stream and cannot be sent again",
                request=hop.request,
                response=self._response,
            )
        return request

    def _successor(self) -> PreparedRequest:
        hop = self._hop
        request = hop.request.copy()
        known, environment = request.preparation, self._rules.environment
        if known.home is not hop.home or known.decisions or known.environment is not environment:
            request.preparation = Preparation(  # By position: ``replace`` takes much longer.
                known.policy,
                known.entropy,
                environment,
                hop.home,
                known.derived,
                (),
                known.target,
                known.proxy,
                known.checked,
                known.bound,
            )
        return request

    def _frame_no_content(self, request: PreparedRequest, *, framed: bool) -> None:
        method = request.method or ""
        status = self._response.status_code or 0
        if framed and not self._rules.policy.content_goes(status, method):
            request.prepare_content_length(None)  # It goes on saying so.
        # A method whose requests have content says so when there is none (RFC 9110 section 8.6).
        elif method not in _WITHOUT_CONTENT and "content-length" not in request.headers:
            lines = [("Content-Length", "0"), *request.headers.lines]
            request.headers = request.fields_class.from_lines(lines)

    def _return_credentials(self, request: PreparedRequest) -> None:
        """Set the credentials of the call, which is back at the origin they are for (Q7)."""
        auth = request.auth
        if (
            self._rules.policy.returns_credentials
            and not isinstance(auth, AuthFlow)
            and "authorization" not in request.headers
        ):
            self._owner.apply_auth(request, auth, "the call, which is back at its origin")


def overridden_methods(overrides: Overrides) -> frozenset[str]:
    """Return the names of the methods that are not the library's own.

    They may be overridden by a class, or on one session alone.
    """
    kind: Any = type(overrides)
    own: Any = getattr(overrides, "__dict__", ())
    if (
        kind.get_redirect_target is GET_REDIRECT_TARGET
        and kind.rebuild_method is _REBUILD_METHOD
        and kind.rebuild_auth is _REBUILD_AUTH
        and kind.should_strip_auth is _SHOULD_STRIP_AUTH
        and "get_redirect_target" not in own
        and "rebuild_method" not in own
        and "rebuild_auth" not in own
        and "should_strip_auth" not in own
    ):
        return _NONE  # Most sessions have their own.
    return frozenset(
        name
        for name, own in _OWN_METHODS.items()
        if getattr(getattr(overrides, name), "__func__", None) is not own
    )


def _changes(planned: list[FieldLine], found: list[FieldLine], origin: str) -> list[Decision]:
    """Compare the fields of a request with the plan: one decision for each name that differs."""
    names = {line[0].lower(): line[0] for line in {*planned} ^ {*found}}
    return [
        Decision(
            code="auth.overridden" if lowered == "authorization" else "field.overridden",
            subject="Authorization" if lowered == "authorization" else name,
            reason="an override of the session set, kept or dropped it for this origin",
            after=origin,
        )
        for lowered, name in sorted(names.items())
        if lowered not in _NOT_COMPARED
    ]
