"""Proxies that speak SOCKS 4a or 5: they check who asks, and lead to the origin that is wanted."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from .errands import SECRET
from .network import Found
from .peers import Talk, TlsTalk, Way

if TYPE_CHECKING:
    from .errands import Place
    from .network import Line
    from .peers import Server


class SocksTalk:
    """One connection of a proxy.

    Args:
        server: Whose it is.
        line: Where bytes are sent.
        number: The number of the proxy.
    """

    def __init__(self, server: Server, line: Line, number: int) -> None:
        self.server = server
        self.world = server.world
        self.line = line
        self._number = number
        self._buffer = b""
        self._session: int | None = None
        self._greeted = self._known = False
        self._tunnel: Any = None

    def left(self) -> None:
        self.server.lines.pop(self.line, None)
        if self._tunnel is not None:
            self._tunnel.left()

    def feed(self, data: bytes) -> None:
        """Take some bytes of the client."""
        if self._tunnel is not None:
            self._tunnel.feed(data)
            return
        self._buffer += data
        while self._buffer and self._tunnel is None and self._step():
            pass
        if self._tunnel is not None and self._buffer:
            raise Found("bytes of a tunnel come before it is there")

    def _step(self) -> bool:
        """Take the next message; return False if more of it has to come."""
        if self._buffer[0] == 4 and not self._greeted:
            return self._ask_4()
        if not self._greeted:
            return self._greet()
        return self._ask_5() if self._known else self._admit()

    def _take(self, size: int) -> bytes:
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _greet(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2 or len(buffer) < 2 + buffer[1]:
            return False
        if self._take(2 + buffer[1]) != b"\x05\x02\x00\x02":
            raise Found(f"proxy {self._number} is greeted with {buffer!r}")
        self._greeted = True
        self._say(b"\x05\x02")
        return True

    def _admit(self) -> bool:
        buffer = self._buffer
        if (
            len(buffer) < 2
            or len(buffer) < 3 + buffer[1] + buffer[2 + buffer[1] : 3 + buffer[1]][0]
        ):
            return False
        user = self._take(3 + buffer[1])[2:-1]
        password = self._take(buffer[2 + buffer[1]])
        self._identify(user, password)
        self._say(b"\x01\x00")
        return True

    def _identify(self, user: bytes, secret: bytes) -> None:
        """Find out whose session it is."""
        match = SECRET.fullmatch(secret)
        if match is None or user != b"p%d" % self._number:
            raise Found(f"proxy {self._number} is shown {user + b':' + secret!r}")
        kind, number, session = match.groups()
        if kind != b"x" or int(number) != self._number:
            raise Found(f"proxy {self._number} is shown {secret!r}")
        self._session = int(session)
        self._known = True

    def _ask_5(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 5:
            return False
        kind = buffer[3]
        size = {1: 4, 4: 16}.get(kind, 1 + buffer[4])
        if len(buffer) < 6 + size:
            return False
        message = self._take(6 + size)
        if message[:3] != b"\x05\x01\x00":
            raise Found(f"proxy {self._number} is asked {message!r}")
        host = message[4:-2]
        name = host[1:].decode() if kind == 3 else str(ipaddress.ip_address(host))
        self._lead(name, int.from_bytes(message[-2:]), "socks5h" if kind == 3 else "socks5")
        return True

    def _ask_4(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 9 or buffer.count(b"\0", 8) < 2:
            return False
        head = self._take(8)
        user = self._take(self._buffer.index(b"\0") + 1)[:-1]
        name = self._take(self._buffer.index(b"\0") + 1)[:-1]
        if head[:2] != b"\x04\x01" or head[4:7] != bytes(3) or not head[7]:
            raise Found(f"proxy {self._number} is asked {head!r}")
        self._identify(b"p%d" % self._number, user)
        self._greeted = True
        self._lead(name.decode(), int.from_bytes(head[2:4]), "socks4a")
        return True

    def _lead(self, host: str, port: int, kind: str) -> None:
        """Open a tunnel, or refuse to."""
        world = self.world
        place: Place | None = world.place_by_address.get((host, port))
        is_dead = host.startswith("10.9.")
        if place is None and not is_dead:
            raise Found(f"proxy {self._number} is asked to connect to {host}:{port}")
        four = kind == "socks4a"
        server = None if place is None else world.servers[place.host_number]
        if server is None or not server.is_up or world.chance(world.connect_faults):
            world.hurt(self.line, "proxy: unreachable")
            if server is None and world.chance(0.2):
                return  # It still tries. The next address is told once the share of this is over.
            self._say(b"\0\x5b" + bytes(6) if four else b"\x05\x05\0\x01" + bytes(6))
            self.line.deliver(b"")
            return
        assert place is not None
        self._say(b"\0\x5a" + bytes(6) if four else b"\x05\0\0\x01" + bytes(6))
        way = Way(kind, self._number, self._session)
        talk = TlsTalk if place.scheme == "https" else Talk
        self._tunnel = talk(server, self.line, place, way)
        server.lines[self.line] = None

    def _say(self, data: bytes) -> None:
        """Send bytes, perhaps one by one."""
        if self.world.chance(0.2):
            for at in range(len(data)):
                self.line.deliver(data[at : at + 1], 0.001)
        else:
            self.line.deliver(data)
