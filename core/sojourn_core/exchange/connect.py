"""A new connection, from the name of its host until a request can be sent on it.

Part of an exchange that found no connection to use again. Each step answers with the next
command, or with None once the connection is ready. What goes wrong is raised, for the exchange to
hand up. One deadline holds for all of it: name resolution, TCP connect, a tunnel through a proxy
and the TLS handshake.

A proxy is asked for a tunnel with CONNECT (RFC 9110 section 9.3.6). The request inside the tunnel
is none of its business: it hears whom the tunnel is for and its own credential, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import (
    AddressRefused,
    NameResolutionError,
    ProxyError,
    RequestException,
    SSLError,
)
from sojourn_core.values.url.address import refused

from .commands import Connect, Read, Resolve, Write
from .connection import HeadMemo
from .http1 import Message
from .phase import Phase

if TYPE_CHECKING:
    from .commands import Address
    from .connection import Connection
    from .plan import ExchangePlan
    from .tls import TlsLayer

HANDSHAKE_READ_SIZE: Final = 16 * 1024  # A record of TLS is not larger (RFC 8446 section 5.1).
ADDRESSES_SHOWN_MAX: Final = 4


class Opening:
    """One connection in the making.

    Args:
        plan: Where to, and whether through a tunnel and by TLS.
        deadline: When it must be ready.

    Attributes:
        phase: How far it is.
    """

    __slots__ = ("_asked", "_connection", "_deadline", "_plan", "_tls", "phase")

    def __init__(self, plan: ExchangePlan, deadline: float) -> None:
        self.phase = Phase.RESOLVING
        self._plan = plan
        self._deadline = deadline
        self._connection: Connection | None = None
        self._asked: Message | None = None  # CONNECT, until it is answered.
        self._tls: TlsLayer | None = None

    def start(self) -> Resolve:
        """Begin."""
        return Resolve(self._plan.host, self._plan.port, self._deadline)

    def resolved(self, addresses: tuple[Address, ...]) -> Connect:
        """The host has these addresses.

        Raises:
            NameResolutionError: If there are none.
            ProxyError: If it is the proxy that has none.
            AddressRefused: If there are none but refused ones.
        """
        plan = self._plan
        if not addresses:
            if plan.proxy is not None:
                raise ProxyError(f"the proxy {plan.proxy} has no address")
            raise NameResolutionError(f"host {plan.host!r} has no address")
        networks = plan.key.refused_networks
        if networks:
            found = addresses
            addresses = tuple(
                each for each in found if not refused(each.host, networks, unread=True)
            )
            if not addresses:
                shown = ", ".join(each.host for each in found[:ADDRESSES_SHOWN_MAX])
                raise AddressRefused(f"host {plan.host!r} has refused addresses only: {shown}")
        self.phase = Phase.CONNECTING
        return Connect(addresses, self._deadline)

    def connected(self, connection: Connection) -> Write | None:
        """A plain byte stream is there.

        Raises:
            InvalidHeader: If the credential for the proxy cannot be sent.
            SSLError: If TLS cannot be used on it.
        """
        self._connection = connection
        plan = self._plan
        tunnel = plan.tunnel
        if tunnel is None:
            return self._secure()
        self.phase = Phase.TUNNELING
        lines = [("Host", tunnel)]
        if plan.tunnel_credential is not None:
            lines.append(("Proxy-Authorization", plan.tunnel_credential))
        asked = self._asked = Message("CONNECT", plan.limits)
        data = asked.start(tunnel, lines, HeadMemo())
        return Write(data + asked.end(), self._deadline)

    def _secure(self, early: bytes = b"") -> Write | None:
        """Begin with TLS, if it is asked for; ``early`` is what the peer has sent by now."""
        plan = self._plan
        connection = self._connection
        assert connection is not None
        if plan.tls_context is None:
            return None
        from .tls import TlsLayer  # ssl costs much to load: plain HTTP goes without.

        self.phase = Phase.SECURING
        try:
            tls = self._tls = connection.tls = TlsLayer(plan.tls_context, plan.server_name)
            return Write(tls.handshake(early or None), self._deadline)
        except RequestException:
            raise
        except (OSError, ValueError) as error:  # A context that was made for servers, for one.
            raise SSLError(f"TLS with {plan.place} cannot be used: {error}") from error

    def written(self) -> Read | None:
        """CONNECT, or a part of the handshake, was sent."""
        tls = self._tls
        if tls is not None and tls.established:
            return None
        return Read(HANDSHAKE_READ_SIZE, self._deadline)

    def received(self, data: bytes) -> Write | Read | None:
        """A part of the answer to CONNECT, or of the handshake, has come.

        Raises:
            ProxyError: If the proxy opens no tunnel.
            SSLError: If the handshake fails, or the stream ends within it.
        """
        if self._asked is not None:
            return self._answered(self._asked, data)
        tls = self._tls
        assert tls is not None
        if not data:
            raise SSLError(
                f"the connection to {self._plan.place} was closed during the TLS handshake"
            )
        answer = tls.handshake(data)
        if answer:
            return Write(answer, self._deadline)
        return self.written()

    def _answered(self, asked: Message, data: bytes) -> Write | Read | None:
        """Some of the answer to CONNECT.

        Any 2xx opens the tunnel, and what comes after that head is not content, whatever its
        fields say (RFC 9110 section 9.3.6). Of any other answer the head is enough.
        """
        asked.receive(data)
        head = asked.head
        if head is None:
            error = asked.error
            if error is None:
                return Read(HANDSHAKE_READ_SIZE, self._deadline)
            error.__traceback__ = None  # Its frames lead back to the error.
            raise ProxyError(f"the proxy {self._plan.proxy} gave no answer to CONNECT: {error}")
        if not 200 <= head.status < 300:
            raise self._plan.refusal(head)
        self._asked = None
        return self._secure(asked.surplus)
