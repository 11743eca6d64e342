"""Twenty thousand requests by each binding leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.soak.__main__ import BINDINGS, GROWTH_MAX, faults_in, peer, soak

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = 20_000
CLEAN: dict[str, Any] = {"binding": "sync", "growth": 0, "sockets": 0, "in_circles": {}}


@pytest.fixture(scope="module")
def where() -> Iterator[tuple[str, ...]]:
    with peer() as made:
        yield made


@pytest.mark.parametrize("binding", BINDINGS)
def test_nothing_is_left_behind(where: tuple[str, ...], binding: str) -> None:
    told = soak(binding, where, REQUESTS, seed=1)
    assert faults_in(told) == []
    assert told["requests"] >= REQUESTS
    endings = told["endings"]
    faulty = {"503", "CallerError", "ChunkedEncodingError", "ConnectionError", "ReadTimeout"}
    assert {*faulty, "RemoteProtocolError", "StalledContent", "TooManyRedirects"} <= set(endings)
    assert set(told["told"]) == {"hedge.sent", "proxy.next.address"}
    assert endings["200"] > 0.98 * told["requests"]


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({}, []),
        ({"growth": GROWTH_MAX}, []),
        ({"growth": GROWTH_MAX + 2**20}, ["sync: 6.0 MiB more memory"]),
        ({"sockets": 1}, ["sync: 1 sockets are open"]),
        ({"in_circles": {"Call": 2}}, ["sync: left to the collector: {'Call': 2}"]),
    ],
)
def test_what_is_left_behind_is_said(left: dict[str, Any], said: list[str]) -> None:
    assert faults_in({**CLEAN, **left}) == said
