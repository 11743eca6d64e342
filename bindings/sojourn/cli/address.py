"""A URL as people type it: without a scheme, or without a host.

The library wants whole URLs (``sojourn.get("a.test/x")`` is ``MissingSchema``), for a program knows
what it means. Whoever types one wants the usual one, and sees at once whether it was.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final, NamedTuple

# Names that are not in the public DNS: RFC 6761 and 2606 (test, localhost), RFC 6762 (local),
# and "internal", which ICANN reserved for private use in 2024.
LOCAL_DOMAINS: Final = ("localhost", "local", "internal", "test")
# They are followed by a colon and no slash, as a user name with its password may be.
_OTHER_SCHEMES: Final = (
    *("about", "acct", "blob", "data", "file", "http", "https"),
    *("javascript", "mailto", "sip", "sips", "tel", "urn", "xmpp"),
)

_WITH_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LOCALHOST: Final = re.compile(r":(?!:)([0-9]*)(?![^/?#])")
_AUTHORITY: Final = re.compile(r"[^/?#\\]*")
_PORT: Final = re.compile(r":[0-9]*\Z")
# The last label of an IPv4 address, whichever way it is written (URL Standard, "ends in a number").
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


class Address(NamedTuple):
    """A URL, and whether its scheme is a guess.

    Attributes:
        url: The URL, which may still be none that a request can be sent to.
        guessed: The scheme that was put before it; empty if it had one.
    """

    url: str
    guessed: str = ""

    @property
    def other(self) -> str:
        """The URL with the scheme that was not guessed."""
        rest = self.url[len(self.guessed) :]
        return ("http" if self.guessed == "https" else "https") + rest


def complete(typed: str) -> Address:
    """Return the URL that somebody meant.

    ``:8801/x`` is localhost, as in HTTPie. localhost and the names below it, IP addresses, names
    of a single label and those of ``LOCAL_DOMAINS`` get http; any other name gets https.

    Args:
        typed: The URL as it was typed.
    """
    text = typed.strip(" \t\r\n\f\v")
    if (local := _LOCALHOST.match(text)) is not None:
        port = f":{local[1]}" if local[1] else ""
        return Address(f"http://localhost{port}{text[local.end() :]}", "http")
    if not text or (text[0] in "/?#\\" and not text.startswith("//")) or _has_scheme(text):
        return Address(typed)
    text = text.removeprefix("//")
    match = _AUTHORITY.match(text)
    assert match is not None, "it matches nothing at least"
    host = match[0].rpartition("@")[2]
    if not host:
        return Address(typed)
    if _is_bare_address(host):  # RFC 3986 section 3.2.2 wants brackets; here it is all of a host.
        return Address(f"http://{match[0].removesuffix(host)}[{host}]{text[match.end() :]}", "http")
    scheme = "http" if _is_local(_PORT.sub("", host)) else "https"
    return Address(f"{scheme}://{text}", scheme)


def _has_scheme(text: str) -> bool:
    match = _WITH_SCHEME.match(text)
    if match is None:
        return False
    rest = text[match.end() :]
    authority = _AUTHORITY.match(rest)
    assert authority is not None, "it matches nothing at least"
    if match[1].lower() in _OTHER_SCHEMES and not authority[0].isdecimal():
        return True
    # Digits follow a host's colon; an @ comes after a user's.
    if rest.startswith("//"):
        return True
    if _is_bare_address(text[: match.end()] + authority[0]):
        return False
    return bool(authority[0]) and not authority[0].isdecimal() and "@" not in authority[0]


def _is_bare_address(host: str) -> bool:
    try:
        return ":" in host and ip_address(host).version == 6
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    if host.startswith("["):
        return True
    labels = host.lower().removesuffix(".").split(".")
    return (
        len(labels) == 1 or labels[-1] in LOCAL_DOMAINS or _NUMBER.fullmatch(labels[-1]) is not None
    )
