"""A new connection, from the name of its host until its stream is there.

The steps are states of their own: resolving and connecting here, asking a proxy for a tunnel
(``tunneling``), and the TLS handshake (``securing``). One deadline holds for all of them.
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

from .commands import Resolve
from .connection import Connection
from .dial import Dial, literal_address, named
from .failures import network_error, timeout_error
from .phase import Phase
from .securing import ConnectionSetup
from .state import Holding
from .tunneling import Tunneling

if TYPE_CHECKING:
    from .commands import Address, Connect, ExchangeCommand
    from .state import Outcome


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

    @property
    def _tried(self) -> str:
        """The addresses, if there are several, as messages end with them."""
        addresses = self._dial.addresses
        return f" (tried {named(addresses)})" if len(addresses) > 1 else ""
