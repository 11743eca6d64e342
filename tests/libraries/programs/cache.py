"""requests-cache: a session that overrides ``send``, and responses that are pickled."""

from __future__ import annotations

from typing import Any

import requests
import requests_cache

LIBRARIES = ("requests_cache",)


def kept(url: str, folder: str) -> Any:
    told = {}
    for backend, serializer in (("memory", None), ("sqlite", "pickle"), ("filesystem", "json")):
        name = f"{folder}/{backend}"
        options = {"serializer": serializer} if serializer else {}
        with requests_cache.CachedSession(name, backend=backend, **options) as session:
            first, second = session.get(f"{url}/page"), session.get(f"{url}/page")
            redirected = [session.get(f"{url}/redirect") for _ in range(2)][1]
            told[backend] = [
                [first.from_cache, second.from_cache],
                first.json() == second.json(),
                second.headers["CONTENT-TYPE"],
                second.request.headers["Accept"],
                [redirected.from_cache, redirected.json()["target"]],
                [each.status_code for each in redirected.history],
            ]
    return told


def revalidated(url: str) -> Any:
    with requests_cache.CachedSession(backend="memory", cache_control=True) as session:
        first, second = session.get(f"{url}/stale"), session.get(f"{url}/stale")
        return [first.from_cache, second.from_cache, second.revalidated, second.text]


def streamed(url: str) -> Any:
    with requests_cache.CachedSession(backend="memory") as session:
        told = []
        for _ in range(2):
            with session.get(f"{url}/gzip", stream=True) as response:
                text = b"".join(response.iter_content(3)).decode()
                told.append([response.from_cache, text, response.text])
        return told


def installed(url: str) -> Any:
    own = requests.Session
    requests_cache.install_cache(backend="memory")
    try:
        found = [getattr(requests.get(f"{url}/page"), "from_cache", None) for _ in range(2)]
    finally:
        requests_cache.uninstall_cache()
    return [found, requests.Session is own]
