"""CacheControl: an adapter that keeps responses, and looks on while their content is read."""

from __future__ import annotations

from typing import Any

import requests
from cachecontrol import CacheControl, CacheControlAdapter
from cachecontrol.caches import FileCache, SeparateBodyFileCache
from cachecontrol.heuristics import ExpiresAfter, LastModified, OneDayCache

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


def in_files(url: str, folder: str) -> Any:
    """What one session has kept in files is there for the next one, whole or in two files."""
    found = {}
    for kind in (FileCache, SeparateBodyFileCache):
        cache = kind(f"{folder}/{kind.__name__}")
        told = []
        for _ in range(2):
            with CacheControl(requests.Session(), cache=cache) as session:
                for page in ("/fresh", "/gzip", "/chunked", "/away", "/large"):
                    response = session.get(f"{url}{page}")
                    told.append([response.from_cache, response.status_code, len(response.content)])
        cache.delete(f"{url}/fresh")
        with CacheControl(requests.Session(), cache=cache) as session:
            told.append([session.get(f"{url}/fresh").from_cache])
        found[kind.__name__] = told
    return found


def validated(url: str) -> Any:
    """ETag and Last-Modified are asked with, and what a 304 says is kept."""
    found = {}
    with CacheControl(requests.Session(), cache_etags=True) as session:
        for page in ("/stale", "/modified"):
            answers = [session.get(f"{url}{page}") for _ in range(3)]
            found[page] = [
                [each.from_cache, each.status_code, each.headers.get("x-count"), each.text]
                for each in answers
            ]
    with CacheControl(requests.Session(), cache_etags=False) as session:
        found["no etags"] = [session.get(f"{url}/stale").from_cache for _ in range(2)]
    return found


def varied(url: str) -> Any:
    """One kept response for each URL, and only for requests with the same fields."""
    with CacheControl(requests.Session()) as session:
        return [
            [answer.from_cache, answer.text]
            for language in ("de", "de", "fr", "fr", "de")
            for answer in [session.get(f"{url}/vary", headers={"Accept-Language": language})]
        ]


def directed(url: str) -> Any:
    """What the request says of caches; and methods that are kept and that are not."""
    with CacheControl(requests.Session()) as session:
        session.get(f"{url}/fresh")
        told = [
            session.get(f"{url}/fresh", headers={"Cache-Control": value}).from_cache
            for value in ("no-cache", "max-age=0", "max-age=3600", "min-fresh=1", "no-store")
        ]
        head = session.head(f"{url}/fresh")
        redirects = [session.get(f"{url}/away") for _ in range(2)]
        followed = [[each.url == f"{url}/fresh", each.history[0].from_cache] for each in redirects]
        adapter = session.get_adapter(url)
        kept = sorted(key.removeprefix(url) for key in adapter.cache.data)
        return [told, head.from_cache, followed, kept]


def judged(url: str) -> Any:
    """The three heuristics, and the adapter mounted by hand."""
    found = {}
    for name, heuristic in (
        ("one day", OneDayCache()),
        ("last modified", LastModified()),
        ("after", ExpiresAfter(days=1)),
    ):
        with requests.Session() as session:
            adapter = CacheControlAdapter(heuristic=heuristic, pool_maxsize=2, max_retries=1)
            session.mount("http://", adapter)
            pages = ("/plain", "/modified", "/away")
            found[name] = [
                [session.get(f"{url}{page}", allow_redirects=False).from_cache for _ in range(2)]
                for page in pages
            ]
    return found


def read_partly(url: str) -> Any:
    """Only what was read to its end is kept, in whatever way that was."""
    found = []
    with CacheControl(requests.Session()) as session:
        with session.get(f"{url}/large", stream=True) as response:
            response.raw.read(10)
        again = session.get(f"{url}/large", stream=True)
        found.append(again.from_cache)
        found.append(sum(map(len, again.iter_content(1000))))
        found.append(session.get(f"{url}/large").from_cache)
        with session.get(f"{url}/gzip", stream=True) as response:
            found.append(len(response.raw.read(decode_content=False)) > 20)
        third = session.get(f"{url}/gzip", stream=True)
        found.append([third.from_cache, next(third.iter_lines(decode_unicode=True))])
        with session.get(f"{url}/chunked", stream=True) as response:
            found.append([each.decode() for each in response.raw.stream(3)])
        found.append(session.get(f"{url}/chunked").from_cache)
    return found
