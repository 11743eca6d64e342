"""A server for thousands of small requests: one thread, no checks, answers by the head alone."""

from __future__ import annotations

import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD_END: Final = b"\r\n\r\n"
LAST_CHUNK: Final = b"0\r\n\r\n"


class Speaker:
    """One connection of the server: it is fed with bytes, and gives answers."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        """Nothing has come."""
        self._answer = answer
        self._came = bytearray()

    def feed(self, data: bytes) -> bytes:
        """Take bytes, and give the answers to all requests that are complete."""
        self._came += data
        answers: list[bytes] = []
        while (end := self._came.find(HEAD_END)) >= 0:
            head, size = bytes(self._came[:end]), end + len(HEAD_END)
            if b"chunked" in head:
                last = self._came.find(LAST_CHUNK, size - 2)
                if last < 0:
                    break
                size = last + len(LAST_CHUNK)
            del self._came[:size]
            answers.append(self._answer(head))
        return b"".join(answers)


class QuickServer:
    """A server in one thread, which costs less than one on an event loop.

    Attributes:
        url: Of its root, without a slash.
    """

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        """Listen; ``answer`` makes the response to a head."""
        self._answer = answer
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._waking, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._unsent: dict[socket.socket, bytes] = {}
        self._thread = threading.Thread(target=self._run, name="quick server")
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close all there is."""
        self._waking.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # All of them are sockets.
        self._selector.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._listener:
                    made, _ = self._listener.accept()
                    made.setblocking(False)
                    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._selector.register(made, selectors.EVENT_READ, Speaker(self._answer))
                else:
                    self._serve(key.fileobj, key.data)

    def _serve(self, stream: Any, speaker: Speaker) -> None:
        try:
            unsent = self._unsent.pop(stream, b"")
            if not unsent:
                data = stream.recv(65536)
                if not data:
                    raise ConnectionError
                unsent = speaker.feed(data)
            rest = unsent[stream.send(unsent) :] if unsent else b""
        except BlockingIOError:
            rest = unsent
        except OSError:
            self._selector.unregister(stream)
            stream.close()
            return
        event = selectors.EVENT_WRITE if rest else selectors.EVENT_READ
        if rest:
            self._unsent[stream] = rest
        if self._selector.get_key(stream).events != event:
            self._selector.modify(stream, event, speaker)
