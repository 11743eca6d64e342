"""A proxy that is connected to: TLS with it, and a tunnel that leads to the origin.

An HTTP proxy is asked for a tunnel with CONNECT (RFC 9110 section 9.3.6). The request inside the
tunnel is none of its business: it hears whom the tunnel is for and its own credential, nothing
else. Any other proxy has a handshake of its own (``handshake``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import ProxyError, RequestException, SSLError

from .codec import HTTP_1_1, RequestHead
from .commands import Read, Write
from .dial import shown
from .failures import timeout_error
from .phase import Phase
from .securing import HANDSHAKE_READ_SIZE, ConnectionSetup, Handshaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.decision import Decision

    from .by_proxy import Tunnel
    from .commands import ExchangeCommand
    from .destinations import Destinations
    from .state import Outcome, State
    from .tls import TlsLayer


class SecuringProxy(Handshaking):
    """The TLS handshake with the proxy, before it is asked for anything.

    Args:
        setup: What is known so far.
    """

    __slots__ = ()

    phase = Phase.SECURING_PROXY

    def __init__(self, setup: ConnectionSetup) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)

    @property
    def _with(self) -> str:
        return f"the proxy {self.plan.proxy}"

    def _layer(self) -> TlsLayer:
        from .tls import TlsLayer

        plan = self.plan
        context = plan.offers.proxy_tls_context
        assert context is not None
        return TlsLayer(context, plan.proxy_name, self._with)

    def begin(self, now: float) -> Write:
        """Send the client's hello.

        Raises:
            ProxyError: If TLS cannot be used at all.
        """
        try:
            return super().begin(now)
        except SSLError as error:
            raise ProxyError(str(error)) from error

    def received(self, data: bytes, now: float) -> Outcome:
        """Go on with the handshake.

        Raises:
            ProxyError: If it fails, or the stream ends within it.
        """
        try:
            return super().received(data, now)
        except SSLError as error:
            raise ProxyError(str(error)) from error

    def _refused(self, error: SSLError) -> RequestException:
        refused = ProxyError(str(error))
        refused.__cause__ = error
        return refused

    def _established(self) -> Outcome:
        identity, tunnel = self.plan.key.tls, self.plan.tunnel
        assert identity is not None
        try:
            self._check_pins(identity.proxy_verify, self.plan.proxy_name)
        except SSLError as error:
            raise ProxyError(str(error)) from error
        return self.ready(HTTP_1_1) if tunnel is None else Tunneling(self, tunnel)


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
        data += self._asked.end()
        tls = self.connection.tls
        return Write(data if tls is None else tls.encrypt(data), self.deadline)

    def written(self, now: float) -> Read:
        """Await the answer."""
        return Read(HANDSHAKE_READ_SIZE, self.deadline)

    def received(self, data: bytes, now: float) -> Outcome:
        """Take in some of the answer.

        Any 2xx opens the tunnel, and what comes after that head is not content, whatever its
        fields say (RFC 9110 section 9.3.6). Of any other answer the head is enough.

        Raises:
            ProxyError: If the proxy opens no tunnel.
            SSLError: If TLS with the proxy breaks.
        """
        tls = self.connection.tls
        if tls is not None:
            plain = tls.decrypt(data)
            if data and not plain and not tls.ended:  # A session ticket, say.
                answer = tls.pending_output()
                return Write(answer, self.deadline) if answer else self.written(now)
            data = plain
        asked = self._asked
        asked.receive(data)
        head, error = asked.head, asked.error
        if head is not None:
            if not 200 <= head.status < 300:
                raise self.plan.refusal(head)
            return self.secure(asked.surplus)
        if error is None:
            return Read(HANDSHAKE_READ_SIZE, self.deadline)
        return Fail(ProxyError(f"the proxy {self.plan.proxy} gave no answer to CONNECT: {error}"))


class Greeting(ConnectionSetup):
    """A proxy that does not speak HTTP is asked for a tunnel, by the machine of its protocol.

    Args:
        setup: What is known so far.
        destinations: The hosts that it is told, one after another, and the machine.
        again: Makes the state that connects to the proxy anew, for the next host.
    """

    __slots__ = ("_again", "_destinations", "_until")

    phase = Phase.TUNNELING

    def __init__(
        self, setup: ConnectionSetup, destinations: Destinations, again: Callable[[], State]
    ) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        self._destinations = destinations
        self._again = again
        self._until = setup.deadline

    @property
    def told(self) -> tuple[Decision, ...]:  # type: ignore[override]  # It is not set here.
        """The hosts that the proxy has not reached."""
        return self._destinations.decisions

    def begin(self, now: float) -> Write:
        """Send the first bytes."""
        self._until = self._destinations.share(now, self.deadline)
        return Write(self._destinations.handshake.start(), self._until)

    def written(self, now: float) -> Read:
        """Await the answer."""
        return Read(HANDSHAKE_READ_SIZE, self._until)

    def received(self, data: bytes, now: float) -> Outcome:
        """Take in some of the answer.

        Raises:
            ProxyError: If the proxy opens no tunnel.
            RemoteProtocolError: If an origin that does not speak TLS has said something unasked.
        """
        handshake = self._destinations.handshake
        try:
            answer = handshake.receive(data)
        except ProxyError as error:
            if error.unreached and self._may_go_on(now):
                return self._go_on(error)
            self._name_hosts(error)
            raise
        if answer is None:
            return self.secure(handshake.surplus)
        return Write(answer, self._until) if answer else self.written(now)

    def expired(self, command: ExchangeCommand, now: float) -> Outcome:
        """Have the proxy told the next host, if there is one, and time for it."""
        error = timeout_error(self.plan, self.phase, now)
        if self._may_go_on(now):
            return self._go_on(error)
        self._name_hosts(error)
        return Fail(error)

    def _may_go_on(self, now: float) -> bool:
        return now < self.deadline and not self._destinations.is_over

    def _go_on(self, error: RequestException) -> State:
        """Have the proxy told the next host."""
        self._destinations.go_on(error)
        return self._again()

    def _name_hosts(self, error: RequestException) -> None:
        """Name those that were told in an error, if there are several."""
        told = self._destinations.told
        if len(told) > 1:
            error.args = (f"{error} (tried {shown(told)})", *error.args[1:])
