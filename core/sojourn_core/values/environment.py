"""The environment of a program, so far as it has a say in requests, as a value.

The core never looks anything up: a binding reads an ``Environment`` and gives it to a call.
``trust_env`` and the policy say whether it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .record import field, record
from .value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .netrc import Netrc


@record(frozen=True, kw_only=True)
class Environment(Value):
    """Proxies, CA bundles, credentials and a file of secrets that the environment names.

    Attributes:
        proxies: Proxy URLs by key: a scheme, or ``all``. The key ``no`` has the list of
            ``no_proxy`` beside them, as ``urllib.request.getproxies`` gives it; it is no proxy,
            and nothing here reads it.
        no_proxy: The hosts that are reached without a proxy, as one text (see
            ``proxies.bypasses``), or None.
        authorities: Paths of CA bundles, by the variable that names them.
        netrc: Credentials by host, or None if there is no file.
        key_log: The path of a file for the secrets of TLS connections, or None.
    """

    proxies: Mapping[str, str] = field(default_factory=dict[str, str])
    no_proxy: str | None = None
    authorities: Mapping[str, str] = field(default_factory=dict[str, str])
    netrc: Netrc | None = None
    key_log: str | None = None

    def __post_init__(self) -> None:
        # The caller may change its own mappings, so these are copies.
        object.__setattr__(self, "proxies", dict(self.proxies))
        object.__setattr__(self, "authorities", dict(self.authorities))

    def authority(self, variables: Sequence[str]) -> str | None:
        """Return the path of a CA bundle by the first variable that has one, or None."""
        for variable in variables:
            path = self.authorities.get(variable)
            if path:
                return path
        return None

    def __repr__(self) -> str:
        proxies = {key: _masked(url) for key, url in self.proxies.items()}
        return (
            f"Environment(proxies={proxies!r}, no_proxy={self.no_proxy!r}, "
            f"authorities={self.authorities!r}, netrc={self.netrc!r})"
        )


EMPTY_ENVIRONMENT: Final = Environment()


def _masked(url: str) -> str:
    """Return a proxy's URL, valid or not, with what may be its userinfo masked."""
    end = max(url.rfind(char) for char in "@\uff20\ufe6b")  # The last two are "@" under NFKC.
    if end < 0:
        return url
    scheme, separator, _ = url[:end].partition("://")
    return f"{scheme + separator if separator else ''}***@{url[end + 1 :]}"
