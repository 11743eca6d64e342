"""The meeting of jars and requests: the Cookie field of a request, the cookies of a response.

``CookieKeeping`` does it with the jar of RFC 6265bis. A session asks for it through its
``keeping``; a binding has another one for jars of other kinds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core.rules.cookies import NO_GUARD, CookieJar, cookies_from
from sojourn_core.rules.cookies.domain import HOSTS_KNOWN_MAX, is_loopback
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import InvalidArgument, InvalidHeader, RequestException, not_taken
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.url.url import build_url, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from sojourn_core.messages.arguments import CookieOfAnother
    from sojourn_core.messages.preparation import Preparation
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.cookies import Cookie
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.fields import FieldLine, Fields
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.url.url import URL

_COUNTS_KNOWN_MAX: Final = 64


class LastSent(NamedTuple):
    """The fields of a request before and after it was given its cookies.

    The next request is mostly one to the same site, by the same session with the same fields: then
    it gets what the last one got.

    Attributes:
        before: Its preparation before.
        lines: Its field lines before.
        field: The Cookie field.
        headers: Its fields after.
        preparation: Its preparation after.
    """

    before: Preparation
    lines: list[FieldLine]
    field: str
    headers: Fields
    preparation: Preparation


class JarOwner(Protocol):
    """Whose jar it is: a session.

    Attributes:
        cookies: The jar.
        guard: A reentrant lock; a jar without one is given it.
        jar_wall: A clock, in seconds since 1970, for steps that a caller takes; None without one.
        keeping: The rules of the jar.
        last_sent: What the last request got of the jar; None if none did.
        limits: What a peer may send.
        policy: The choices on which clients differ.
        stores_elsewhere: The jar may find cookies elsewhere than in Set-Cookie lines.
        wall: The time, in seconds since 1970.
    """

    cookies: Any
    guard: AbstractContextManager[Any]
    jar_wall: Callable[[], float] | None
    keeping: CookieKeeping
    last_sent: LastSent | None
    limits: Limits
    policy: Policy
    stores_elsewhere: bool
    wall: float

    def new_jar(self) -> Any:
        """Return an empty jar, as a new session has."""
        ...

    def keeping_of(self, jar: Any) -> CookieKeeping:
        """Return the rules of a jar."""
        ...


class GuardedJar:
    """The attribute ``cookies`` of a session: a jar without guard or clock is given the session's.

    None leaves an empty jar. It has no ``__get__``, so reading the attribute costs nothing.
    """

    if TYPE_CHECKING:

        def __get__(self, session: object, owner: type | None = None) -> CookieJar: ...

    def __set__(self, session: Any, jar: CookieJar | Iterable[CookieOfAnother] | None) -> None:
        """Set the jar.

        Raises:
            InvalidArgument: It is no jar.
        """
        if jar is None:
            jar = session.new_jar()
        if isinstance(jar, CookieJar):
            if jar.guard is NO_GUARD:
                jar.guard = session.guard
            jar.wall = jar.wall or session.jar_wall
        elif not hasattr(jar, "extract_cookies"):
            raise not_taken("session.cookies", "a CookieJar, or a jar of http.cookiejar", jar)
        session.__dict__["cookies"] = jar
        session.keeping = session.keeping_of(jar)
        session.stores_elsewhere = not isinstance(jar, CookieJar)


class CookieKeeping:
    """The rules of one kind of jar; it holds nothing itself."""

    def prepare(self, session: JarOwner, request: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request.

        Args:
            session: Whose jar and policy apply.
            request: Has a URL and fields. A Cookie field given by hand stays as it is.
            given: The cookies of this very request: a mapping, a jar, or None.
        """
        if "cookie" in request.headers.by_name():
            if given:
                request.prepare_cookies(given)
            return
        if given:
            try:
                request.cookies = cookies_from(given, session.wall)
            except InvalidArgument:
                raise
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
            at_home: The next one goes to the origin that the caller asked for.
            same_origin: It goes to the origin of ``old``.
        """
        policy = session.policy
        headers = request.headers
        by_hand: str | None = None
        if "cookie" in headers.by_name():
            given = "; ".join(headers.get_all("cookie"))
            # A field that was made here before is not given by hand, though part of it may be.
            made = old.preparation.of("cookie", given)
            by_hand = given if made is None else made.by_hand
            headers.discard("cookie")
        if "cookie" in request.preparation.derived:
            request.set_jar_field(None)
        if request.cookies is not None and policy.request_cookies_replace:
            self.give_way(session, old, request, response, wall)
        unscoped = at_home or policy.unscoped_cookies_travel
        self.set_field(session, request, wall, unscoped=unscoped)
        if by_hand is not None and same_origin and policy.keeps_cookie_field:
            # Cookies that the jar has gained go along, except under a name given by hand.
            names = {pair.partition("=")[0].strip() for pair in by_hand.split(";")}
            gained = [
                pair
                for pair in request.headers.by_name().get("cookie", "").split("; ")
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
            unscoped: Cookies that were set without a domain may go along.
        """
        by_host = session.policy.cookies_by_host_field
        url = cookie_url(session, request) if by_host else request.parsed_url
        secure = url.scheme == "https" or is_secure(
            url.scheme, url.origin.host, session.policy.localhost_is_secure
        )
        own = request.cookies
        jar = session.cookies
        if own is None:
            field = jar.cookie_field(url, wall, unscoped=unscoped, secure=secure)
        else:
            given = own.retrieve(url, wall, secure=secure) if unscoped else []
            kept = jar.retrieve(url, wall, unscoped=unscoped, secure=secure)
            names = own.left_out
            if session.policy.request_cookies_replace:
                names.update(cookie.name for cookie in given)
            places = {_place(cookie) for cookie in given}
            kept = [
                cookie
                for cookie in kept
                if cookie.name not in names and _place(cookie) not in places
            ]
            field = _join(kept, given, jar.limits)
        if field is not None:
            last, known, lines = session.last_sent, request.preparation, request.headers.lines
            if (
                last is not None
                and last.before is known
                and last.lines is lines
                and last.field == field
            ):
                request.headers, request.preparation = last.headers.copy(), last.preparation
                return
            request.set_jar_field(field, None, _sent(field.count(";") + 1))
            headers = request.headers.copy()
            session.last_sent = LastSent(known, lines, field, headers, request.preparation)

    def store(
        self, session: JarOwner, request: PreparedRequest, response: Response, wall: float, hop: int
    ) -> list[Decision]:
        """Keep the cookies that a response sets.

        Returns:
            A decision on each of them.
        """
        lines = response.headers.get_all("set-cookie")
        by_host = session.policy.cookies_by_host_field
        url = cookie_url(session, request) if by_host else request.parsed_url
        decisions: list[Decision] = session.cookies.store(
            lines,
            url,
            wall,
            hop=hop,
            secure=is_secure(url.scheme, url.origin.host, session.policy.localhost_is_secure),
        )
        return decisions

    def give_way(
        self,
        session: JarOwner,
        old: PreparedRequest,
        request: PreparedRequest,
        response: Response,
        wall: float,
    ) -> None:
        """Take those of a request's own cookies away that a response has set anew or deleted.

        For the rest of the call the newer takes the place of the older (RFC 6265bis 5.7). A cookie
        that was given without a domain is one of the host that it is sent to.

        Args:
            session: Whose policy applies.
            old: The request that was answered.
            request: The next one; its cookies are a copy of those of ``old``.
            response: The answer.
            wall: Seconds since 1970.
        """
        own: Any = request.cookies
        lines = response.headers.get_all("set-cookie")
        sent = old.headers.by_name().get("cookie")
        if not lines or sent is None or not len(own):
            return
        url = cookie_url(session, old)
        rule = getattr(session.cookies, "is_public_suffix", None)
        scratch = CookieJar(limits=session.limits, is_public_suffix=rule)
        scratch.store(
            lines,
            url,
            wall,
            secure=is_secure(url.scheme, url.origin.host, session.policy.localhost_is_secure),
        )
        pairs = sent.split("; ")
        for changed in [*scratch, *scratch.deletions()]:
            for cookie in list(own):
                domain = cookie.domain.removeprefix(".")
                same = domain == changed.domain and cookie.path == changed.path
                # One without a domain was given for the origin that the caller asked for, and this
                # is a response from there if it was sent.
                at_home = not domain and f"{cookie.name}={cookie.value}" in pairs
                if cookie.name == changed.name and (same or at_home):
                    own.clear(cookie.domain, cookie.path, cookie.name)


COOKIE_KEEPING: Final = CookieKeeping()


def _place(cookie: Cookie) -> tuple[str, str, str]:
    """Return the name, domain and path, of which a jar keeps one cookie only."""
    return cookie.name, cookie.domain, cookie.path


def _join(kept: list[Cookie], given: list[Cookie], limits: Limits) -> str | None:
    """Build the Cookie field of a jar's cookies and a request's own, which are all sent.

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


@lru_cache(maxsize=_COUNTS_KNOWN_MAX)
def _sent(count: int) -> Decision:
    """Return the decision that so many of the jar's cookies are sent."""
    return Decision(
        code="cookie.sent",
        subject="Cookie",
        reason=f"{count} of the jar's cookies fit this URL",
        section="RFC 6265bis 5.8.3",
    )


@lru_cache(maxsize=HOSTS_KNOWN_MAX)
def is_secure(scheme: str, host: str, localhost_is_secure: bool) -> bool:
    """Say whether a connection counts as secure for cookies (RFC 6265bis 5.8.3).

    Args:
        scheme: Of the URL.
        host: Likewise.
        localhost_is_secure: As in the policy.
    """
    return scheme == "https" or (localhost_is_secure and is_loopback(host))


def cookie_url(session: JarOwner, request: PreparedRequest) -> URL:
    """Return the URL whose cookies a request deals in: its own, or by its Host field (Q34).

    A Host field may hold what is no host; such a request deals in those of its URL.
    """
    url = request.parsed_url
    if session.policy.cookies_by_host_field:
        host = request.headers.first("host")
        if host is not None and host != url.host_field:
            try:
                place = parse_url(f"{url.scheme}://{host}/")
            except RequestException:
                return url
            return build_url(place.endpoint, url.path, url.query, None)
    return url
