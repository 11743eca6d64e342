"""The cookie jar of Requests: the standard library's ``CookieJar`` with the face of a dictionary.

Its rules are those of ``http.cookiejar``, not those of Sojourn's own jar: programs that take this
one know its domains, its policies and the order in which it sends.
"""

from __future__ import annotations

import calendar
import copy
import threading
import time
from collections.abc import Iterator, MutableMapping
from http.cookiejar import Cookie, CookieJar, CookiePolicy
from http.cookies import Morsel
from typing import Any, Final, cast
from urllib.parse import urlsplit

from .borrowed import borrowed

_MORSEL_DATE: Final = "%a, %d-%b-%Y %H:%M:%S GMT"


class CookieConflictError(RuntimeError):
    """Several cookies have this name; a domain or a path would tell them apart."""


class MockRequest:
    """A prepared request as ``http.cookiejar`` wants to see one; it takes new fields aside.

    Args:
        request: Anything with ``url`` and ``headers``.
    """

    def __init__(self, request: Any) -> None:
        self._request = request
        self._url: str = request.url
        self._added: dict[str, str] = {}
        self.type: str = urlsplit(self._url).scheme

    def get_type(self) -> str:
        """The scheme."""
        return self.type

    def get_host(self) -> str:
        """The authority of the URL."""
        return urlsplit(self._url).netloc

    def get_origin_req_host(self) -> str:
        """Likewise: there is no page that this request is a part of."""
        return self.get_host()

    def get_full_url(self) -> str:
        """The URL; a Host field that was set by hand has the say over its authority."""
        host = self._request.headers.get("Host")
        if not host:
            return self._url
        if isinstance(host, bytes):
            host = host.decode()
        return urlsplit(self._url)._replace(netloc=host).geturl()

    def is_unverifiable(self) -> bool:
        """Always True; it counts only for a policy that is strict about third parties."""
        return True

    def has_header(self, name: str) -> bool:
        """Whether the request has the field, or got it here."""
        return name in self._request.headers or name in self._added

    def get_header(self, name: str, default: str | None = None) -> str | None:
        """The value of a field."""
        value: str | None = self._request.headers.get(name, self._added.get(name, default))
        return value

    def add_header(self, key: str, val: str) -> None:
        """Nobody should want this.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("add cookies with add_unredirected_header()")

    def add_unredirected_header(self, name: str, value: str) -> None:
        """Take a new field aside."""
        self._added[name] = value

    def get_new_headers(self) -> dict[str, str]:
        """The fields that were added."""
        return self._added

    @property
    def unverifiable(self) -> bool:
        """See ``is_unverifiable``."""
        return self.is_unverifiable()

    @property
    def origin_req_host(self) -> str:
        """See ``get_origin_req_host``."""
        return self.get_origin_req_host()

    @property
    def host(self) -> str:
        """See ``get_host``."""
        return self.get_host()


class MockResponse:
    """A response as ``http.cookiejar`` wants to see one.

    Args:
        headers: Field lines with a ``get_all(name, default)``.
    """

    def __init__(self, headers: Any) -> None:
        self._headers = headers

    def info(self) -> Any:
        """The field lines."""
        return self._headers

    def getheaders(self, name: str) -> Any:
        """The values of a field."""
        return self._headers.get_all(name, [])


class _Lines:
    """Sojourn's field lines with the ``get_all`` of ``email.message.Message``."""

    def __init__(self, fields: Any) -> None:
        self._fields = fields

    def get_all(self, name: str, default: Any = None) -> Any:
        return self._fields.get_all(name) or default


def extract_cookies_to_jar(jar: CookieJar, request: Any, response: Any) -> None:
    """Store the cookies that a response sets.

    Args:
        jar: Any jar of ``http.cookiejar``.
        request: What was asked: anything with ``url`` and ``headers``.
        response: A response as urllib3 makes it, whose ``_original_response.msg`` has the field
            lines; or one whose ``headers`` have a ``get_all``, as all of Sojourn's. From others
            there is nothing to be had.
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
    jar.extract_cookies(cast("Any", MockResponse(lines)), cast("Any", MockRequest(request)))


def get_cookie_header(jar: CookieJar, request: Any) -> str | None:
    """The value of the Cookie field that a jar has for a request; None if it has none."""
    asked = MockRequest(request)
    jar.add_cookie_header(cast("Any", asked))
    return asked.get_new_headers().get("Cookie")


def remove_cookie_by_name(
    cookiejar: CookieJar, name: str, domain: str | None = None, path: str | None = None
) -> None:
    """Remove each cookie of this name; None stands for any domain, and for any path."""
    for cookie in [cookie for cookie in cookiejar if _fits(cookie, name, domain, path)]:
        cookiejar.clear(cookie.domain, cookie.path, cookie.name)


def _fits(cookie: Cookie, name: str | None, domain: str | None, path: str | None) -> bool:
    """Whether a cookie has this name, domain and path, where they are given."""
    return (
        (name is None or cookie.name == name)
        and (domain is None or cookie.domain == domain)
        and (path is None or cookie.path == path)
    )


class RequestsCookieJar(CookieJar, MutableMapping[str, "str | None"]):
    """A jar that is a mapping of names to values, too.

    Iteration gives cookies, as of a jar, and not names. A name that several cookies have cannot be
    read without a domain or a path (``CookieConflictError``), and is in the mapping all the same.
    Each reading goes through all cookies. It can be pickled.
    """

    _policy: CookiePolicy

    def get(  # type: ignore[override]  # Requests' own signature.
        self,
        name: str,
        default: str | None = None,
        domain: str | None = None,
        path: str | None = None,
    ) -> str | None:
        """The value of the cookie of this name, domain and path; the default if there is none.

        Raises:
            CookieConflictError: If there are several.
        """
        try:
            return self._find_no_duplicates(name, domain, path)
        except KeyError:
            return default

    def set(self, name: str, value: Any, **kwargs: Any) -> Cookie | None:
        """Store a cookie made by hand.

        Args:
            name: Its name.
            value: Its value; a ``Morsel`` stands for a whole cookie, None for its removal.
            **kwargs: As ``create_cookie`` takes them; for a removal ``domain`` and ``path``.

        Returns:
            The cookie.
        """
        if value is None:
            remove_cookie_by_name(self, name, kwargs.get("domain"), kwargs.get("path"))
            return None
        if isinstance(value, Morsel):
            cookie = morsel_to_cookie(cast("Any", value))
        else:
            cookie = create_cookie(name, value, **kwargs)
        self.set_cookie(cookie)
        return cookie

    def iterkeys(self) -> Iterator[str]:
        """The names; each as often as there are cookies of it."""
        return (cookie.name for cookie in self)

    def keys(self) -> list[str]:  # type: ignore[override]  # A list, as in Requests.
        """Likewise."""
        return list(self.iterkeys())

    def itervalues(self) -> Iterator[str | None]:
        """The values."""
        return (cookie.value for cookie in self)

    def values(self) -> list[str | None]:  # type: ignore[override]  # A list, as in Requests.
        """Likewise."""
        return list(self.itervalues())

    def iteritems(self) -> Iterator[tuple[str, str | None]]:
        """Names and values."""
        return ((cookie.name, cookie.value) for cookie in self)

    def items(self) -> list[tuple[str, str | None]]:  # type: ignore[override]  # A list, as in Requests.
        """Likewise."""
        return list(self.iteritems())

    def list_domains(self) -> list[str]:
        """Each domain, once."""
        return list(dict.fromkeys(cookie.domain for cookie in self))

    def list_paths(self) -> list[str]:
        """Each path, once."""
        return list(dict.fromkeys(cookie.path for cookie in self))

    def multiple_domains(self) -> bool:
        """Whether a domain has more than one cookie: so it is in Requests, whatever the name."""
        return len(self.list_domains()) < len(self)

    def get_dict(self, domain: str | None = None, path: str | None = None) -> dict[str, str | None]:
        """Names and values of the cookies of this domain and path; None stands for any."""
        return {cookie.name: cookie.value for cookie in self if _fits(cookie, None, domain, path)}

    def __iter__(self) -> Iterator[Cookie]:  # type: ignore[override]  # The jar's.
        return CookieJar.__iter__(self)

    def __contains__(self, name: object) -> bool:
        try:
            return super().__contains__(name)
        except CookieConflictError:
            return True

    def __getitem__(self, name: str) -> str | None:
        return self._find_no_duplicates(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        remove_cookie_by_name(self, name)

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        """Store a cookie; escaped quotes within a quoted value go."""
        value = cookie.value
        if value is not None and value.startswith('"') and value.endswith('"'):
            cookie.value = value.replace('\\"', "")
        return super().set_cookie(cookie, *args, **kwargs)

    def update(self, other: Any) -> None:  # type: ignore[override]  # Requests' own signature.
        """Store copies of the cookies of a jar, or the names and values of a mapping."""
        if isinstance(other, CookieJar):
            for cookie in other:
                self.set_cookie(copy.copy(cookie))
        else:
            super().update(other)

    def _find_no_duplicates(
        self, name: str, domain: str | None = None, path: str | None = None
    ) -> str:
        """The value of the one cookie of this name; those without a value do not count."""
        found: str | None = None
        for cookie in self:
            if _fits(cookie, name, domain, path):
                if found is not None:
                    raise CookieConflictError(f"there are several cookies with the name {name!r}")
                found = cookie.value
        if found is None:
            raise KeyError(f"name={name!r}, domain={domain!r}, path={path!r}")
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_cookies_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.setdefault("_cookies_lock", threading.RLock())

    def copy(self) -> RequestsCookieJar:
        """A jar with copies of the cookies, under the same policy."""
        copied = RequestsCookieJar(self.get_policy())
        copied.update(self)
        return copied

    def get_policy(self) -> CookiePolicy:
        """What says which cookies are taken and sent."""
        return self._policy


def copy_cookie_jar(jar: CookieJar | None) -> CookieJar | None:
    """A jar of the same kind with copies of the cookies; None for None."""
    if jar is None:
        return None
    if hasattr(jar, "copy"):
        copied: CookieJar = cast("Any", jar).copy()
        return copied
    emptied = copy.copy(jar)
    emptied.clear()  # It takes a new dictionary; the original keeps the one that both have now.
    for cookie in jar:
        emptied.set_cookie(copy.copy(cookie))
    return emptied


_copy_cookie_jar = copy_cookie_jar  # As Requests calls it.


def create_cookie(name: str, value: Any, **kwargs: Any) -> Cookie:
    """A cookie made by hand; without a domain it is sent everywhere.

    Args:
        name: Its name.
        value: Its value.
        **kwargs: What else ``http.cookiejar.Cookie`` takes, but for what follows from it.

    Raises:
        TypeError: For an argument that there is not.
    """
    parts: dict[str, Any] = {
        "version": 0,
        "name": name,
        "value": value,
        "port": None,
        "domain": "",
        "path": "/",
        "secure": False,
        "expires": None,
        "discard": True,
        "comment": None,
        "comment_url": None,
        "rest": {"HttpOnly": None},
        "rfc2109": False,
    }
    unknown = sorted(kwargs.keys() - parts.keys())
    if unknown:
        raise TypeError(f"create_cookie() got unexpected keyword arguments: {unknown}")
    parts.update(kwargs)
    return Cookie(
        **parts,
        port_specified=bool(parts["port"]),
        domain_specified=bool(parts["domain"]),
        domain_initial_dot=parts["domain"].startswith("."),
        path_specified=bool(parts["path"]),
    )


def morsel_to_cookie(morsel: Morsel[Any]) -> Cookie:
    """A ``Morsel`` as a cookie of a jar.

    Raises:
        TypeError: Its max-age is no number.
        ValueError: Its date cannot be read.
    """
    expires: int | None = None
    if morsel["max-age"]:
        try:
            expires = int(time.time() + int(morsel["max-age"]))
        except ValueError:
            raise TypeError(f"max-age: {morsel['max-age']} must be integer") from None
    elif morsel["expires"]:
        expires = calendar.timegm(time.strptime(morsel["expires"], _MORSEL_DATE))
    return create_cookie(
        morsel.key,
        morsel.value,
        version=morsel["version"] or 0,
        domain=morsel["domain"],
        path=morsel["path"],
        secure=bool(morsel["secure"]),
        expires=expires,
        discard=False,
        comment=morsel["comment"],
        comment_url=bool(morsel["comment"]),
        rest={"HttpOnly": morsel["httponly"]},
    )


def cookiejar_from_dict(cookie_dict: Any, cookiejar: Any = None, overwrite: bool = True) -> Any:
    """A jar with the names and values of a dictionary.

    Args:
        cookie_dict: The dictionary; None for nothing.
        cookiejar: The jar to add to; a new one if it is None.
        overwrite: Whether names that the jar has already are set as well.
    """
    if cookiejar is None:
        cookiejar = RequestsCookieJar()
    if cookie_dict is not None:
        known: set[str] = set() if overwrite else {cookie.name for cookie in cookiejar}
        for name in cookie_dict:
            if name not in known:
                cookiejar.set_cookie(create_cookie(name, cookie_dict[name]))
    return cookiejar


def merge_cookies(cookiejar: Any, cookies: Any) -> Any:
    """The jar, with cookies added to it.

    Args:
        cookiejar: The jar.
        cookies: Another one, whose cookies win; or a dictionary, whose names do not.

    Raises:
        ValueError: ``cookiejar`` is none.
    """
    if not isinstance(cookiejar, CookieJar):
        kind = type(cookiejar).__name__
        raise ValueError(f"cookies can only be merged into a CookieJar, not into a {kind}")
    if isinstance(cookies, dict):
        return cookiejar_from_dict(cookies, cookiejar=cookiejar, overwrite=False)
    if isinstance(cookies, CookieJar):
        if hasattr(cookiejar, "update"):
            cast("Any", cookiejar).update(cookies)
        else:
            for cookie in cookies:
                cookiejar.set_cookie(cookie)
    return cookiejar


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
