"""The settings of a call for the wire, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sojourn_core.values.brief import Brief
from sojourn_core.values.record import field, record
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS, Timeouts
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Network, IPv6Network

    from sojourn_core.rules.hedge import Hedges

    Network: TypeAlias = IPv4Network | IPv6Network


@record(frozen=True, kw_only=True)
class SendSettings(Brief, Value):
    """The settings that a transport gets with a request: the arguments of Requests' adapters.

    Attributes:
        timeouts: Seconds for each phase.
        timeout: The argument that they were made from, for adapters that take it as it was given.
        stream: Whether the caller reads the content later.
        verify: True, False, the path of a CA bundle, ``TLSSettings``, or an ``ssl.SSLContext``.
        context: The session's own ``ssl.SSLContext``, where the call says that nothing is verified:
            its client certificate counts all the same.
        cert: A client certificate: None, the path of a PEM file, or ``(certificate, key)`` paths.
        proxy_verify: What an https proxy is trusted by, in any of the forms of ``verify``; None to
            leave that to the transport. The fingerprints of ``TLSSettings`` are the proxy's.
        key_log: The path of a file for the secrets of TLS connections, or None.
        proxies: Proxy URLs by scheme, as given.
        refused_networks: Addresses that must not be connected to, whatever name they have.
        lenient_heads: As in ``Policy``.
        needs_close_notify: As in ``Policy``.
        hedges: The session's ``Hedges``, if the request may be sent a second time (``Hedge``); a
            transport may leave that out, and say so. None for never.
        adapter_arguments: Further arguments of ``send``, for mounted adapters that take them.
        own: Rules that the call has of its own (``retries``, ``hedge``), as they were given. No
            transport is told of them; where each hop is a call of its own, that has them too.
    """

    timeouts: Timeouts = DEFAULT_TIMEOUTS
    timeout: Any = None
    stream: bool = False
    verify: Any = True
    cert: Any = None
    key_log: str | None = None
    context: Any = None
    proxy_verify: Any = None
    # A proxy's URL may hold its credentials.
    proxies: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    refused_networks: tuple[Network, ...] = ()
    lenient_heads: bool = False
    needs_close_notify: bool = True
    hedges: Hedges | None = None
    adapter_arguments: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    own: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    def for_hooks(self) -> dict[str, Any]:
        """Return what a response hook is called with beside the response, as in Requests."""
        return {
            "timeout": self.timeout,
            "verify": self.verify,
            "proxies": self.proxies,
            "stream": self.stream,
            "cert": self.cert,
        }

    def for_hops(self) -> dict[str, Any]:
        """Return the arguments of a session's ``send`` for a hop that is a call of its own."""
        return {**self.given(), **self.own}

    def given(self) -> dict[str, Any]:
        """Return the arguments of ``send``: those of Requests' adapters and what else was given."""
        return {
            "stream": self.stream,
            "timeout": self.timeout,
            "verify": self.verify,
            "cert": self.cert,
            "proxies": self.proxies,
            **self.adapter_arguments,
        }
