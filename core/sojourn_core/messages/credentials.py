"""Credentials, with the class of the requests that they are set on.

``rules`` has them, and stands below requests, so that it cannot name their class. What is public
is named here, for type checkers; at run time each is the class of ``rules``, and nothing loads
this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sojourn_core.rules.auth import credentials, digest_auth

    from .request import PreparedRequest

    class AuthBase(credentials.AuthBase):
        """The base of every authentication."""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            """Set the credentials on a request and return it."""
            ...

    class AuthFlow(AuthBase, credentials.AuthFlow):
        """Credentials that may take more than one request."""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            """Set what is known already, before the first sending of a hop."""
            ...

        # An override names the response of its binding, or the core's for both.
        def respond(self, request: PreparedRequest, response: Any) -> PreparedRequest | None:
            """Decide what to send next, after this response."""
            ...

    class HTTPBasicAuth(AuthBase, credentials.HTTPBasicAuth):
        """Basic credentials (RFC 7617)."""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            """Set Authorization."""
            ...

    class HTTPProxyAuth(HTTPBasicAuth, credentials.HTTPProxyAuth):
        """Basic credentials for a proxy."""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            """Set Proxy-Authorization."""
            ...

    class BearerAuth(AuthBase, credentials.BearerAuth):
        """A bearer token (RFC 6750)."""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            """Set Authorization."""
            ...

    class HTTPDigestAuth(AuthFlow, digest_auth.HTTPDigestAuth):
        """Digest credentials (RFC 7616)."""

        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            """Set Authorization, if a nonce is known."""
            ...

        def respond(self, request: PreparedRequest, response: Any) -> PreparedRequest | None:
            """Answer a challenge."""
            ...

    class HTTPProxyDigestAuth(HTTPDigestAuth, digest_auth.HTTPProxyDigestAuth):
        """Digest credentials for a proxy."""

else:
    from sojourn_core.rules.auth.credentials import (
        AuthBase,
        AuthFlow,
        BearerAuth,
        HTTPBasicAuth,
        HTTPProxyAuth,
    )
    from sojourn_core.rules.auth.digest_auth import HTTPDigestAuth, HTTPProxyDigestAuth

__all__ = [
    "AuthBase",
    "AuthFlow",
    "BearerAuth",
    "HTTPBasicAuth",
    "HTTPDigestAuth",
    "HTTPProxyAuth",
    "HTTPProxyDigestAuth",
]
