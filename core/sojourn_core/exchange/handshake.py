"""The handshake with a proxy that does not speak HTTP, as a machine that comes from outside.

The core knows no such protocol. A binding gives a function that makes the machine (SOCKS is in
``sojourn.shared.socks``), and the exchange moves its bytes by ``Write`` and ``Read``, as those of
TLS: a driver knows nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.route import Proxy


class ProxyHandshake(Protocol):
    """The client's side of one handshake, which does no I/O.

    Attributes:
        surplus: Bytes that came after its end: the first ones of the tunnel.
    """

    surplus: bytes

    def start(self) -> bytes:
        """Return the first bytes to send."""
        ...

    def receive(self, data: bytes) -> bytes | None:
        """Take in some bytes of the proxy, however they were cut.

        Args:
            data: What came; none at all mean that the stream has ended.

        Returns:
            Bytes to send; none at all to read on; None once there is a tunnel.

        Raises:
            ProxyError: The proxy refuses, has gone, or does not speak the protocol. If it has not
                reached the address that it was told (``unreached``), it is told the next one.
        """
        ...


# From the proxy, and the host and the port that the tunnel shall lead to. The host is a name or an
# address, without brackets and zone. It raises a RequestException if there can be no handshake.
MakeHandshake: TypeAlias = "Callable[[Proxy, str, int], ProxyHandshake]"
