"""Peers in memory that play the scripts of a scenario, and can be broken at any moment.

They speak TLS where a scenario's peer does, in as many layers as its script starts.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
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
DEAD: Final = "192.0.2.1"  # An address that nobody listens at comes before that of each host.


class Layer:
    """The server's side of TLS."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Wait for the client's hello."""
        self._incoming, self._records = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._records, server_side=True)
        self.established = False
        self.failed = False

    def take(self, data: bytes) -> bytes:
        """Take records, and give what is in them."""
        self._incoming.write(data)
        pieces: list[bytes] = []
        try:
            if not self.established:
                self._tls.do_handshake()
                self.established = True
            while piece := self._tls.read(65536):
                pieces.append(piece)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.failed = True
        return b"".join(pieces)

    def say(self, data: bytes) -> bytes:
        """Give the records for some bytes, and what TLS has to say by itself."""
        if data:
            self._tls.write(data)
        return self._records.read()

    def end(self) -> bytes:
        """Give the close_notify."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        return self._records.read()


class Peer:
    """The other end of one connection.

    Attributes:
        closes: How often the client has closed its side.
        collected: Nobody at the client has the stream any more: a socket closes itself then.
    """

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        """Begin the script."""
        self.closes = 0
        self.collected = False
        self._steps = deque(script)
        self._came = bytearray()
        self._outgoing: deque[bytes] = deque()
        self._layers = [] if context is None else [Layer(context)]
        self._over = False
        self._broken = False
        self._play()

    @property
    def speaks_tls(self) -> bool:
        """It does so by now."""
        return bool(self._layers)

    # --- the client's side of the stream --------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Take bytes; what comes after the end is lost, as on a network."""
        if self._broken:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        if self._over:
            return
        for layer in self._layers:
            data = layer.take(data)
        self._flush()
        self._came += data
        if any(each.failed for each in self._layers):
            self._over = True
        else:
            self._play()

    def read(self, limit: int) -> bytes | None:
        """Give what was sent: some bytes, ``b""`` for the end, None for silence."""
        if self._outgoing:
            data = self._outgoing.popleft()
            if len(data) > limit:
                self._outgoing.appendleft(data[limit:])
            return data[:limit]
        if self._broken:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return b"" if self._over else None

    def is_quiet(self) -> bool:
        """There is neither anything to read nor an end."""
        return not (self._outgoing or self._over or self._broken)

    def close(self) -> None:
        """Close the client's side."""
        self.closes += 1

    # --- what may happen to it ------------------------------------------------------------------

    def end(self, keep: int = 0, *, notify: bool = True) -> None:
        """End its side, once ``keep`` bytes of what is under way have come.

        Without ``notify`` it is a peer, or somebody on the way, that forgets to end TLS.
        """
        self._cut(keep)
        self._over = True
        if notify:
            self._farewell()

    def reset(self, keep: int = 0) -> None:
        """Break, once ``keep`` bytes of what is under way have come."""
        self._cut(keep)
        self._broken = True

    def babble(self, garbage: bytes, keep: int = 0) -> None:
        """Send garbage in the place of all but ``keep`` bytes of what is under way."""
        self._cut(keep)
        self._outgoing.append(self._wrapped(garbage))

    def disturb(self, noise: bytes, keep: int = 0) -> None:
        """The same below TLS, where it is somebody on the way."""
        self._cut(keep)
        self._outgoing.append(noise)

    @property
    def under_way(self) -> int:
        """Bytes that were sent and not read."""
        return sum(map(len, self._outgoing))

    def _cut(self, keep: int) -> None:
        rest = b"".join(self._outgoing)[:keep]
        self._outgoing.clear()
        if rest:
            self._outgoing.append(rest)

    # --- its script -----------------------------------------------------------------------------

    def _play(self) -> None:
        while self._steps and not self._over and not self._broken and self._take(self._steps[0]):
            self._steps.popleft()
        if not self._steps and not self._over:
            self._over = True
            self._farewell()

    def _take(self, step: Step) -> bool:
        """Do a step; whether it could be done."""
        match step:
            case ReadHead():
                return self._read(HEAD_END)
            case Expect(data):
                return self._read(data)
            case ReadContent(size):
                there = len(self._came) >= size
                if there:
                    del self._came[:size]
                return there
            case Send(data) | Offer(data):
                if any(not each.established for each in self._layers):
                    return False
                if wrapped := self._wrapped(data):
                    self._outgoing.append(wrapped)
                return True
            case WaitClosed():
                return False
            case StartTLS(context):
                assert context is not None
                layer = Layer(context)
                self._layers.append(layer)
                early = bytes(self._came)
                self._came.clear()
                self._came += layer.take(early)
                self._flush()
                return True
            case Close(notify):
                self._over = True
                if notify:
                    self._farewell()
                return True
            case Reset():
                self._outgoing.clear()
                self._broken = True
                return True
            case _:
                raise AssertionError(f"{step} needs a network")

    def _read(self, end: bytes) -> bool:
        found = self._came.find(end)
        if found >= 0:
            del self._came[: found + len(end)]
        return found >= 0

    def _wrapped(self, data: bytes, depth: int | None = None) -> bytes:
        """Give bytes as they go over the wire."""
        for layer in reversed(self._layers[:depth]):
            if layer.established:
                data = layer.say(data)
        return data

    def _flush(self) -> None:
        """Send what TLS has to say by itself, in each of its layers."""
        for depth, layer in enumerate(self._layers):
            if said := self._wrapped(layer.say(b""), depth):
                self._outgoing.append(said)

    def _farewell(self) -> None:
        for depth in reversed(range(len(self._layers))):
            if self._layers[depth].established:
                self._outgoing.append(self._wrapped(self._layers[depth].end(), depth))


class Stream:
    """The client's end of a connection, as a driver has it."""

    def __init__(self, peer: Peer) -> None:
        """Lead to the peer."""
        self.peer = peer

    def __del__(self) -> None:
        """Tell the peer."""
        self.peer.collected = True


class Network:
    """All peers of one scenario.

    A client that asks for more connections than there are scripts gets the last one again.

    Attributes:
        made: Every connection that was made.
    """

    def __init__(
        self,
        peers: Mapping[tuple[str, int], tuple[Script, ...]],
        contexts: Mapping[tuple[str, int], ssl.SSLContext],
        names: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Nothing is connected yet."""
        self._names = names
        self.made: list[Peer] = []
        self._peers = peers
        self._contexts = contexts
        self._played: dict[tuple[str, int], int] = dict.fromkeys(peers, 0)

    def resolve(self, host: str, port: int) -> tuple[Address, ...]:
        """Give the two addresses of a host that has peers: nobody listens at the first."""
        if host in self._names:
            return tuple(Address(each, port) for each in self._names[host])
        if (host, port) not in self._peers:
            raise socket.gaierror(socket.EAI_NONAME, f"there is no {host}")
        return (Address(DEAD, port), Address(host, port))

    def connect(self, address: Address) -> Stream:
        """Begin the next script of a peer."""
        place = (address.host, address.port)
        scripts = self._peers.get(place, ())
        if not scripts:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        number = min(self._played[place], len(scripts) - 1)
        self._played[place] += 1
        peer = Peer(scripts[number], self._contexts.get(place))
        self.made.append(peer)
        return Stream(peer)
