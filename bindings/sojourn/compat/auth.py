"""Credentials under Requests' names: ISO-8859-1, and Digest with every value in quotes."""

from __future__ import annotations

import os
import re
import threading
import warnings
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sojourn_core.rules.auth.challenge import Challenge
from sojourn_core.rules.auth.credentials import AuthBase as CoreAuthBase
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.auth.digest import (
    Asked,
    DigestCredentials,
    answer,
    read_challenge,
    write_credentials,
)
from sojourn_core.rules.auth.digest_auth import HTTPDigestAuth as CoreHTTPDigestAuth

from .borrowed import borrowed
from .cookies import extract_cookies_to_jar
from .models import PreparedRequest
from .utils import parse_dict_header

if TYPE_CHECKING:
    from .models import Response

__all__ = [
    "CONTENT_TYPE_FORM_URLENCODED",
    "CONTENT_TYPE_MULTI_PART",
    "AuthBase",
    "HTTPBasicAuth",
    "HTTPDigestAuth",
    "HTTPProxyAuth",
]

CONTENT_TYPE_FORM_URLENCODED: Final = "application/x-www-form-urlencoded"
CONTENT_TYPE_MULTI_PART: Final = "multipart/form-data"
_SCHEME: Final = re.compile("digest ", re.IGNORECASE)


def _basic_auth_str(username: Any, password: Any) -> str:
    """Return the value of a field with Basic credentials, in ISO-8859-1.

    Values that are neither text nor bytes are converted by ``str``, with a warning.

    Raises:
        UnicodeEncodeError: A character is not in ISO-8859-1.
    """
    both = (_encoded(username, "user name"), _encoded(password, "password"))
    return "Basic " + b64encode(b":".join(both)).decode("ascii")


def _encoded(given: Any, what: str) -> bytes:
    if not isinstance(given, (str, bytes)):
        warnings.warn(
            f"a {what} should be str or bytes, not {type(given).__name__}",
            category=DeprecationWarning,
            stacklevel=4,
        )
        given = str(given)
    return given if isinstance(given, bytes) else given.encode("latin-1")


class AuthBase(CoreAuthBase):
    """The base of every authentication."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Set the credentials on a request and return it."""
        raise NotImplementedError("Auth hooks must be callable.")


class HTTPBasicAuth(AuthBase):
    """Basic credentials.

    Args:
        username: Text or bytes.
        password: Text or bytes.
    """

    def __init__(self, username: str | bytes, password: str | bytes) -> None:
        self.username = username
        self.password = password

    def __eq__(self, other: object) -> bool:
        known = (self.username, self.password)
        return known == (getattr(other, "username", None), getattr(other, "password", None))

    __hash__ = None  # type: ignore[assignment]  # As in Requests: equal to whatever has both.

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.username!r}, '***')"

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Set Authorization."""
        r.headers["Authorization"] = _basic_auth_str(self.username, self.password)
        return r


PreparedRequest.basic_class = HTTPBasicAuth


class HTTPProxyAuth(HTTPBasicAuth):
    """Basic credentials for a proxy."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Set Proxy-Authorization."""
        r.headers["Proxy-Authorization"] = _basic_auth_str(self.username, self.password)
        return r


class HTTPDigestAuth(CoreHTTPDigestAuth):
    """Digest credentials, written as Requests writes them: RFC 7616 has fewer quotes.

    Given to a request or a session, they work as Sojourn's: the session shows them each response.
    Libraries that rely on Requests' way find it as well: a hook on the response sends the answer
    by the response's connection. That way serves an authentication that calls another, and
    subclasses that override a method of Requests. Its state is in ``_thread_local``, one for each
    thread.

    Args:
        username: Text or bytes.
        password: Text or bytes.
    """

    quotes_all = True

    def __init__(self, username: str | bytes, password: str | bytes) -> None:
        super().__init__(username, password)
        self._thread_local = threading.local()

    def begin(self) -> AuthFlow:
        """Return the machine that answers the challenges of one call."""
        if any(getattr(type(self), name) is not call for name, call in _OVERRIDDEN):
            return _Hooked(self)
        return super().begin()

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Set the field if a nonce is known; register the hooks unless a session answers."""
        if r.auth is self and not isinstance(self.begin(), _Hooked):
            signed: PreparedRequest = super().__call__(r)
            return signed
        self.init_per_thread_state()
        state = self._thread_local
        if state.last_nonce:
            self._set(r)
        tell = getattr(r.body, "tell", None)
        state.pos = None if tell is None else tell()
        state.num_401_calls = 1
        r.register_hook("response", self.handle_401)
        r.register_hook("response", self.handle_redirect)
        return r

    def init_per_thread_state(self) -> None:
        """Create this thread's state, if there is none."""
        state = self._thread_local
        if not hasattr(state, "init"):
            state.init = True
            state.last_nonce = ""
            state.nonce_count = 0
            state.chal = {}
            state.pos = None
            state.num_401_calls = 1

    def build_digest_header(self, method: str, url: str) -> str | None:
        """Return the field that answers ``_thread_local.chal``; None if it cannot be answered."""
        state = self._thread_local
        challenge = read_challenge(Challenge(scheme="digest", params=state.chal))
        if challenge is None or challenge.qop == "auth-int":  # It needs the content.
            return None
        repeated = challenge.nonce == state.last_nonce
        state.nonce_count = state.nonce_count + 1 if repeated else 1
        parts = urlsplit(url)
        params = answer(
            challenge,
            DigestCredentials(username=self.username, password=self.password, as_requests=True),
            Asked(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")),
            cnonce=os.urandom(8).hex(),
            nonce_count=state.nonce_count,
        )
        state.last_nonce = challenge.nonce
        return write_credentials(params, quotes_all=True)

    def handle_401(self, r: Response, **kwargs: Any) -> Response:
        """Answer the challenge of a response once; return the response to that, or the same one."""
        state = self._thread_local
        field = r.headers.get("www-authenticate", "")
        if not 400 <= r.status_code < 500 or "digest" not in field.lower():
            state.num_401_calls = 1
            return r
        if state.num_401_calls >= 2:
            state.num_401_calls = 1
            return r
        body: Any = r.request.body
        if state.pos is not None and hasattr(body, "seek"):
            body.seek(state.pos)
        state.num_401_calls += 1
        state.chal = parse_dict_header(_SCHEME.sub("", field, count=1))
        _ = r.content  # The connection can be reused after that.
        r.close()
        request: Any = r.request.copy()
        extract_cookies_to_jar(request.cookies, r.request, r.raw)
        request.prepare_cookies(request.cookies)
        self._set(request)
        response: Response = r.connection.send(request, **kwargs)
        response.history.append(r)
        response.request = request
        return response

    def handle_redirect(self, r: Response, **kwargs: Any) -> None:
        """Reset the count of answers when a redirect begins another hop."""
        if r.is_redirect:
            self._thread_local.num_401_calls = 1

    def _set(self, request: Any) -> None:
        field = self.build_digest_header(request.method, request.url)
        if field:
            request.headers["Authorization"] = field

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        del state["_thread_local"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._thread_local = threading.local()


# A subclass that overrides one of these relies on the calls that Requests makes.
_OVERRIDDEN: Final = tuple(
    (name, getattr(HTTPDigestAuth, name))
    for name in ("__call__", "build_digest_header", "handle_401", "handle_redirect")
)


class _Hooked(AuthFlow):
    """The flow of a call whose challenges are answered by hooks, registered for each hop."""

    def __init__(self, owner: HTTPDigestAuth) -> None:
        self._owner = owner
        self._hooks: Any = None

    def __call__(self, request: Any) -> Any:
        if self._hooks is None:
            self._hooks = request.hooks
        # The given request keeps its own hooks: it may be sent again.
        request.hooks = {event: list(hooks) for event, hooks in self._hooks.items()}
        return self._owner(request)


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
