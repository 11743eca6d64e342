"""Proxies for a URL, from arguments and from the environment.

The core's rules (``sojourn_core.rules.proxies``) decide, matching as Requests does; here they are
given URLs as text, of any scheme.
"""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sojourn.compat.compat import getproxies, proxy_bypass
from sojourn.local.environment import read_environment
from sojourn.local.netrc_files import get_netrc_auth
from sojourn_core.rules import proxies as _rules
from sojourn_core.values.named_tuple import NamedTuple

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
_proxy_bypass: Final = proxy_bypass
_HAS_SYSTEM_PROXIES: Final = sys.platform in {"darwin", "win32"}


class _AnyURL(NamedTuple):
    """The parts of a URL of any scheme that the rules read.

    The port is 0, as of a scheme without a default port: the rules then take the host from the
    text.
    """

    text: str
    scheme: str
    host: str = ""
    port: int = 0

    @property
    def explicit_port(self) -> int | None:
        return urlsplit(self.text).port


def _read(url: str) -> URL:
    """Read a URL; raise ``ValueError`` for an unbalanced bracket."""
    read: Any = _AnyURL(url, urlsplit(url).scheme)
    return read  # type: ignore[no-any-return]


def select_proxy(url: str, proxies: Mapping[str, str] | None) -> str | None:
    """Select the proxy for a URL: by ``scheme://host``, ``scheme``, ``all://host`` or ``all``."""
    if not proxies:
        urlsplit(url)  # It refuses an unbalanced bracket in any case.
        return None
    return _rules.select_proxy(_read(url), proxies)


def should_bypass_proxies(url: str, no_proxy: str | None) -> bool:
    """Return True if a URL is reached without a proxy, as one without a host always is.

    Args:
        url: The URL of a request.
        no_proxy: Names, addresses and networks; None for those of the environment.
    """
    around = read_environment().no_proxy if no_proxy is None else no_proxy
    return _rules.bypasses(_read(url), around or "", strict=False) or _system_bypasses(url)


def _system_bypasses(url: str) -> bool:
    """Return True if the system's settings bypass the proxy; variables come before them.

    They are asked by the function that stands in ``utils``, where tests put one of their own.
    """
    put_there = sys.modules["sojourn.compat.utils"].proxy_bypass
    is_replaced = put_there is not _proxy_bypass
    host = urlsplit(url).hostname if _HAS_SYSTEM_PROXIES or is_replaced else None
    if host is None:
        return False
    try:
        return bool(put_there(host) if is_replaced else proxy_bypass(host))
    except (TypeError, socket.gaierror):
        return False


def get_environ_proxies(url: str, no_proxy: str | None = None) -> dict[str, str]:
    """Return the environment's proxies; none if the URL is reached without a proxy."""
    if should_bypass_proxies(url, no_proxy):
        return {}
    return dict(read_environment().proxies)


def resolve_proxies(
    request: Any, proxies: Mapping[str, str] | None, trust_env: bool = True
) -> dict[str, str]:
    """Return the proxies for a request: those given, completed by the environment's.

    Args:
        request: Anything with a ``url``.
        proxies: Proxies by key; the key ``no_proxy`` replaces the environment's variable.
        trust_env: Read the environment.
    """
    url: str = request.url
    asked = trust_env and not _system_bypasses(url)
    environment = read_environment() if asked else None
    return _rules.resolve_proxies(_read(url), proxies, environment, asked, strict=False)
