"""The methods by which a session makes the request of a redirect, for subclasses to override.

Each method changes the prepared request it is given, as in Requests. ``Call`` asks them through the
session, so that a subclass which overrides one changes what happens. A response is Any, since an
override names that of its binding. The rules are loaded with the first redirect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.rules.urls import location_text, parse_by
from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.url.url import URL


class RedirectRules:
    """The redirect methods of a session."""

    policy: Policy

    def netrc_credentials(self, prepared: PreparedRequest) -> tuple[str, str] | None:
        """Return the user and password that netrc has for the host of a request."""
        raise NotImplementedError

    def apply_auth(self, prepared: PreparedRequest, auth: Any, source: str) -> None:
        """Set credentials on a request."""
        raise NotImplementedError

    def resolve_proxies(
        self, url: URL, proxies: Any, environment: Environment | None = None
    ) -> dict[str, str]:
        """Return the proxies for one hop."""
        raise NotImplementedError

    def get_redirect_target(self, resp: Any) -> str | None:
        """Return the Location of a redirect, one character for each byte, or None.

        Under Requests' rules it is text, read as UTF-8.
        """
        from sojourn_core.rules.redirect import redirect_target

        policy = self.policy
        found = redirect_target(resp.status_code or 0, resp.headers, policy.redirect_statuses)
        return location_text(policy, found)

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        """Return whether Authorization must not go along from one URL to the other."""
        from sojourn_core.rules.redirect_fields import strips_authorization

        policy = self.policy
        return strips_authorization(parse_by(policy, old_url), parse_by(policy, new_url), policy)

    def rebuild_method(self, prepared_request: PreparedRequest, response: Any) -> None:
        """Set the method of the request that follows a redirect."""
        method = prepared_request.method
        if method is not None:
            prepared_request.method = self.policy.method_after(response.status_code or 0, method)

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Any) -> None:
        """Drop an Authorization that does not belong to the new URL, and ask netrc for one.

        netrc is asked only if the policy says so (``netrc_on_redirects``).
        """
        headers = prepared_request.headers
        old = response.request.url if response.request is not None else response.url
        new = prepared_request.url
        assert old is not None
        assert new is not None
        if "authorization" in headers and self.should_strip_auth(old, new):
            headers.discard("authorization")
            prepared_request.decided(
                Decision(
                    code="auth.stripped.cross-origin",
                    subject="Authorization",
                    reason="it belongs to the origin that it was given for",
                    section="RFC 9110 15.4",
                    before=str(parse_by(self.policy, old).origin),
                    after=str(parse_by(self.policy, new).origin),
                )
            )
        if self.policy.netrc_on_redirects:
            found = self.netrc_credentials(prepared_request)
            if found is not None:
                self.apply_auth(prepared_request, found, "netrc")

    def rebuild_proxies(
        self, prepared_request: PreparedRequest, proxies: dict[str, str] | None
    ) -> dict[str, str]:
        """Return the proxies of the next hop, with the Proxy-Authorization that belongs to them.

        The field is for the proxy that the hop goes through, and is taken off the request before
        anything is sent to an origin.

        Args:
            prepared_request: The next request.
            proxies: Those of the call, by scheme.
        """
        headers = prepared_request.headers
        headers.discard("proxy-authorization")
        environment = prepared_request.preparation.environment
        if not proxies and environment is not None and not environment.proxies:
            return {}  # As most calls have it.
        url = prepared_request.parsed_url
        from sojourn_core.rules.proxies import parse_proxy, proxy_authorization, select_proxy

        resolved = self.resolve_proxies(url, proxies, environment)
        chosen = select_proxy(url, resolved) if resolved and url.scheme == "http" else None
        if chosen:  # The empty text says to go directly.
            field = proxy_authorization(parse_proxy(chosen), self.policy.basic_charset)
            if field is not None:
                headers["Proxy-Authorization"] = field
        return resolved


GET_REDIRECT_TARGET: Final = RedirectRules.get_redirect_target
