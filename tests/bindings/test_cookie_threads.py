"""Many threads that store and retrieve on one session lose nothing."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import sojourn
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, Received

THREADS = 32
ROUNDS = 10
# All of the cookies are kept, and sent.
LIMITS = DEFAULT_LIMITS.replace(
    cookies_per_domain_max=1000, cookies_sent_max=1000, cookie_field_size_max=60_000
)


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work: Callable[[int], None]) -> None:
    """Do the work in all threads, begun at once."""
    start = threading.Barrier(THREADS)

    def begin(thread: int) -> None:
        start.wait()
        work(thread)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(begin, range(THREADS)))


def handler(received: Received) -> bytes:
    """Sets the cookie that the target names, and one that all threads set; deletes one."""
    name = received.target.strip("/")
    return answer(
        200,
        ("Set-Cookie", f"{name}={name}; Path=/"),
        ("Set-Cookie", f"shared={name}; Path=/"),
        ("Set-Cookie", f"brief-{name}=1; Path=/"),
        ("Set-Cookie", f"brief-{name}=; Path=/; Max-Age=0"),
        content=(received.value("cookie") or "").encode(),
    )


def test_requests_of_many_threads(serve: Callable[..., HandlerServer]) -> None:
    server = serve(handler)
    with sojourn.Session(
        limits=LIMITS, pool=sojourn.PoolLimits(connections_max=THREADS)
    ) as session:

        def work(thread: int) -> None:
            own: set[str] = set()
            for count in range(ROUNDS):
                name = f"{thread}-{count}"
                content = session.get(server.url(f"/{name}")).text
                sent = set(content.split("; ")) if content else set()
                # Whatever a thread has got, its next request sends.
                assert own <= sent
                own.add(f"{name}={name}")

        together(work)
        names = [f"{thread}-{count}" for thread in range(THREADS) for count in range(ROUNDS)]
        kept = session.cookies.get_dict()
        assert kept.pop("shared") in names
        assert kept == {name: name for name in names}
        assert len(session.cookies.deletions()) == len(names)
        assert len(session.cookies) == len(session.cookies.by_use()) == len(names) + 1


def test_cookies_of_requests_stay_with_their_threads(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda received: answer(200, content=(received.value("cookie") or "").encode()))
    with sojourn.Session(pool=sojourn.PoolLimits(connections_max=THREADS)) as session:
        session.cookies.set("all", "1")

        def work(thread: int) -> None:
            for _ in range(ROUNDS):
                response = session.get(server.url("/"), cookies={"own": str(thread)})
                assert response.text == f"all=1; own={thread}"

        together(work)
        assert session.cookies.get_dict() == {"all": "1"}


def test_a_guarded_copy_is_whole_while_others_store(serve: Callable[..., HandlerServer]) -> None:
    server = serve(handler)
    with sojourn.Session(
        limits=LIMITS, pool=sojourn.PoolLimits(connections_max=THREADS)
    ) as session:

        def work(thread: int) -> None:
            for count in range(ROUNDS):
                session.get(server.url(f"/{thread}-{count}"))
                with session.guard:
                    copied = session.cookies.copy()
                assert f"{thread}-{count}" in copied
                assert len(copied) == len(copied.by_use()) == len(list(copied))

        together(work)
