"""A stream that is connected, and TLS on it, until a request can be sent.

The last step makes the connection's codec, because it is TLS that agrees on a protocol, and begins
the cycle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import RequestException, SSLError

from .codec import HTTP_1_1
from .commands import Read, Write
from .cycle import Cycle
from .phase import Phase
from .state import Holding

if TYPE_CHECKING:
    from .connection import Connection
    from .plan import ExchangePlan
    from .pool import Pool
    from .state import Outcome
    from .ticket import Slot
    from .tls import TlsLayer

HANDSHAKE_READ_SIZE: Final = 16 * 1024  # A record of TLS is not larger (RFC 8446 section 5.1).


def waiting_cycle() -> type[Cycle]:
    """Return the cycle of requests whose content waits for 100 (Continue)."""
    from .expecting import Expecting  # Few requests wait.

    return Expecting


class ConnectionSetup(Holding):
    """The common part of the steps after resolving.

    Args:
        plan: Where to, and whether through a tunnel and by TLS.
        pool: The ledger of connections.
        slot: The slot that the connection is for.
        deadline: When the connection must be ready.
    """

    __slots__ = ("deadline",)

    def __init__(self, plan: ExchangePlan, pool: Pool, slot: Slot, deadline: float) -> None:
        super().__init__(plan, pool, slot)
        self.deadline = deadline

    @property
    def connection(self) -> Connection:
        """The connection in the making."""
        connection = self.slot.connection
        assert connection is not None
        return connection

    def secure(self, early: bytes) -> Outcome:
        """Begin with TLS, if it is asked for; ``early`` is what the peer has sent by now."""
        if self.plan.tls_context is None:
            return self._ready(HTTP_1_1)
        return Securing(self, early)

    def _ready(self, protocol: str) -> Cycle:
        plan, connection = self.plan, self.connection
        connection.codec = plan.codecs[protocol](plan.limits, plan.key.lenient_heads)
        kind = Cycle if not plan.request.expects else waiting_cycle()
        return kind(plan, self.pool, self.slot, reused=False)


class Securing(ConnectionSetup):
    """The TLS handshake.

    Args:
        setup: What is known so far.
        early: What the peer has sent by now.
    """

    __slots__ = ("_early",)

    phase = Phase.SECURING

    def __init__(self, setup: ConnectionSetup, early: bytes) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        self._early = early

    @property
    def _tls(self) -> TlsLayer:
        tls = self.connection.tls
        assert tls is not None
        return tls

    def begin(self, now: float) -> Write:
        """Send the client's hello.

        Raises:
            SSLError: If TLS cannot be used at all.
        """
        from .tls import TlsLayer  # ssl costs much to load: plain HTTP goes without.

        plan = self.plan
        context = plan.tls_context
        assert context is not None
        try:
            tls = self.connection.tls = TlsLayer(context, plan.server_name)
            return Write(tls.handshake(self._early or None), self.deadline)
        except RequestException:
            raise
        except (OSError, ValueError) as error:  # A context that was made for servers, for one.
            raise SSLError(f"TLS with {plan.place} cannot be used: {error}") from error

    def written(self, now: float) -> Outcome:
        """Await the peer's part, if the handshake is not over."""
        tls = self._tls
        if not tls.established:
            return Read(HANDSHAKE_READ_SIZE, self.deadline)
        # A context of the caller's may offer what no codec here speaks: the peer's answer, which
        # is no HTTP/1.1 then, says so better than a guess would.
        protocol = tls.alpn
        return self._ready(protocol if protocol in self.plan.codecs else HTTP_1_1)

    def received(self, data: bytes, now: float) -> Outcome:
        """Go on with the handshake.

        Raises:
            SSLError: If it fails, or the stream ends within it.
        """
        if not data:
            raise SSLError(
                f"the connection to {self.plan.place} was closed during the TLS handshake"
            )
        answer = self._tls.handshake(data)
        return Write(answer, self.deadline) if answer else self.written(now)
