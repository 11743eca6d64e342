"""A request and the state of its session, as one value that can be played many times."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import Environment, Netrc, Policy, Request, parse_url

from .trail import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sojourn_core import Origin, Session

WALL: Final = 1_767_225_600.0  # 2026-01-01T00:00:00Z: the time of day at 0 seconds.

Login = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A request, and what its session knows.

    Fields that the default policy keeps within an origin count as secrets, and so do credentials,
    cookies and the login of a proxy. Make each of them a text of eight characters or more that
    occurs nowhere else, or a check cannot tell it from something harmless.

    Attributes:
        method: The method.
        url: The URL.
        fields: Field lines that are given by hand.
        content: The content; None for none.
        streamed: Whether the content comes from a generator, which can be read once.
        auth: User and password of the request.
        cookies: Cookies of the session that were set without a domain: they are for the origin of
            the request.
        netrc: Login and password by host.
        proxy: The URL of a proxy for all requests, with its user info; None for none.
        name: A few words for it, for messages.
    """

    method: str = "GET"
    url: str = "https://a.test/"
    fields: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    streamed: bool = False
    auth: Login | None = None
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])
    netrc: Mapping[str, Login] = field(default_factory=dict[str, Login])
    proxy: str | None = None
    name: str = ""

    def request(self) -> Request:
        """Return the request, new each time."""
        data: Any = self.content
        if self.streamed and self.content is not None:
            data = _once(self.content)
        return Request(self.method, self.url, headers=list(self.fields), data=data, auth=self.auth)

    def session(self, policy: Policy, make: Callable[..., Session]) -> Session:
        """Return a session that knows what it should.

        Args:
            policy: Its policy.
            make: Its class, or a function that is called with ``policy`` and ``entropy``.
        """
        session = make(policy=policy, entropy=bytes)
        session.set_clock(0.0, WALL)
        if self.proxy is not None:
            session.proxies = {"http": self.proxy, "https": self.proxy}
        for name, value in self.cookies.items():
            session.cookies.set(name, value)
        if self.netrc:
            environment = Environment(netrc=Netrc(self.netrc))
            session.read_environment = lambda: environment  # type: ignore[method-assign]
        return session

    @property
    def home(self) -> Origin:
        """The origin of the request."""
        return parse_url(self.url).origin

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All that must not be seen by everybody."""
        return tuple(self._secrets())

    def _secrets(self) -> Iterator[Secret]:
        home = self.home
        for name, value in self.fields:
            if _is_secret(name):
                yield Secret(name, (value,), home)
        if self.auth is not None:
            yield Secret("auth", _basic(*self.auth), home)
        for name, value in self.cookies.items():
            yield Secret(f"cookie {name}", (value,), home)
        for host, login in self.netrc.items():
            yield Secret(f"netrc of {host}", _basic(*login), host=host)
        if self.proxy is not None:
            userinfo = parse_url(self.proxy).userinfo
            if userinfo is not None:
                yield Secret("credentials of the proxy", _basic(*userinfo))

    def with_other_secrets(self) -> Situation:
        """Return the same situation with another value of each secret, as long as the first."""
        proxy = self.proxy
        if proxy is not None and "@" in proxy:
            userinfo, _, place = proxy.rpartition("@")
            scheme, _, login = userinfo.partition("://")
            proxy = f"{scheme}://{_other(login)}@{place}"
        return replace(
            self,
            fields=tuple(
                (name, _other(value) if _is_secret(name) else value) for name, value in self.fields
            ),
            auth=None if self.auth is None else _other_login(self.auth),
            cookies={name: _other(value) for name, value in self.cookies.items()},
            netrc={host: _other_login(login) for host, login in self.netrc.items()},
            proxy=proxy,
        )


_DEFAULT: Final = Policy()
_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding"})


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return lowered not in _FRAMING and not _DEFAULT.crosses_origins(lowered, with_content=True)


def _once(content: bytes) -> Iterator[bytes]:
    yield content


def _basic(user: str, password: str) -> tuple[str, ...]:
    """Return the forms of a login: the password, and both as Basic has them (RFC 7617)."""
    encoded = b64encode(f"{user}:{password}".encode()).decode()
    return (encoded, password) if password else (encoded,)


def _other(text: str) -> str:
    """Return another text of the same length, letters and digits moved on by one."""
    return "".join(_NEXT.get(sign, sign) for sign in text)


def _other_login(login: Login) -> Login:
    return _other(login[0]), _other(login[1])


_SIGNS: Final = "abcdefghijklmnopqrstuvwxyz"
_NEXT: Final = {
    sign: row[(place + 1) % len(row)]
    for row in (_SIGNS, _SIGNS.upper(), "0123456789")
    for place, sign in enumerate(row)
}
