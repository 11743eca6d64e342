"""A new connection, from the name of its host until a request can be sent on it.

Part of an exchange that found no connection to use again. Each step answers with the next
command, or with None once the connection is ready. What goes wrong is raised, for the exchange to
hand up. One deadline holds for all of it: name resolution, TCP connect and the TLS handshake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .commands import Connect, Read, Resolve, Write
from .errors import ConnectionError, NameResolutionError, RequestException, SSLError
from .phase import Phase

if TYPE_CHECKING:
    from .commands import Address
    from .connection import Connection
    from .plan import ExchangePlan
    from .tls import TlsLayer

HANDSHAKE_READ_SIZE: Final = 16 * 1024  # A record of TLS is not larger (RFC 8446 section 5.1).


class Opening:
    """One connection in the making.

    Args:
        plan: Where to, and whether by TLS.
        deadline: When it must be ready.

    Attributes:
        phase: How far it is.
    """

    __slots__ = ("_deadline", "_plan", "_tls", "phase")

    def __init__(self, plan: ExchangePlan, deadline: float) -> None:
        self.phase = Phase.RESOLVING
        self._plan = plan
        self._deadline = deadline
        self._tls: TlsLayer | None = None

    def start(self) -> Resolve:
        """Begin."""
        return Resolve(self._plan.host, self._plan.port, self._deadline)

    def resolved(self, addresses: tuple[Address, ...]) -> Connect:
        """The host has these addresses.

        Raises:
            NameResolutionError: If there are none.
        """
        if not addresses:
            raise NameResolutionError(f"host {self._plan.host!r} has no address")
        self.phase = Phase.CONNECTING
        return Connect(addresses, self._deadline)

    def connected(self, connection: Connection) -> Write | None:
        """A plain byte stream is there.

        Raises:
            SSLError: If TLS cannot be used on it.
        """
        plan = self._plan
        if plan.tls_context is None:
            return None
        from .tls import TlsLayer  # ssl costs much to load: plain HTTP goes without.

        self.phase = Phase.SECURING
        try:
            tls = self._tls = connection.tls = TlsLayer(plan.tls_context, plan.server_name)
            return Write(tls.handshake(), self._deadline)
        except RequestException:
            raise
        except (OSError, ValueError) as error:  # A context that was made for servers, for one.
            raise SSLError(f"TLS with {plan.place} cannot be used: {error}") from error

    def written(self) -> Read | None:
        """A part of the handshake was sent."""
        assert self._tls is not None
        return None if self._tls.established else Read(HANDSHAKE_READ_SIZE, self._deadline)

    def received(self, data: bytes) -> Write | Read | None:
        """A part of the handshake has come.

        Raises:
            ConnectionError: If the stream has ended.
            SSLError: If the handshake fails.
        """
        tls = self._tls
        assert tls is not None
        if not data:
            raise ConnectionError(
                f"the connection to {self._plan.place} was closed during the TLS handshake"
            )
        answer = tls.handshake(data)
        if answer:
            return Write(answer, self._deadline)
        return self.written()
