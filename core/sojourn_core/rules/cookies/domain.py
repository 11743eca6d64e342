"""The place of a cookie: domains, paths, public suffixes (RFC 6265bis 5.1.2 to 5.1.4).

Hosts come from a parsed URL, so they are in lower case, with A-labels, and an IPv6 address has no
brackets. One thing is left to do: ``a.test.`` and ``a.test`` are one host for cookies. If they were
two, a trailing dot would get a domain past the check for public suffixes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sojourn_core.values.expressions import expression

HOSTS_KNOWN_MAX: Final = 256  # So many hosts are remembered.

# A name whose last label is a number is an address, or one that somebody's parser takes for one.
_NUMBER: Final = expression(r"[0-9]+|0x[0-9a-f]*")
_LOOPBACK: Final = expression(r"127(?:\.[0-9]{1,3}){3}")

# Second levels under which countries let the public register names. The list of public suffixes
# has thousands; without it these few stop what matters most, such as Domain=co.uk.
_SECOND_LEVELS: Final = frozenset(
    {
        "ac", "asn", "co", "com", "edu", "gob", "gouv", "gov", "go", "govt", "gv", "ltd", "mil",
        "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch",
    }
)  # fmt: skip


def canonical_host(host: str) -> str:
    """Return a URL's host as cookies see it: without the trailing dot, if it has one."""
    return host.removesuffix(".")


def is_address(host: str) -> bool:
    """Say whether a canonical host is an IP address, or ends in a number as only addresses do."""
    if ":" in host:
        return True
    last = host[host.rfind(".") + 1 :]
    return last[:1].isdecimal() and _NUMBER.fullmatch(last) is not None


@lru_cache(maxsize=HOSTS_KNOWN_MAX)
def is_loopback(host: str) -> bool:
    """Say whether a host is ``localhost``, in 127.0.0.0/8, or ``::1``.

    What is sent there stays on the machine. Names below ``localhost`` are not among these: it is
    for the resolver to say where they lead.
    """
    host = host.removesuffix(".")
    return host in ("localhost", "::1") or _LOOPBACK.fullmatch(host) is not None


def domain_matches(host: str, domain: str) -> bool:
    """Say whether ``host`` is ``domain`` or a name below it (RFC 6265bis 5.1.3); both canonical."""
    if host == domain:
        return True
    return bool(domain) and host.endswith("." + domain) and not is_address(host)


@lru_cache(maxsize=HOSTS_KNOWN_MAX)
def domain_chain(host: str) -> tuple[str, ...]:
    """Return every domain that a canonical host matches, the host itself first.

    ``a.b.test`` gives ``("a.b.test", "b.test", "test")``; an address only itself.
    """
    if is_address(host):
        return (host,)
    chain = [host]
    dot = host.find(".")
    while dot >= 0:
        chain.append(host[dot + 1 :])
        dot = host.find(".", dot + 1)
    return tuple(chain)


def is_likely_public_suffix(domain: str) -> bool:
    """Say whether a domain is a public suffix, where no list of them is at hand.

    A single label is one, and so is a well-known second level under a two-letter country, such as
    ``co.uk``. That misses most of the list and names next to nothing that is not on it.
    """
    label, dot, country = domain.rpartition(".")
    if not dot:
        return True
    return len(country) == 2 and label in _SECOND_LEVELS


def path_matches(path: str, cookie_path: str) -> bool:
    """Say whether a request's path lies within a cookie's path (RFC 6265bis 5.1.4)."""
    if not path.startswith(cookie_path):
        return False
    return (
        len(path) == len(cookie_path)
        or cookie_path.endswith("/")
        or path[len(cookie_path)] == "/"  # Else /any would match /anybad.
    )


def default_path(path: str) -> str:
    """Return the path of a cookie that names none: the URL's directory (RFC 6265bis 5.1.4)."""
    if not path.startswith("/"):
        return "/"
    return path[: path.rindex("/")] or "/"
