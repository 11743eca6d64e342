"""Credentials that are ready with the request: Basic and Bearer (RFC 9110 section 11).

An authentication is a callable that is shown the prepared request and returns it with its field
set, as in Requests, and the same object serves sync and asyncio.

Requests and responses are Any in the methods that a subclass may override: its own annotations name
``PreparedRequest`` and ``Response``, which stand above this module, and a protocol here would be
wider than they are, so that type checkers would refuse the override.
"""

from __future__ import annotations

from typing import Any, Final

from sojourn_core.values.errors import InvalidHeader
from sojourn_core.values.expressions import expression

_CONTROL: Final = expression(rb"[\x00-\x1f\x7f]")
_UTF_8: Final = ("utf-8", "utf8")


class AuthBase:
    """The base of every authentication."""

    def __call__(self, request: Any) -> Any:
        """Set the credentials on a ``PreparedRequest`` and return it."""
        raise NotImplementedError("Auth hooks must be callable.")


class AuthFlow(AuthBase):
    """Credentials that may take more than one request: a machine that is shown each response.

    It does no I/O, so the same object serves sync, asyncio and any other driver. ``Call`` asks
    ``begin`` once, applies what that gives to each hop within the origin that the credentials are
    for, and shows it each response before the hooks see it. It stops asking after
    ``Limits.challenges_max`` answers to one hop.

    Attributes:
        proxy: Whether it answers a proxy (407) in place of an origin.
        reads_content: Whether responses are read whole before they are shown.
        connection_identity: The identity that it authenticates connections as, and not requests, as
            Negotiate and NTLM do (RFC 4559 section 6): no request of another identity, or of none,
            is sent on such a connection.
    """

    proxy: bool = False
    reads_content: bool = False
    connection_identity: str | None = None

    def begin(self) -> AuthFlow:
        """Return a machine for one call; the flow itself, if it keeps nothing of a call."""
        return self

    def __call__(self, request: Any) -> Any:
        """Set what is known already, before the first sending of a hop."""
        return request

    def respond(self, request: Any, response: Any) -> Any:
        """Decide what to send next, after this response.

        Args:
            request: A copy of the ``PreparedRequest`` answered, to be changed and returned.
            response: Its ``Response``, the content unread unless ``reads_content``.

        Returns:
            The next request, a ``PreparedRequest``, or None to hand the response over.
        """
        return None


class HTTPBasicAuth(AuthBase):
    """Basic credentials (RFC 7617).

    Args:
        username: Must not hold a colon, which ends it on the wire.
        password: The password.
        charset: What both are encoded in if they are text.
    """

    def __init__(
        self, username: str | bytes, password: str | bytes, *, charset: str = "utf-8"
    ) -> None:
        self.username = username
        self.password = password
        self.charset = charset

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = basic_credentials(
            self.username, self.password, self.charset
        )
        return request

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, HTTPBasicAuth)
            and self.username == other.username
            and self.password == other.password
        )

    def __hash__(self) -> int:
        return hash((self.username, self.password))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.username!r}, '***')"


class HTTPProxyAuth(HTTPBasicAuth):
    """Basic credentials for a proxy."""

    def __call__(self, request: Any) -> Any:
        request.headers["Proxy-Authorization"] = basic_credentials(
            self.username, self.password, self.charset
        )
        return request


class BearerAuth(AuthBase):
    """A bearer token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BearerAuth) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)

    def __repr__(self) -> str:
        return "BearerAuth('***')"


def as_nfc(text: str) -> str:
    """Return text in Normalization Form C."""
    if text.isascii():
        return text
    from unicodedata import normalize  # Few need it.

    return normalize("NFC", text)


def basic_credentials(username: str | bytes, password: str | bytes, charset: str) -> str:
    """Build the value of a field with Basic credentials.

    Text that is encoded in UTF-8 is in Normalization Form C (RFC 7617 section 2.1).

    Raises:
        InvalidHeader: For a user name with a colon, control characters in either (RFC 7617 section
            2), or what the charset cannot say. The message holds neither of them.
    """
    user = _octets(username, "user name", charset)
    if b":" in user:
        raise InvalidHeader("the user name of Basic credentials holds a colon")
    secret = _octets(password, "password", charset)
    from base64 import b64encode

    return "Basic " + b64encode(user + b":" + secret).decode("ascii")


def _octets(text: str | bytes, what: str, charset: str) -> bytes:
    if isinstance(text, str):
        try:
            if not text.isascii() and charset.lower() in _UTF_8:
                text = as_nfc(text)
            octets = text.encode(charset)
        except UnicodeEncodeError:
            raise InvalidHeader(
                f"the {what} of Basic credentials cannot be encoded as {charset}"
            ) from None
    elif isinstance(text, (bytes, bytearray)):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
        octets = bytes(text)
    else:
        kind = type(text).__name__
        raise InvalidHeader(f"the {what} of Basic credentials must be str or bytes, not {kind}")
    if _CONTROL.search(octets) is not None:
        raise InvalidHeader(f"the {what} of Basic credentials holds a control character")
    return octets
