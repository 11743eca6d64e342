"""The memory that an attack costs: its limit and a mebibyte at most, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from sojourn_core.values.limits import DEFAULT_LIMITS, MIB
from tests.bindings.clients import BINDINGS
from tests.servers.scripted import response
from tests.servers.server import Connection, PeerClosedError, Server

from .table import SENT

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT: Final = """
import asyncio, sys, tracemalloc
import sojourn

name, base, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
limits = sojourn.Limits(content_size_max=16 << 20)

def told(number, begun, error):
    if tracemalloc.is_tracing():
        print(number, tracemalloc.get_traced_memory()[1] - begun, type(error).__name__)

def begin():
    tracemalloc.reset_peak()
    return tracemalloc.get_traced_memory()[0]

def rounds():
    # The first time loads the modules that read them, and the second time is measured.
    yield from range(count)
    tracemalloc.start()
    yield from range(count)

def sync():
    with sojourn.Session(limits=limits) as session:
        session.get(base + "/small")
        for number in rounds():
            begun, error = begin(), None
            try:
                with session.get(f"{base}/{number}", stream=True) as response:
                    for piece in response.iter_content(65536):
                        pass
            except sojourn.RequestException as failed:
                error = failed.with_traceback(None)
            told(number, begun, error)

async def with_asyncio():
    async with sojourn.AsyncSession(limits=limits) as session:
        await session.get(base + "/small")
        for number in rounds():
            begun, error = begin(), None
            try:
                async with await session.get(f"{base}/{number}", stream=True) as response:
                    async for piece in response.iter_content(65536):
                        pass
            except sojourn.RequestException as failed:
                error = failed.with_traceback(None)
            told(number, begun, error)

sync() if name == "sync" else asyncio.run(with_asyncio())
"""
ATTACKS: Final = [sent for sent in SENT if sent.attack is not None]
# The most that a limit lets be held, where it is one of bytes.
HELD: Final = DEFAULT_LIMITS.head_size_max


def attack(attacks: list[bytes]) -> Callable[[Connection], None]:
    """A server that sends them, as much as is taken."""

    def play(connection: Connection) -> None:
        try:
            while True:
                target = connection.read_until(b"\r\n\r\n").split(b" ")[1]
                if target == b"/small":
                    connection.send(response(200))
                    continue
                connection.send(attacks[int(target[1:])])
                connection.close()
                return
        except PeerClosedError:
            return

    return play


@pytest.mark.parametrize("name", BINDINGS)
def test_an_attack_costs_no_more_than_its_limit(name: str) -> None:
    attacks = [sent.attack() for sent in ATTACKS if sent.attack is not None]
    with Server(attack(attacks)) as server:
        ended = subprocess.run(
            [sys.executable, "-c", SCRIPT, name, server.url(""), str(len(attacks))],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert len(lines) == len(ATTACKS)
    for sent, (_, peak, error) in zip(ATTACKS, lines, strict=True):
        assert int(peak) < HELD + MIB, (sent.name, peak)
        assert error == sent.error.__name__, sent.name
