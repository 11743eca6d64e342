"""The rule by which a cookie may be sent, written a second time and as plainly as it can be.

It knows nothing of the jar: a pair may be sent if some response before it has set just this pair,
and its Domain, Path and Secure let it go there (RFC 6265bis section 5.8.3). What it lets through
may still be held back, by an expiry or a prefix of its name.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from .web import Answer

if TYPE_CHECKING:
    from .trail import Sent, Trail


def may_be_sent(pair: str, sent: Sent, trail: Trail) -> bool:
    """Return whether some response before a request lets a cookie pair go with it.

    Args:
        pair: The cookie, as ``name=value``.
        sent: The request.
        trail: Its trail.
    """
    for setter, answer in zip(trail.sent[: sent.number], trail.answers, strict=False):
        if isinstance(answer, Answer):
            for name, line in answer.fields:
                if name.lower() == "set-cookie" and _lets(line, pair, setter, sent):
                    return True
    return False


def _lets(line: str, pair: str, setter: Sent, sent: Sent) -> bool:
    head, *rest = line.split(";")
    name, equals, value = head.partition("=")
    told = f"{name.strip()}={value.strip()}" if equals else name.strip()
    if told != pair:
        return False
    attributes: dict[str, str] = {}
    for attribute in rest:
        key, _, given = attribute.partition("=")
        attributes[key.strip().lower()] = given.strip()
    if "secure" in attributes and not _is_secure(sent):
        return False
    domain = attributes.get("domain", "").lower().removeprefix(".")
    host, home = sent.origin.host, setter.origin.host
    if not domain or _is_address(home):
        return host == home and _path_matches(attributes, setter, sent)
    within = host == domain or (host.endswith(f".{domain}") and not _is_address(host))
    own = home == domain or home.endswith(f".{domain}")
    return within and own and _path_matches(attributes, setter, sent)


def _path_matches(attributes: dict[str, str], setter: Sent, sent: Sent) -> bool:
    """Return whether the path of a request lies within that of a cookie (section 5.1.4)."""
    path = attributes.get("path", "")
    if not path.startswith("/"):
        path = setter.url.path.rpartition("/")[0] or "/"
    asked = sent.url.path
    return asked == path or asked.startswith(path if path.endswith("/") else f"{path}/")


def _is_secure(sent: Sent) -> bool:
    host = sent.origin.host
    local = host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
    return sent.origin.scheme == "https" or local


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
