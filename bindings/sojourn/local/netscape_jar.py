"""The cookie jar of Requests: the standard library's ``CookieJar`` with the face of a dictionary.

Its rules are those of ``http.cookiejar``, not those of Sojourn's own jar: programs that use it
rely on its domains, its policies and the order in which it sends.
"""

from __future__ import annotations

import calendar
import copy
import time
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, suppress
from http.cookiejar import Cookie, CookieJar, CookiePolicy
from http.cookies import Morsel
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

from .locks import freed_by_fork, new_reentrant_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

JarT = TypeVar("JarT", bound=CookieJar)

_MORSEL_DATE: Final = "%a, %d-%b-%Y %H:%M:%S GMT"


class CookieConflictError(RuntimeError):
    """Several cookies have this name; a domain or a path would tell them apart."""


def remove_cookie_by_name(
    cookiejar: CookieJar, name: str, domain: str | None = None, path: str | None = None
) -> None:
    """Remove each cookie of this name; None stands for any domain, and for any path."""
    for cookie in [cookie for cookie in cookiejar if _fits(cookie, name, domain, path)]:
        with suppress(KeyError):  # Another thread has removed it meanwhile.
            cookiejar.clear(cookie.domain, cookie.path, cookie.name)


def _fits(cookie: Cookie, name: str | None, domain: str | None, path: str | None) -> bool:
    """Return True if a cookie has this name, domain and path; None stands for any."""
    return (
        (name is None or cookie.name == name)
        and (domain is None or cookie.domain == domain)
        and (path is None or cookie.path == path)
    )


class RequestsCookieJar(CookieJar, MutableMapping[str, "str | None"]):
    """A jar of ``http.cookiejar`` that is a mapping of names to values as well.

    Iteration gives cookies, as of a jar, and not names. A name that several cookies have cannot be
    read without a domain or a path (``CookieConflictError``), and ``in`` finds it all the same.
    Each reading goes through all cookies. A jar can be pickled.
    """

    _cookies: dict[str, Any]
    _policy: CookiePolicy
    _cookies_lock: AbstractContextManager[Any]

    def __init__(self, policy: CookiePolicy | None = None) -> None:
        super().__init__(policy)
        freed_by_fork(self._cookies_lock)

    def get(  # type: ignore[override]  # Requests' own signature.
        self,
        name: str,
        default: str | None = None,
        domain: str | None = None,
        path: str | None = None,
    ) -> str | None:
        """Return the value of the cookie of this name, domain and path, or the default.

        Raises:
            CookieConflictError: Several cookies fit.
        """
        try:
            return self._find_no_duplicates(name, domain, path)
        except KeyError:
            return default

    def set(self, name: str, value: Any, **kwargs: Any) -> Cookie | None:
        """Store a cookie made by hand.

        Args:
            name: Its name.
            value: Its value; a ``Morsel`` stands for a whole cookie, None removes the cookie.
            **kwargs: Arguments of ``create_cookie``; to remove a cookie, ``domain`` and ``path``.

        Returns:
            The cookie stored; None if it was removed.
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
        """Iterate over the names; each as often as there are cookies of it."""
        return (cookie.name for cookie in self)

    def keys(self) -> list[str]:  # type: ignore[override]  # A list, as in Requests.
        """Return the names; each as often as there are cookies of it."""
        return list(self.iterkeys())

    def itervalues(self) -> Iterator[str | None]:
        """Iterate over the values."""
        return (cookie.value for cookie in self)

    def values(self) -> list[str | None]:  # type: ignore[override]  # A list, as in Requests.
        """Return the values."""
        return list(self.itervalues())

    def iteritems(self) -> Iterator[tuple[str, str | None]]:
        """Iterate over names and values."""
        return ((cookie.name, cookie.value) for cookie in self)

    def items(self) -> list[tuple[str, str | None]]:  # type: ignore[override]  # A list, as in Requests.
        """Return names and values."""
        return list(self.iteritems())

    def list_domains(self) -> list[str]:
        """Return each domain, once."""
        return list(dict.fromkeys(cookie.domain for cookie in self))

    def list_paths(self) -> list[str]:
        """Return each path, once."""
        return list(dict.fromkeys(cookie.path for cookie in self))

    def multiple_domains(self) -> bool:
        """Return True if a domain has more than one cookie, as in Requests despite the name."""
        return len(self.list_domains()) < len(self)

    def get_dict(self, domain: str | None = None, path: str | None = None) -> dict[str, str | None]:
        """Return names and values of the cookies of a domain and a path; None stands for any."""
        return {cookie.name: cookie.value for cookie in self if _fits(cookie, None, domain, path)}

    def __iter__(self) -> Iterator[Cookie]:  # type: ignore[override]  # The jar's.
        with self._cookies_lock:  # Another thread may change it before the end.
            return iter(list(CookieJar.__iter__(self)))

    def __bool__(self) -> bool:
        """Return True if there is a cookie."""
        return bool(self._cookies) and len(self) > 0  # Most jars are empty, and always asked.

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
        """Store a cookie; escaped quotes within a quoted value are removed."""
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
        """Return the value of the one cookie of this name; cookies without a value are skipped."""
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
        self.__dict__.setdefault("_cookies_lock", new_reentrant_lock())

    def copy(self) -> RequestsCookieJar:
        """Return a jar with copies of the cookies, under the same policy."""
        copied = RequestsCookieJar(self.get_policy())
        copied.update(self)
        return copied

    def get_policy(self) -> CookiePolicy:
        """Return the policy, which decides which cookies are stored and sent."""
        return self._policy


def create_cookie(name: str, value: Any, **kwargs: Any) -> Cookie:
    """Make a cookie; without a domain it is sent everywhere.

    Args:
        name: Its name.
        value: Its value.
        **kwargs: Further arguments of ``http.cookiejar.Cookie``, except those that follow from
            others (``port_specified`` and its like).

    Raises:
        TypeError: There is no such argument.
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
    """Convert a ``Morsel`` to a cookie of a jar.

    Raises:
        TypeError: Its max-age is no number.
        ValueError: Its date cannot be parsed.
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


@overload
def cookiejar_from_dict(
    cookie_dict: Mapping[str, Any] | None, cookiejar: None = None, overwrite: bool = True
) -> RequestsCookieJar: ...
@overload
def cookiejar_from_dict(
    cookie_dict: Mapping[str, Any] | None, cookiejar: JarT, overwrite: bool = True
) -> JarT: ...
def cookiejar_from_dict(cookie_dict: Any, cookiejar: Any = None, overwrite: bool = True) -> Any:
    """Add the names and values of a dictionary to a jar, and return it.

    Args:
        cookie_dict: The dictionary; None for nothing.
        cookiejar: The jar to add to; None for a new one.
        overwrite: Set names that the jar has already as well.
    """
    if cookiejar is None:
        cookiejar = RequestsCookieJar()
    if cookie_dict is not None:
        known: set[str] = set() if overwrite else {cookie.name for cookie in cookiejar}
        for name in cookie_dict:
            if name not in known:
                value = cookie_dict[name]
                if isinstance(value, Morsel):  # Of a SimpleCookie, which is a dictionary.
                    cookie = morsel_to_cookie(cast("Any", value))
                else:
                    cookie = create_cookie(name, value)
                cookiejar.set_cookie(cookie)
    return cookiejar


def merge_cookies(cookiejar: JarT, cookies: Mapping[str, Any] | CookieJar | None) -> JarT:
    """Add cookies to a jar, and return it.

    Args:
        cookiejar: The jar.
        cookies: Another jar, whose cookies replace those of the first; or a dictionary, of which
            names that the jar has already are skipped.

    Raises:
        ValueError: ``cookiejar`` is not a jar.
    """
    if not isinstance(cookiejar, CookieJar):  # pyright: ignore[reportUnnecessaryIsInstance] - it is the caller's
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
