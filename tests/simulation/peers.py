"""The peers: servers of origins, and proxies, who check what they are sent and answer by the seed.

A server knows each errand, and so what its request has to be: a request that is not, a secret that
is not its own, and a POST that comes twice are what the simulation is there to find.
"""

from __future__ import annotations

import re
import ssl
from base64 import b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sojourn.testing.conformance.certificate import server_context

from .errands import SECRET, Errand, Place, pattern
from .loop import TICKS
from .network import Found

if TYPE_CHECKING:
    from .errands import Hop
    from .network import Line
    from .world import World

_TARGET: Final = re.compile(r"/e/([0-9]+)/([0-9]+)")
_REASONS: Final = {200: "OK", 204: "No Content", 503: "Busy", 413: "Too Large"}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECT: Final = 0.5  # Seconds that clients wait for that.
_INTERIM: Final = (
    _CONTINUE,
    b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n",
)
# Faults of an answer, each as likely as it is often here. The last ones hurt nobody who waits.
ANSWER_FAULTS: Final = (
    "late",
    "late",
    "drip",
    "drip",
    "never",
    "stops",
    "cut off",
    "cut off",
    "reset",
    "reset unread",
    "reset before",
    "ends before",
    "no HTTP",
)
_FLAGS: Final = ("ends_content", "is_cut", "stalled")
HARMLESS: Final = ("half-closed", "half-closed", "unasked", "closed after")


class Way(NamedTuple):
    """The way to a server, by a proxy or by a Unix socket.

    Attributes:
        kind: How the proxy is spoken to: "http", "https", "socks4a", "socks5" or "socks5h"; "unix"
            for a socket.
        number: The number of the proxy; None for a socket.
        session: For whom it has opened a tunnel; None for what is forwarded.
    """

    kind: str
    number: int | None
    session: int | None = None


class Request:
    """A request, as far as it has come."""

    __slots__ = (
        "chunked",
        "content",
        "early",
        "errand",
        "fields",
        "hop",
        "left",
        "method",
        "session",
        "target",
        "waits_until",
    )

    def __init__(self, method: str, target: str, fields: dict[str, str]) -> None:
        self.method = method
        self.target = target
        self.fields = fields
        self.left = int(fields.get("content-length", "0"))
        self.chunked = fields.get("transfer-encoding", "").lower() == "chunked"
        self.content = bytearray()
        self.session: int | None = None  # As the credentials for the proxy say.
        self.errand: Any = None
        self.hop: Any = None
        self.early = False
        self.waits_until = 0.0  # Content that comes before has not waited for 100 (Continue).


class Server:
    """The servers of one host, which start and stop together.

    Attributes:
        host_number: The number of the host.
        lines: What is connected to it.
        is_up: It listens.
        patience: Seconds until it closes a connection that nobody uses; None for never.
    """

    def __init__(self, world: World, host_number: int) -> None:
        self.world = world
        self.host_number = host_number
        self.lines: dict[Line, None] = {}
        self.is_up = True
        self.patience: float | None = None

    def admit(self, line: Line, peer: Any) -> str | None:
        """Take a new line, or say what keeps it out."""
        world = self.world
        if not self.is_up:
            return "refused"
        chance = world.random.random()
        if chance < world.connect_faults:
            kind = "refused" if chance < world.connect_faults / 2 else "silent"
            world.fault(f"connect: {kind}")
            return kind
        line.peer = peer
        self.lines[line] = None
        return None

    def restart(self, seconds: float) -> None:
        """Break off all connections, and listen again after a while."""
        world = self.world
        world.fault("restart")
        world.loop.say("host", self.host_number, "restarts,", len(self.lines), "lines")
        for line in list(self.lines):
            line.hurt.add("restart")
            if world.random.random() < 0.5 or line.ends_content:
                line.reset()
            else:
                line.deliver(b"")
                line.is_cut = True
        self.lines.clear()
        self.is_up = False
        world.loop.at(world.loop.now + seconds, self._come_back)

    def _come_back(self) -> None:
        self.is_up = True


class Talk:
    """One connection of an HTTP/1.1 server: requests are read, checked and answered.

    Args:
        server: Whose it is.
        line: Where bytes are sent, or a layer that has the methods of a line.
        place: The origin that is asked; None for a proxy, which is told so by each request.
        way: The way that has led here.
    """

    def __init__(
        self, server: Server, line: Any, place: Place | None, way: Way | None = None
    ) -> None:
        self.server = server
        self.world = server.world
        self.line = line
        self.place = place
        self.way = way
        self.proxy = None if way is None or place is not None else way.number
        self._buffer = b""
        self._request: Request | None = None
        self._closing = False
        self._served = 0
        self._tunnel: Any = None

    def left(self) -> None:
        self.server.lines.pop(self.line, None)
        if self._tunnel is not None:
            self._tunnel.left()

    def feed(self, data: bytes) -> None:
        """Take some bytes of the client."""
        if self._tunnel is not None:
            if isinstance(self._tunnel, TlsTalk) and SECRET.search(data):
                raise Found(f"proxy {self.proxy} sees a secret within a tunnel")
            self._tunnel.feed(data)
            return
        if self._closing:
            return
        self._buffer += data
        while self._step():
            pass

    # Reading.

    def _step(self) -> bool:
        """Take what there is of the next part; return False if more has to come."""
        request, buffer = self._request, self._buffer
        if request is None:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._buffer = buffer[end + 4 :]
            self._begin(buffer[:end])
            return self._request is not None and not self._closing
        if buffer and self.world.loop.now < request.waits_until:
            raise Found(f"errand {request.errand.number} does not wait for 100")
        if request.chunked:
            if not self._take_chunk(request):
                return False
        elif request.left:
            if not buffer:
                return False
            request.content += buffer[: request.left]
            taken = min(len(buffer), request.left)
            self._buffer = buffer[taken:]
            request.left -= taken
            return True
        self._request = None
        self._end(request)
        return not self._closing and self._tunnel is None

    def _take_chunk(self, request: Request) -> bool:
        """Take chunks as long as there are whole ones; return True at the last."""
        buffer = self._buffer
        at = 0
        while (end := buffer.find(b"\r\n", at)) >= 0:
            size = int(buffer[at:end], 16)
            after = end + 2 + size + 2
            if len(buffer) < after:
                break
            if buffer[after - 2 : after] != b"\r\n":
                raise Found("a chunk does not end where it says")
            at = after
            if not size:
                self._buffer = buffer[at:]
                return True
            request.content += buffer[end + 2 : after - 2]
        self._buffer = buffer[at:]
        return False

    def _begin(self, head: bytes) -> None:
        """Take the head of a request, and check it."""
        lines = head.decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
        fields: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            if name.lower() in fields:
                raise Found(f"two fields {name}")
            fields[name.lower()] = value
        if version != "HTTP/1.1":
            raise Found(f"a request of {version}")
        request = self._request = Request(method, target, fields)
        self._check_proxy(request)
        if method == "CONNECT":
            return
        self._identify(request)
        self._check_secrets(head, request)
        hop, errand = request.hop, request.errand
        hop.begun += 1
        self.world.loop.say("errand", errand.number, "hop", errand.hops.index(hop), method, "seen")
        if hop.carries and "authorization" not in fields:
            raise Found(f"errand {errand.number} comes without its credentials")
        big = len(hop.content) > 20_000
        if "expect" in fields:
            self._answer_expectation(request)
        elif big and self.world.chance(0.2) and not hop.busy:
            self._refuse_early(request)
        elif big and self.world.chance(0.02):
            self.world.hurt(self.line, "stalled")
            self.line.stalled = True

    def _answer_expectation(self, request: Request) -> None:
        """Say whether the content is wanted, or say nothing of that."""
        hop, errand, world = request.hop, request.errand, self.world
        if not (hop.content or request.chunked) or request.fields["expect"] != "100-continue":
            raise Found(f"errand {errand.number} expects {request.fields['expect']} for nothing")
        # It waits from when it has sent the head, and so much later its content may come.
        request.waits_until = world.loop.now + EXPECT - 2 / TICKS
        chance = world.random.random()
        if chance < 0.1 and not hop.busy:
            self._refuse_early(request)
        elif chance < 0.2:
            world.fault("declined")
            errand.hurt.add("declined")
            errand.declined += 1
            hop.begun -= 1  # It is as good as never asked: nothing comes of it.
            self._refuse_early(request, b"417 Expectation Failed")
        elif chance < 0.8:
            after = world.random.random() * 0.8 if chance < 0.4 else 0.0
            world.loop.at(world.loop.now + after, self._let_it_come, request)

    def _let_it_come(self, request: Request) -> None:
        if self._request is request and not self._closing:
            request.waits_until = 0.0
            self._send(_CONTINUE)

    def _check_proxy(self, request: Request) -> None:
        given = request.fields.get("proxy-authorization")
        if self.proxy is None:
            if given is not None:
                raise Found(f"{self.place} sees the credentials of a proxy")
            return
        # The session is a part of the password, and the errand says which it is.
        known = self.world.proxy_credentials[self.proxy]
        if given not in known:
            raise Found(f"proxy {self.proxy} is shown {given}")
        request.session = known.index(given)

    def _identify(self, request: Request) -> None:
        """Find the errand of a request, and hold the request against it."""
        target, place = request.target, self.place
        host = request.fields.get("host")
        if self.proxy is not None:
            scheme, _, rest = target.partition("://")
            authority, slash, path = rest.partition("/")
            place = self.world.place_by_text.get(f"{scheme}://{authority}")
            target = slash + path
        match = _TARGET.fullmatch(target)
        if match is None or place is None:
            raise Found(f"{self.place} is asked for {request.target}")
        errand: Errand | None = self.world.errands.get(int(match[1]))
        if errand is None:
            raise Found(f"{request.target} is asked for long after its end")
        at = int(match[2])
        if at >= len(errand.hops):
            raise Found(f"errand {errand.number} has no hop {at}")
        hop = errand.hops[at]
        request.errand, request.hop = errand, hop
        if hop.place != place or f"//{host}" != hop.place.text[len(place.scheme) + 1 :]:
            raise Found(f"{request.target} is asked of {place}, Host {host}")
        way = self.way
        if (errand.way, errand.proxy) != (("", None) if way is None else way[:2]):
            raise Found(f"errand {errand.number} takes another route: {way}")
        owner = request.session if way is None or way.session is None else way.session
        if owner not in (None, errand.session):
            raise Found(f"errand {errand.number} goes by a way of session {owner}")
        if self.proxy is not None and self.world.sessions[errand.session].policy.tunnel_http:
            raise Found(f"errand {errand.number} goes through no tunnel")
        if request.method != hop.method:
            raise Found(f"errand {errand.number} hop {at} is a {request.method}")

    def _check_secrets(self, head: bytes, request: Request) -> None:
        place, session = request.hop.place, request.errand.session
        for kind, party, owner in SECRET.findall(head):
            number = int(party)
            fits = {
                b"a": number in (place.number, self.world.upgrades.get(place.number)),
                b"k": number == place.number,
                b"c": number == place.host_number,
                b"s": number == place.host_number and place.scheme == "https",
            }.get(kind, False)
            if not fits or int(owner) != session:
                raise Found(f"{place.text} sees {kind + party + b'n' + owner!r} of {session}")

    # Answering.

    def _end(self, request: Request) -> None:
        """Answer a request that has come whole."""
        if request.method == "CONNECT":
            self._open_tunnel(request)
            return
        hop, errand = request.hop, request.errand
        if request.early:
            return
        if request.content != hop.content:
            raise Found(
                f"errand {errand.number} sends {len(request.content)} bytes and not "
                f"{len(hop.content)}, or others"
            )
        hop.done += 1
        if hop.done > 1 and hop.method == "POST" and not hop.busy:
            raise Found(f"errand {errand.number}: the POST came {hop.done} times")
        self._served += 1
        world = self.world
        if hop.busy > 0:
            hop.busy = -hop.busy if hop.busy == 1 else hop.busy - 1
            world.fault("busy")
            errand.hurt.add("busy")
            after = world.random.choice(("", "Retry-After: 1\r\n", "Retry-After: 400\r\n"))
            content = b"" if hop.method == "HEAD" else b"busy"
            head = b"HTTP/1.1 503 Busy\r\n%bContent-Length: 4\r\n\r\n" % after.encode()
            self._send(head + content)
            return
        self._answer(request, hop, errand)

    def _open_tunnel(self, request: Request) -> None:
        world = self.world
        host, _, port = request.target.rpartition(":")
        place = world.place_by_address.get((host, int(port)))
        if place is None:
            raise Found(f"proxy {self.proxy} is asked to connect to {request.target}")
        server = world.servers[place.host_number]
        if not server.is_up or world.chance(world.connect_faults):
            world.hurt(self.line, "proxy: unreachable")
            self._send(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        self._send(b"HTTP/1.1 200 Connected\r\n\r\n")
        assert self.way is not None
        way = self.way._replace(session=request.session)
        talk = TlsTalk if place.scheme == "https" else Talk
        self._tunnel = talk(server, self.line, place, way)
        server.lines[self.line] = None
        if self._buffer:
            raise Found("bytes of a tunnel come before it is there")

    def _refuse_early(self, request: Request, status: bytes = b"413 Too Large") -> None:
        """Answer before the content has come, and close the connection."""
        request.early = True
        if status.startswith(b"413"):
            self.world.fault("early answer")
            request.errand.hurt.add("early answer")
        fields = b"Connection: close\r\nContent-Length: 5\r\n\r\nearly"
        self._send(b"HTTP/1.1 " + status + b"\r\n" + fields)
        self.line.deliver(b"", 0.01)
        if self.world.chance(0.5):  # Or it goes on reading, and throws all away.
            self.line.is_cut = True
            self._closing = True

    def _answer(self, request: Request, hop: Hop, errand: Errand) -> None:
        world, line = self.world, self.line
        at = errand.hops.index(hop)
        content = pattern(errand.number, hop.size)
        head = [f"HTTP/1.1 {hop.status} {_REASONS.get(hop.status, 'Moved')}", f"X-Hop: {at}"]
        if at + 1 < len(errand.hops):
            following = errand.hops[at + 1]
            same = following.place == hop.place
            head.append(f"Location: {errand.path(at + 1) if same else errand.url(at + 1)}")
        if world.chance(0.1):
            kind, more = ("s", "; Secure") if hop.place.scheme == "https" else ("c", "")
            secret = f"zz{kind}{hop.place.host_number}n{errand.session}zz"
            head.append(f"Set-Cookie: {kind}id={secret}; Path=/e{more}")
        if world.chance(0.02):
            head.append(world.random.choice(("RateLimit-Remaining: 0", "RateLimit-Remaining: 5")))
            head.append("RateLimit-Reset: 1")
        framing, closes = hop.framing, False
        if framing == "length":
            head.append(f"Content-Length: {len(content)}")
        elif framing == "chunked":
            head.append("Transfer-Encoding: chunked")
            content = b"%x\r\n%b\r\n" % (len(content), content) if content else b""
            content += b"0\r\n\r\n"
        elif framing == "close":
            head.append("Connection: close")
            closes = line.ends_content = True
        if hop.method == "HEAD":
            content = b""
        data = "\r\n".join(head).encode() + b"\r\n\r\n" + content
        if world.chance(0.03):
            data = world.random.choice(_INTERIM) + data
        chance = world.random.random()
        if chance < world.answer_faults:
            self._answer_badly(world.random.choice(ANSWER_FAULTS), data, framing, closes=closes)
            return
        self._send(data)
        if closes:
            line.deliver(b"")
            self._closing = True
        elif chance > 1.0 - world.answer_faults:
            self._harm_later(world.random.choice(HARMLESS))
        elif self.server.patience is not None:
            at_end = world.loop.now + self.server.patience
            world.loop.at(at_end, self._lose_patience, self._served)

    def _send(self, data: bytes) -> None:
        """Send bytes, perhaps in pieces."""
        line, world = self.line, self.world
        cut = int(world.random.random() * len(data)) if world.chance(0.25) else 0
        if cut:
            line.deliver(data[:cut])
        line.deliver(data[cut:], 0.003 if cut else 0.0)

    def _answer_badly(self, kind: str, data: bytes, framing: str, *, closes: bool) -> None:
        world, line = self.world, self.line
        if kind == "cut off" and framing == "close":
            kind = "reset"  # Nobody could tell it from the end.
        world.hurt(line, kind)
        share = world.random.random()
        part = data[: int(share * (len(data) - 1))]
        match kind:
            case "late":
                line.deliver(data, share * 4.0)
            case "drip":
                step = max(len(data) // 8, 1)
                for number, at in enumerate(range(0, len(data), step)):
                    line.deliver(data[at : at + step], share * 1.5 * number)
            case "never":
                pass
            case "stops":
                if part:
                    line.deliver(part)
            case "cut off":
                if part:
                    line.deliver(part)
                line.deliver(b"")
            case "reset" | "reset unread":
                if part:
                    line.deliver(part)
                line.reset(dropping=kind == "reset unread")
            case "reset before":
                line.reset()
            case "ends before":
                line.deliver(b"")
            case "no HTTP":
                line.deliver(b"SSH-2.0-simulated\r\n")
        if kind in ("late", "drip"):
            closing = closes
            if closing:
                line.deliver(b"")
        else:
            closing = True  # It says nothing more.
        self._closing = closing

    def _harm_later(self, kind: str) -> None:
        """Do what hurts nobody who waits, but perhaps whoever uses the connection next."""
        world, line = self.world, self.line
        world.hurt(line, kind)
        if kind == "half-closed":
            line.deliver(b"")
            self._closing = True  # It still reads, and answers nothing.
        elif kind == "unasked":
            line.deliver(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        else:
            line.deliver(b"", world.random.random() * 0.2)
            line.is_cut = True
            self._closing = True

    def _lose_patience(self, served: int) -> None:
        if served == self._served and self._request is None and not self._closing:
            self.line.hurt.add("closed idle")
            self.world.fault("closed idle", quietly=True)
            self._closing = True
            self.line.is_cut = True
            self.line.deliver(b"")


class TlsTalk:
    """The same behind TLS: a line that takes plain text, for the talk within."""

    def __init__(
        self, server: Server, line: Any, place: Place | None, way: Way | None = None
    ) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = server_context().wrap_bio(self._in, self._out, server_side=True)
        self._line = line
        self._is_made = self._has_ended = False
        self._talk = Talk(server, self, place, way)

    def left(self) -> None:
        self._talk.server.lines.pop(self._line, None)
        self._talk.left()

    def feed(self, data: bytes) -> None:
        """Take some records of the client."""
        if SECRET.search(data):
            raise Found("a secret goes out in clear text")
        self._in.write(data)
        try:
            if not self._is_made:
                self._tls.do_handshake()
                self._is_made = True
            while True:
                plain = self._tls.read(65536)
                self._flush(0.0)
                if not plain:
                    break
                self._talk.feed(plain)
        except ssl.SSLWantReadError:
            self._flush(0.0)
        except ssl.SSLError:
            self._flush(0.0)
            self._line.deliver(b"")

    # What a line does.

    def deliver(self, data: bytes | OSError, after: float = 0.0) -> None:
        """Send plain text; its end is said within TLS."""
        if isinstance(data, OSError):
            self._line.deliver(data, after)
        elif self._has_ended:
            return  # Nothing comes after the end, as without TLS.
        elif data:
            self._tls.write(data)
            self._flush(after)
        else:
            self._has_ended = True
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._flush(after)
            self._line.deliver(b"", after)

    def reset(self, *, dropping: bool = False) -> None:
        self._line.reset(dropping=dropping)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FLAGS:
            setattr(self._line, name, value)
        else:
            super().__setattr__(name, value)

    def _flush(self, after: float) -> None:
        data = self._out.read()
        if data:
            self._line.deliver(data, after)


def basic(user: str, password: str) -> str:
    """Return the value of a field with Basic credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
