"""The journey of a request: its facts, and the next state and command for each reply."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from sojourn_core.messages.declared_length import oversize
from sojourn_core.messages.fail import Fail
from sojourn_core.messages.send import Send
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.values.content.content import Content
from sojourn_core.values.errors import (
    DeadlineExceeded,
    RequestException,
    UnrewindableBodyError,
    unsent,
)
from sojourn_core.values.fields import Fields
from sojourn_core.values.hooks import hooks_for
from sojourn_core.values.route import DIRECT

from .chain import Chain
from .commands import Delegate, Deliver, Discard, Hook, Load, Pause, Rewind
from .dispatch import choose_route
from .final_check import inspect, is_declined
from .hop import Hop
from .nested import take_over
from .ports import ALONE, DELEGATED, NESTED
from .redirect_methods import GET_REDIRECT_TARGET
from .states import (
    DELEGATING,
    ENDED,
    REWINDING,
    SENDING,
    Discarding,
    Hooking,
    Loading,
    Pausing,
    Refusing,
)

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.hooks import Hook as HookFunction

    from .challenges import Challenges
    from .ports import CallSettings, Mode, Owner
    from .retrying import Retrying
    from .states import State, Step


_following: Any = None  # The module, once it is loaded: to import it for each hop takes a while.


def _load_following() -> Any:
    """Load what follows redirects, with the first of them."""
    global _following  # noqa: PLW0603 - the one place that sets it
    from . import following

    _following = following
    return following


class Journey:
    """The facts of a call, and the steps that it takes.

    Args:
        request: The first request, prepared.
        owner: Whose methods are asked, and whose jar.
        rules: The settings of the call.
        settings: For the wire.
        mode: Who follows redirects.

    Attributes:
        hop: The request that is under way.
        chain: What came before it, and what was decided.
        deadline: When the call must be over.
        challenges, retrying: Credentials that answer challenges, and its retries; None for none.
        settings: For the wire; the proxies are those of the current hop.
        mode, owner, rules: As given.
    """

    __slots__ = (
        "chain",
        "challenges",
        "deadline",
        "hop",
        "mode",
        "owner",
        "retrying",
        "rules",
        "settings",
    )

    def __init__(
        self,
        request: PreparedRequest,
        owner: Owner,
        rules: CallSettings,
        settings: SendSettings,
        mode: Mode,
    ) -> None:
        try:
            url = request.parsed_url
        except RequestException as error:
            unsent(error, request)
            raise
        self.hop = Hop(request, url, request.preparation.home or url.origin)
        self.owner = owner
        self.rules = rules
        self.settings = settings
        self.mode = mode
        self.deadline = inf
        self.chain = Chain(rules.policy.lists_challenges)
        self.challenges: Challenges | None = None
        self.retrying: Retrying | None = None

    # --- the request ----------------------------------------------------------------------------

    def begin(self, now: float) -> None:
        """Begin: time runs from now."""
        total = self.settings.timeouts.total
        if total is not None:
            self.deadline = now + total
        auth = self.hop.request.auth
        if isinstance(auth, AuthFlow):
            self._answer_challenges(auth)

    def _answer_challenges(self, auth: AuthFlow | None) -> None:
        from .challenges import Challenges

        self.challenges = Challenges(self.rules, self.chain, auth)

    def set_out(self, now: float) -> Step:
        """Send the first request; time runs from now."""
        hop = self.hop
        if self.settings.timeouts.total is not None or isinstance(hop.request.auth, AuthFlow):
            self.begin(now)
        if self.challenges is not None:  # The caller may send it again: a copy is changed.
            hop.request = self.challenges.begin_hop(hop.request.copy(), hop.url, hop)
        request = hop.request
        # Decisions of preparing are the first hop's, as they say.
        self.chain.decisions.extend(request.preparation.decisions)
        if request.body is None:
            return self.send(now)
        return self.replay(hop, now)  # Its content may have been used by another call.

    def send(self, now: float) -> Step:
        """Send the request of the hop: every request of the call goes out through here."""
        hop, rules, settings = self.hop, self.rules, self.settings
        if rules.turns is not None and self.mode is not NESTED:
            from .pacing import turn_of  # Most sessions have no limit.

            turn = turn_of(rules.turns, hop, self.chain, now, self.deadline)
            if turn > now:
                return Pausing(hop), Pause(turn)
        if settings.proxies and self.challenges is None:
            self._answer_challenges(None)
        decisions: list[Decision] = []
        told = None
        try:
            names = inspect(hop, rules.policy, decisions, rules.limits)
            if settings.proxies or "proxy-authorization" in names:
                told = choose_route(hop, settings, self.challenges, rules.policy, decisions)
            else:
                hop.route = DIRECT
        except RequestException as error:
            self.chain.log(decisions)
            unsent(error, hop.request)
            return self.fail(error)
        if decisions:
            self.chain.log(decisions)
        if now >= self.deadline:
            said = "the call took longer than it may in all"
            return self.fail(DeadlineExceeded(said, maybe_sent=False))
        hop.sent_at = now
        fresh, hop.fresh = hop.fresh, False
        return SENDING, Send(hop.request, hop.route, settings, self.deadline, fresh, told)

    def pause(self, hop: Hop, until: float, now: float) -> Step:
        """Send the request of a hop again, at that time."""
        return (Pausing(hop), Pause(until)) if until > now else self.replay(hop, now)

    def replay(self, hop: Hop, now: float) -> Step:
        """Send a request whose content may have been used up."""
        self.hop = hop
        content = None if hop.request.body is None else hop.request.content
        if isinstance(content, Content) and content.touched:
            if not content.rewindable:
                said = "the content was a stream and cannot be sent again"
                return self.fail(UnrewindableBodyError(said))
            return REWINDING, Rewind(content)
        return self.send(now)

    # --- a response is there --------------------------------------------------------------------

    def arrived(self, response: Response, now: float) -> Step:
        """Take a response whose head is there."""
        hop, chain, owner = self.hop, self.chain, self.owner
        if response.url is None:  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
            response.url = hop.request.url
        fields = response.headers
        if not isinstance(fields, Fields):  # pyright: ignore[reportUnnecessaryIsInstance] - a transport of somebody's
            fields = response.headers = Fields(fields)
        if self.mode is NESTED and chain.redirects > 0:
            self.hop = take_over(hop, chain.decisions, response)
            return self.lead(response, now)
        if response.request is not hop.request:
            hop.named = response.request = response.request or hop.request
        response.seconds = now - hop.sent_at
        response.received_at = now + owner.wall_offset
        response.text_charset = self.rules.policy.text_charset
        response.hop = len(chain.history)
        if response.left_out:
            chain.log(response.left_out)
            hop.note_hedge(response.left_out)
        response.decisions = chain.decisions
        if self.rules.turns is not None:
            self.rules.turns.heed(hop.url.origin, response, now)
        if self.challenges is not None or self.retrying is not None or response.status_code == 417:
            return self._consider(response, now)
        if hop.request.hooks.get("response") or response.history:
            return self._show(response, now)
        if "set-cookie" in fields.by_name() or owner.stores_elsewhere:
            chain.decisions.extend(owner.store_cookies(hop.request, response, now, response.hop))
        return self.lead(response, now)

    def _consider(self, response: Response, now: float) -> Step:
        """See whether the request is sent again, or the response is a challenge."""
        hop, challenges = self.hop, self.challenges
        if response.status_code == 417 and is_declined(hop, self.chain):
            self._store_cookies(response, now)
            return self.discard(Discarding(hop), response, now)
        if self.retrying is not None:
            until = self.retrying.after_response(hop, response, now, self.deadline)
            if until is not None:
                self._store_cookies(response, now)
                return self.discard(Discarding(hop, until), response, now)
        if challenges is None:
            return self._show(response, now)
        if challenges.reads_content(response, hop):
            return Loading(response), Load(response)
        return self.challenged(response, now)

    def challenged(self, response: Response, now: float) -> Step:
        """Answer a challenge, if it is one that there is an answer to."""
        hop, challenges = self.hop, self.challenges
        assert challenges is not None
        hop.url = hop.request.parsed_url  # A transport may have set another.
        try:
            answer = challenges.answer(response, hop)
        except RequestException as error:
            if error.response is None:
                error.response = response
            return self.discard(Refusing(error), response, now)
        if answer is None:
            return self._show(response, now)
        self._store_cookies(response, now)
        answering = challenges.follow(answer, response, hop, self.owner, now)
        self.chain.append(response)
        return self.discard(Discarding(answering), response, now)

    def _show(self, response: Response, now: float) -> Step:
        if not self.hop.request.hooks.get("response"):
            return self._settle(response, now)
        return self.show_next(response, hooks_for("response", self.hop.request.hooks), now)

    def show_next(self, response: Response, left: list[HookFunction], now: float) -> Step:
        """Show a response to the next hook; go on with it after the last one."""
        if left:
            arguments = self.settings.for_hooks()
            return Hooking(response, left[1:]), Hook(left[0], response, arguments)
        response.decisions = self.chain.decisions
        request = self.hop.answered_by(response)
        if request is not self.hop.request:
            # A hook sent something of its own, and it is that which a redirect answers.
            url = request.parsed_url
            self.hop = Hop(request, url, request.preparation.home or url.origin)
        return self._settle(response, now)

    def _settle(self, response: Response, now: float) -> Step:
        """Store the cookies of a response that hooks have seen, and see where it leads."""
        for each in (*response.history, response):  # A hook may have gone through some by itself.
            self._store_cookies(each, now)
        return self.lead(response, now)

    def _store_cookies(self, response: Response, now: float) -> None:
        owner, chain = self.owner, self.chain
        if response.url is None or not (  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
            "set-cookie" in response.headers.by_name() or owner.stores_elsewhere
        ):
            return
        request = self.hop.answered_by(response)
        chain.decisions.extend(owner.store_cookies(request, response, now, len(chain.history)))

    def lead(self, response: Response, now: float) -> Step:
        """Go where a response leads."""
        mode, hop = self.mode, self.hop
        if mode is ALONE or mode is DELEGATED:
            response.follow_with(self.preview)
            if mode is ALONE:
                return self.deliver(response, now)
            request = hop.answered_by(response)
            return DELEGATING, Delegate(response, request, self.settings.for_hops())
        if response.status_code not in self.rules.policy.redirect_statuses and (
            getattr(self.owner.get_redirect_target, "__func__", None) is GET_REDIRECT_TARGET
        ):
            return self.deliver(response, now)  # Most responses lead nowhere.
        step: Step = (_following or _load_following()).lead_on(self, response, now)
        return step

    def preview(self, response: Response) -> PreparedRequest | None:
        """Return the request that a delivered response would lead to (``response.next``)."""
        request: PreparedRequest | None = (_following or _load_following()).preview(self, response)
        return request

    # --- drained, handed over, failed -------------------------------------------------------------

    def refuse_request(
        self, response: Response, error: RequestException, method: str, now: float
    ) -> Step:
        """Fail because the request that a redirect leads to cannot be made."""
        if error.response is None:
            error.response = response
        self.chain.note_refused_request(method)
        return self.discard(Refusing(error), response, now, follows=True)

    def discard(
        self,
        state: State,
        response: Response,
        now: float,
        limit: int | None = None,
        *,
        follows: bool = False,
    ) -> Step:
        limits = self.rules.limits
        deadline = min(now + limits.drain_seconds_max, self.deadline)
        size = limits.drain_size_max if limit is None else limit
        return state, Discard(response, size, deadline, follows)

    def deliver(self, response: Response, now: float) -> Step:
        """Hand a response over, unless its head declares more content than there may be."""
        chain = self.chain
        if chain.history:
            whole = chain.lists_challenges or not (chain.redirects or response.is_redirect)
            response.history = chain.history[:] if whole else chain.before_redirect()
        load, most = not self.settings.stream, self.rules.limits.content_size_max
        is_hop = chain.redirects == 0 and self.hop.request.preparation.home is not None
        if (is_hop or self.mode is NESTED) and response.is_redirect:
            load = False  # Whoever follows it drains it, within limits.
        elif most is not None and (error := oversize(response, most)) is not None:
            return self.discard(Refusing(error), response, now, 0)
        if self.retrying is not None:
            self.retrying.ended()
        return ENDED, Deliver(response, load)

    def fail(self, error: Exception) -> Step:
        if isinstance(error, RequestException):
            self.chain.tell(error, self.hop)
        return ENDED, Fail(error)
