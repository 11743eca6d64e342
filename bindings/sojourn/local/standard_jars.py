"""Jars of the standard library: as the jar of a session, and conversion to Sojourn's own and back.

As the jar of a session they keep their own rules and their own clock.
"""

from __future__ import annotations

from http.cookiejar import CookieJar as StandardJar
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn_core.rules.cookies import Cookie, CookieJar, cookie_like
from sojourn_core.session.cookie_store import CookieKeeping, JarOwner
from sojourn_core.values.errors import pairs_in
from sojourn_core.values.record import replace

from .jar_messages import extract_cookies_to_jar, get_cookie_header
from .netscape_jar import RequestsCookieJar, cookiejar_from_dict, merge_cookies

if TYPE_CHECKING:
    from http.cookiejar import Cookie as StandardCookie
    from http.cookiejar import CookiePolicy

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.values.decision import Decision


class StandardKeeping(CookieKeeping):
    """The rules of ``http.cookiejar``, applied as Requests does.

    Under the policy's ``netscape`` rules the session's cookies and the request's own are in one
    jar, which redirects carry along. Under other rules they are kept apart, so that the request's
    own stay with the origin requested.
    """

    def prepare(self, session: JarOwner, request: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request, unless one was given by hand."""
        own: Any = (
            given if _is_jar(given) else cookiejar_from_dict(dict(pairs_in("cookies", given or {})))
        )
        request_any: Any = request
        if _one_jar(session):
            with session.guard:
                merged = merge_cookies(RequestsCookieJar(), session.cookies)
            request_any.cookies = merge_cookies(merged, own)
            field = get_cookie_header(request_any.cookies, request)
            if field is not None:
                request.set_jar_field(field)
            return
        if given:
            request_any.cookies = merge_cookies(RequestsCookieJar(), own)
            for cookie in own if own is not given else ():
                if cookie.value is None:
                    cookie.set_nonstandard_attr(_LEFT_OUT, "")
        if "cookie" not in request.headers:
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
        """Set the Cookie field of the next hop; a cookie that the answer takes back goes nowhere.

        Under the policy's ``netscape`` rules the request's jar has the session's cookies as well.
        """
        if _one_jar(session) and request.cookies is not None and response.raw is not None:
            extract_cookies_to_jar(cast("Any", request.cookies), old, response.raw)
        super().rebuild(
            session, old, request, response, wall, at_home=at_home, same_origin=same_origin
        )

    def set_field(
        self, session: JarOwner, request: PreparedRequest, wall: float, *, unscoped: bool
    ) -> None:
        """Set the Cookie field from the jar and from the request's own cookies."""
        own: Any = request.cookies
        if _one_jar(session):
            jar: Any = RequestsCookieJar() if own is None else own
            with session.guard:
                merge_cookies(jar, session.cookies)
            fields = [get_cookie_header(jar, request)]
        else:
            fields = [_field_of(session, request, own, unscoped=unscoped)]
            if own is not None and unscoped:
                fields.append(get_cookie_header(_without_left_out(own), request))
        field = "; ".join(field for field in fields if field)
        if field:
            request.set_jar_field(field)

    def store(
        self, session: JarOwner, request: PreparedRequest, response: Response, wall: float, hop: int
    ) -> list[Decision]:
        """Store the cookies that a response sets. The jar gives no reasons, so no decisions."""
        source: Any = response.raw if _one_jar(session) else response
        jar = session.cookies
        kind: Any = jar.__class__
        own_rules = kind.extract_cookies is StandardJar.extract_cookies
        if source is not None and not (own_rules and getattr(source, "sets_no_cookies", False)):
            with session.guard:
                extract_cookies_to_jar(jar, request, source)
        return []


STANDARD_KEEPING: Final = StandardKeeping()

# Marks a cookie of a request that stands for a name to leave out, as ``{"a": None}`` does.
_LEFT_OUT: Final = "sojourn-left-out"


def _field_of(
    session: JarOwner, request: PreparedRequest, own: StandardJar | None, *, unscoped: bool
) -> str | None:
    """Return the session's cookies for a request, those that its own cookies replace left out."""
    names: set[str] = set()
    places: set[tuple[str, str, str]] = set()
    for cookie in own or ():
        left_out = cookie.has_nonstandard_attr(_LEFT_OUT)
        if unscoped:
            places.add((cookie.domain, cookie.path, cookie.name))
        if left_out or (unscoped and session.policy.request_cookies_replace):
            names.add(cookie.name)
    with session.guard:
        jar = StandardJar(getattr(session.cookies, "_policy", None))
        for cookie in session.cookies:
            place = (cookie.domain, cookie.path, cookie.name)
            if (unscoped or cookie.domain) and cookie.name not in names and place not in places:
                jar.set_cookie(cookie)
        return get_cookie_header(jar, request)


def _without_left_out(own: StandardJar) -> StandardJar:
    """Return the cookies of a request without the names that only take out the session's."""
    if not any(cookie.has_nonstandard_attr(_LEFT_OUT) for cookie in own):
        return own
    made = RequestsCookieJar(getattr(own, "_policy", None))
    for cookie in own:
        if not cookie.has_nonstandard_attr(_LEFT_OUT):
            made.set_cookie(cookie)
    return made


def _one_jar(session: JarOwner) -> bool:
    return session.policy.cookie_rules == "netscape"


def _is_jar(cookies: Any) -> bool:
    return isinstance(cookies, StandardJar)


# http.cookiejar appends it to a host without a dot (RFC 2965 section 1).
_LOCAL: Final = ".local"


def from_standard(jar: StandardJar) -> CookieJar:
    """Convert a jar of ``http.cookiejar``, or of Requests, to one of Sojourn's own.

    A cookie that ``http.cookiejar`` files under ``web.local`` may be of the host ``web`` or of
    ``web.local``, and is sent to both. So it becomes a cookie for each; but ``localhost.local`` is
    ``localhost``.

    Ports and comments of RFC 2965 are lost.

    Raises:
        ValueError: A cookie cannot be sent; the message names it.
    """
    from .public_suffixes import is_public_suffix

    made = CookieJar(is_public_suffix=is_public_suffix)
    for given in jar:
        for cookie in _from_standard(given):
            made.set_cookie(cookie)
    return made


def _from_standard(given: StandardCookie) -> list[Cookie]:
    from copy import copy

    given = copy(given)
    name = given.name
    nameless = given.value is None  # Its name alone is sent.
    domains = [given.domain]
    host = given.domain.removesuffix(_LOCAL)
    if not given.domain_specified and host != given.domain and "." not in host.strip("."):
        # An IPv6 address has no dot either.
        domains = [host] if host == "localhost" or ":" in host else [host, given.domain]
    cookies: list[Cookie] = []
    for domain in domains:
        given.domain = domain
        cookie = cookie_like(given)
        cookies.append(replace(cookie, name="", value=name) if nameless else cookie)
    return cookies


def to_standard(jar: CookieJar, policy: CookiePolicy | None = None) -> StandardJar:
    """Convert a jar of Sojourn's own to one of ``http.cookiejar``.

    Deletions and fractions of seconds are lost. SameSite and HttpOnly are kept as nonstandard
    attributes, which ``from_standard`` reads.

    Args:
        jar: The jar.
        policy: The policy of the new jar; None for ``http.cookiejar``'s default.
    """
    import http.cookiejar

    made = http.cookiejar.CookieJar(policy)
    for cookie in sorted(jar, key=lambda cookie: (cookie.created, cookie.serial)):
        made.set_cookie(_to_standard(cookie))
    return made


def _to_standard(cookie: Cookie) -> StandardCookie:
    import http.cookiejar

    domain = cookie.domain
    specified = bool(domain) and not cookie.host_only
    if specified:
        domain = f".{domain}"
    elif domain:
        domain = f"[{domain}]" if ":" in domain else domain
        domain += "" if "." in domain else _LOCAL
    rest: dict[str, str] = {}
    if cookie.http_only:
        rest["HttpOnly"] = ""
    if cookie.same_site:
        rest["SameSite"] = cookie.same_site
    return http.cookiejar.Cookie(
        version=0,
        name=cookie.name or cookie.value,
        value=cookie.value if cookie.name else None,
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=specified,
        domain_initial_dot=specified,
        path=cookie.path,
        path_specified=True,
        secure=cookie.secure,
        expires=None if cookie.expires is None else int(cookie.expires),
        discard=cookie.expires is None,
        comment=None,
        comment_url=None,
        rest=rest,
    )
