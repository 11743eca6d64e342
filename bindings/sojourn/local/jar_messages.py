"""Requests and responses as ``http.cookiejar`` reads them, for any of its jars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from http.cookiejar import CookieJar


class MockRequest:
    """A prepared request as ``http.cookiejar`` reads one; it keeps the fields that are added.

    Args:
        request: Anything with ``url`` and ``headers``.
    """

    def __init__(self, request: Any) -> None:
        self._request = request
        self._url: str = request.url
        self._added: dict[str, str] = {}
        self.type: str = urlsplit(self._url).scheme

    def get_type(self) -> str:
        """Return the scheme."""
        return self.type

    def get_host(self) -> str:
        """Return the authority of the URL."""
        return urlsplit(self._url).netloc

    def get_origin_req_host(self) -> str:
        """Return the authority of the URL: no page made this request."""
        return self.get_host()

    def get_full_url(self) -> str:
        """Return the URL, with the authority of a Host field that was set by hand."""
        host = self._request.headers.get("Host")
        if not host:
            return self._url
        if isinstance(host, bytes):
            host = host.decode()
        return urlsplit(self._url)._replace(netloc=host).geturl()

    def is_unverifiable(self) -> bool:
        """Return True; only a policy that is strict about third parties reads it."""
        return True

    def has_header(self, name: str) -> bool:
        """Return True if the request has the field, or it was added here."""
        return name in self._request.headers or name in self._added

    def get_header(self, name: str, default: str | None = None) -> str | None:
        """Return the value of a field."""
        value: str | None = self._request.headers.get(name, self._added.get(name, default))
        return value

    def add_header(self, key: str, val: str) -> None:
        """Raise an error: redirects would carry the field along.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("add cookies with add_unredirected_header()")

    def add_unredirected_header(self, name: str, value: str) -> None:
        """Keep a new field."""
        self._added[name] = value

    def get_new_headers(self) -> dict[str, str]:
        """Return the fields that were added."""
        return self._added

    @property
    def unverifiable(self) -> bool:
        """The same as ``is_unverifiable``."""
        return self.is_unverifiable()

    @property
    def origin_req_host(self) -> str:
        """The same as ``get_origin_req_host``."""
        return self.get_origin_req_host()

    @property
    def host(self) -> str:
        """The same as ``get_host``."""
        return self.get_host()


class MockResponse:
    """A response as ``http.cookiejar`` reads one.

    Args:
        headers: Field lines with a ``get_all(name, default)``.
    """

    def __init__(self, headers: Any) -> None:
        self._headers = headers

    def info(self) -> Any:
        """Return the field lines."""
        return self._headers

    def getheaders(self, name: str) -> Any:
        """Return the values of a field."""
        return self._headers.get_all(name, [])


class _Lines:
    """Sojourn's field lines under the ``get_all`` of ``email.message.Message``."""

    def __init__(self, fields: Any) -> None:
        self._fields = fields

    def get_all(self, name: str, default: Any = None) -> Any:
        return self._fields.get_all(name) or default


def extract_cookies_to_jar(jar: CookieJar, request: Any, response: Any) -> None:
    """Store the cookies that a response sets.

    Args:
        jar: Any jar of ``http.cookiejar``.
        request: The request answered: anything with ``url`` and ``headers``.
        response: A response as urllib3 makes it, whose ``_original_response.msg`` has the field
            lines; or one whose ``headers`` have a ``get_all``, as all of Sojourn's. Any other
            response sets no cookies.
    """
    if hasattr(response, "_original_response"):
        original = response._original_response
        if not original:
            return
        lines = original.msg
    elif hasattr(getattr(response, "headers", None), "get_all"):
        lines = _Lines(response.headers)
    else:
        return
    answered: Any = MockRequest(request)
    answer: Any = MockResponse(lines)
    jar.extract_cookies(answer, answered)


def get_cookie_header(jar: CookieJar, request: Any) -> str | None:
    """Return the value of a request's Cookie field; None if no cookie of the jar is for it."""
    asked: Any = MockRequest(request)
    jar.add_cookie_header(asked)
    field: str | None = asked.get_new_headers().get("Cookie")
    return field
