"""``docs/interop.md``: what a run of everything has found, as two tables."""

from __future__ import annotations

import platform
import re
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import version as version_of_distribution
from typing import TYPE_CHECKING, Final

from .cases import CASES
from .proxy_cases import CASES as PROXY_CASES
from .running import TOP, find
from .table import PROXIES, SERVERS, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .table import Proxy

PAGE: Final = TOP / "docs" / "interop.md"
NOT_RUN: Final = "not run"
YES: Final = "yes"
CLOSES: Final = "yes, then closes"
NUMBER: Final = re.compile(r"\d+(?:\.\d+)+")

HEAD: Final = """\
# Interoperability

Servers and proxies that nobody here wrote, and Sojourn before each of them.
`python -m tests.interop` starts all that a machine has, \
tries each case with sync, asyncio and trio, and writes this page.
The tests try most of it in every run: {always} servers and {always_proxies} proxies.

A cell says "{yes}" where a case holds with all three bindings, \
over HTTP and, where the server speaks TLS, over HTTPS.
"{closes}" is the same, and the server closes the connection after it. \
"no" comes with what went wrong, and "cannot" with the server's reason.

## Servers

nginx, Apache httpd, lighttpd and Caddy serve files themselves \
and forward the rest to an origin, uvicorn; HAProxy and Varnish forward everything.
The others run a small application.
"""

PROXY_HEAD: Final = """\
## Proxies

Each runs twice, once for everybody and once with a password, \
before an http origin and an https origin.
"""


@dataclass(slots=True)
class Outcome:
    """What was found with one server or proxy.

    Attributes:
        version: Its version; None if it was not there.
        errors: By case, what went wrong, and with which binding and scheme.
    """

    version: str | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


def version_of(entry: Server | Proxy) -> str:
    """Find the version of what is there, as a number with dots."""
    module = getattr(entry, "module", "")
    if module:
        return version_of_distribution(module)
    program = find(*entry.programs[:1]) or find(*entry.programs)
    assert program is not None
    command = entry.version
    if command[0] in entry.programs:
        command = (program, *command[1:])
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    found = NUMBER.search(made.stdout + made.stderr)
    return found[0] if found else "unknown"


def render(servers: Sequence[Outcome], proxies: Sequence[Outcome]) -> str:
    """Write the page; the outcomes are in the order of the tables."""
    head = HEAD.format(
        always=sum(each.always for each in SERVERS),
        always_proxies=sum(each.always for each in PROXIES),
        yes=YES,
        closes=CLOSES,
    )
    names = [case.name for case in CASES]
    rows = [
        [server.name, outcome.version or "", server.over]
        + [
            f"cannot: {server.cannot[name]}"
            if name in server.cannot
            else cell(outcome, name, closes=name in server.closes)
            for name in names
        ]
        for server, outcome in zip(SERVERS, servers, strict=True)
    ]
    lines = [
        head,
        *_table(["server", "version", "over", *names], rows),
        "",
        *_claims((case.name, case.claim) for case in CASES),
        "",
        PROXY_HEAD,
    ]
    names = [case.name for case in PROXY_CASES]
    rows = [
        [proxy.name, outcome.version or "", proxy.scheme] + [cell(outcome, name) for name in names]
        for proxy, outcome in zip(PROXIES, proxies, strict=True)
    ]
    lines += [
        *_table(["proxy", "version", "spoken to by", *names], rows),
        "",
        *_claims((case.name, case.claim) for case in PROXY_CASES),
        "",
        "## How to have them",
        "",
        "What is not there is left out, and the run says how to install it.",
        f"The last run was on {platform.system()} with Python {platform.python_version()}.",
        "",
        *_table(
            ["server or proxy", "installed by"],
            [[name, f"`{install}`"] for name, install in installs().items()],
        ),
    ]
    return "\n".join(lines) + "\n"


def installs() -> dict[str, str]:
    """Return the command that installs each server and proxy."""
    return {each.name: each.install for each in (*SERVERS, *PROXIES)}


def cell(outcome: Outcome, case: str, *, closes: bool = False) -> str:
    """Say what became of a case."""
    if outcome.version is None:
        return NOT_RUN
    errors = outcome.errors.get(case)
    if errors:
        return "no: " + "; ".join(errors).replace("|", "/").replace("\n", " ")
    return CLOSES if closes else YES


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [titles, ["---"] * len(titles), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _claims(claims: Iterable[tuple[str, str]]) -> list[str]:
    return [f"- {name}: {claim}." for name, claim in claims]


def read_table(text: str, first: str) -> tuple[list[str], list[list[str]]]:
    """Read the table whose first title is given: its titles, and its rows."""
    lines = text.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows: list[list[str]] = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([each.strip() for each in line.strip("|").split("|")])
    return rows[0], rows[2:]
