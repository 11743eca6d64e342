"""Many threads that store and retrieve on one session lose nothing."""

from __future__ import annotations

import asyncio
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
import sojourn.compat
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


def by_hand(jar: Any, thread: int) -> None:
    """Do to a jar whatever a caller may do to it."""
    name = f"hand-{thread % 4}"
    jar.set(name, "1", domain="127.0.0.1")
    jar.update({name: "2", "none": None})
    jar.get_dict()
    list(jar)
    len(jar)
    jar.copy()
    pickle.dumps(jar)
    del jar[name]
    jar.clear()


@pytest.mark.parametrize("kind", ["sync", "compat"])
def test_a_jar_is_sound_whatever_is_done_to_it_by_hand(
    serve: Callable[..., HandlerServer], kind: str
) -> None:
    server = serve(handler)
    made: Any = sojourn.Session(limits=LIMITS) if kind == "sync" else sojourn.compat.Session()
    with made as session:

        def work(thread: int) -> None:
            for count in range(ROUNDS):
                if thread % 4:
                    by_hand(session.cookies, thread)
                else:
                    assert session.get(server.url(f"/{thread}-{count}")).status_code == 200

        together(work)
        session.cookies.clear()
        assert (len(session.cookies), list(session.cookies)) == (0, [])
        session.get(server.url("/last"))
        # http.cookiejar looks for what has ended before it stores what a response sets.
        assert {*session.cookies.get_dict()} - {"brief-last"} == {"last", "shared"}
        assert len(session.cookies) == len(list(session.cookies))


def test_a_jar_of_asyncio_is_sound_while_threads_change_it(
    serve: Callable[..., HandlerServer],
) -> None:
    server = serve(handler)

    async def work() -> None:
        async with sojourn.AsyncSession(limits=LIMITS) as session:
            changing = [
                asyncio.to_thread(lambda: [by_hand(session.cookies, 1) for _ in range(100)])
                for _ in range(4)
            ]

            async def ask() -> None:
                for count in range(50):
                    assert (await session.get(server.url(f"/{count}"))).status_code == 200

            await asyncio.gather(*changing, ask())
            session.cookies.clear()
            await session.get(server.url("/last"))
            assert sorted(session.cookies.get_dict()) == ["last", "shared"]
            assert len(session.cookies) == len(list(session.cookies)) == 2

    asyncio.run(work())


def test_a_jar_of_two_sessions_is_sound(serve: Callable[..., HandlerServer]) -> None:
    server = serve(handler)
    with sojourn.Session(limits=LIMITS) as one, sojourn.Session(limits=LIMITS) as two:
        two.cookies = one.cookies

        def work(thread: int) -> None:
            session = (one, two)[thread % 2]
            for count in range(ROUNDS):
                assert session.get(server.url(f"/{thread}-{count}")).status_code == 200

        together(work)
        assert len(one.cookies) == len(list(one.cookies)) == THREADS * ROUNDS + 1
