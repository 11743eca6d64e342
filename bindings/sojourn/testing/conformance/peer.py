"""The peers of one case: they play their scripts in threads, and note what is wrong."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import IO, TYPE_CHECKING, Final

from .certificate import server_context
from .steps import (
    Close,
    End,
    Expect,
    Flag,
    Gone,
    Offer,
    Pause,
    ReadChunks,
    ReadHead,
    Reset,
    Secure,
    Send,
    Trickle,
    Until,
)
from .streams import READ_SIZE, SecureStream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .steps import Script, Step
    from .streams import Listener, PeerStream

HEAD_END: Final = b"\r\n\r\n"
SHOWN_MAX: Final = 60
PAUSE: Final = 0.001


class Flags:
    """Named flags, which scripts, jobs and the case set and wait for.

    Args:
        guard: Seconds after which nobody waits any longer: something hangs.

    Attributes:
        files: Files that the case has made, and to how many bytes each is cut once a plan is made.
    """

    def __init__(self, guard: float) -> None:
        self.guard = guard
        self.over = False
        self.files: list[tuple[IO[bytes], int | None]] = []
        self._set: set[str] = set()
        self._changed = threading.Condition()

    def set(self, name: str) -> None:
        """Set a flag, for good."""
        with self._changed:
            self._set.add(name)
            self._changed.notify_all()

    def wait(self, name: str, seconds: float | None = None) -> bool:
        """Wait until a flag is set; False says that it was not in time."""
        until = time.monotonic() + (self.guard if seconds is None else seconds)
        with self._changed:
            while name not in self._set:
                left = until - time.monotonic()
                if left <= 0 or self.over:
                    return False
                self._changed.wait(left)
        return True

    def end(self) -> None:
        """Have nobody wait any longer."""
        with self._changed:
            self.over = True
            self._changed.notify_all()


class PeerError(Exception):
    """A script cannot go on: the client has done something else."""


class Connection:
    """One connection and its script.

    Args:
        name: The endpoint and the number of the connection, ``a0``.
        stream: The peer's end.
        script: The steps.
        flags: The flags of the case.

    Attributes:
        faults: What the client has done wrong, in words.
        is_closed: Set once the peer has seen that the client has closed the stream.
        is_over: Set once the script was played to its end.
    """

    def __init__(self, name: str, stream: PeerStream, script: Script, flags: Flags) -> None:
        self.name = name
        self.faults: list[str] = []
        self.is_closed = threading.Event()
        self.is_over = threading.Event()
        self._stream = self._raw = stream
        self._layers: list[SecureStream] = []
        self._script = script
        self._flags = flags
        self._buffer = bytearray()
        self._cut = False
        self._left = False  # The peer has closed its own end: nothing more can be seen there.

    def play(self) -> None:
        """Play the script; then wait until the client closes."""
        try:
            for step in self._script:
                self._take(step)
        except (PeerError, OSError) as error:
            if not self._cut:
                self.faults.append(f"{self.name}: {error}")
        self.is_over.set()
        try:
            if not self._left and not self.is_closed.is_set():
                self._read_rest()
        except OSError:
            self._note_closed()
        finally:
            if self._left:
                self._note_closed()
            self._stream.close()

    def cut(self) -> None:
        """End the connection, whatever it is doing."""
        self._cut = True
        self._stream.close()

    def _note_closed(self) -> None:
        self.is_closed.set()
        self._flags.set(f"{self.name} gone")

    def _read_rest(self) -> None:
        """Read until the client closes. Bytes that nobody expects are a fault."""
        rest = bytes(self._buffer)
        while data := self._stream.recv(READ_SIZE):
            rest += data
        while self._layers and self._raw.recv(READ_SIZE):
            pass  # The client has ended TLS, and closes after that.
        self._note_closed()
        if rest:
            shown = rest[:SHOWN_MAX]
            self.faults.append(
                f"{self.name}: the script is over, and the client has sent {shown!r}"
            )

    # --- steps ----------------------------------------------------------------------------------

    def _take(self, step: Step) -> None:
        match step:
            case ReadHead(begins, holds):
                head = self._read_until(HEAD_END)
                if not head.startswith(begins) or holds not in head:
                    raise PeerError(f"the head is not what was to be sent: {head!r}")
            case Expect(data):
                self._expect(data)
            case ReadChunks(content):
                self._read_chunks(content)
            case Send(data):
                self._send(data)
            case Trickle(data, size):
                for start in range(0, len(data), size):
                    self._send(data[start : start + size])
            case Offer(data):
                with contextlib.suppress(OSError):
                    self._stream.sendall(data)
            case Flag(name):
                self._settle()  # Whoever waits for it relies on what was sent before.
                self._flags.set(name)
            case Until(name):
                if not self._flags.wait(name):
                    raise PeerError(f"nobody has set the flag {name!r}")
            case Pause(seconds):
                self._flags.wait("", seconds)
            case Secure(fails):
                self._secure(fails=fails)
            case End(notify):
                if notify and self._layers:
                    self._layers[-1].notify()
                self._stream.end()
            case Close():
                self._left = True
                self._stream.close()
            case Reset():
                self._left = True
                self._stream.reset()
            case Gone():
                self._await_end()

    def _settle(self) -> None:
        """Wait until what was sent has arrived, if the stream can tell."""
        settle = getattr(self._raw, "settle", None)
        if settle is not None:
            settle()

    def _secure(self, *, fails: bool | None) -> None:
        layer = SecureStream(self._stream, server_context())
        try:
            layer.do_handshake()
        except OSError as error:
            if fails is False:
                raise PeerError(f"the TLS handshake fails: {error}") from error
            return
        if fails:
            raise PeerError("the TLS handshake goes well, which the client should have ended")
        self._layers.append(layer)
        self._stream = layer

    def _send(self, data: bytes) -> None:
        try:
            self._stream.sendall(data)
        except OSError as error:
            raise PeerError(f"the client has gone before it took {len(data)} bytes") from error

    def _await_end(self) -> None:
        with contextlib.suppress(OSError):
            while self._stream.recv(READ_SIZE):
                pass
        self._buffer.clear()
        self._note_closed()

    def _fill(self, wanted: str) -> None:
        try:
            data = self._stream.recv(READ_SIZE)
        except OSError as error:
            raise PeerError(f"the client has cut the connection before {wanted}") from error
        if not data:
            raise PeerError(f"the client has closed before {wanted}")
        self._buffer += data

    def _read_until(self, end: bytes) -> bytes:
        while (found := self._buffer.find(end)) < 0:
            self._fill(f"{end!r} came")
        return self._read(found + len(end))

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._fill(f"{size - len(self._buffer)} more bytes came")
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _expect(self, data: bytes) -> None:
        self._compare(self._read(len(data)), data)

    def _read_chunks(self, content: bytes) -> None:
        came = bytearray()
        while size := int(self._read_until(b"\r\n").split(b";")[0], 16):
            came += self._read(size)
            self._read(2)
        self._read_until(b"\r\n")
        self._compare(bytes(came), content)

    def _compare(self, came: bytes, data: bytes) -> None:
        if came != data:
            pairs = enumerate(zip(came, data, strict=True))
            same = next((at for at, (one, other) in pairs if one != other), 0)
            raise PeerError(
                f"of {len(data)} bytes those from {same} on are not what was to be sent:"
                f" {came[same : same + SHOWN_MAX]!r}"
            )


class Endpoint:
    """One listener and its connections.

    Args:
        name: As in the case, ``a``.
        listener: Where the client connects to.
        scripts: One for each connection.
        flags: The flags of the case.

    Attributes:
        connections: Those that were accepted.
        faults: What is wrong about their number.
    """

    def __init__(
        self, name: str, listener: Listener, scripts: Sequence[Script], flags: Flags
    ) -> None:
        self.name = name
        self.listener = listener
        self.connections: list[Connection] = []
        self.faults: list[str] = []
        self._scripts = scripts
        self._flags = flags
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._accepting = self._start(self._accept, f"peer {name}")

    def _start(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                stream = self.listener.accept()
            except OSError:
                return
            if self._closed:
                stream.close()
                return
            number = len(self.connections)
            name = f"{self.name}{number}"
            if number < len(self._scripts):
                connection = Connection(name, stream, self._scripts[number], self._flags)
            else:
                self.faults.append(f"{self.name}: a connection more than there should be")
                connection = Connection(name, stream, (), self._flags)
                connection.cut()
            self.connections.append(connection)
            if self._flags.over:
                connection.cut()
            self._start(connection.play, f"peer {name}")

    def await_accepted(self, seconds: float) -> None:
        """Wait until all connections are accepted that should be, but not for longer than this."""
        until = time.monotonic() + seconds
        while self.unplayed() and time.monotonic() < until:
            time.sleep(PAUSE)

    def unplayed(self) -> int:
        """Return how many connections were not made that should have been."""
        return max(0, len(self._scripts) - len(self.connections))

    def cut(self) -> None:
        """End all connections."""
        for connection in list(self.connections):
            connection.cut()

    def close(self) -> None:
        """Accept nothing more, end what there is, and wait for the threads."""
        self._closed = True
        self.listener.close()
        self._accepting.join(self._flags.guard)
        self.cut()
        for thread in self._threads:
            thread.join(self._flags.guard)
