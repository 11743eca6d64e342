"""The driver over fetch, in Pyodide, against servers of this process."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Final

from tests.docs.world import REPORT, answer
from tests.servers.scripted import HandlerServer, Received, response

if TYPE_CHECKING:
    from collections.abc import Callable

STORIES: Final[dict[str, object]] = {
    "login": [200, "welcome", [303]],
    "account": [200, "welcome", []],
    "elsewhere": [200, "", [302]],
    "digest": [200, "secret", [401]],
    "again": [200, "one, two", [308]],
    "head": [200, "", []],
    "report": ["line 1000"],
    "missing": [404, "there is nothing here", []],
    "streamed": len(REPORT),
    "refused": ["ConnectionError", False],
    "lost": ["ConnectionError", True],
    "loop": ["TooManyRedirects", True],
    "silent": ["ReadTimeout", True],
}


def check(start: Callable[[str], str]) -> int:
    """Compare what the driver tells with what it should; return 1 if that differs.

    Args:
        start: Runs a program of Python in Pyodide, and returns what it prints.
    """
    over = threading.Event()

    def handler(received: Received) -> bytes | None:
        path, _, query = received.target.partition("?")
        if path == "/silent":
            over.wait(10)
            return None
        if path == "/to":
            return response(302, ("Location", query))
        if path == "/fields":
            known = [name for name in ("authorization", "x-key") if received.value(name)]
            return response(200, content=" ".join(known).encode())
        if path == "/echo":
            return response(200, content=received.content)
        return answer(received)

    with HandlerServer(handler) as closed:
        gone = closed.url("/")
    with HandlerServer(handler) as here, HandlerServer(handler) as there:
        program = (
            "from tests.pyodide.fetched import main\n"
            f"await main({here.url('')!r}, {there.url('')!r}, {gone!r})"
        )
        printed = start(program)
        over.set()
    told = dict(json.loads(line) for line in printed.splitlines() if line.startswith("["))
    for name, wanted in STORIES.items():
        same = told.get(name) == wanted
        print(f"fetch: {name}: {'as it should' if same else f'{told.get(name)}, not {wanted}'}")
    return int(told != STORIES)
