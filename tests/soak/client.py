"""The client of the soak, in a process of its own, so that its memory is that of the client alone.

``python -m tests.soak.client BINDING HTTP HTTPS SOCKS UNIX AUTHORITY REQUESTS SEED`` sends requests
by one binding, and prints what they have left behind, as JSON. The collector is off: whatever it
would have to find is looked for now and then, counted by its kind, and let go of.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
import types
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import sojourn
import sojourn_core

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

SIDE_BY_SIDE: Final = 8  # Tasks, or threads.
FAULTS: Final = 0.01
ROUND: Final = 1000  # Requests between two looks at what is garbage.
WARM_UP: Final = 3  # Rounds.
OURS: Final = tuple(str(Path(each.__file__ or "").parent) for each in (sojourn, sojourn_core))
_CODES: Final = {
    types.FrameType: "f_code",
    types.GeneratorType: "gi_code",
    types.CoroutineType: "cr_code",
    types.AsyncGeneratorType: "ag_code",
}
_USUAL: Final = (
    *["/size/0", "/size/19", "/size/19", "/size/190", "/size/1900", "/size/19000"] * 3,
    *("/chunked", "/cookie", "/gzip", "/redirect", "upload", "streamed"),
    *("hedged", "by SOCKS", "by a socket"),
)
_FAULTY: Final = (
    *("/busy", "/loop", "/cut", "/reset", "/bad", "/bad-chunk", "/stall", "/silence", "/gone"),
    *("refused", "unread", "raising upload", "raising hook", "cancelled"),
)
HEDGE: Final = sojourn.HedgePolicy(after=0.01, budget=None)
TOLD: Final = frozenset({"hedge.sent", "proxy.next.address"})
TWO: Final = "two.test"  # A host of two addresses.
_OPTIONS: Final[dict[str, Any]] = {
    "pool": sojourn.PoolLimits(connections_max=20),
    "resolver": {TWO: ["127.0.0.9", "127.0.0.1"]},
}
# A port beyond those that the system gives out: nobody gets it while the others run.
REFUSED: Final = "http://127.0.0.1:1/"
_QUICK: Final = {"/stall": 0.05, "/silence": 0.05}  # Seconds until nobody waits any more.


class CallerError(Exception):
    """Raised by code of the caller's."""


def _raising(*_: Any, **__: Any) -> None:
    raise CallerError


def _pieces() -> Iterator[bytes]:
    yield b"first"
    raise CallerError


async def _pieces_async() -> AsyncIterator[bytes]:
    yield b"first"
    raise CallerError


class Plan:
    """What is asked for, one after another.

    Args:
        http, https, socks, unix: Where plain text, TLS and SOCKS are spoken, and by which socket.
        seed: Draws it.

    Attributes:
        endings: What has become of them.
        told: The decisions of routes and hedges, by their codes.
    """

    def __init__(self, http: str, https: str, socks: str, unix: str, seed: int) -> None:
        self._random = Random(seed)
        self._http, self._https = http, https
        self._socks, self._unix = socks, unix
        self.endings: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self._guard = threading.Lock()

    def note(self, ending: str) -> None:
        """Count what has become of a request."""
        with self._guard:
            self.endings[ending] += 1

    def note_response(self, response: Any) -> None:
        """Count a response, and what is told of its way."""
        self.note(str(response.status_code))
        with self._guard:
            self.told.update(each.code for each in response.decisions if each.code in TOLD)

    def next(self, pieces: Callable[[], Any]) -> tuple[str, str, str, dict[str, Any]]:
        """Return what is done, its method, its URL, and the arguments of the call."""
        random = self._random
        what = random.choice(_FAULTY if random.random() < FAULTS else _USUAL)
        base = self._https if random.random() < 0.1 else self._http
        match what:
            case "upload":
                return what, "POST", f"{base}/size/19", {"data": b"content" * 1000}
            case "streamed":
                return what, "GET", f"{base}/size/19000", {"stream": True}
            case "hedged":
                return what, "GET", f"{self._http}/late", {"hedge": HEDGE}
            case "by SOCKS":  # Each time the proxy does not reach the first address.
                url = f"http://{TWO}:{self._http.rpartition(':')[2]}/closing"
                return what, "GET", url, {"proxies": {"http": self._socks}}
            case "by a socket":
                return what, "GET", f"{self._unix}/size/1900", {}
            case "unread" | "cancelled":
                return what, "GET", f"{base}/large", {"stream": True}
            case "refused":
                return what, "GET", REFUSED, {}
            case "raising upload":
                return what, "POST", f"{base}/size/19", {"data": pieces()}
            case "raising hook":
                return what, "GET", f"{base}/size/19", {"hooks": {"response": _raising}}
            case _:
                timeout = {"timeout": _QUICK[what]} if what in _QUICK else {}
                return what, "GET", base + what, timeout


# --- the bindings -------------------------------------------------------------------------------


def run_sync(plan: Plan, authority: str, rounds: int, look: Callable[[], None]) -> None:
    """Send them by several threads on one session."""
    with sojourn.Session(**_OPTIONS) as session:
        session.verify = authority
        session.mount("http+unix://", session.get_adapter("http://a.test"))

        def work() -> None:
            for _ in range(ROUND // SIDE_BY_SIDE):
                what, method, url, options = plan.next(_pieces)
                try:
                    response = session.request(method, url, **options)
                    if what == "streamed":
                        for _piece in response.iter_content(4096):
                            pass
                    elif what == "cancelled":
                        response.close()
                    plan.note_response(response)
                except (sojourn.RequestException, CallerError) as error:
                    plan.note(type(error).__name__)
                response = None  # One that nobody has read is dropped here.

        for _ in range(rounds):
            threads = [threading.Thread(target=work) for _ in range(SIDE_BY_SIDE)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            look()


async def _send(session: Any, plan: Plan, cancelled: Callable[[Any], Any]) -> None:
    what, method, url, options = plan.next(_pieces_async)
    try:
        response = await session.request(method, url, **options)
        if what == "streamed":
            async for _ in response.iter_content(4096):
                pass
        elif what == "cancelled":
            await cancelled(response)
        plan.note_response(response)
    except (sojourn.RequestException, CallerError) as error:
        plan.note(type(error).__name__)


async def _run_asyncio(plan: Plan, authority: str, rounds: int, look: Callable[[], None]) -> None:
    async def cancelled(response: Any) -> None:
        task = asyncio.ensure_future(response.read())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    async def work(session: Any) -> None:
        for _ in range(ROUND // SIDE_BY_SIDE):
            await _send(session, plan, cancelled)

    async with sojourn.AsyncSession(**_OPTIONS) as session:
        session.verify = authority
        session.mount("http+unix://", session.get_adapter("http://a.test"))
        for _ in range(rounds):
            await asyncio.gather(*(work(session) for _ in range(SIDE_BY_SIDE)))
            look()


def run_asyncio(plan: Plan, authority: str, rounds: int, look: Callable[[], None]) -> None:
    """Send them by several tasks of asyncio on one session."""
    asyncio.run(_run_asyncio(plan, authority, rounds, look))


def run_trio(plan: Plan, authority: str, rounds: int, look: Callable[[], None]) -> None:
    """Send them by several tasks of trio on one session."""
    import trio

    import sojourn.trio

    async def cancelled(response: Any) -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            await response.read()

    async def work(session: Any) -> None:
        for _ in range(ROUND // SIDE_BY_SIDE):
            await _send(session, plan, cancelled)

    async def run() -> None:
        async with sojourn.trio.Session(**_OPTIONS) as session:
            session.verify = authority
            session.mount("http+unix://", session.get_adapter("http://a.test"))
            for _ in range(rounds):
                async with trio.open_nursery() as nursery:
                    for _ in range(SIDE_BY_SIDE):
                        nursery.start_soon(work, session)
                look()

    trio.run(run)


RUNNERS: Final = {"sync": run_sync, "asyncio": run_asyncio, "trio": run_trio}


# --- what is left behind ------------------------------------------------------------------------


def resident() -> int:
    """Return the bytes of memory that the process has in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_sockets() -> int:
    """Return how many sockets the process has open."""
    count = 0
    for each in Path("/proc/self/fd").iterdir():
        try:
            count += str(each.readlink()).startswith("socket:")
        except OSError:
            continue  # It was that of the folder itself.
    return count


def is_ours(found: object) -> bool:
    """Say whether it is Sojourn's, or runs its code."""
    code = _CODES.get(type(found))
    if code is not None:
        return str(getattr(found, code).co_filename).startswith(OURS)
    return type(found).__module__.partition(".")[0] in {"sojourn", "sojourn_core"}


class Watch:
    """Looks at what is left after each round.

    Attributes:
        in_circles: What only the collector has found, by its kind.
        sizes: The memory in use after each round, in bytes.
    """

    def __init__(self) -> None:
        self.in_circles: Counter[str] = Counter()
        self.sizes: list[int] = []

    def look(self) -> None:
        """Collect what is garbage, and note what of it is ours."""
        gc.collect()
        found = [type(each).__qualname__ for each in gc.garbage if is_ours(each)]
        gc.garbage.clear()
        if len(self.sizes) >= WARM_UP:
            self.in_circles.update(found)
        self.sizes.append(resident())


def main(arguments: list[str]) -> None:
    """Send the requests, and print what they have left behind."""
    binding, http, https, socks, unix, authority, requests, seed = arguments
    rounds = max(int(requests) // ROUND, 1) + WARM_UP
    plan, watch = Plan(http, https, socks, unix, int(seed)), Watch()
    before = open_sockets()
    gc.disable()
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    RUNNERS[binding](plan, authority, rounds, watch.look)
    watch.look()
    gc.set_debug(0)
    told = {
        "binding": binding,
        "requests": sum(plan.endings.values()),
        "growth": watch.sizes[-1] - watch.sizes[WARM_UP - 1],
        "resident": watch.sizes[-1],
        "sockets": open_sockets() - before,
        "told": dict(sorted(plan.told.items())),
        "in_circles": dict(watch.in_circles),
        "endings": dict(sorted(plan.endings.items())),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
