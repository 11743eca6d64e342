"""Instructions that a request costs in user space: ``python -m tests.bench.instructions``.

They are counted by ``valgrind --tool=callgrind`` and do not depend on the machine's mood, nor on
what else it does. Each peer is a process that marks where the requests begin and end that count,
so the interpreter's start, imports and the first requests do not. The server is another process,
which nobody counts: this one.

What the kernel does is not counted, and instructions are not time. Compare a figure with others
that were counted on the same interpreter.

``--short`` counts growth alone, and ends with 1 if it is wrong by its shape (``GROWTHS``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Final

from tests.bench import preparing
from tests.bench.harness import FOREIGN, ROOT, BenchmarkError
from tests.bench.instructions_client import ASYNC_PEERS, GROWING, SCENARIOS, SYNC_PEERS, find
from tests.bench.report import align, describe_environment, write_environment
from tests.servers.nginx import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

PROCESS_SECONDS_MAX: Final = 900.0
PROCESSES: Final = 2  # At a time; a count does not mind the company.
DEFAULT_PEERS: Final = ("sojourn", "sojourn_compat", "aiohttp")
PREPARING_BASES: Final = ("requests",)  # Whom a prepared request is compared to.
_TOTAL: Final = re.compile(r"^totals: (\d+)$", re.MULTILINE)
_FOUND: Final = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 28 Nov 2026 20:40:00 GMT\r\n"
    b"Content-Type: text/plain\r\nContent-Length: %d\r\nConnection: keep-alive\r\n" % len(SMALL)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A promise on growth: a request of ``much`` costs at most ``ratio_max`` times ``little``."""

    little: str
    much: str
    ratio_max: float


GROWTHS: Final = (
    Growth(little="little", much="origins", ratio_max=1.1),
    Growth(little="little", much="cookies", ratio_max=1.1),
    Growth(little="redirects_5", much="redirects_30", ratio_max=6.5),
)


# --- the server -------------------------------------------------------------------------------


class _Answers(asyncio.Protocol):
    """Answers each request: ``/hop/N`` redirects N times, everything else is small.

    A query is told in a field, so that heads differ where URLs do.
    """

    def __init__(self, transports: list[asyncio.Transport]) -> None:
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transports.append(transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1]
            left = int(target.removeprefix(b"/hop/")) if target.startswith(b"/hop/") else 0
            if left:
                line = b"Location: /hop/%d\r\n" % (left - 1)
                self._transport.write(
                    b"HTTP/1.1 302 Found\r\n" + line + b"Content-Length: 0\r\n\r\n"
                )
            else:
                query = target.partition(b"?")[2]
                line = b"X-Query: %b\r\n" % query if query else b""
                self._transport.write(b"%b%b\r\n%b" % (_FOUND, line, SMALL))


@contextmanager
def running_server() -> Iterator[int]:
    """Run the server in a thread, on every address of the loopback interface; give its port."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # 1,000 connections, and twice that.
    bound: Queue[tuple[int, Callable[[], object]]] = Queue()

    async def serve() -> None:
        over = asyncio.Event()
        transports: list[asyncio.Transport] = []
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Answers(transports), "0.0.0.0", 0, backlog=256)
        port = server.sockets[0].getsockname()[1]
        bound.put((port, lambda: loop.call_soon_threadsafe(over.set)))
        await over.wait()
        server.close()
        for transport in transports:
            transport.abort()
        await asyncio.sleep(0)  # They close their sockets in the next turn.

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    port, end = bound.get()
    try:
        yield port
    finally:
        end()
        thread.join()


# --- counting ---------------------------------------------------------------------------------


def find_valgrind() -> str | None:
    """Return the path of valgrind, or None if it is not installed."""
    return shutil.which("valgrind")


class Counter:
    """Counts processes, which share the bytecode of all that they import."""

    def __init__(self, port: int, folder: Path) -> None:
        """Count requests to the server on ``port``, and keep bytecode in ``folder``."""
        self._port: Final = port
        self._folder: Final = folder

    def run(self, peer: str, names: Sequence[str]) -> list[int]:
        """Count the instructions that a peer takes for the requests of each scenario.

        Raises:
            ModuleNotFoundError: The peer is not installed.
            BenchmarkError: It failed; the message has the end of what it said.
        """
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            out = f"--callgrind-out-file={folder}/out"
            self._run(["valgrind", "--tool=callgrind", "--dump-before=getppid", out], peer, names)
            # Each scenario has two marks: what comes before it is written down first.
            dumps = [Path(folder, f"out.{2 * number + 2}") for number in range(len(names))]
            return [read_total(dump.read_text()) for dump in dumps]

    def try_out(self, peer: str, names: Sequence[str]) -> None:
        """Run a peer without counting: it must not fail, and leaves bytecode."""
        self._run([], peer, names)

    def _run(self, prefix: Sequence[str], peer: str, names: Sequence[str]) -> None:
        client = [sys.executable, "-m", "tests.bench.instructions_client"]
        done = subprocess.run(
            [*prefix, *client, peer, str(self._port), *names],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PROCESS_SECONDS_MAX,
            check=False,
        )
        if done.returncode:
            missing = re.search(r"^ModuleNotFoundError: (.*)$", done.stderr, re.MULTILINE)
            if missing is not None:
                raise ModuleNotFoundError(missing[1])
            raise BenchmarkError(f"{peer} failed in {', '.join(names)}:\n{done.stderr[-2000:]}")

    def _environment(self) -> dict[str, str]:
        """Return the environment of a process: the same hashes each time, and no proxies."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in FOREIGN and not name.lower().endswith("_proxy")
        }
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return {**kept, "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(self._folder / "cache")}


def read_total(dump: str) -> int:
    """Return the number of instructions from what callgrind has written down.

    Raises:
        BenchmarkError: It says none.
    """
    found = _TOTAL.search(dump)
    if found is None:
        raise BenchmarkError(f"callgrind does not say how many instructions: {dump[-200:]!r}")
    return int(found[1])


def count_all(
    names: Iterable[str], wanted: Sequence[str]
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Count what a request costs, in thousands of instructions.

    The scenarios of growth share a process, and each other has its own for each peer.

    Returns:
        The figures by scenario and peer, and why which peers are missing.

    Raises:
        BenchmarkError: A peer failed.
    """
    counts: dict[str, dict[str, float]] = {name: {} for name in names}
    missing: dict[str, str] = {}
    growing = [name for name in counts if name in GROWING]
    work = [("sojourn", growing)] if growing else []
    work += [(peer, [name]) for name in counts for peer in peers_of(name, wanted)]
    with (
        running_server() as port,
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(PROCESSES) as pool,
    ):
        counter = Counter(port, Path(folder))
        runs: list[tuple[str, list[str], Future[list[int]]]] = []
        for peer, together in work:
            try:
                counter.try_out(peer, together)
            except ModuleNotFoundError as error:
                missing[peer] = str(error)
            else:
                runs.append((peer, together, pool.submit(counter.run, peer, together)))
        for peer, together, run in runs:
            for name, count in zip(together, run.result(), strict=True):
                counts[name][peer] = count / find(name).number / 1000
    return counts, missing


# --- the command ------------------------------------------------------------------------------


def peers_of(name: str, wanted: Sequence[str]) -> list[str]:
    """List the peers that can send a scenario, of those that are wanted; none for growth."""
    scenario = SCENARIOS.get(name)
    if scenario is None:
        return []
    if scenario.prepares:
        return [peer for peer in preparing.PEERS if peer in {*wanted, *PREPARING_BASES}]
    able = SYNC_PEERS if scenario.flight is None else ASYNC_PEERS
    return [peer for peer in able if peer in wanted]


def judge(growth: Growth, counts: dict[str, dict[str, float]]) -> tuple[bool, str]:
    """Say whether a promise is kept, and how; ``counts`` has its scenarios."""
    ratio = counts[growth.much]["sojourn"] / counts[growth.little]["sojourn"]
    kept = ratio <= growth.ratio_max
    little, much = GROWING[growth.little].title, GROWING[growth.much].title
    return kept, (
        f"- {'kept' if kept else 'broken'}: {much} cost at most {growth.ratio_max:.2f} times "
        f"{little}, and it is {ratio:.2f}"
    )


def write_table(counts: dict[str, dict[str, float]]) -> str:
    """Write thousands of instructions for each request, a line for each scenario."""
    peers = list(dict.fromkeys(peer for figures in counts.values() for peer in figures))
    rows = [["K instructions a request", *peers], ["---", *["---:"] * len(peers)]]
    for name, figures in counts.items():
        title = find(name).title
        cells = [f"{figures[peer]:,.1f}" if peer in figures else "-" for peer in peers]
        rows.append([f"{name}: {title}", *cells])
    return "\n".join(align(rows))


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    names = [*SCENARIOS, *GROWING]
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.instructions",
        description="Count the instructions of a request, by valgrind.",
        epilog="Needs valgrind; peers that are not installed (extra 'bench') are left out.",
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="count growth alone, and end with 1 if its shape is wrong",
    )
    parser.add_argument(
        "--only", choices=names, action="append", metavar="SCENARIO", help=f"of {', '.join(names)}"
    )
    parser.add_argument(
        "--peer",
        choices=sorted({*SYNC_PEERS, *ASYNC_PEERS}),
        action="append",
        help=f"whom to count (default: {' and '.join(DEFAULT_PEERS)})",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print, and give the exit status: 1 for wrong growth, 2 if it cannot count."""
    options = parse_arguments(arguments)
    if find_valgrind() is None:
        print("cannot count: valgrind is not installed", file=sys.stderr)
        return 2
    environment = describe_environment()
    print(write_environment(environment), end="\n\n")
    names = options.only or (GROWING if options.short else SCENARIOS)
    try:
        counts, missing = count_all(names, options.peer or DEFAULT_PEERS)
    except BenchmarkError as error:
        print(f"cannot count: {error}", file=sys.stderr)
        return 2
    print(write_table(counts), end="\n\n")
    for peer, why in missing.items():
        print(f"Left out: {peer} ({why})")
    verdicts = [
        judge(growth, counts) for growth in GROWTHS if {growth.little, growth.much} <= set(counts)
    ]
    for _, verdict in verdicts:
        print(verdict)
    if options.json:
        values = {
            "environment": environment,
            "unit": "thousands of instructions for each request",
            "scenarios": counts,
            "missing": missing,
            "growth": [verdict for _, verdict in verdicts],
        }
        options.json.write_text(json.dumps(values, indent=1) + "\n")
    return 0 if all(kept for kept, _ in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
