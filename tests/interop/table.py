"""The servers and the proxies that are tried, and what is known of each."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from . import applications, fronts, proxies
from .running import find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .running import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server.

    Attributes:
        name: As the page and the tests have it.
        install: The command that installs it.
        programs: It is there if one of these programs is; or else
        module: this module of Python.
        version: The command that prints its version; of a module, the name of its distribution.
        configure: Writes its configuration, and returns its command.
        stop: The signal that ends it soonest.
        front: Whether it needs an origin.
        secure: Whether it speaks TLS.
        cannot: By the name of a case, why it cannot be tried.
        closes: The cases after which it closes the connection; the page says so.
        always: Whether a run of all tests tries it, and may take for granted that it is there.
    """

    name: str
    install: str
    configure: Callable[[Place], list[str]]
    programs: tuple[str, ...] = ()
    module: str = ""
    version: tuple[str, ...] = ()
    stop: signal.Signals = signal.SIGTERM
    front: bool = False
    secure: bool = True
    cannot: Mapping[str, str] = field(default_factory=dict)
    closes: frozenset[str] = frozenset()
    always: bool = False

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes that it speaks."""
        return ("http", "https") if self.secure else ("http",)

    @property
    def over(self) -> str:
        """The same, for the page."""
        return "http, https" if self.secure else "http; it has no TLS"

    def is_there(self) -> bool:
        """Return whether this machine has it."""
        if self.module:
            return find_spec(self.module) is not None
        return find(*self.programs) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """One proxy, as one scheme of its URL.

    Attributes:
        name: As the page and the tests have it.
        scheme: ``http``, ``https``, ``socks5`` or ``socks5h``.
        install: The command that installs it.
        programs: Each of these programs is needed.
        version: The command that prints its version.
        configure: Writes its configuration, and returns its command.
        bars: The status with which it answers a wrong password.
        stop: The signal that ends it soonest.
        behind: What stands behind it and asks, where it only takes TLS off.
        certified: Whether it needs a certificate.
        always: Whether a run of all tests tries it, and may take for granted that it is there.
    """

    name: str
    scheme: str
    install: str
    programs: tuple[str, ...]
    version: tuple[str, ...]
    configure: Callable[[Place], list[str]]
    bars: int = 407
    stop: signal.Signals = signal.SIGTERM
    behind: Callable[[Place], list[str]] | None = None
    certified: bool = False
    always: bool = False

    def is_there(self) -> bool:
        """Return whether this machine has it."""
        return all(map(find, self.programs))


def _debian(package: str) -> str:
    return f"apt-get install {package}"


def _pypi(package: str) -> str:
    return f"pip install {package}"


EAGER: Final = "it sends 100 in any case"

SERVERS: Final = (
    Server(
        name="nginx",
        install=_debian("nginx"),
        programs=("nginx",),
        version=("nginx", "-v"),
        configure=fronts.nginx,
        front=True,
        always=True,
    ),
    Server(
        name="Apache httpd",
        install=_debian("apache2"),
        programs=("apache2", "httpd"),
        version=("apache2", "-v"),
        configure=fronts.apache,
        front=True,
        always=True,
    ),
    Server(
        name="lighttpd",
        install=_debian("lighttpd lighttpd-mod-openssl lighttpd-mod-deflate"),
        programs=("lighttpd",),
        version=("lighttpd", "-v"),
        configure=fronts.lighttpd,
        front=True,
        always=True,
    ),
    Server(
        name="HAProxy",
        install=_debian("haproxy"),
        programs=("haproxy",),
        version=("haproxy", "-v"),
        configure=fronts.haproxy,
        front=True,
        always=True,
    ),
    Server(
        name="Caddy",
        install=_debian("caddy"),
        programs=("caddy",),
        version=("caddy", "version"),
        configure=fronts.caddy,
        front=True,
    ),
    Server(
        name="Varnish",
        install=_debian("varnish"),
        programs=("varnishd",),
        version=("varnishd", "-V"),
        configure=fronts.varnish,
        cannot={
            "Expect, refused": EAGER,
            "large head": "it resets the connection",
        },
        front=True,
        secure=False,
    ),
    Server(
        name="uvicorn",
        install=_pypi("uvicorn"),
        module="uvicorn",
        configure=applications.uvicorn,
        always=True,
    ),
    Server(
        name="hypercorn",
        install=_pypi("hypercorn"),
        module="hypercorn",
        configure=applications.hypercorn,
        cannot={"Expect, refused": EAGER},
        always=True,
    ),
    Server(
        name="granian",
        install=_pypi("granian"),
        module="granian",
        configure=applications.granian,
        always=True,
    ),
    Server(
        name="gunicorn",
        install=_pypi("gunicorn"),
        module="gunicorn",
        configure=applications.gunicorn,
        cannot={"Expect, refused": EAGER},
        always=True,
    ),
    Server(
        name="waitress",
        install=_pypi("waitress"),
        module="waitress",
        configure=applications.waitress,
        secure=False,
        cannot={"Expect, refused": EAGER},
        closes=frozenset({"chunked", "304"}),  # After whatever has no Content-Length.
        always=True,
    ),
    Server(
        name="aiohttp.web",
        install=_pypi("aiohttp"),
        module="aiohttp",
        configure=applications.aiohttp_web,
        cannot={"Expect, refused": EAGER},
        always=True,
    ),
    Server(
        name="Node http",
        install=_debian("nodejs"),
        programs=("node", "nodejs"),
        version=("node", "--version"),
        configure=applications.node,
        cannot={"Expect, refused": EAGER},
        always=True,
    ),
)

PROXIES: Final = (
    Proxy(
        name="Squid",
        scheme="http",
        install=_debian("squid"),
        programs=("squid",),
        version=("squid", "-v"),
        configure=proxies.squid,
        stop=signal.SIGKILL,  # It takes seconds over anything else.
        always=True,
    ),
    Proxy(
        name="tinyproxy",
        scheme="http",
        install=_debian("tinyproxy"),
        programs=("tinyproxy",),
        version=("tinyproxy", "-v"),
        configure=proxies.tinyproxy,
        bars=401,
        always=True,
    ),
    Proxy(
        name="Apache httpd",
        scheme="http",
        install=_debian("apache2"),
        programs=("apache2",),
        version=("apache2", "-v"),
        configure=proxies.apache,
        always=True,
    ),
    Proxy(
        name="HAProxy, before tinyproxy",
        scheme="https",
        install=_debian("haproxy tinyproxy"),
        programs=("haproxy", "tinyproxy"),
        version=("haproxy", "-v"),
        configure=proxies.haproxy,
        behind=proxies.tinyproxy,
        certified=True,
        bars=401,
        always=True,
    ),
    Proxy(
        name="mitmproxy",
        scheme="http",
        install=_debian("mitmproxy"),
        programs=("mitmdump",),
        version=("mitmdump", "--version"),
        configure=proxies.mitmproxy,
        certified=True,
    ),
    Proxy(
        name="mitmproxy",
        scheme="https",
        install=_debian("mitmproxy"),
        programs=("mitmdump",),
        version=("mitmdump", "--version"),
        configure=proxies.mitmproxy,
        certified=True,
    ),
    *(
        Proxy(
            name="microsocks",
            scheme=scheme,
            install=_debian("microsocks"),
            programs=("microsocks",),
            version=("dpkg-query", "--show", "microsocks"),
            configure=proxies.microsocks,
            always=True,
        )
        for scheme in ("socks5", "socks5h")
    ),
    *(
        Proxy(
            name="dante",
            scheme=scheme,
            install=_debian("dante-server libnss-wrapper"),
            programs=("danted",),
            version=("danted", "-v"),
            configure=proxies.dante,
            always=True,
        )
        for scheme in ("socks5", "socks5h")
    ),
)
