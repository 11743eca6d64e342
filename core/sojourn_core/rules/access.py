"""Places that the policy closes: looked at for each request of a call, and for each redirect.

Addresses are looked at once more when a host has been resolved (``exchange.connect``): a name says
nothing of where it leads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from sojourn_core.values.url.address import Network
    from sojourn_core.values.url.endpoint import Origin
    from sojourn_core.values.url.url import URL

    from .policy import Policy


def closed_to(url: URL, policy: Policy) -> Decision | None:
    """Decide why nothing may be sent to a URL; None if it may."""
    if policy.https_only and url.scheme == "http":
        return _closed("policy.refused.clear-text", url, "the policy allows https only")
    host = url.host.removesuffix(".")
    if policy.refused_hosts and _is_among(host, policy.refused_hosts):
        return _closed("policy.refused.host", url, "the policy refuses this host")
    if policy.allowed_hosts is not None and not _is_among(host, policy.allowed_hosts):
        return _closed("policy.refused.host", url, "the policy does not allow this host")
    if policy.refused_networks and _is_refused(host, policy.refused_networks):
        return _closed("policy.refused.address", url, "the policy refuses this address")
    return None


def closed_to_redirects(old: URL, new: URL, home: Origin, policy: Policy) -> Decision | None:
    """Decide why a redirect from one URL may not lead to another; None if it may.

    Args:
        old: The URL that was asked.
        new: The URL that the response names.
        home: The origin that the caller asked for, which is always open.
        policy: The choices on which clients differ.
    """
    schemes = policy.redirect_schemes
    if schemes is not None and new.scheme not in schemes:
        return Decision(
            code="redirect.refused.scheme",
            subject="Location",
            reason=_only(schemes),
            section="Fetch 4.4",
        )
    if (
        policy.https_only
        or policy.refused_hosts
        or policy.refused_networks
        or policy.allowed_hosts is not None
    ):
        closed = closed_to(new, policy)
        if closed is not None:
            return closed
    origin = new.origin
    if policy.same_origin_only and origin not in (old.origin, home):
        return _closed("policy.refused.cross-origin", new, "the policy stays within one origin")
    allowed = policy.allowed_origins
    if allowed is not None and origin not in allowed and origin not in (old.origin, home):
        return _closed("policy.refused.origin", new, "the policy does not allow this origin")
    return None


def _is_among(host: str, hosts: frozenset[str]) -> bool:
    if host in hosts:
        return True
    return any(entry.startswith(".") and host.endswith(entry) for entry in hosts)


def _only(schemes: frozenset[str]) -> str:
    named = " and ".join(sorted(schemes)) or "nothing"
    return f"only {named} {'are' if len(schemes) > 1 else 'is'} followed"


def _closed(code: str, url: URL, reason: str) -> Decision:
    return Decision(code=code, subject=str(url.origin), reason=reason)


def _is_refused(host: str, networks: tuple[Network, ...]) -> bool:
    from sojourn_core.values.url.address import refused  # It loads ipaddress.

    return refused(host, networks)
