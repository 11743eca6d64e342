"""A tunnel through a proxy, until it leads to the origin.

A proxy is asked for a tunnel with CONNECT (RFC 9110 section 9.3.6). The request inside the tunnel
is none of its business: it hears whom the tunnel is for and its own credential, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import ProxyError

from .codec import HTTP_1_1, RequestHead
from .commands import Read, Write
from .phase import Phase
from .securing import HANDSHAKE_READ_SIZE, ConnectionSetup

if TYPE_CHECKING:
    from .plan import Tunnel
    from .state import Outcome


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
            return self.secure(asked.surplus)
        if error is None:
            return Read(HANDSHAKE_READ_SIZE, self.deadline)
        return Fail(ProxyError(f"the proxy {self.plan.proxy} gave no answer to CONNECT: {error}"))
