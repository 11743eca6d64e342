"""A stream that leads to the origin, and TLS on it, until a request can be sent.

The last step makes the connection's codec, because it is TLS that agrees on a protocol, and begins
the cycle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import RemoteProtocolError, RequestException, SSLError

from .codec import HTTP_1_1
from .commands import Read, Write
from .cycle import Cycle
from .phase import Phase
from .state import Holding

if TYPE_CHECKING:
    from sojourn_core.values.decision import Decision

    from .commands import ExchangeCommand
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

    told: tuple[Decision, ...] = ()  # The response tells these of the way to it.

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
        """Begin with TLS with the origin, if it is asked for; ``early`` has come by now.

        Raises:
            RemoteProtocolError: If a peer that does not speak TLS has said something unasked.
        """
        if self.plan.tls_context is not None:
            return Securing(self, early, self.told)
        if early:
            raise RemoteProtocolError(f"{self.plan.place} has sent bytes before it was asked")
        return self.ready(HTTP_1_1)

    def ready(self, protocol: str) -> Cycle:
        """Begin with the request."""
        plan, connection = self.plan, self.connection
        connection.codec = plan.codecs[protocol](plan.limits, plan.key.lenient_heads)
        expects = plan.request.expects
        if self.told:
            from .telling import TellingCycle, TellingExpecting  # Few connections have any.

            telling = TellingExpecting if expects else TellingCycle
            cycle = telling(plan, self.pool, self.slot, reused=False)
            cycle.told = self.told
            return cycle
        kind = Cycle if not expects else waiting_cycle()
        return kind(plan, self.pool, self.slot, reused=False)


class Handshaking(ConnectionSetup):
    """A TLS handshake, with whomever."""

    __slots__ = ("_refusal",)

    def __init__(self, plan: ExchangePlan, pool: Pool, slot: Slot, deadline: float) -> None:
        super().__init__(plan, pool, slot, deadline)
        self._refusal: RequestException | None = None  # The alert is on its way to the peer.

    @property
    def _tls(self) -> TlsLayer:
        tls = self.connection.tls
        assert tls is not None
        return tls

    @property
    def _with(self) -> str:
        """The peer, as messages name it."""
        raise NotImplementedError

    def _layer(self) -> TlsLayer:
        """Make the layer, on what there is."""
        raise NotImplementedError

    def _refused(self, error: SSLError) -> RequestException:
        """Return the error for a handshake that has failed here."""
        return error

    def _established(self) -> Outcome:
        """Go on once the handshake is over."""
        raise NotImplementedError

    def begin(self, now: float) -> Write:
        """Send the client's hello.

        Raises:
            SSLError: If TLS cannot be used at all.
        """
        try:
            tls = self.connection.tls = self._layer()
            return Write(tls.handshake(), self.deadline)
        except RequestException:
            raise
        except (OSError, ValueError) as error:  # A context that was made for servers, for one.
            raise SSLError(f"TLS with {self._with} cannot be used: {error}") from error

    def written(self, now: float) -> Outcome:
        """Await the peer's part.

        Raises:
            RequestException: The handshake has failed, and the peer has been told.
        """
        if self._refusal is not None:
            raise self._refusal
        return Read(HANDSHAKE_READ_SIZE, self.deadline)

    def received(self, data: bytes, now: float) -> Outcome:
        """Go on with the handshake.

        Raises:
            SSLError: If it fails, or the stream ends within it.
        """
        if not data:
            raise SSLError(f"the connection to {self._with} was closed during the TLS handshake")
        try:
            answer = self._tls.handshake(data)
        except SSLError as error:
            alert = self._tls.pending_output()  # RFC 8446 section 6.2: the peer is told why.
            if not alert:
                raise
            error.__traceback__ = None
            self._refusal = self._refused(error)
            return Write(alert, self.deadline)
        if self._tls.established:
            return self._established()
        return Write(answer, self.deadline) if answer else self.written(now)

    def _check_pins(self, verify: Any, name: str) -> None:
        """Compare the certificate with those that are pinned.

        Args:
            verify: What the peer is trusted by.
            name: The peer's.

        Raises:
            SSLError: It is none of them.
        """
        pins = getattr(verify, "fingerprints", ())
        if pins and self._tls.info.fingerprint not in pins:
            raise SSLError(
                f"the certificate of {name!r} is none of those that are pinned: "
                f"its SHA-256 is {self._tls.info.fingerprint}",
                maybe_sent=False,
            )

    def expired(self, command: ExchangeCommand, now: float) -> Outcome:
        """End: the deadline has passed. That of an alert is no matter."""
        if self._refusal is not None:
            return Fail(self._refusal)
        return super().expired(command, now)

    def failed(self, command: ExchangeCommand, error: BaseException, now: float) -> ExchangeCommand:
        """End: the stream is lost. Why the handshake has failed counts first."""
        if self._refusal is not None:
            return Fail(self._refusal)
        return super().failed(command, error, now)


class Securing(Handshaking):
    """The TLS handshake with the origin, within TLS with its proxy if there is any.

    Args:
        setup: What is known so far.
        early: What the peer has sent by now.
        told: What the response has to tell of the way to it.
    """

    __slots__ = ("_early", "told")

    phase = Phase.SECURING

    def __init__(self, setup: ConnectionSetup, early: bytes, told: tuple[Decision, ...]) -> None:
        super().__init__(setup.plan, setup.pool, setup.slot, setup.deadline)
        self._early = early
        self.told = told

    @property
    def _with(self) -> str:
        return self.plan.place

    def _layer(self) -> TlsLayer:
        from .tls import TlsInTls, TlsLayer  # ssl costs much to load: plain HTTP goes without.

        plan, outer = self.plan, self.connection.tls
        context = plan.tls_context
        assert context is not None
        if outer is None:
            layer = TlsLayer(context, plan.server_name)
        else:
            layer = TlsInTls(context, plan.server_name, outer)
        layer.feed(self._early)
        return layer

    def _established(self) -> Outcome:
        identity = self.plan.key.tls
        assert identity is not None
        self._check_pins(identity.verify, self.plan.server_name)
        # A context of the caller's may offer what no codec here speaks: the peer's answer, which
        # is no HTTP/1.1 then, says so better than a guess would.
        protocol = self._tls.alpn
        return self.ready(protocol if protocol in self.plan.codecs else HTTP_1_1)
