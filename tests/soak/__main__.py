"""Send many requests over real sockets, and look at what they leave behind.

``python -m tests.soak --requests 1000000`` sends that many by each binding, one in a hundred of
which meets a fault: it is cut, reset, silent, refused, cancelled, not read, or code of the caller's
raises. Nothing of that may stay: after a warm-up the memory of the client grows by less than
5 MiB, no socket is open at the end, and no object of ours is left to the collector.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.servers.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BINDINGS: Final = ("sync", "asyncio", "trio")
GROWTH_MAX: Final = 5 * 1024 * 1024


@contextmanager
def peer() -> Iterator[tuple[str, ...]]:
    """Run the server; yield where it is, as the client takes it."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        path = str(Path(folder) / "peer.sock")
        command = [sys.executable, "-m", "tests.soak.peer", str(authority.certificate), path]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            plain, secure, socks = process.stdout.readline().split()
            try:
                yield (
                    f"http://127.0.0.1:{plain}",
                    f"https://127.0.0.1:{secure}",
                    f"socks5://127.0.0.1:{socks}",
                    f"http+unix://{quote(path, safe='')}",
                    str(authority.path),
                )
            finally:
                process.stdin.close()


def soak(binding: str, where: tuple[str, ...], requests: int, seed: int) -> dict[str, Any]:
    """Send requests by a binding, in a process of its own; return what they have left behind."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.soak.client", binding, *where]
    ran = subprocess.run(
        [*command, str(requests), str(seed)], stdout=subprocess.PIPE, text=True, check=True
    )
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def faults_in(told: dict[str, Any]) -> list[str]:
    """Return what of it must not be."""
    found = []
    if told["growth"] > GROWTH_MAX:
        found.append(f"{told['binding']}: {told['growth'] / 2**20:.1f} MiB more memory")
    if told["sockets"]:
        found.append(f"{told['binding']}: {told['sockets']} sockets are open")
    if told["in_circles"]:
        found.append(f"{told['binding']}: left to the collector: {told['in_circles']}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak the bindings that are asked for, and print what they leave behind."""
    parser = argparse.ArgumentParser(prog="tests.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--binding", choices=BINDINGS, action="append")
    given = parser.parse_args(arguments)
    found: list[str] = []
    with peer() as where:
        for binding in given.binding or BINDINGS:
            told = soak(binding, where, given.requests, given.seed)
            print(json.dumps(told, indent=1), flush=True)
            found += faults_in(told)
    print(*found, sep="\n", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
