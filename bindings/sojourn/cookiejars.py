"""Jars of the standard library as the jar of a session: their own rules, their own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.keeping import CookieKeeping

from .compat.cookies import (
    RequestsCookieJar,
    cookiejar_from_dict,
    extract_cookies_to_jar,
    get_cookie_header,
    merge_cookies,
)

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    from sojourn_core.decision import Decision
    from sojourn_core.request import PreparedRequest
    from sojourn_core.response import Response
    from sojourn_core.session import Session


class StandardKeeping(CookieKeeping):
    """The rules of ``http.cookiejar``, asked in the way of Requests.

    Under the policy's ``netscape`` rules the cookies of a request are those of the session and its
    own in one jar, which goes along with redirects. Under others they are kept apart, so that the
    request's own stay with the origin that was asked for.
    """

    def prepare(self, session: Session, request: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request, unless one was given by hand."""
        own: Any = cookiejar_from_dict(given or {}) if not _is_jar(given) else given
        request_any: Any = request
        if _one_jar(session):
            with session.guard:
                merged = merge_cookies(RequestsCookieJar(), session.cookies)
            request_any.cookies = merge_cookies(merged, own)
            self._set(request, request_any.cookies)
            return
        if given:
            request_any.cookies = merge_cookies(RequestsCookieJar(), own)
        if "cookie" not in request.headers:
            self.set_field(session, request, session.wall, unscoped=True)

    def set_field(
        self, session: Session, request: PreparedRequest, wall: float, *, unscoped: bool
    ) -> None:
        """Make the Cookie field from the jar and from the request's own cookies."""
        own: Any = request.cookies
        if _one_jar(session):
            jar: Any = RequestsCookieJar() if own is None else own
            with session.guard:
                merge_cookies(jar, session.cookies)
        else:
            jar = RequestsCookieJar()
            with session.guard:
                for cookie in session.cookies:
                    if unscoped or cookie.domain:
                        jar.set_cookie(cookie)
            if own is not None and unscoped:
                if session.policy.request_cookies_replace:
                    names = {cookie.name for cookie in own}
                    for cookie in list(jar):
                        if cookie.name in names:
                            jar.clear(cookie.domain, cookie.path, cookie.name)
                merge_cookies(jar, own)
        self._set(request, jar)

    def _set(self, request: PreparedRequest, jar: CookieJar) -> None:
        field = get_cookie_header(jar, request)
        if field is not None:
            request.set_jar_field(field)

    def has_cookies(self, response: Response) -> bool:
        """Always: what somebody's own transport hands over is asked, whatever it looks like."""
        return True

    def store(
        self, session: Session, request: PreparedRequest, response: Response, wall: float, hop: int
    ) -> list[Decision]:
        """Keep the cookies that a response sets. The jar says nothing of its reasons."""
        source: Any = response.raw if _one_jar(session) else response
        if source is not None:
            with session.guard:
                extract_cookies_to_jar(session.cookies, request, source)
        return []


STANDARD_KEEPING: Final = StandardKeeping()


def _one_jar(session: Session) -> bool:
    return session.policy.cookie_rules == "netscape"


def _is_jar(cookies: Any) -> bool:
    from http.cookiejar import CookieJar

    return isinstance(cookies, CookieJar)
