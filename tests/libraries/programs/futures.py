"""requests-futures: a session whose requests are sent by threads."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import requests
from requests_futures.sessions import FuturesSession

LIBRARIES = ("requests_futures",)


def sent(url: str) -> Any:
    def note(response: Any, *_: Any, **__: Any) -> None:
        response.target = response.json()["target"]

    assert issubclass(FuturesSession, requests.Session)
    with FuturesSession(max_workers=3) as session:
        futures = [session.get(f"{url}/{number}", hooks={"response": note}) for number in range(6)]
        targets = sorted(future.result().target for future in as_completed(futures))
    with (
        requests.Session() as inner,
        FuturesSession(executor=ThreadPoolExecutor(2), session=inner) as session,
    ):
        inner.headers["X-Inner"] = "yes"
        told = session.post(f"{url}/post", json={"a": 1}).result().json()
    copied = pickle.loads(pickle.dumps(FuturesSession()))
    return [targets, told["content"], told["fields"]["x-inner"], type(copied).__name__]
