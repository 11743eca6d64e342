"""The jar as a mapping from names to values, as users of Requests know theirs.

A name may belong to several cookies, of different domains and paths. Looking one up by a name that
is not clear raises ``CookieConflictError``; iterating gives the cookies themselves.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sojourn_core.values.fields import cut

from .cookie import Cookie, CookieValue, cookie_like, make_cookie

T = TypeVar("T")


class CookieConflictError(RuntimeError):
    """A name was looked up that more than one cookie has; give a domain or a path too."""


class CookieMapping:
    """What can be done with a jar by name; how cookies are kept is the subclass's affair."""

    __slots__ = ()

    @abstractmethod
    def __iter__(self) -> Iterator[Cookie]:
        """Every cookie, domain after domain."""

    @abstractmethod
    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie as it is, in the place of one with its name, domain and path."""

    @abstractmethod
    def _remove(self, cookies: Iterable[Cookie]) -> None:
        """Let these cookies, which are here, go."""

    def set(
        self,
        name: str,
        value: CookieValue | None,
        *,
        domain: str | None = None,
        path: str | None = None,
        secure: bool = False,
        expires: float | None = None,
        http_only: bool = False,
        same_site: str = "",
        host_only: bool = False,
    ) -> Cookie | None:
        """Set a cookie by hand, or remove those of that name if ``value`` is None.

        Args:
            name: Its name.
            value: Its value, or None.
            domain: Where it goes: to this host and those below it. Without one it goes to the
                origin that the caller asks for, and never to one that a server names. In removing,
                none stands for any.
            path: ``/`` if it is not given; in removing, none stands for any.
            secure: Whether it goes over https only.
            expires: Its end, in seconds since 1970; None lasts as long as the jar.
            http_only: Kept, and without effect here.
            same_site: ``Strict``, ``Lax``, ``None`` or empty.
            host_only: Whether it goes to no host below ``domain``.

        Returns:
            The cookie, or None if cookies were removed.

        Raises:
            ValueError: The cookie could not be sent as given; nothing is kept.
        """
        if value is None:
            self._remove(self._matching(name, domain or None, path))
            return None
        cookie = make_cookie(
            name,
            value,
            domain=domain or "",
            path=path or "/",
            secure=secure,
            expires=expires,
            http_only=http_only,
            same_site=same_site,
            host_only=host_only,
        )
        self.set_cookie(cookie)
        return cookie

    def get(
        self,
        name: str,
        default: T | None = None,
        domain: str | None = None,
        path: str | None = None,
    ) -> str | T | None:
        """The value of the cookie of that name, and of that domain and path where given.

        Raises:
            CookieConflictError: There is more than one.
        """
        found = self._only(name, domain, path)
        return default if found is None else found.value

    def __getitem__(self, name: str) -> str:
        found = self._only(name)
        if found is None:
            raise KeyError(f"name={name!r}")
        return found.value

    def __setitem__(self, name: str, value: CookieValue | None) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        """Remove every cookie of that name; as in Requests, no error if there is none."""
        self._remove(self._matching(name))

    def __contains__(self, name: object) -> bool:
        return any(cookie.name == name for cookie in self)

    def keys(self) -> list[str]:
        """The names, one for each cookie."""
        return [cookie.name for cookie in self]

    def values(self) -> list[str]:
        """The values, one for each cookie."""
        return [cookie.value for cookie in self]

    def items(self) -> list[tuple[str, str]]:
        """Name and value of each cookie."""
        return [(cookie.name, cookie.value) for cookie in self]

    def update(self, other: Any) -> None:
        """Take over every cookie of a jar, or set one for each pair of a mapping or an iterable.

        A jar may be one of the standard library too. A pair whose value is None removes.

        Raises:
            ValueError: A cookie could not be sent as given; those before it are kept.
            TypeError: ``other`` is nothing of that kind.
        """
        every: list[Any] = list(other)
        # The jar of Requests is a mapping too; by its items its cookies would lose their domains.
        if isinstance(other, Mapping) and not (every and hasattr(every[0], "domain")):
            every = list(other.items())  # pyright: ignore[reportUnknownArgumentType]
        for given in every:
            if isinstance(given, Cookie):
                self.set_cookie(given)
            elif hasattr(given, "domain"):
                self.set_cookie(cookie_like(given))
            else:
                name, value = given
                self.set(name, value)

    def get_dict(self, domain: str | None = None, path: str | None = None) -> dict[str, str]:
        """Names and values as a dict, of one domain and path where given; the last one wins."""
        return {cookie.name: cookie.value for cookie in self._matching(None, domain, path)}

    def list_domains(self) -> list[str]:
        """Each domain that cookies are kept for."""
        return list(dict.fromkeys(cookie.domain for cookie in self))

    def list_paths(self) -> list[str]:
        """Each path that cookies are kept for."""
        return list(dict.fromkeys(cookie.path for cookie in self))

    def multiple_domains(self) -> bool:
        """Whether cookies are kept for more than one domain."""
        return len(self.list_domains()) > 1

    def clear(
        self, domain: str | None = None, path: str | None = None, name: str | None = None
    ) -> None:
        """Remove every cookie that has all of what is given; without arguments, all."""
        self._remove(self._matching(name, domain, path))

    def _matching(
        self, name: str | None = None, domain: str | None = None, path: str | None = None
    ) -> list[Cookie]:
        if domain is not None:
            domain = domain.removeprefix(".").lower()
        return [
            cookie
            for cookie in self
            if (name is None or cookie.name == name)
            and (domain is None or cookie.domain == domain)
            and (path is None or cookie.path == path)
        ]

    def _only(self, name: str, domain: str | None = None, path: str | None = None) -> Cookie | None:
        found = self._matching(name, domain, path)
        if len(found) > 1:
            raise CookieConflictError(f"there are {len(found)} cookies with the name {cut(name)}")
        return found[0] if found else None
