"""One session in many threads: each gets its own answers, and sends its own cookies."""

from __future__ import annotations

import random
import re
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn import compat
from tests.bindings.clients import pool_of
from tests.bindings.test_forks import FORKS, in_child
from tests.servers.quick import QuickServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

THREADS: Final = 32
EXCHANGES: Final = 300
LIMITS: Final = sojourn.PoolLimits(connections_max=10, connections_per_key_max=10, idle_max=10)
CANARY: Final = re.compile(rb"X-Canary: ([^\r]+)")
COOKIE: Final = re.compile(rb"Cookie: ([^\r]+)")


def echo(head: bytes) -> bytes:
    """Answer with target, canary and cookies; set a cookie for the part of the thread."""
    target = head.split(b" ")[1]
    canary, cookie = CANARY.search(head), COOKIE.search(head)
    assert canary is not None
    said = b" ".join((target, canary[1], cookie[1] if cookie else b"none"))
    owner = target.split(b"/")[1]
    fields = b"Set-Cookie: last=%b; Path=/%b\r\n" % (canary[1], owner)
    if b"/away/" in target:
        fields += b"Location: %b\r\n" % target.replace(b"/away/", b"/there/")
        return b"HTTP/1.1 302 Found\r\n%bContent-Length: 4\r\n\r\naway" % fields
    if b"/chunks/" in target:
        head = b"HTTP/1.1 200 OK\r\n%bTransfer-Encoding: chunked\r\n\r\n" % fields
        return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(said), said)
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (fields, len(said), said)


@pytest.fixture(scope="module")
def server() -> Iterator[QuickServer]:
    with QuickServer(echo) as made:
        yield made


def side_by_side(work: Callable[[int], None], count: int = THREADS) -> None:
    """Do it in threads that begin together; raise what one of them raises."""
    errors: list[BaseException] = []
    begin = threading.Barrier(count)

    def run(number: int) -> None:
        begin.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - it is raised again
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def ask(session: Any, server: QuickServer, owner: str, number: int, before: str) -> None:
    """Ask for one of three kinds of answers; it must be that of this request, and no other."""
    kind = ("plain", "away", "chunks")[number % 3]
    canary = f"{owner}.{number}"
    url = f"{server.url}/{owner}/{kind}/{number}"
    response = session.get(url, headers={"X-Canary": canary}, stream=kind == "chunks")
    shown = "there" if kind == "away" else kind
    cookie = canary if kind == "away" else before  # The redirect has set it already.
    sent = f"last={cookie}" if cookie else "none"
    assert response.content.decode() == f"/{owner}/{shown}/{number} {canary} {sent}"
    assert [each.status_code for each in response.history] == [302] * (kind == "away")
    assert response.headers["Set-Cookie"] == f"last={canary}; Path=/{owner}"


@pytest.mark.parametrize("module", [sojourn, compat], ids=lambda module: module.__name__)
def test_nothing_is_mixed_among_threads(server: QuickServer, module: Any) -> None:
    exchanges = EXCHANGES if module is sojourn else EXCHANGES // 10
    options: dict[str, Any] = {"pool": LIMITS} if module is sojourn else {}
    with module.Session(**options) as session:

        def work(thread: int) -> None:
            before = ""
            for number in range(exchanges):
                ask(session, server, f"t{thread}", number, before)
                before = f"t{thread}.{number}"

        side_by_side(work)
        kept = {(each.path, each.value) for each in session.cookies}
        last = exchanges - 1
        assert kept == {(f"/t{thread}", f"t{thread}.{last}") for thread in range(THREADS)}
        pool = pool_of(session)
        assert pool.open_count == pool.idle_count
        assert pool.waiting_count == 0
        if module is sojourn:
            assert 0 < pool.open_count <= LIMITS.connections_max


def test_a_child_of_busy_threads_is_held_up_by_none_of_their_locks(server: QuickServer) -> None:
    """A thread that holds the jar, or the pool, as the process forks is not there in the child."""
    chance = random.Random(1)
    with sojourn.Session() as session:
        over = threading.Event()

        def work(thread: int) -> None:
            number = 0
            while not over.is_set():
                session.get(
                    f"{server.url}/p{thread}/plain/{number}", headers={"X-Canary": "parent"}
                )
                session.cookies.set(f"by-hand-{thread}", str(number), domain="a.test")
                number += 1

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        try:
            for fork in range(FORKS):
                over.wait(chance.random() / 100)  # The parent is anywhere.

                def child(fork: int = fork) -> bytes:
                    signal.alarm(60)  # One that waits for ever is ended.
                    session.cookies.set("of the child", "1", domain="a.test")
                    assert len(list(session.cookies)) > 0
                    got = session.get(
                        f"{server.url}/c{fork}/plain/0", headers={"X-Canary": f"child {fork}"}
                    )
                    return got.content

                assert in_child(child)() == f"/c{fork}/plain/0 child {fork} none".encode()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert "of the child" not in {each.name for each in session.cookies}
