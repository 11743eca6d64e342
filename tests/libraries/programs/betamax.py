"""betamax: an adapter that records what others do, and plays it back."""

from __future__ import annotations

from typing import Any

import requests
from betamax import Betamax

LIBRARIES = ("betamax",)


def recorded(url: str, folder: str) -> Any:
    told = []
    for _ in range(2):
        with requests.Session() as session:
            with Betamax(session, cassette_library_dir=folder).use_cassette("tape"):
                first = session.get(f"{url}/gzip")
                posted = session.post(f"{url}/form", data={"a": "b"})
                redirected = session.get(f"{url}/redirect")
            told.append(
                [
                    [first.status_code, first.reason, first.text],
                    posted.json()["content"],
                    [redirected.json()["target"], len(redirected.history)],
                    session.cookies.get("c"),
                ]
            )
    return told
