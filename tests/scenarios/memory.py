"""Peers without sockets: they play the scripts of a scenario on octets that are handed to them.

A peer does a step as soon as it can, and each ``Send`` of its script arrives by itself. It never
waits for time to pass: where a script says nothing more, there is silence, and the one who reads
gets None.
"""

from __future__ import annotations

import contextlib
import errno
import os
import ssl
from collections import deque
from typing import TYPE_CHECKING, Final

from sojourn_core.commands import Address
from tests.servers.steps import (
    Close,
    Expect,
    Offer,
    ReadContent,
    ReadHead,
    Reset,
    Send,
    StartTLS,
    Step,
    WaitClosed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios.model import Script

HEAD_END: Final = b"\r\n\r\n"


class Peer:
    """The other end of one connection.

    Attributes:
        received: Every octet that came, decrypted if it is TLS; not what came within a tunnel.
        failed: Whether a TLS handshake failed, after which no script is played.
    """

    def __init__(self, script: Script) -> None:
        """Begin the script."""
        self.received = bytearray()
        self.failed = False
        self.closed = False
        self.notifies = True
        self._steps = deque(script)
        self._taken = 0
        self._outgoing: deque[bytes] = deque()
        self._broken = False
        self._within: SecurePeer | None = None  # Plays the rest of the script, behind TLS.
        self.ended = False
        self._play()

    def unmet(self) -> Step | None:
        """The step that is still waited for, when all is over."""
        if self._within is not None:
            return self._within.unmet()
        return self._steps[0] if self._steps and not self.failed else None

    def all_received(self) -> bytes:
        """Every octet that came, decrypted."""
        within = b"" if self._within is None else self._within.all_received()
        return bytes(self.received) + within

    # The client's side of the stream.

    def write(self, data: bytes) -> None:
        """Take octets; what comes after the end is lost, as on a network."""
        if self._broken:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        if self._within is not None:
            self._within.write(data)
            self._heed_end()
        elif not self.ended:
            self.received += data
            self._play()

    def _heed_end(self) -> None:
        assert self._within is not None
        self.ended = self._within.ended

    def read(self, limit: int) -> bytes | None:
        """Give what was sent: some octets, ``b""`` for the end, None for silence."""
        if self._outgoing:
            data = self._outgoing.popleft()
            if len(data) > limit:
                self._outgoing.appendleft(data[limit:])
            return data[:limit]
        if self._broken:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        if self._within is not None:
            return self._within.read(limit)
        return b"" if self.ended else None

    def is_quiet(self) -> bool:
        """Whether there is neither anything to read nor an end."""
        if self._within is not None and not self._within.is_quiet():
            return False
        return not (self._outgoing or self.ended or self._broken)

    def has_spoken(self) -> bool:
        """Whether there is something to read, its end included."""
        return not self.is_quiet()

    def close(self) -> None:
        """Close the client's side."""
        assert not self.closed, "a stream is closed once"
        self.closed = True
        if self._within is not None:
            self._within.close()
        self._play()

    # The script.

    def _play(self) -> None:
        while self._steps and self._take(self._steps[0]):
            self._steps.popleft()
        if not self._steps and self._within is None:
            self.ended = True

    def _take(self, step: Step) -> bool:
        """Do a step; whether it could be done."""
        rest = self.received[self._taken :]
        match step:
            case ReadHead():
                return self._read(rest, HEAD_END)
            case Expect(data):
                return self._read(rest, data)
            case ReadContent(size):
                self._taken += size if len(rest) >= size else 0
                return len(rest) >= size
            case Send(data) | Offer(data):
                self._outgoing.append(data)
                return True
            case StartTLS(context):
                assert context is not None
                self._within = SecurePeer(tuple(self._steps)[1:], context)
                self._steps = deque([step])
                return True
            case WaitClosed():
                return self.closed
            case Close(notify):
                self.notifies = notify
                self._steps = deque([step])
                return True
            case Reset():
                self._broken = True
                self._outgoing.clear()
                return True
            case _:
                raise AssertionError(f"{step} needs a network")

    def _read(self, rest: bytes, end: bytes) -> bool:
        found = rest.find(end)
        if found >= 0:
            self._taken += found + len(end)
        return found >= 0


class SecurePeer(Peer):
    """The same behind TLS: octets on the stream are records, those of the script are not."""

    def __init__(self, script: Script, context: ssl.SSLContext) -> None:
        """Wait for the client's hello."""
        self._inner = Peer(script)
        self._incoming = ssl.MemoryBIO()
        self._records = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._records, server_side=True)
        self._established = False
        self._notified = False
        super().__init__((WaitClosed(),))
        self.received = self._inner.received

    def all_received(self) -> bytes:
        """Every octet that came, decrypted."""
        return self._inner.all_received()

    def unmet(self) -> Step | None:
        """The step of the script that is still waited for."""
        return None if self.failed else self._inner.unmet()

    def write(self, data: bytes) -> None:
        """Take records."""
        self._incoming.write(data)
        try:
            if not self._established:
                self._tls.do_handshake()
                self._established = True
            while piece := self._tls.read(65536):
                self._inner.write(piece)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.failed = self.ended = True
        self._pump()

    def close(self) -> None:
        """Close the client's side."""
        super().close()
        self._inner.close()
        self.failed = self.failed or not self._established

    def _pump(self) -> None:
        """Encrypt what the script has sent, and its end."""
        if self._established:
            while self._inner.has_spoken() and (data := self._inner.read(65536)):
                self._tls.write(data)
            if self._inner.ended and not self._notified:
                self._notified = self.ended = True
                if self._inner.notifies:
                    # The client's own close_notify is not waited for.
                    with contextlib.suppress(ssl.SSLWantReadError):
                        self._tls.unwrap()
        if self._records.pending:
            self._outgoing.append(self._records.read())


class Network:
    """All peers of one scenario.

    Args:
        peers: By host and port: a script for each connection; none at all is a host where nobody
            listens.
        contexts: By host and port: the TLS context of a peer that speaks TLS.
        names: The addresses of hosts without a peer.

    Attributes:
        connections: By host and port, every connection that was made.
    """

    def __init__(
        self,
        peers: Mapping[tuple[str, int], tuple[Script, ...]],
        contexts: Mapping[tuple[str, int], ssl.SSLContext],
        names: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Nothing is connected yet."""
        self._names = names
        self.connections: dict[tuple[str, int], list[Peer]] = {place: [] for place in peers}
        self._peers = peers
        self._contexts = contexts

    def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """The one address of a host that has peers."""
        if host in self._names:
            return tuple(Address(each, port) for each in self._names[host])
        if (host, port) not in self._peers:
            raise OSError(f"there is no {host}")
        return (Address(host, port),)

    def connect(self, address: Address) -> Peer:
        """Begin the next script of a peer."""
        place = (address.host, address.port)
        if address.family == "unix" and place not in self._peers:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        scripts, made = self._peers[place], self.connections[place]
        if not scripts:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        assert len(made) < len(scripts), f"one connection to {place} more than there are scripts"
        context = self._contexts.get(place)
        script = scripts[len(made)]
        peer = Peer(script) if context is None else SecurePeer(script, context)
        made.append(peer)
        return peer

    def check(self) -> None:
        """All is over: every stream is closed, and every script was played to its end."""
        for place, made in self.connections.items():
            assert len(made) == len(self._peers[place]), f"{place} has more scripts than are played"
            for index, peer in enumerate(made):
                where = f"connection {index} of {place}"
                assert peer.closed, f"{where} was left open"
                assert peer.unmet() is None, f"{where} waits for {peer.unmet()}"
