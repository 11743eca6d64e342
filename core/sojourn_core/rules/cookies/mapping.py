"""The jar as a mapping from names to values, as users of Requests know theirs.

A name may belong to several cookies, of different domains and paths. Looking one up by a name that
is not clear raises ``CookieConflictError``; iterating gives the cookies themselves.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sojourn_core.values.errors import InvalidArgument, not_taken
from sojourn_core.values.fields import cut

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from .cookie import Cookie, CookieValue

T = TypeVar("T")
_MISSING: Final = object()
_TAKEN: Final = "a jar, a mapping, or pairs of names and values"


class CookieConflictError(RuntimeError):
    """A name was looked up that more than one cookie has; give a domain or a path too."""


class CookieMapping:
    """A jar by names; how cookies are kept is the subclass's affair."""

    __slots__ = ()

    guard: AbstractContextManager[Any]

    @abstractmethod
    def __iter__(self) -> Iterator[Cookie]:
        """Iterate over all cookies, domain after domain."""

    @abstractmethod
    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie as it is, in the place of one with its name, domain and path."""

    @abstractmethod
    def _remove(self, cookies: Iterable[Cookie]) -> None:
        """Let these cookies go."""

    @abstractmethod
    def time_by_hand(self) -> float | None:
        """Return the time for what is set by hand, in seconds since 1970; None if it is unknown."""

    def set(
        self,
        name: str,
        value: Any,
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
            value: Its value: text, bytes or a number; a ``Morsel`` of ``http.cookies``, which has
                the other parts and the name too; or None.
            domain: Where it goes: to this host and those below it. Without one it goes to the
                origin that the caller asks for, and never to one that a server names. In removing,
                none stands for any.
            path: ``/`` if it is not given; in removing, none stands for any.
            secure: It goes over https only.
            expires: Its end, in seconds since 1970; None lasts as long as the jar.
            http_only: Kept, and without effect here.
            same_site: ``Strict``, ``Lax``, ``None`` or empty.
            host_only: It goes to no host below ``domain``.

        Returns:
            The cookie, or None if cookies were removed.

        Raises:
            ValueError: The cookie could not be sent as given; nothing is kept.
        """
        if value is None:
            self._remove_matching(name, domain or None, path)
            return None
        from .cookie import make_cookie  # Many a program sets none, and gets none.
        from .morsel import is_morsel

        if is_morsel(value):
            return self._set_morsel(value)
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

    def _set_morsel(self, morsel: Any) -> Cookie | None:
        """Set the cookie of a ``Morsel``, or remove the one in its place if that has ended."""
        from .cookie import make_cookie
        from .morsel import lifetime_of, morsel_parts

        seconds = lifetime_of(morsel)
        now = None if seconds is None else self.time_by_hand()
        parts = morsel_parts(morsel)
        if seconds is not None:
            parts["expires"] = None if now is None else now + seconds
        cookie = make_cookie(**parts)
        if seconds is not None and seconds <= 0:
            self._remove([cookie])
            return None
        self.set_cookie(cookie)
        return cookie

    def get(
        self,
        name: str,
        default: T | None = None,
        domain: str | None = None,
        path: str | None = None,
    ) -> str | T | None:
        """Return the value of the cookie of that name, and of that domain and path where given.

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

    def __setitem__(self, name: str, value: Any) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        """Remove every cookie of that name; as in Requests, no error if there is none."""
        self._remove_matching(name)

    def pop(self, name: str, default: Any = _MISSING) -> Any:
        """Remove the cookie of that name, and return its value; the default if there is none.

        Raises:
            CookieConflictError: There is more than one.
            KeyError: There is none, and no default.
        """
        with self.guard:
            found = self._only(name)
            if found is not None:
                self._remove([found])
                return found.value
        if default is _MISSING:
            raise KeyError(f"name={name!r}")
        return default

    def setdefault(self, name: str, default: CookieValue | None = None) -> Any:
        """Return the value of the cookie of that name; set the default first if there is none.

        Raises:
            CookieConflictError: There is more than one.
            ValueError: There is none, and the default could not be sent.
        """
        with self.guard:
            found = self._only(name)
            if found is None and default is not None:
                found = self.set(name, default)
        return default if found is None else found.value

    def __contains__(self, name: object) -> bool:
        return any(cookie.name == name for cookie in self)

    def keys(self) -> list[str]:
        """Return the names, one for each cookie."""
        return [cookie.name for cookie in self]

    def values(self) -> list[str]:
        """Return the values, one for each cookie."""
        return [cookie.value for cookie in self]

    def items(self) -> list[tuple[str, str]]:
        """Return name and value of each cookie."""
        return [(cookie.name, cookie.value) for cookie in self]

    def update(self, other: Any) -> None:
        """Take over every cookie of a jar, or set one for each pair of a mapping or an iterable.

        A jar may be one of the standard library too, and a mapping a ``SimpleCookie``, whose
        cookies keep their domain, path and end. A pair whose value is None removes.

        Raises:
            ValueError: A cookie could not be sent as given; those before it are kept.
            TypeError: ``other`` is nothing of that kind.
        """
        self.take(other)

    def take(self, other: Any) -> list[str]:
        """Do what ``update`` does, and return the names whose value is None."""
        if isinstance(other, (str, bytes)) or not hasattr(other, "__iter__"):
            raise not_taken("cookies", _TAKEN, other)
        every: list[Any] = list(other)
        # The jar of Requests is a mapping too; by its items its cookies would lose their domains.
        if isinstance(other, Mapping) and not (every and hasattr(every[0], "domain")):
            every = list(other.items())  # pyright: ignore[reportUnknownArgumentType]
        removed: list[str] = []
        if not every:
            return removed
        from .cookie import Cookie, cookie_like
        from .morsel import is_morsel

        for given in every:
            if isinstance(given, Cookie):
                self.set_cookie(given)
            elif hasattr(given, "domain"):
                self.set_cookie(cookie_like(given))
            elif is_morsel(given):
                self._set_morsel(given)
            else:
                try:
                    name, value = given
                except (TypeError, ValueError):
                    raise InvalidArgument(
                        f"cookies must be {_TAKEN}, and an item is none", maybe_sent=False
                    ) from None
                self.set(name, value)
                if value is None:
                    removed.append(name)
        return removed

    def get_dict(self, domain: str | None = None, path: str | None = None) -> dict[str, str]:
        """Return names and values as a dict, of one domain and path if given; the last one wins."""
        return {cookie.name: cookie.value for cookie in self._matching(None, domain, path)}

    def list_domains(self) -> list[str]:
        """Return each domain that cookies are kept for."""
        return list(dict.fromkeys(cookie.domain for cookie in self))

    def list_paths(self) -> list[str]:
        """Return each path that cookies are kept for."""
        return list(dict.fromkeys(cookie.path for cookie in self))

    def multiple_domains(self) -> bool:
        """Say whether cookies are kept for more than one domain."""
        return len(self.list_domains()) > 1

    def clear(
        self, domain: str | None = None, path: str | None = None, name: str | None = None
    ) -> None:
        """Remove every cookie that has all of what is given; without arguments, all."""
        self._remove_matching(name, domain, path)

    def _remove_matching(
        self, name: str | None = None, domain: str | None = None, path: str | None = None
    ) -> None:
        with self.guard:
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
