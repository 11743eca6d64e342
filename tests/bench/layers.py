"""What each layer costs, in memory: ``python -m tests.bench.layers``.

No socket and no server: the peer is a constant. Each layer is measured with all that lies below it,
so that the difference between two lines is what the upper one adds. The least of many short slices
is taken, which other work on the machine disturbs least; take ratios all the same.
"""

from __future__ import annotations

import time
from math import inf
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

if TYPE_CHECKING:
    from collections.abc import Callable

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
    pool, codec = Pool(), H11Codec(LIMITS)
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

    def message() -> bytes:
        made = codec.open(plan.request)
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
        "Message (h11, counting, checks)": message,
        "Exchange (with pool and Message)": exchange,
        "prepare_request": prepare,
        "Call (gate, cookies, redirect rule)": call,
        "pool key and plan": lambda: plan_exchange(send, limits=LIMITS, tls_context=None),
        "a URL seen before": lambda: (parse_url(URL), PoolKey(prepared.parsed_url.origin)),
    }


def whole() -> float:
    """The whole of ``sojourn.Session.get`` over a peer in memory."""
    import sojourn

    with (
        mock.patch(
            "sojourn.sync.exchange_driver.resolve", return_value=(Address("127.0.0.1", 8000),)
        ),
        mock.patch("sojourn.sync.exchange_driver.Stream.connect", return_value=Peer()),
        sojourn.Session() as session,
    ):
        assert session.get(URL).content == CONTENT
        return least(lambda: session.get(URL).content)


def main() -> None:
    """Measure, and print a table."""
    rows = {name: least(work) for name, work in layers().items()}
    rows["sojourn.Session.get, all of it"] = whole()
    base = rows["h11 by hand, one connection"]
    print("| layer | µs | / h11 by hand |\n|---|---:|---:|")
    for name, microseconds in rows.items():
        print(f"| {name} | {microseconds:.1f} | {microseconds / base:.2f} |")


if __name__ == "__main__":
    main()
