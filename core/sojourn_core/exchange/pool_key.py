"""The key under which connections may be shared: all that binds a connection to its use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.brief import brief_value
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.route import DIRECT

if TYPE_CHECKING:
    from sojourn_core.values.route import Route
    from sojourn_core.values.url.address import Network
    from sojourn_core.values.url.url import Origin


class TlsIdentity(NamedTuple):
    """All TLS settings that a connection was made under, compared exactly.

    Attributes:
        verify: As in the call: True, False, a path, or a context.
        cert: As in the call: None, a path, or a pair of paths.
        context: What the binding made of both. It is another one when a file has changed.
        proxy_context: The same for TLS with a proxy.
        proxy_verify: As in the settings, for TLS with a proxy.
    """

    verify: Any
    cert: Any
    context: Any = None
    proxy_context: Any = None
    proxy_verify: Any = None


class Credential(str):
    """The part of a key that tells one user of a proxy from another. It is never shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class RefusedNetworks(tuple["Network", ...]):
    """Refused networks as a part of a key.

    To hash a network takes longer than all the rest of a key. The networks of two requests are
    mostly the same objects, which costs little to see, so they are told apart by comparing alone.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        return len(self)


class PoolKey(NamedTuple):
    """All that two requests must have in common to share a connection.

    A connection to a forward proxy may serve requests to any origin, so it goes by the origin of
    the proxy itself: each request says anew for whom it is and with what credentials. Whatever
    binds a connection to one of them must become a part of its key.

    Attributes:
        origin: Scheme, host and effective port of the peer that answers, its IPv6 zone with the
            host: of the target or, without a tunnel to it, of the proxy.
        route: The proxy, the credential in its URL included.
        tls: TLS settings; None for a connection without any TLS.
        refused_networks: What the address was held against before it was connected to, if it was.
        tunnel_credential: For whom the proxy opened a tunnel, by what it was shown. None if it was
            shown nothing, or if there is no tunnel.
        lenient_heads: Heads that are not quite valid are read on it.
        identity: As whom credentials authenticate the connection itself; see ``AuthFlow``.
    """

    origin: Origin
    route: Route = DIRECT
    tls: TlsIdentity | None = None
    refused_networks: RefusedNetworks | None = None
    tunnel_credential: Credential | None = None
    lenient_heads: bool = False
    identity: Credential | None = None

    def __repr__(self) -> str:
        shown = [
            f"{name}={brief_value(value)}"
            for name, value in zip(self._fields, self, strict=True)
            if value != self._field_defaults.get(name)
        ]
        return f"PoolKey({', '.join(shown)})"
