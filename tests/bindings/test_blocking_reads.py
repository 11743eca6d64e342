"""Reads of blocking code: they wait within the system's call for a while, and then by ``poll``."""

from __future__ import annotations

import socket
import struct
import threading
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, Any

import pytest

from sojourn.sync import stream
from sojourn.sync.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

SILENCE = 0.05  # Seconds that the peer is silent: the system gives up before.
MILLISECOND = struct.pack("ll", 0, 1000)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture(params=["patient", "at once", "by poll alone"])
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system waits for a second, for a millisecond, or not at all."""
    if request.param == "at once":
        monkeypatch.setattr(stream, "PATIENCE", 0.001)
        monkeypatch.setattr(stream, "_AS_OPTION", MILLISECOND)
    monkeypatch.setattr(stream, "_HAS_PATIENCE", request.param != "by poll alone")


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("seconds", [10.0, inf])
def test_what_comes_late_is_read(ends: tuple[socket.socket, socket.socket], seconds: float) -> None:
    ours, theirs = ends
    later = threading.Timer(SILENCE, theirs.send, [b"late"])
    later.start()
    assert Stream(ours).read(100, clock() + seconds) == b"late"
    later.join()


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("seconds", [SILENCE, 0.0, -1.0])
def test_a_deadline_passes(ends: tuple[socket.socket, socket.socket], seconds: float) -> None:
    with pytest.raises(TimeoutError):
        Stream(ends[0]).read(100, clock() + seconds)


@pytest.mark.usefixtures("patience")
def test_the_end_is_no_bytes(ends: tuple[socket.socket, socket.socket]) -> None:
    ends[1].shutdown(socket.SHUT_WR)
    assert Stream(ends[0]).read(100, inf) == b""


@pytest.mark.usefixtures("patience")
def test_another_thread_wakes_a_read(ends: tuple[socket.socket, socket.socket]) -> None:
    ours = Stream(ends[0])
    later = threading.Timer(SILENCE, ours.interrupt)
    later.start()
    assert ours.read(100, inf) == b""
    later.join()


@pytest.mark.usefixtures("patience")
def test_the_socket_that_is_handed_over_never_blocks(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours = Stream(ends[0])
    with pytest.raises(BlockingIOError):
        ours.sock.recv(1)
    ends[1].send(b"here")
    assert ours.read(100, clock() + 10.0) == b"here"


@pytest.mark.usefixtures("patience")
def test_a_full_socket_is_no_reason_to_wait_beyond_the_deadline(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    with pytest.raises(TimeoutError):
        Stream(ends[0]).write(bytes(1 << 24), clock() + SILENCE)


def test_sockets_of_another_class_wait_in_their_own_way(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    class Green:
        """A socket that is none of Python's, as those of green threads are."""

        def __init__(self, own: socket.socket) -> None:
            self._own = own

        def __getattr__(self, name: str) -> Any:
            return getattr(self._own, name)

    green: Any = Green(ends[0])
    Stream(green)
    assert ends[0].gettimeout() == 0.0  # It never blocks: ``poll`` waits, which is theirs as well.
    assert ends[0].getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16) == bytes(16)


def test_a_socket_without_the_option_never_blocks() -> None:
    class Plain(socket.socket):
        """A socket of a family that has no time limit for reads."""

        def setsockopt(self, *_: Any) -> None:
            raise OSError("no such option")

    with Plain() as ours:
        Stream(ours)
        assert ours.gettimeout() == 0.0
