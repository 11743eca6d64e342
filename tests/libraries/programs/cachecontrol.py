"""CacheControl: an adapter that keeps responses, and looks on while their content is read."""

from __future__ import annotations

from typing import Any

import requests
from cachecontrol import CacheControl, CacheControlAdapter
from cachecontrol.heuristics import ExpiresAfter

LIBRARIES = ("cachecontrol",)


def kept(url: str) -> Any:
    assert issubclass(CacheControlAdapter, requests.adapters.HTTPAdapter)
    told = {}
    for path in ("fresh", "stale", "chunked", "gzip", "private"):
        with CacheControl(requests.Session()) as session:
            first, second = session.get(f"{url}/{path}"), session.get(f"{url}/{path}")
        told[path] = [
            [each.from_cache, each.status_code, each.text, each.headers["content-type"]]
            for each in (first, second)
        ]
    return told


def streamed(url: str) -> Any:
    with CacheControl(requests.Session()) as session:
        with session.get(f"{url}/fresh", stream=True) as response:
            pieces = [piece.decode() for piece in response.iter_content(3)]
        again = session.get(f"{url}/fresh")
        return [response.from_cache, pieces, again.from_cache, again.text]


def invalidated(url: str) -> Any:
    with CacheControl(requests.Session()) as session:
        found = [session.get(f"{url}/fresh").from_cache for _ in range(2)]
        session.put(f"{url}/fresh", data="new")
        return [*found, session.get(f"{url}/fresh").from_cache]


def prolonged(url: str) -> Any:
    with CacheControl(requests.Session(), heuristic=ExpiresAfter(hours=1)) as session:
        first, second = (session.get(f"{url}/plain") for _ in range(2))
        return [first.from_cache, second.from_cache, second.text, "warning" in second.headers]
