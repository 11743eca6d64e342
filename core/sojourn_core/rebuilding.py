"""What a session does to the request of a redirect: the methods that subclasses override.

Each method changes the prepared request it is given, as in Requests. ``Call`` asks them through the
session, so that a subclass which overrides one changes what happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .decision import Decision
from .redirect import redirect_target, strips_authorization
from .url import parse_url

if TYPE_CHECKING:
    from .policy import Policy
    from .request import PreparedRequest
    from .response import Response


class RedirectRules:
    """The redirect methods of a session."""

    policy: Policy

    def get_redirect_target(self, resp: Response) -> str | None:
        """The Location that a response redirects to, as octets in text, or None."""
        return redirect_target(resp.status_code or 0, resp.headers)

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        """Whether Authorization must not go along from one URL to the other."""
        return strips_authorization(parse_url(old_url), parse_url(new_url), self.policy)

    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Set the method of the request that follows a redirect."""
        method = prepared_request.method
        if method is not None:
            prepared_request.method = self.policy.method_after(response.status_code or 0, method)

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Drop an Authorization that does not belong to the new URL."""
        headers = prepared_request.headers
        if "authorization" not in headers:
            return
        old = response.request.url if response.request is not None else response.url
        new = prepared_request.url
        assert old is not None
        assert new is not None
        if self.should_strip_auth(old, new):
            headers.discard("authorization")
            prepared_request.decided(
                Decision(
                    code="auth.stripped.cross-origin",
                    subject="Authorization",
                    reason="it belongs to the origin that it was given for",
                    section="RFC 9110 15.4",
                    before=str(parse_url(old).origin),
                    after=str(parse_url(new).origin),
                )
            )

    def rebuild_proxies(self, prepared_request: PreparedRequest, proxies: Any) -> Any:
        """The proxies of the next hop. Proxy-Authorization is the route's, never the request's."""
        prepared_request.headers.discard("proxy-authorization")
        return proxies
