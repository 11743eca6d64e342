"""Which proxy, and which credentials, by what was given and what the environment says.

The rules are the core's (``sojourn_core.rules.proxies``), matched as Requests matches them; here
they are asked about URLs as text, of any scheme.
"""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import urlsplit

from sojourn.compat.compat import getproxies, proxy_bypass
from sojourn.local.environment import get_netrc_auth, read_environment
from sojourn_core.rules import proxies as _rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.values.url.url import URL

__all__ = [
    "NETRC_FILES",
    "get_environ_proxies",
    "get_netrc_auth",
    "getproxies",
    "proxy_bypass",
    "resolve_proxies",
    "select_proxy",
    "should_bypass_proxies",
]

NETRC_FILES: Final = (".netrc", "_netrc")
_HAS_SYSTEM_PROXIES: Final = sys.platform in {"darwin", "win32"}


class _AnyURL(NamedTuple):
    """What the rules want to know of a URL that need not be one for HTTP.

    Its port is 0, as that of a URL whose scheme has no default: then the host is that of the text.
    """

    text: str
    scheme: str
    host: str = ""
    port: int = 0

    @property
    def explicit_port(self) -> int | None:
        return urlsplit(self.text).port


def _read(url: str) -> URL:
    """Raises ``ValueError`` for a bracket without the other."""
    return cast("URL", _AnyURL(url, urlsplit(url).scheme))


def select_proxy(url: str, proxies: Mapping[str, str] | None) -> str | None:
    """The proxy for a URL: by ``scheme://host``, ``scheme``, ``all://host`` or ``all``."""
    return _rules.select_proxy(_read(url), proxies or {})


def should_bypass_proxies(url: str, no_proxy: str | None) -> bool:
    """Whether a URL is reached without a proxy; one without a host always is.

    Args:
        url: Where a request goes.
        no_proxy: Names, addresses and networks; None for what the environment has.
    """
    around = read_environment().no_proxy if no_proxy is None else no_proxy
    return _rules.bypasses(_read(url), around or "", strict=False) or _system_bypasses(url)


def _system_bypasses(url: str) -> bool:
    """Whether the operating system's settings say so; they count if no variable names a proxy."""
    host = urlsplit(url).hostname if _HAS_SYSTEM_PROXIES else None
    if host is None:
        return False
    try:
        return bool(proxy_bypass(host))
    except (TypeError, socket.gaierror):
        return False


def get_environ_proxies(url: str, no_proxy: str | None = None) -> dict[str, str]:
    """The environment's proxies; none of them, if the URL is reached without one."""
    if should_bypass_proxies(url, no_proxy):
        return {}
    return dict(read_environment().proxies)


def resolve_proxies(
    request: Any, proxies: Mapping[str, str] | None, trust_env: bool = True
) -> dict[str, str]:
    """The proxies for a request: what was given, and the environment's where that leaves it free.

    Args:
        request: Anything with a ``url``.
        proxies: By key; ``no_proxy`` among them takes the place of the environment's.
        trust_env: Whether the environment is asked.
    """
    url: str = request.url
    asked = trust_env and not _system_bypasses(url)
    environment = read_environment() if asked else None
    return _rules.resolve_proxies(_read(url), proxies, environment, asked, strict=False)
