"""Where jars and requests meet: which Cookie field a request gets, and what a response leaves.

``CookieKeeping`` does it with the jar of RFC 6265bis. A session asks for it through its
``keeping``; a binding has another one for jars of other kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core.rules.cookies import cookies_from
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import InvalidHeader, RequestException
from sojourn_core.values.url.url import parse_url

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.cookies import Cookie
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.url import URL


class JarOwner(Protocol):
    """Whose jar it is: a session.

    Attributes:
        cookies: The jar.
        guard: A lock that is held for steps on the jar.
        policy: The choices on which clients differ.
        wall: The time, in seconds since 1970.
    """

    cookies: Any
    guard: AbstractContextManager[Any]
    policy: Policy
    wall: float


class CookieKeeping:
    """The rules of one kind of jar; it holds nothing itself."""

    def prepare(self, session: JarOwner, request: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request.

        Args:
            session: Whose jar and policy apply.
            request: Has a URL and fields. A Cookie field given by hand stays as it is.
            given: The cookies of this very request: a mapping, a jar, or None.
        """
        if "cookie" in request.headers:
            if given:
                request.prepare_cookies(given)
            return
        if given:
            try:
                request.cookies = cookies_from(given)
            except ValueError as error:
                raise InvalidHeader(f"a cookie cannot be sent: {error}") from error
        self.set_field(session, request, session.wall, unscoped=True)

    def rebuild(
        self,
        session: JarOwner,
        old: PreparedRequest,
        request: PreparedRequest,
        response: Response,
        wall: float,
        *,
        at_home: bool,
        same_origin: bool,
    ) -> None:
        """Set the Cookie field of the next hop: retrieved anew, what was given by hand kept.

        Args:
            session: Whose jar and policy apply.
            old: The request that was answered.
            request: The next one, with the Cookie field of ``old`` or none.
            response: The answer; its cookies are in the jar already.
            wall: Seconds since 1970.
            at_home: Whether the next one goes to the origin that the caller asked for.
            same_origin: Whether it goes to the origin of ``old``.
        """
        policy = session.policy
        headers = request.headers
        given = "; ".join(headers.get_all("cookie")) or None
        # What was made here before is not given by hand, though part of it may have been.
        made = old.preparation.of("cookie", given)
        by_hand = given if made is None else made.by_hand
        headers.discard("cookie")
        request.set_jar_field(None)
        unscoped = at_home or policy.unscoped_cookies_travel
        self.set_field(session, request, wall, unscoped=unscoped)
        if by_hand is not None and same_origin and policy.keeps_cookie_field:
            # What the jar has gained meanwhile goes along, except under a name given by hand.
            names = {pair.partition("=")[0].strip() for pair in by_hand.split(";")}
            gained = [
                pair
                for pair in request.headers.get("cookie", "").split("; ")
                if pair and pair.partition("=")[0] not in names
            ]
            request.set_jar_field("; ".join([by_hand, *gained]), by_hand)

    def set_field(
        self, session: JarOwner, request: PreparedRequest, wall: float, *, unscoped: bool
    ) -> None:
        """Make the Cookie field from the jar and from the request's own cookies.

        Args:
            session: Whose jar and policy apply.
            request: Has no Cookie field of its own.
            wall: Seconds since 1970.
            unscoped: Whether cookies that were set without a domain may go along.
        """
        url = cookie_url(session, request)
        own = request.cookies if unscoped else None
        jar = session.cookies
        with session.guard:
            if own is None:
                field = jar.cookie_field(url, wall, unscoped=unscoped)
            else:
                given = own.retrieve(url, wall)
                kept = jar.retrieve(url, wall, unscoped=unscoped)
                if session.policy.request_cookies_replace:
                    names = {cookie.name for cookie in given}
                    kept = [cookie for cookie in kept if cookie.name not in names]
                else:
                    places = {_place(cookie) for cookie in given}
                    kept = [cookie for cookie in kept if _place(cookie) not in places]
                field = _join(kept, given, jar.limits)
        request.set_jar_field(field)
        if field is not None:
            request.decided(
                Decision(
                    code="cookie.sent",
                    subject="Cookie",
                    reason=f"{field.count(';') + 1} of the jar's cookies fit this URL",
                    section="RFC 6265bis 5.8.3",
                )
            )

    def has_cookies(self, response: Response) -> bool:
        """Whether a response sets any."""
        return "set-cookie" in response.headers.by_name()

    def store(
        self, session: JarOwner, request: PreparedRequest, response: Response, wall: float, hop: int
    ) -> list[Decision]:
        """Keep the cookies that a response sets.

        Returns:
            What became of each of them.
        """
        lines = response.headers.get_all("set-cookie")
        with session.guard:
            decisions: list[Decision] = session.cookies.store(
                lines, cookie_url(session, request), wall, hop=hop
            )
        return decisions


COOKIE_KEEPING: Final = CookieKeeping()


def _place(cookie: Cookie) -> tuple[str, str, str]:
    """What two cookies have in common if a jar keeps one of them only."""
    return cookie.name, cookie.domain, cookie.path


def _join(kept: list[Cookie], given: list[Cookie], limits: Limits) -> str | None:
    """The Cookie field of a jar's cookies and a request's own, which are all sent.

    Those of the jar take what the limits leave, as in ``CookieJar.cookie_field``: no server can
    make the next request fail.
    """
    own = [cookie.pair for cookie in given]
    size_left = limits.cookie_field_size_max + len("; ") - sum(len(f"{pair}; ") for pair in own)
    pairs: list[str] = []
    for cookie in kept:
        if len(pairs) + len(own) >= limits.cookies_sent_max:
            break
        size = len(cookie.pair) + len("; ")
        if size <= size_left:
            size_left -= size
            pairs.append(cookie.pair)
    return "; ".join(pairs + own) or None


def cookie_url(session: JarOwner, request: PreparedRequest) -> URL:
    """The URL whose cookies a request deals in: its own, or by its Host field (Q34).

    A Host field may hold what is no host; such a request deals in those of its URL.
    """
    url = request.parsed_url
    if session.policy.cookies_by_host_field:
        host = request.headers.first("host")
        if host is not None and host != url.host_field:
            try:
                return parse_url(f"{url.scheme}://{host}{url.target}")
            except RequestException:
                return url
    return url
