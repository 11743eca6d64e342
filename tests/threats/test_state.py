"""Threats in what is kept, told and shared: files, messages, threads, tasks and processes."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import random
import stat
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
import sojourn_core
from sojourn import AsyncSession, PoolLimits, Session, load_cookies, save_cookies
from sojourn.exceptions import RequestException
from sojourn_core import Request
from tests.bindings.clients import BINDINGS, Binding, idle_streams, pool_of
from tests.core.exchanges import exchange_with, hear
from tests.servers.scripted import response

from .rows import tries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, Received

PACKAGES: Final = [Path(each.__file__).parent for each in (sojourn, sojourn_core)]


def sources() -> Iterator[tuple[Path, str]]:
    """Every module of ours, and its text."""
    for package in PACKAGES:
        for path in package.rglob("*.py"):
            yield path, path.read_text("utf-8")


# --- files ----------------------------------------------------------------------------------------


@tries("AIOHTTP-12312")
@pytest.mark.parametrize("form", ["json", "netscape"])
def test_a_file_of_cookies_is_for_its_owner(row: str, form: Any, tmp_path: Path) -> None:
    path = tmp_path / "jar"
    path.write_text("")
    path.chmod(0o666)
    before = os.umask(0)
    try:
        session = Session()
        session.cookies.set("sid", "SECRET-1", domain="a.test")
        save_cookies(session.cookies, path, format=form)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["jar"]


@tries("CVE-2026-25645")
def test_no_name_of_a_file_can_be_foreseen(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in sources():
        for word in ("mktemp(", '"/tmp', "gettempdir() +", "'/tmp"):
            assert word not in text, path
    shared, victim = tmp_path / "shared", tmp_path / "victim"
    shared.mkdir()
    victim.write_text("untouched")
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("folder/cacert.pem", "extracted")
    for name in ("cacert.pem", "folder", "jar.tmp", "jar~", ".jar", "jar.json.tmp"):
        (shared / name).symlink_to(victim)
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    extracted = Path(sojourn.compat.utils.extract_zipped_paths(f"{archive}/folder/cacert.pem"))
    assert extracted.read_text() == "extracted"
    assert extracted.name != "cacert.pem"
    save_cookies(Session().cookies, shared / "jar")
    assert victim.read_text() == "untouched"


class Bait:
    """Writes a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        """Have a file to write."""
        self.canary = canary

    def __reduce__(self) -> Any:
        """Write it."""
        return (Path.touch, (self.canary,))


@tries("CVE-2026-34993")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_file_is_read_and_never_run(row: str, protocol: int, tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "jar"
    path.write_bytes(pickle.dumps(Bait(canary), protocol))
    with pytest.raises(ValueError, match="jar"):
        load_cookies(path)
    assert not canary.exists()


@tries("CVE-2026-34993")
def test_nothing_of_ours_runs_what_it_reads(row: str) -> None:
    for path, text in sources():
        for word in ("pickle.load", "Unpickler", "marshal", "import shelve", " eval(", " exec("):
            # A record compiles its constructor, from the names of its class, as dataclasses do.
            if word != " exec(" or path.name != "record.py":
                assert word not in text, (path, word)


# --- messages -------------------------------------------------------------------------------------


@tries("CVE-2023-0833")
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer SECRET-1\n"},
        {"X-API-Key": "SECRET-1\x00"},
        {"Cookie": "sid=SECRET-1\r"},
        {"X-API-Key": "SECRET-1\u2603"},
        {b"X-API-Key": b"SECRET-1\n"},
        {"Proxy-Authorization": "SECRET-1\x7f"},
    ],
)
@pytest.mark.parametrize("name", [*BINDINGS, "compat"])
def test_a_value_that_is_refused_is_not_shown(row: str, headers: Any, name: str) -> None:
    binding = Binding("sync" if name == "compat" else name)
    session: Any = sojourn.compat.Session() if name == "compat" else binding.session()
    try:
        with pytest.raises(RequestException) as caught:
            binding.run(session.get("http://a.test/", headers=headers))
        error: BaseException | None = caught.value
        while error is not None:
            assert "SECRET" not in f"{error} {error!r} {error.args}"
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    finally:
        binding.run(session.close())
        binding.close()


@tries("CVE-2024-6104")
@pytest.mark.parametrize("name", BINDINGS)
def test_nothing_that_is_shown_has_a_secret(
    row: str, name: str, serve: Callable[..., HandlerServer], caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(lambda _: response(200, ("Set-Cookie", "sid=SECRET-1")))
    binding = Binding(name)
    caplog.set_level(logging.DEBUG)
    try:
        session = binding.session()
        url = f"http://user:SECRET-1@{server.host}:{server.port}/x?signature=SECRET-1"
        headers = {"Cookie": "a=SECRET-1", "Proxy-Authorization": "SECRET-1"}
        got = binding.run(session.get(url, headers=headers))
        shown = [got, got.request, session, session.cookies, *got.decisions, got.headers]
        shown += [got.request.headers, session.headers, got.raw]
        for bad in (
            "http://user:SECRET-1@a.test:1x/",
            "http://user:SECRET-1@[/",
            "http://u:SECRET-1@",
        ):
            with pytest.raises(RequestException) as caught:
                binding.run(session.get(bad))
            shown += [caught.value, str(caught.value)]
        with pytest.raises(RequestException) as caught:
            binding.run(session.get("http://user:SECRET-1@127.0.0.1:1/?signature=SECRET-1"))
        shown += [caught.value, str(caught.value)]
    finally:
        binding.close()
    for each in shown:
        assert "SECRET" not in repr(each), type(each)
    assert "SECRET" not in caplog.text


@tries("CVE-2026-42507")
@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 \x1b[2J\r\n\r\n",
        b"HTTP/1.1 \x1b[2J OK\r\n\r\n",
        b"\x1b[2J\x1b]0;x\x07" * 100 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX\x1b[2J: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: \x1b[2J\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"\x9b2J" * 1000 + b": 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x y" * 1000 + b": 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: \x1b[2J" + b"9" * 1000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: \x9b" + b"x" * 1000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\x1b[2J\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\x1b\0[2J: 1\r\n\r\n",
    ],
)
def test_bytes_of_a_server_are_escaped_and_cut(row: str, octets: bytes) -> None:
    error = hear(exchange_with(), [octets], ended=True)[-1].error
    assert str(error).isprintable()
    assert str(error).isascii()
    assert len(str(error)) < 300


# --- threads, tasks and processes -----------------------------------------------------------------


def echo(request: Received) -> bytes:
    """Tell what was asked, and by whom."""
    told = f"{request.target} {request.value('cookie')} {request.value('authorization')}"
    return response(200, content=told.encode())


@tries("REQUESTS-4323")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="nobody forks here")
@pytest.mark.parametrize("session", [Session, sojourn.compat.Session])
@pytest.mark.parametrize("secure", [False, True])
def test_parent_and_child_share_no_connection(
    row: str, session: Any, secure: bool, serve: Callable[..., HandlerServer], ca: Any
) -> None:
    server = serve(echo, context=ca.server_context() if secure else None)
    url = server.url(host="localhost") if secure else server.url()
    with session() as made:
        made.verify = str(ca.path)
        assert made.get(url).ok
        held = made.get(url, stream=True)
        child = os.fork()
        if not child:
            code = 1
            try:
                for turn in range(50):
                    assert made.get(f"{url}child/{turn}").text.startswith(f"/child/{turn} ")
                code = 0
            finally:
                os._exit(code)
        for turn in range(50):
            assert made.get(f"{url}parent/{turn}").text.startswith(f"/parent/{turn} ")
        assert os.waitpid(child, 0)[1] == 0
        assert held.text.startswith("/ ")
        assert made.get(f"{url}end").text.startswith("/end ")
    assert server.connections <= 4


@tries("REQUESTS-4323")
def test_a_child_of_a_loop_begins_with_an_empty_pool(
    row: str, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(echo)

    async def main() -> None:
        async with AsyncSession() as session:
            await session.get(server.url())
            adapter: Any = session.get_adapter("http://a.test/")
            assert adapter.pool.idle_count == 1
            (kept,) = idle_streams(session)
            adapter.begin_anew()
            assert adapter.pool.open_count == 0
            assert (await session.get(server.url("/x"))).text.startswith("/x ")
            assert kept.is_quiet()  # It was not touched.
            kept.close()

    asyncio.run(main())
    assert server.connections == 2


@tries("HTTPCORE-1093")
def test_no_place_in_the_pool_is_lost_to_a_cancelled_task(
    row: str, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(echo)
    chance = random.Random(7)

    async def turns(count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    async def main() -> None:
        limits = PoolLimits(connections_max=10)
        async with AsyncSession() as session:
            session.mount("http://", sojourn.AsyncHTTPAdapter(pool=limits))
            pool = pool_of(session)
            for _ in range(3):
                tasks = [asyncio.create_task(session.get(server.url(f"/{n}"))) for n in range(60)]
                for task in tasks:
                    await turns(chance.randrange(3))
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                del tasks
                gc.collect()
                assert pool.open_count == pool.idle_count <= 10
                assert pool.waiting_count == 0
                assert (await session.get(server.url("/plain"))).text.startswith("/plain ")

    asyncio.run(main())


@tries("SJ-17")
def test_a_task_may_be_cancelled_at_each_of_its_steps(
    row: str, serve: Callable[..., HandlerServer]
) -> None:
    server = serve(echo)

    async def main() -> None:
        async with AsyncSession() as session:
            pool = pool_of(session)
            for steps in range(0, 30, 3):
                task = asyncio.create_task(session.get(server.url(f"/lost/{steps}")))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                del task
                gc.collect()
                assert pool.open_count == pool.idle_count
                got = await session.get(server.url(f"/{steps}"))
                assert got.text.startswith(f"/{steps} ")

    asyncio.run(main())


@tries("SJ-16", "GO-2023-2328")
def test_threads_share_a_session_and_nothing_else(
    row: str, serve: Callable[..., HandlerServer]
) -> None:
    seen: dict[str, set[bytes]] = {"a": set(), "b": set()}

    def keeper(name: str) -> Callable[[Received], bytes | None]:
        def keep(request: Received) -> bytes | None:
            seen[name].add(request.content)
            if request.method == "PUT" and len(request.content) % 5 == 0 and request.connection < 3:
                return None  # It is sent again over another connection.
            return echo(request)

        return keep

    servers = {name: serve(keeper(name)) for name in seen}
    wrong: list[Any] = []

    def work(number: int) -> None:
        name = "ab"[number % 2]
        for turn in range(25):
            canary = f"canary-{name}-{number}-{turn}"
            try:
                got = session.request(
                    ("POST", "PUT")[turn % 2],
                    servers[name].url(f"/{canary}"),
                    data=canary.encode() + b"." * turn,
                    cookies={"own": canary},
                    auth=(canary, "x") if turn % 3 else None,
                )
            except RequestException:  # It was on a connection that was not used before.
                continue
            target, _, rest = got.text.partition(" ")
            if target != f"/{canary}" or f"own={canary}" not in rest:
                wrong.append(got.text)

    with Session() as session:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert pool_of(session).open_count == pool_of(session).idle_count
    assert wrong == []
    for name, contents in seen.items():
        assert all(each.startswith(f"canary-{name}-".encode()) for each in contents)


@tries("SJ-16")
def test_requests_share_nothing_that_changes(row: str) -> None:
    session = sojourn_core.Session()
    one, two = (session.prepare_request(Request("GET", "http://a.test/")) for _ in range(2))
    one.headers["X-Key"] = "SECRET-1"
    assert "x-key" not in two.headers
    assert "x-key" not in session.headers
