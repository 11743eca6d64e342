"""Scenarios: what is measured, and with whom. Promises about them are in ``targets``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tests.bench import jobs
from tests.servers.nginx import SMALL, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.bench.place import Place

    Job = Callable[["Scenario", str, Place], AbstractContextManager[jobs.Slice]]

Measure = Literal["wall", "cpu", "memory"]
# One operation is one of these: a request, content to move, a request in flight, or a process.
Kind = Literal["request", "download", "upload", "held", "process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing to do over and over.

    Attributes:
        name: Its name on the command line and in reports.
        title: What is done; braces stand for the sizes of a run.
        job: What a peer does.
        peers: Names of the clients, in the order of the rounds.
        bases: The peers that the others are compared to.
        kind: What one operation is, and so which figures are shown.
        paths: Paths on the server that take turns.
        secure: Whether over TLS.
        gzip: Whether clients that do not ask for compressed content by themselves are told to.
        flight: How many requests are in flight at once, with asyncio.
        expected: The content of every response.
    """

    name: str
    title: str
    job: Job
    peers: tuple[str, ...]
    bases: tuple[str, ...]
    kind: Kind = "request"
    paths: tuple[str, ...] = ("/small",)
    secure: bool = False
    gzip: bool = False
    flight: int = 1
    expected: bytes = SMALL

    @property
    def fresh(self) -> bool:
        """True if each round needs a new process: what was held once stays with the old one."""
        return self.kind == "held"


# Left out without a word about a missed target where they are not installed: no extra names them.
OPTIONAL: Final = frozenset({"niquests", "niquests_async", "pycurl"})

SESSIONS: Final = ("sojourn", "requests", "niquests", "httpx", "urllib3")
SYNC: Final = (*SESSIONS, "http_client", "pycurl")
ASYNC: Final = ("sojourn_async", "aiohttp", "httpx_async", "niquests_async")
ON_OTHER_LOOPS: Final = ("sojourn_uvloop", "aiohttp_uvloop", "sojourn_eager", "aiohttp_eager")
FLOORS: Final = ("h11_by_hand", "raw_socket")
DROP_IN: Final = "sojourn_compat"
SYNC_BASES: Final = ("requests", "http_client")
ASYNC_BASES: Final = ("aiohttp",)
FIFTY: Final = tuple(f"/small?number={number}" for number in range(50))

SCENARIOS: Final = (
    Scenario(
        name="small_sync",
        title="small GET, blocking, one URL",
        job=jobs.get,
        peers=(*SYNC, DROP_IN, *FLOORS),
        bases=SYNC_BASES,
    ),
    Scenario(
        name="small_sync_50",
        title="small GET, blocking, 50 URLs in turn",
        job=jobs.get,
        peers=(*SYNC, DROP_IN, *FLOORS),
        bases=SYNC_BASES,
        paths=FIFTY,
    ),
    Scenario(
        name="small_async_1",
        title="small GET, asyncio, 1 in flight",
        job=jobs.get,
        peers=(*ASYNC, "h11_async"),
        bases=ASYNC_BASES,
    ),
    Scenario(
        name="small_async_1_50",
        title="small GET, asyncio, 1 in flight, 50 URLs in turn",
        job=jobs.get,
        peers=(*ASYNC, "h11_async"),
        bases=ASYNC_BASES,
        paths=FIFTY,
    ),
    Scenario(
        name="small_async_64",
        title="small GET, asyncio, 64 in flight",
        job=jobs.get,
        peers=(*ASYNC, "h11_async", *ON_OTHER_LOOPS),
        bases=ASYNC_BASES,
        flight=64,
    ),
    Scenario(
        name="small_async_64_50",
        title="small GET, asyncio, 64 in flight, 50 URLs in turn",
        job=jobs.get,
        peers=(*ASYNC, "h11_async"),
        bases=ASYNC_BASES,
        flight=64,
        paths=FIFTY,
    ),
    Scenario(
        name="https_small",
        title="small GET over kept TLS connections",
        job=jobs.get,
        peers=(*SYNC, *ASYNC),
        bases=("urllib3", "aiohttp"),
        secure=True,
    ),
    Scenario(
        name="redirects",
        title="GET behind 5 redirects",
        job=jobs.get,
        peers=(*SESSIONS, DROP_IN, "pycurl", *ASYNC),
        bases=("requests", "aiohttp"),
        paths=("/redirect/5",),
    ),
    Scenario(
        name="chunked",
        title="GET of 100 KB in chunks",
        job=jobs.get,
        peers=(*SYNC, *ASYNC),
        bases=("urllib3", "aiohttp"),
        paths=("/chunked",),
        expected=TEXT,
    ),
    Scenario(
        name="gzip",
        title="GET of 100 KB of text, compressed with gzip",
        job=jobs.get,
        peers=(*SESSIONS, "pycurl", *ASYNC),
        bases=("urllib3", "aiohttp"),
        paths=("/gz",),
        gzip=True,
        expected=TEXT,
    ),
    Scenario(
        name="prepare",
        title="preparing a request: 10 fields and 20 cookies of the session, parameters, JSON",
        job=jobs.prepare,
        peers=("sojourn", "requests", "niquests", "httpx"),
        bases=("requests",),
    ),
    Scenario(
        name="download",
        title="download of {download}, read in pieces",
        job=jobs.download,
        peers=(*SYNC, "sojourn_async", "aiohttp", "httpx_async"),
        bases=("requests", "aiohttp"),
        kind="download",
        paths=("/huge",),
    ),
    Scenario(
        name="upload_file",
        title="upload of {upload} from a file",
        job=jobs.upload_file,
        peers=(*SESSIONS, "http_client", "sojourn_async", "aiohttp"),
        bases=("requests", "aiohttp"),
        kind="upload",
        paths=("/upload",),
    ),
    Scenario(
        name="upload_iterator",
        title="upload of {upload} from an iterator, in chunks",
        job=jobs.upload_iterator,
        peers=(*SESSIONS, "http_client", "sojourn_async", "aiohttp", "httpx_async"),
        bases=("requests", "aiohttp"),
        kind="upload",
        paths=("/upload",),
    ),
    Scenario(
        name="https_cold",
        title="HTTPS, a new session for each GET, from the second one on",
        job=jobs.cold,
        peers=(*SYNC, "sojourn_async", "aiohttp", "httpx_async"),
        bases=("requests", "niquests"),
    ),
    Scenario(
        name="memory",
        title="{held} requests in flight, asyncio",
        job=jobs.hold,
        peers=("sojourn_async", "aiohttp", "httpx_async", "h11_async"),
        bases=("aiohttp",),
        kind="held",
        flight=1000,
    ),
    Scenario(
        name="imports",
        title="a process that imports the client",
        job=jobs.start_importing,
        peers=(*SYNC, "sojourn_async", "aiohttp", "bare"),
        bases=("requests",),
        kind="process",
    ),
    Scenario(
        name="first_response",
        title="a process that gets its first response",
        job=jobs.start_getting,
        peers=(*SYNC, "sojourn_async", "aiohttp", "bare"),
        bases=("requests",),
        kind="process",
    ),
)


def find(name: str) -> Scenario:
    """Return a scenario by its name."""
    return next(scenario for scenario in SCENARIOS if scenario.name == name)
