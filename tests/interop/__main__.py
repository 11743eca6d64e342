"""``python -m tests.interop``: try everything that this machine has, and write the page."""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bindings.clients import EVERY_BINDING
from tests.servers.authority import Authority

from .applications import uvicorn
from .cases import CASES
from .page import PAGE, Outcome, cell, render, version_of
from .proxy_cases import CASES as PROXY_CASES
from .running import running
from .table import PROXIES, SERVERS
from .trying import proxying, serving, try_proxy, try_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from .table import Proxy, Server


def main() -> int:
    """Run; 1 if a case does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.interop", description=__doc__)
    parser.add_argument(
        "names", nargs="*", help="servers and proxies; all of them if none is named"
    )
    names = parser.parse_args().names
    # Each binding warns of what it finds unclosed, and here that is an error too.
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        with (
            running(uvicorn, authority=authority) as plain,
            running(uvicorn, authority=authority, secure=True) as secure,
        ):
            servers = [
                _server(each, authority, plain) if not names or each.name in names else Outcome()
                for each in SERVERS
            ]
            proxies = [
                _proxy(each, authority, plain, secure)
                if not names or each.name in names
                else Outcome()
                for each in PROXIES
            ]
    if names:
        print("the page is left as it is: some were not asked for")
    else:
        PAGE.write_text(render(servers, proxies), encoding="utf-8")
        print(f"written: {PAGE.name}")
    return int(any(outcome.errors for outcome in (*servers, *proxies)))


def _server(server: Server, authority: Authority, origin: int) -> Outcome:
    if not server.is_there():
        print(f"{server.name} is not installed: {server.install}")
        return Outcome()
    outcome = Outcome(version_of(server))
    for scheme in server.schemes:
        with serving(server, scheme, authority, origin) as served:
            for case in CASES:
                if case.name in server.cannot:
                    continue
                for binding in EVERY_BINDING:
                    _note(
                        outcome,
                        case.name,
                        f"{scheme}, {binding}",
                        lambda case=case, binding=binding: try_server(served, case, binding),
                    )
    _tell(server.name, outcome, [case.name for case in CASES if case.name not in server.cannot])
    return outcome


def _proxy(proxy: Proxy, authority: Authority, plain: int, secure: int) -> Outcome:
    name = f"{proxy.name} ({proxy.scheme})"
    if not proxy.is_there():
        print(f"{name} is not installed: {proxy.install}")
        return Outcome()
    outcome = Outcome(version_of(proxy))
    with proxying(proxy, authority, plain, secure) as proxied:
        for case in PROXY_CASES:
            for binding in EVERY_BINDING:
                _note(
                    outcome,
                    case.name,
                    binding,
                    lambda case=case, binding=binding: try_proxy(proxied, case, binding),
                )
    _tell(name, outcome, [case.name for case in PROXY_CASES])
    return outcome


def _note(outcome: Outcome, case: str, where: str, run: Callable[[], None]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 - it is what the page says
        outcome.errors.setdefault(case, []).append(f"{where}: {type(error).__name__}: {error}")


def _tell(name: str, outcome: Outcome, cases: list[str]) -> None:
    print(f"{name} {outcome.version}")
    for case in cases:
        print(f"  {case}: {cell(outcome, case)}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
