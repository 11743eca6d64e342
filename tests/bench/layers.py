"""What each layer costs, in memory: ``python -m tests.bench.layers``.

No socket and no server: the peer is a constant. Each layer is measured with all that lies below it,
so that the difference between two lines is what the upper one adds. The least of many short slices
is taken, which other work on the machine disturbs least; take ratios all the same.

``--instructions`` counts the instructions of each by valgrind instead, as
``tests.bench.instructions`` does: nothing disturbs that.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

import h11

from sojourn_core import (
    DIRECT,
    Exchange,
    Limits,
    Pool,
    PoolKey,
    Request,
    Response,
    ResponseHead,
    Session,
    parse_url,
    plan_exchange,
)
from sojourn_core.commands import Address, Head, Probe, Resolve, Send
from sojourn_core.exchange.h11_codec import H11Codec
from sojourn_core.exchange.plain_codec import PlainCodec
from tests.bench.instructions import read_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

URL: Final = "http://127.0.0.1:8000/small"
CONTENT: Final = b"x" * 100
OCTETS: Final = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 01:00:00 GMT\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 100\r\nConnection: keep-alive\r\n\r\n" + CONTENT
)
LIMITS: Final = Limits()
END: Final = h11.EndOfMessage()
SLICE: Final = 40
SLICES: Final = 150
COUNTED: Final = 100  # Times that a layer is run where instructions are counted.


class Peer:
    """A stream that has always sent the whole response already."""

    def write(self, data: bytes, deadline: float) -> None:
        """Take it in."""

    def read(self, limit: int, deadline: float) -> bytes:
        """All of it at once."""
        return OCTETS

    def is_quiet(self) -> bool:
        """It never ends."""
        return True

    def close(self) -> None:
        """Nothing to close."""


def least(work: Callable[[], object]) -> float:
    """Microseconds that one call takes, in the best of many slices."""
    work()
    best = inf
    for _ in range(SLICES):
        start = time.process_time_ns()
        for _ in range(SLICE):
            work()
        best = min(best, time.process_time_ns() - start)
    return best / SLICE / 1000


def layers() -> dict[str, Callable[[], object]]:
    """The work of each layer, the lowest first."""
    session = Session()
    prepared = session.prepare_request(Request("GET", URL))
    settings = session.settings_for()
    send = Send(prepared, DIRECT, settings)
    plan = plan_exchange(send, limits=LIMITS, tls_context=None)
    pool, codecs = Pool(), {"h11": H11Codec(LIMITS), "plain": PlainCodec(LIMITS)}
    head = ResponseHead(200, prepared.headers)
    octets = [(name.encode(), value.encode()) for name, value in plan.request.lines]
    by_hand = h11.Connection(h11.CLIENT)

    def h11_by_hand() -> bytes:
        by_hand.send(h11.Request(method="GET", target=plan.request.target, headers=octets))
        by_hand.send(END)
        by_hand.receive_data(OCTETS)
        content = b""
        while not isinstance(event := by_hand.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                content += bytes(event.data)
        by_hand.start_next_cycle()
        return content

    def message(name: str) -> bytes:
        made = codecs[name].open(plan.request)
        made.start()
        made.end()
        made.receive(OCTETS)
        return made.take()

    def exchange() -> object:
        made = Exchange(plan, pool)
        command = made.start(0.0)
        if isinstance(command, Probe):
            made.quiet(0.0)
        else:
            if isinstance(command, Resolve):
                made.resolved((Address("127.0.0.1", 8000),), 0.0)
            made.connected(Peer(), 0.0)
        made.written(0.0)
        handed = made.received(OCTETS, 0.0)
        assert isinstance(handed, Head)
        return made.at_hand()

    def prepare() -> object:
        return session.prepare_request(Request("GET", URL))

    def call() -> object:
        made = session.call(prepared, settings=settings)
        made.start(0.0)
        return made.answered(Response(head, prepared, LIMITS), 0.0)

    return {
        "h11 by hand, one connection": h11_by_hand,
        "Message by h11 (with counting and checks)": lambda: message("h11"),
        "Message that is plain": lambda: message("plain"),
        "Exchange (with pool and plain Message)": exchange,
        "prepare_request": prepare,
        "Call (gate, cookies, redirect rule)": call,
        "pool key and plan": lambda: plan_exchange(send, limits=LIMITS, tls_context=None),
        "a URL seen before": lambda: (parse_url(URL), PoolKey(prepared.parsed_url.origin)),
    }


@contextmanager
def whole() -> Iterator[Callable[[], object]]:
    """The whole of ``sojourn.Session.get`` over a peer in memory."""
    import sojourn

    with (
        mock.patch(
            "sojourn.sync.exchange_driver.resolve", return_value=(Address("127.0.0.1", 8000),)
        ),
        mock.patch("sojourn.sync.exchange_driver.connect", return_value=None),
        mock.patch("sojourn.sync.exchange_driver.stream_over", return_value=Peer()),
        sojourn.Session() as session,
    ):
        assert session.get(URL).content == CONTENT
        yield lambda: session.get(URL).content


@contextmanager
def everything() -> Iterator[dict[str, Callable[[], object]]]:
    """The work of each layer, and of all of them."""
    with whole() as get:
        yield {**layers(), "sojourn.Session.get, all of it": get}


def run_marked() -> None:
    """Run each layer between two marks, as ``tests.bench.instructions_client`` has them."""
    with everything() as works:
        for work in works.values():
            for _ in range(SLICE):
                work()
            os.getppid()
            for _ in range(COUNTED):
                work()
            os.getppid()


def count() -> dict[str, float]:
    """Return the thousands of instructions that each layer takes."""
    with everything() as works, tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "--tool=callgrind", "--dump-before=getppid"]
        out = f"--callgrind-out-file={folder}/out"
        client = [sys.executable, "-m", "tests.bench.layers", "--marked"]
        subprocess.run([*valgrind, out, *client], check=True, capture_output=True)
        dumps = [Path(folder, f"out.{2 * number + 2}") for number in range(len(works))]
        counts = [read_total(dump.read_text()) / COUNTED / 1000 for dump in dumps]
        return dict(zip(works, counts, strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure or count, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.layers", description="Measure what each layer costs, in memory."
    )
    parser.add_argument("--instructions", action="store_true", help="count instructions instead")
    parser.add_argument("--marked", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.marked:
        run_marked()
        return
    unit = "K instructions" if options.instructions else "µs"
    if options.instructions:
        rows = count()
    else:
        with everything() as works:
            rows = {name: least(work) for name, work in works.items()}
    base = rows["h11 by hand, one connection"]
    print(f"| layer | {unit} | / h11 by hand |\n|---|---:|---:|")
    for name, figure in rows.items():
        print(f"| {name} | {figure:.1f} | {figure / base:.2f} |")


if __name__ == "__main__":
    main()
