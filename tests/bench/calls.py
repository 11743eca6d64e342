"""How many functions a request calls: ``python -m tests.bench.calls``.

A clock says how long a request took on this machine today; a count says how much there is to do,
and is the same in every run. Everything is counted by ``sys.setprofile`` in a process that is warm
(connections are open, caches are full), against a server of a few threads, which the profile of
this thread does not see:

* ``python``: calls of Python functions, the standard library and dependencies included. A generator
  or a coroutine that is resumed is called again; generated functions (``__init__`` of a dataclass)
  count here and nowhere else.
* ``own``: those of them whose file lies in the core or in the bindings.
* ``files``: how many of our files were entered.
* ``crossings``: calls from core to bindings or back, with what lies between two of our functions
  (a decorator of the standard library, the event loop) left out.
* ``up``: those of the crossings in which the core calls a binding.
* ``c``: calls of functions written in C.
* ``readings``: how often the text of a URL is read, by our reader or by ``urllib.parse``.

The functions of the benchmark itself do not count. Each count is the least of a few runs, so that
a wait of the operating system that falls otherwise is no work of ours.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sojourn
import sojourn_core
from sojourn_core import Fields, Request, Response, ResponseHead, Session
from sojourn_core.commands import Discard, Send
from tests.bench import peers_async
from tests.bench.place import Site
from tests.bench.report import align, describe_environment, write_environment
from tests.servers.nginx import SMALL
from tests.servers.scripted import HandlerServer, Received

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import CodeType, FrameType

    Ask = Callable[[str, tuple[str, str] | None], bytes]

CORE: Final = str(Path(sojourn_core.__file__).parent)
BINDINGS: Final = str(Path(sojourn.__file__).parent)
BENCH: Final = str(Path(__file__).parent)
URL_FOLDER: Final = str(Path(CORE, "values", "url"))
URL_READERS: Final = frozenset(
    {"parse_url", "parse_any_url", "prepare_url", "resolve_location", "resolve_reference"}
)
STANDARD_URL_READERS: Final = frozenset({"urlsplit", "urlparse", "urljoin"})
WARM_UP: Final = 10
RUNS: Final = 3
CHAIN: Final = 5
CREDENTIALS: Final = ("ada", "secret")
FOUND: Final = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 01:00:00 GMT\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 100\r\nConnection: keep-alive\r\n\r\n" + SMALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one run called; the module says what each figure is.

    ``functions`` is no figure: it names each of our functions, with the number of its calls.
    """

    python: int
    own: int
    files: int
    crossings: int
    up: int
    c: int
    readings: int
    functions: tuple[tuple[str, int], ...] = ()

    def figures(self) -> dict[str, int]:
        """Give the figures by their names."""
        return {name: getattr(self, name) for name in FIGURES}


FIGURES: Final = tuple(each.name for each in fields(Counts) if each.name != "functions")

# What our own code may call, for each scenario: the most that ``tests/bench/test_calls.py`` lets
# pass. Where a smaller figure stands beside one, that is the target.
BOUNDS: Final[dict[str, dict[str, int]]] = {
    "get": {"own": 90, "up": 1, "readings": 1},
    "get_async": {"own": 90, "up": 1, "readings": 1},
    "compat": {"python": 240, "own": 210},
    "redirect": {"own": 280, "readings": 2},
    "chain": {"own": 600, "readings": 6},
    "answered": {"own": 60, "readings": 1},
}


class Profile:
    """Counts calls of this thread between ``start`` and ``stop``.

    Attributes:
        calls: How often each Python function was called.
    """

    def __init__(self, *, idle: bool = False) -> None:
        """Begin with nothing counted; an idle profile stays so."""
        self._idle: Final = idle
        self.calls: Counter[CodeType] = Counter()
        self._c = 0
        self._readings = 0
        self._down = 0
        self._up = 0

    def start(self) -> None:
        """Count from here on, and keep the collector of garbage away: it calls finalizers."""
        gc.disable()
        sys.setprofile(None if self._idle else self._note)

    def stop(self) -> Counts:
        """Count no more, and give what there was."""
        sys.setprofile(None)
        gc.enable()
        own = Counter({code: n for code, n in self.calls.items() if _side(code) is not None})
        return Counts(
            python=self.calls.total(),
            own=own.total(),
            files=len({code.co_filename for code in own}),
            crossings=self._down + self._up,
            up=self._up,
            c=self._c,
            readings=self._readings,
            functions=tuple((_name(code), number) for code, number in own.items()),
        )

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code.co_filename.startswith(BENCH):
            return
        if event == "c_call":
            self._c += 1
        elif event == "call":
            self.calls[code] += 1
            self._readings += _is_reading(frame)
            side = _side(code)
            caller = _caller_side(frame)
            if side is not None and caller is not None and side != caller:
                self._up += caller == CORE
                self._down += caller == BINDINGS


@cache
def _side(code: CodeType) -> str | None:
    """The half of the project that a function belongs to, by its file."""
    for side in (CORE, BINDINGS):
        if code.co_filename.startswith(side):
            return side
    return None


def _name(code: CodeType) -> str:
    """Name a function of ours by its file and its class."""
    path = Path(code.co_filename)
    root = CORE if path.is_relative_to(CORE) else BINDINGS
    return f"{path.relative_to(Path(root).parent)}: {code.co_qualname}"


def _caller_side(frame: FrameType) -> str | None:
    """The half that the nearest of our functions above this one belongs to."""
    above = frame.f_back
    while above is not None:
        side = _side(above.f_code)
        if side is not None:
            return side
        above = above.f_back
    return None


def _is_reading(frame: FrameType) -> bool:
    """Whether a function that reads a URL was called by something else than such a function."""
    code = frame.f_code
    if code.co_name in STANDARD_URL_READERS and code.co_filename.endswith("/urllib/parse.py"):
        above = frame.f_back
        return above is not None and _side(above.f_code) is not None
    if code.co_name not in URL_READERS or not code.co_filename.startswith(URL_FOLDER):
        return False
    above = frame.f_back
    return above is None or not above.f_code.co_filename.startswith(URL_FOLDER)


# --- what is counted --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing to count.

    Attributes:
        title: What is done.
        target: Path on the first server; empty where there is no server.
        peers: Who does it.
        credentials: Whether user and password are given with each request.
    """

    title: str
    target: str = ""
    peers: tuple[str, ...]
    credentials: bool = False


SYNC_PEERS: Final = ("sojourn", "requests", "httpx", "urllib3")
SCENARIOS: Final = {
    "get": Scenario(
        title="GET of 100 bytes over a kept connection", target="/small", peers=SYNC_PEERS
    ),
    "get_async": Scenario(
        title="The same with asyncio, one at a time",
        target="/small",
        peers=("sojourn", "httpx", "aiohttp"),
    ),
    "compat": Scenario(
        title="The same through sojourn.compat", target="/small", peers=("sojourn", "requests")
    ),
    "redirect": Scenario(
        title="GET with credentials and a cookie; a redirect that sets it leads to another origin",
        target="/away",
        peers=SYNC_PEERS,
        credentials=True,
    ),
    "chain": Scenario(
        title=f"GET behind {CHAIN} redirects", target=f"/hop/{CHAIN}", peers=SYNC_PEERS
    ),
    "answered": Scenario(
        title="From a response with a Location to the next Send, without a socket",
        peers=("sojourn",),
    ),
}


@contextmanager
def running_servers() -> Iterator[str]:
    """Run two servers, and give the URL of the first; ``/away`` leads from it to the other."""

    def redirect(location: str, line: str = "") -> bytes:
        lines = f"Location: {location}\r\n{line}Content-Length: 0\r\n"
        return f"HTTP/1.1 302 Found\r\n{lines}\r\n".encode()

    def answer(request: Received) -> bytes:
        if request.target == "/away":
            return redirect(other.url("/small", host="localhost"), "Set-Cookie: sid=1; Path=/\r\n")
        if request.target.startswith("/hop/"):
            left = int(request.target.removeprefix("/hop/")) - 1
            return redirect(f"/hop/{left}" if left else "/small")
        return FOUND

    with HandlerServer(answer) as first, HandlerServer(answer) as other:
        yield first.url("")


# --- who is counted ---------------------------------------------------------------------------


@contextmanager
def _sojourn() -> Iterator[Ask]:
    with sojourn.Session() as session:
        yield lambda url, auth: session.get(url, auth=auth).content


@contextmanager
def _compat() -> Iterator[Ask]:
    import sojourn.compat

    with sojourn.compat.Session() as session:
        yield lambda url, auth: session.get(url, auth=auth).content


@contextmanager
def _requests() -> Iterator[Ask]:
    import requests

    with requests.Session() as session:
        yield lambda url, auth: session.get(url, auth=auth).content


@contextmanager
def _httpx() -> Iterator[Ask]:
    import httpx

    with httpx.Client(follow_redirects=True) as client:
        yield lambda url, auth: client.get(url, auth=auth).content


@contextmanager
def _urllib3() -> Iterator[Ask]:
    import urllib3

    # It has no cookies, so the field is given.
    secret = {**urllib3.make_headers(basic_auth=":".join(CREDENTIALS)), "Cookie": "sid=1"}
    hops = urllib3.Retry(2 * CHAIN)
    with urllib3.PoolManager() as pool:
        yield (
            lambda url, auth: (
                pool.request("GET", url, headers=secret if auth else None, retries=hops).data
            )
        )


CLIENTS: Final[dict[str, Callable[[], AbstractContextManager[Ask]]]] = {
    "sojourn": _sojourn,
    "requests": _requests,
    "httpx": _httpx,
    "urllib3": _urllib3,
}


def count(name: str, peer: str, server: str) -> Counts:
    """Count one scenario as one peer does it.

    Args:
        name: Of ``SCENARIOS``.
        peer: One of the scenario's peers.
        server: URL of the first of the two servers.

    Raises:
        ModuleNotFoundError: The peer is not installed.
    """
    scenario = SCENARIOS[name]
    url = server + scenario.target
    if name == "answered":
        return _least([_count_answered(profile) for profile in _profiles()])
    if name == "get_async":
        return asyncio.run(_count_async(peer, url))
    auth = CREDENTIALS if scenario.credentials else None
    client = _compat if (name, peer) == ("compat", "sojourn") else CLIENTS[peer]
    with client() as ask:
        return _least([_count_sync(profile, ask, url, auth) for profile in _profiles()])


def _profiles() -> Iterator[Profile]:
    """Profiles for runs to get warm in, which count nothing, and then for those that count."""
    for number in range(WARM_UP + RUNS):
        yield Profile(idle=number < WARM_UP)


def _count_sync(profile: Profile, ask: Ask, url: str, auth: tuple[str, str] | None) -> Counts:
    profile.start()
    try:
        content = ask(url, auth)
    finally:
        counts = profile.stop()
    assert content == SMALL, content[:200]
    return counts


async def _count_async(peer: str, url: str) -> Counts:
    made: list[Counts] = []
    name = peer if peer in peers_async.PEERS else f"{peer}_async"
    client = peers_async.PEERS[name](Site(base=url))
    try:
        for profile in _profiles():
            profile.start()
            try:
                content = await client.get(url)
            finally:
                made.append(profile.stop())
            assert content == SMALL, content[:200]
    finally:
        await client.close()
    return _least(made)


def _count_answered(profile: Profile) -> Counts:
    call = Session().call(Request("GET", "http://a.test/x"))
    sent = call.start(0.0)
    assert isinstance(sent, Send)
    head = ResponseHead(302, Fields([("Location", "http://b.test/y")]))
    response = Response(head, sent.request)
    profile.start()
    try:
        command = call.answered(response, 0.1)
        if isinstance(command, Discard):
            command = call.discarded(0.1)
    finally:
        counts = profile.stop()
    assert isinstance(command, Send), command
    return counts


def _least(made: Sequence[Counts]) -> Counts:
    """The least of the last runs, figure by figure; those before them are to get warm.

    The functions are those of the run that called the fewest: one that waited may call more.
    """
    last = made[-RUNS:]
    least = {name: min(getattr(each, name) for each in last) for name in FIGURES}
    return Counts(**least, functions=min(last, key=lambda each: each.own).functions)


def count_all(
    names: Iterable[str], peers: Iterable[str]
) -> tuple[dict[str, dict[str, Counts]], dict[str, str]]:
    """Count scenarios; give the counts by scenario and peer, and why which peers are missing."""
    found: dict[str, dict[str, Counts]] = {}
    missing: dict[str, str] = {}
    wanted = set(peers)
    with running_servers() as server:
        for name in names:
            found[name] = {}
            for peer in SCENARIOS[name].peers:
                if peer not in wanted:
                    continue
                try:
                    found[name][peer] = count(name, peer, server)
                except ModuleNotFoundError as error:
                    missing[peer] = str(error)
    return found, missing


# --- the command ------------------------------------------------------------------------------


def write_table(name: str, counts: dict[str, Counts]) -> str:
    """Write a scenario as a table; what only we have is a dash for others."""
    everywhere = ("python", "c")
    ours = [name for name in FIGURES if name not in everywhere]
    rows = [["peer", *everywhere, *ours], ["---", *["---:"] * (len(everywhere) + len(ours))]]
    for peer, figures in counts.items():
        row = [peer, *(str(getattr(figures, each)) for each in everywhere)]
        rows.append(
            [*row, *(str(getattr(figures, each)) if peer == "sojourn" else "-" for each in ours)]
        )
    return "\n".join([f"### {name}: {SCENARIOS[name].title}", "", *align(rows)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print, and write JSON if that is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.calls",
        description="Count the functions that Sojourn and its peers call for a request.",
        epilog="Peers that are not installed (extra 'bench') are left out.",
    )
    parser.add_argument(
        "--only",
        choices=SCENARIOS,
        action="append",
        metavar="SCENARIO",
        help=f"of {', '.join(SCENARIOS)}",
    )
    parser.add_argument(
        "--functions",
        action="store_true",
        help="list our own functions, and how often each is called",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    options = parser.parse_args(arguments)
    environment = describe_environment()
    print(write_environment(environment), end="\n\n")
    everybody = {peer for scenario in SCENARIOS.values() for peer in scenario.peers}
    found, missing = count_all(options.only or SCENARIOS, everybody)
    for name, counts in found.items():
        print(write_table(name, counts), end="\n\n")
        if options.functions and "sojourn" in counts:
            lines = [f"{number:5} {name}" for name, number in counts["sojourn"].functions]
            print(*lines, sep="\n", end="\n\n")
    for peer, why in missing.items():
        print(f"Left out: {peer} ({why})")
    if options.json:
        values = {
            "environment": environment,
            "unit": "calls for each request",
            "scenarios": {
                name: {peer: each.figures() for peer, each in counts.items()}
                for name, counts in found.items()
            },
            "missing": missing,
            "bounds": BOUNDS,
        }
        options.json.write_text(json.dumps(values, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
