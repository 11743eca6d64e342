"""A new connection, from the name of its host until a request can be sent on it.

The steps are states of their own: resolving, connecting, asking a proxy for a tunnel, and the TLS
handshake. One deadline holds for all of them. The last one makes the connection's codec, because it
is TLS that agrees on a protocol, and begins the cycle.

A proxy is asked for a tunnel with CONNECT (RFC 9110 section 9.3.6). The request inside the tunnel
is none of its business: it hears whom the tunnel is for and its own credential, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import (
    AddressRefused,
    NameResolutionError,
    ProxyError,
    RequestException,
    SSLError,
)
from sojourn_core.values.timeouts import deadline_at

from .codec import HTTP_1_1, RequestHead
from .commands import Read, Resolve, Write
from .connection import Connection
from .cycle import Cycle
from .dial import Dial, literal_address, named
from .failures import network_error, timeout_error
from .phase import Phase
from .state import Holding

if TYPE_CHECKING:
    from .commands import Address, Connect, ExchangeCommand
    from .plan import ExchangePlan, Tunnel
    from .pool import Pool
    from .state import Outcome
    from .ticket import Slot
    from .tls import TlsLayer

HANDSHAKE_READ_SIZE: Final = 16 * 1024  # A record of TLS is not larger (RFC 8446 section 5.1).


class Resolving(Holding):
    """The host is resolved: the first step of every connection."""

    __slots__ = ()

    phase = Phase.RESOLVING

    def begin(self, now: float) -> Outcome:
        """Ask for the addresses, unless the host is one; the deadline is the connection's.

        Raises:
            AddressRefused: If the host is an address that is refused.
        """
        plan = self.plan
        deadline = deadline_at(now, plan.timeouts.connect, plan.deadline)
        command = Resolve(plan.host, plan.port, deadline)
        literal = literal_address(plan.host, plan.port)
        return command if literal is None else self.resolved(command, (literal,))

    def resolved(self, command: Resolve, addresses: tuple[Address, ...]) -> Connecting:
        """Go on with the addresses of the host.

        Raises:
            NameResolutionError: If there are none.
            ProxyError: If it is the proxy that has none.
            AddressRefused: If there are none but refused ones.
        """
        plan = self.plan
        if not addresses:
            if plan.proxy is not None:
                raise ProxyError(f"the proxy {plan.proxy} has no address")
            raise NameResolutionError(f"host {plan.host!r} has no address")
        networks = plan.key.refused_networks
        if networks:
            from sojourn_core.values.url.address import refused  # It loads ipaddress.

            found = addresses
            addresses = tuple(
                each for each in found if not refused(each.host, networks, unread=True)
            )
            if not addresses:
                message = f"host {plan.host!r} has refused addresses only: {named(found)}"
                raise AddressRefused(message)
        setup = ConnectionSetup(self.plan, self.pool, self.slot, command.deadline)
        stagger = plan.timeouts.stagger if plan.offers.races else None
        dial = Dial(addresses, command.deadline, plan.key.route.socket, stagger)
        return Connecting(setup, dial)


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

    def _secure(self, early: bytes) -> Outcome:
        """Begin with TLS, if it is asked for; ``early`` is what the peer has sent by now."""
        if self.plan.tls_context is None:
            return self._ready(HTTP_1_1)
        return Securing(self, early)

    def _ready(self, protocol: str) -> Cycle:
        plan, connection = self.plan, self.connection
        connection.codec = plan.codecs[protocol](plan.limits, plan.key.lenient_heads)
        kind = Cycle if not plan.request.expects else waiting_cycle()
        return kind(plan, self.pool, self.slot, reused=False)


class Connecting(ConnectionSetup):
    """The addresses are tried.

    Args:
        setup: What is known so far.
        dial: The addresses.
    """

    __slots__ = ("_dial",)

    phase = Phase.CONNECTING

    def __init__(self, setup: ConnectionSetup, dial: Dial) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        self._dial = dial

    def begin(self, now: float) -> Connect:
        """Try the first address, or all of them in a race."""
        return self._dial.next(now)

    def connected(self, stream: Any) -> Outcome:
        """Go on with a plain byte stream."""
        connection = self.slot.connection = Connection(self.plan.key, stream)
        self.pool.opened(connection)
        tunnel = self.plan.tunnel
        return self._secure(b"") if tunnel is None else Tunneling(self, tunnel)

    def expired(self, command: ExchangeCommand, now: float) -> ExchangeCommand:
        """Try the next address, if there is time for it."""
        if self._dial.is_over or now >= self.deadline:
            return Fail(timeout_error(self.plan, self.phase, now, tried=self._tried))
        return self._dial.next(now)

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """Try the next address; when there is none, the last error is the one that is told."""
        if isinstance(error, RequestException):
            return Fail(error)
        if self._dial.is_over:
            return Fail(network_error(error, self.plan, self.phase, tried=self._tried))
        return self.expired(command, now)

    @property
    def _tried(self) -> str:
        """The addresses, if there are several, as messages end with them."""
        addresses = self._dial.addresses
        return f" (tried {named(addresses)})" if len(addresses) > 1 else ""


class Tunneling(ConnectionSetup):
    """A proxy is asked for a tunnel.

    Args:
        setup: What is known so far.
        tunnel: Where the tunnel shall lead to.
    """

    __slots__ = ("_asked",)

    phase = Phase.TUNNELING

    def __init__(self, setup: ConnectionSetup, tunnel: Tunnel) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        plan = self.plan
        authority, credential = tunnel
        lines = [("Host", authority)]
        if credential is not None:
            lines.append(("Proxy-Authorization", credential))
        codec = plan.codecs[HTTP_1_1](plan.limits, plan.key.lenient_heads)
        self._asked = codec.open(RequestHead("CONNECT", "http", authority, authority, lines))

    def begin(self, now: float) -> Write:
        """Send CONNECT.

        Raises:
            InvalidHeader: If the credential for the proxy cannot be sent.
        """
        data = self._asked.start()
        return Write(data + self._asked.end(), self.deadline)

    def written(self, now: float) -> Read:
        """Await the answer."""
        return Read(HANDSHAKE_READ_SIZE, self.deadline)

    def received(self, data: bytes, now: float) -> Outcome:
        """Take in some of the answer.

        Any 2xx opens the tunnel, and what comes after that head is not content, whatever its
        fields say (RFC 9110 section 9.3.6). Of any other answer the head is enough.

        Raises:
            ProxyError: If the proxy opens no tunnel.
        """
        asked = self._asked
        asked.receive(data)
        head, error = asked.head, asked.error
        if head is not None:
            if not 200 <= head.status < 300:
                raise self.plan.refusal(head)
            return self._secure(asked.surplus)
        if error is None:
            return Read(HANDSHAKE_READ_SIZE, self.deadline)
        return Fail(ProxyError(f"the proxy {self.plan.proxy} gave no answer to CONNECT: {error}"))


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
