"""A new connection, from the name of its host until its stream is there.

The steps are states of their own: resolving and connecting here, what a proxy is asked
(``tunneling``), and TLS with the origin (``securing``). One deadline holds for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import (
    AddressRefused,
    NameResolutionError,
    ProxyError,
    RequestException,
)
from sojourn_core.values.timeouts import deadline_at

from .commands import Address, Close, Resolve
from .connection import Connection
from .departures import Gone
from .destinations import Destinations
from .dial import Dial, literal_address, named
from .failures import network_error, timeout_error, unresolved
from .phase import Phase
from .securing import ConnectionSetup
from .state import Holding

if TYPE_CHECKING:
    from sojourn_core.values.route import Proxy

    from .commands import Connect, ExchangeCommand
    from .handshake import MakeHandshake
    from .pool_key import RefusedNetworks
    from .state import Outcome


def _permitted(
    host: str, addresses: tuple[Address, ...], networks: RefusedNetworks | None
) -> tuple[Address, ...]:
    """Return the addresses that are not refused.

    Raises:
        AddressRefused: If there are none.
    """
    if not networks:
        return addresses
    from sojourn_core.values.url.address import refused  # It loads ipaddress.

    left = tuple(each for each in addresses if not refused(each.host, networks, unread=True))
    if not left:
        raise AddressRefused(f"host {host!r} has refused addresses only: {named(addresses)}")
    return left


def _is_ipv4(address: Address) -> bool:
    return address.family == "ipv4"


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
        if plan.offers.handshake is not None:
            setup = ConnectionSetup(plan, self.pool, self.slot, deadline)
            return Locating(setup, plan.offers.handshake)
        return self._ask(deadline)

    def _ask(self, deadline: float) -> Outcome:
        plan = self.plan
        command = Resolve(plan.host, plan.port, deadline)
        socket = plan.key.route.socket
        if socket is not None and socket.unix_path is not None:
            setup = ConnectionSetup(plan, self.pool, self.slot, deadline)
            return Connecting(setup, (Address(socket.unix_path, 0, "unix"),), None)
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
        if plan.proxy is None:
            addresses = _permitted(plan.host, addresses, plan.key.refused_networks)
        setup = ConnectionSetup(plan, self.pool, self.slot, command.deadline)
        return Connecting(setup, addresses, self._destinations())

    def _destinations(self) -> Destinations | None:
        return None


class Locating(ConnectionSetup):
    """The origin is located, for a proxy that opens a tunnel by a handshake of its own.

    A proxy that is told addresses is told one that was looked at here; a name that is left to the
    proxy is looked up there, and nobody sees what it leads to. The handshake is made before
    anybody is connected to: if there can be none, that is known at once.

    Args:
        setup: What is known so far.
        make: Makes the handshake.
    """

    __slots__ = ("_make",)

    phase = Phase.RESOLVING

    def __init__(self, setup: ConnectionSetup, make: MakeHandshake) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        self._make = make

    def begin(self, now: float) -> Outcome:
        """Ask for the addresses of the origin, if the proxy is to be told one.

        Raises:
            RequestException: If there can be no handshake.
        """
        origin = self.plan.origin
        command = Resolve(origin.host, origin.port, self.deadline)
        literal = literal_address(origin.host, origin.port)
        if literal is not None:
            return self.resolved(command, (literal,))
        return self._reach(origin.host) if self._proxy.resolves else command

    def resolved(self, command: Resolve, addresses: tuple[Address, ...]) -> Outcome:
        """Go on with the addresses that the protocol of the proxy can name.

        Raises:
            NameResolutionError: If there are none.
            AddressRefused: If there are none but refused ones.
            RequestException: If there can be no handshake.
        """
        if not addresses:
            raise NameResolutionError(f"host {command.host!r} has no address")
        addresses = _permitted(command.host, addresses, self.plan.key.refused_networks)
        if self._proxy.url.scheme == "socks4":  # It has no IPv6; that is said if nothing else is.
            addresses = tuple(filter(_is_ipv4, addresses)) or addresses[:1]
        return self._reach(*(each.host for each in addresses))

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """End: it is the name of the origin that leads nowhere, and not that of the proxy."""
        if isinstance(error, RequestException):
            return Fail(error)
        raised = unresolved(self.plan.origin.host, str(error) or type(error).__name__)
        raised.__cause__ = error
        return Fail(raised)

    @property
    def _proxy(self) -> Proxy:
        proxy = self.plan.key.route.proxy
        assert proxy is not None
        return proxy

    def _reach(self, *hosts: str) -> Outcome:
        """Go on with the proxy; a zone means nothing there."""
        bare = tuple(host.partition("%")[0] for host in hosts)
        return ResolvingProxy(self, Destinations(self._make, self._proxy, self.plan.origin, bare))


class ResolvingProxy(Resolving):
    """The proxy is resolved that opens a tunnel by a handshake of its own.

    Args:
        setup: What is known so far.
        destinations: The hosts that the proxy is told.
    """

    __slots__ = ("_deadline", "_hosts")

    def __init__(self, setup: ConnectionSetup, destinations: Destinations) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot)
        self._deadline = setup.deadline
        self._hosts = destinations

    def begin(self, now: float) -> Outcome:
        """Ask for the addresses, unless the host is one."""
        return self._ask(self._deadline)

    def _destinations(self) -> Destinations:
        return self._hosts


class Connecting(ConnectionSetup):
    """The addresses are tried.

    Args:
        setup: What is known so far.
        addresses: The addresses.
        destinations: The hosts to have a tunnel to, if the proxy is asked by a handshake of its
            own.
    """

    __slots__ = ("_destinations", "_dial")

    phase = Phase.CONNECTING

    def __init__(
        self,
        setup: ConnectionSetup,
        addresses: tuple[Address, ...],
        destinations: Destinations | None,
    ) -> None:
        plan = setup.plan
        super().__init__(plan, setup.pool, setup.slot, setup.deadline)
        stagger = plan.timeouts.stagger if plan.offers.races else None
        self._dial = Dial(addresses, setup.deadline, plan.key.route.socket, stagger)
        self._destinations = destinations

    def begin(self, now: float) -> Connect:
        """Try the first address, or all of them in a race."""
        return self._dial.next(now)

    def connected(self, stream: Any) -> Outcome:
        """Go on with a plain byte stream."""
        connection = self.slot.connection = Connection(self.plan.key, stream)
        self.pool.opened(connection)
        plan = self.plan
        tls_context, tunnel = plan.offers.proxy_tls_context, plan.tunnel
        if tls_context is None and tunnel is None and self._destinations is None:
            return self.secure(b"")  # Most go by no proxy.
        from .tunneling import Greeting, SecuringProxy, Tunneling

        if tls_context is not None:
            return SecuringProxy(self)
        if self._destinations is not None:
            return Greeting(self, self._destinations, self._again)
        return self.secure(b"") if tunnel is None else Tunneling(self, tunnel)

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

    def _again(self) -> Redialing:
        """Return the state that connects to the proxy anew, for the next host."""
        assert self._destinations is not None
        return Redialing(self, self._dial.addresses, self._destinations)

    @property
    def _tried(self) -> str:
        """The addresses, if there are several or one is a path, as messages end with them."""
        addresses = self._dial.addresses
        told = len(addresses) > 1 or any(each.family == "unix" for each in addresses)
        return f" (tried {named(addresses)})" if told else ""


class Redialing(ConnectionSetup):
    """The proxy is connected to anew: it has not reached one host, and is told the next.

    Args:
        setup: What is known so far.
        addresses: Those of the proxy.
        destinations: The hosts that it is told.
    """

    __slots__ = ("_addresses", "_destinations")

    phase = Phase.CLOSING_REFUSED

    def __init__(
        self, setup: ConnectionSetup, addresses: tuple[Address, ...], destinations: Destinations
    ) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        self._addresses = addresses
        self._destinations = destinations

    def begin(self, now: float) -> Close:
        """Have the stream closed that the refusal has come by."""
        return Close()

    def closed(self) -> Connecting:
        """Make a new connection in its place."""
        self.pool.closed(self.connection, Gone.USED_UP)
        self.slot.connection = None
        return Connecting(self, self._addresses, self._destinations)
