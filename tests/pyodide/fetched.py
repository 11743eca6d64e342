"""What ``run.mjs`` starts within Pyodide for ``fetching``: the driver over fetch at work."""

from __future__ import annotations

import json
import sys
from pathlib import Path

DRIVERS = Path(__file__).parents[2] / "docs" / "examples" / "drivers"


async def main(here: str, there: str, gone: str) -> None:
    """Print what the driver is told, as JSON, a line for each story."""
    sys.path.append(str(DRIVERS))
    from pyodide_fetch import Client

    from sojourn_core import HTTPDigestAuth
    from sojourn_core import errors as e

    client = Client()

    async def ask(method: str, url: str, **request: object) -> list[object]:
        answer = await client.fetch(method, url, **request)
        return [answer.status_code, answer.text, [hop.status_code for hop in answer.history]]

    told = {
        "login": await ask("POST", f"{here}/login", data={"name": "ada"}),
        "account": await ask("GET", f"{here}/account"),
        "elsewhere": await ask(
            "GET", f"{here}/to?{there}/fields", headers={"Authorization": "a", "X-Key": "b"}
        ),
        "digest": await ask("GET", f"{here}/digest", auth=HTTPDigestAuth("ada", "pass")),
        "again": await ask("PUT", f"{here}/moved", data=[b"one, ", b"two"]),
        "head": await ask("HEAD", f"{here}/report"),
        "report": (await client.fetch("GET", f"{here}/report")).text.splitlines()[-1:],
        "missing": await ask("GET", f"{here}/missing"),
    }
    streamed = await client.fetch("GET", f"{here}/report", stream=True)
    told["streamed"] = len(b"".join([piece async for piece in client.pieces(streamed)]))
    for name, url, timeout in (
        ("refused", gone, 5),
        ("lost", f"{here}/hang-up", 5),
        ("loop", f"{here}/loop", 5),
        ("silent", f"{here}/silent", 0.2),
    ):
        try:
            await client.fetch("GET", url, timeout=timeout)
        except e.RequestException as error:
            told[name] = [type(error).__name__, error.maybe_sent]
    for name, story in told.items():
        print(json.dumps([name, story]))
