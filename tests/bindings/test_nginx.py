"""Both bindings against a real nginx, over HTTP and over HTTPS."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

import sojourn
from tests.bindings.clients import Binding, pool_of
from tests.servers.nginx import REDIRECTS, SMALL, TEXT, Nginx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.authority import Authority

Site: TypeAlias = "Callable[[str], str]"

UPLOAD_SIZE: Final = 10 * 1024 * 1024
PIECE: Final = b"sojourn." * 8192
SEQUENTIAL: Final = 1000
CONCURRENT: Final = 200
CONNECTIONS_MAX: Final = 10
THREADS: Final = 32


@pytest.fixture(params=["http", "https"])
def site(request: pytest.FixtureRequest, nginx: Nginx) -> Site:
    """URLs of the server, by path."""
    return partial(nginx.url, scheme=request.param)


@pytest.fixture
def session(binding: Binding, ca: Authority) -> Any:
    """A session that trusts the authority of the tests."""
    made = binding.session()
    made.verify = str(ca.path)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Any]:
    """10 MiB on disk."""
    path = tmp_path / "content"
    path.write_bytes(PIECE * (UPLOAD_SIZE // len(PIECE)))
    with path.open("rb") as opened:
        yield opened


def pieces() -> Iterator[bytes]:
    for _ in range(UPLOAD_SIZE // len(PIECE)):
        yield PIECE


def test_get(binding: Binding, session: Any, site: Site) -> None:
    response = binding.run(session.get(site("/small")))
    assert (response.status_code, response.content) == (200, SMALL)
    assert response.url == site("/small")


def test_head_has_fields_and_no_content(binding: Binding, session: Any, site: Site) -> None:
    response = binding.run(session.head(site("/gz"), headers={"Accept-Encoding": None}))
    assert response.headers["Content-Length"] == str(len(TEXT))
    assert response.content == b""
    assert binding.run(session.get(site("/small"))).content == SMALL
    assert pool_of(session).open_count == 1  # The connection was kept, and nothing left on it.


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_file_of_10_mebibytes_is_uploaded(
    binding: Binding, session: Any, site: Site, file: Any, method: str
) -> None:
    response = binding.run(session.request(method, site("/upload"), data=file))
    assert response.request.headers["Content-Length"] == str(UPLOAD_SIZE)
    assert (response.status_code, response.text) == (200, str(UPLOAD_SIZE))
    assert pool_of(session).idle_count == 1


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_generator_of_10_mebibytes_is_uploaded_in_chunks(
    binding: Binding, session: Any, site: Site, method: str
) -> None:
    content = binding.upload(pieces)
    response = binding.run(session.request(method, site("/upload"), data=content))
    assert response.request.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in response.request.headers
    assert (response.status_code, response.text) == (200, str(UPLOAD_SIZE))
    assert pool_of(session).idle_count == 1


def test_octets_of_10_mebibytes_are_uploaded(binding: Binding, session: Any, site: Site) -> None:
    response = binding.run(session.put(site("/upload"), data=b"".join(pieces())))
    assert (response.status_code, response.text) == (200, str(UPLOAD_SIZE))


def test_a_sync_generator_may_be_sent_by_either_binding(
    binding: Binding, session: Any, site: Site
) -> None:
    response = binding.run(session.post(site("/upload"), data=pieces()))
    assert (response.status_code, response.text) == (200, str(UPLOAD_SIZE))


def test_a_chain_of_redirects_stays_on_its_connection(
    binding: Binding, session: Any, site: Site, nginx: Nginx
) -> None:
    mark = nginx.mark()
    response = binding.run(session.get(site(f"/redirect/{REDIRECTS}")))
    assert (response.status_code, response.content) == (200, SMALL)
    chain = [site(f"/redirect/{number}") for number in range(REDIRECTS, 0, -1)]
    assert [each.url for each in response.history] == chain
    accesses = nginx.accesses(mark)
    assert [each.status for each in accesses] == [302] * REDIRECTS + [200]
    assert len({each.connection for each in accesses}) == 1


@pytest.mark.parametrize("stream", [False, True], ids=["at once", "streamed"])
@pytest.mark.parametrize(
    ("path", "marked_by"),
    [
        ("/chunked", ("Transfer-Encoding", "chunked")),
        ("/gz", ("Content-Encoding", "gzip")),
        ("/until-close", ("Connection", "close")),
    ],
)
def test_content_arrives_whole_however_it_is_framed_or_coded(
    binding: Binding,
    session: Any,
    site: Site,
    path: str,
    marked_by: tuple[str, str],
    stream: bool,
) -> None:
    response = binding.run(session.get(site(path), stream=stream))
    name, value = marked_by
    assert response.headers[name] == value
    if stream:
        assert b"".join(binding.collect(response.iter_content(1000))) == TEXT
    else:
        assert response.content == TEXT
    assert pool_of(session).open_count == (0 if path == "/until-close" else 1)
    assert binding.run(session.get(site("/small"))).content == SMALL


def test_a_thousand_requests_take_one_connection(
    binding: Binding, session: Any, site: Site, nginx: Nginx
) -> None:
    url = site("/small")
    mark = nginx.mark()

    async def all_of_them() -> list[int]:
        return [(await session.get(url)).status_code for _ in range(SEQUENTIAL)]

    if binding.name == "asyncio":
        statuses = binding.run(all_of_them())
    else:
        statuses = [session.get(url).status_code for _ in range(SEQUENTIAL)]
    assert statuses == [200] * SEQUENTIAL
    accesses = nginx.accesses(mark)
    assert len(accesses) == SEQUENTIAL
    assert len({each.connection for each in accesses}) == 1
    assert [each.connection_requests for each in accesses] == list(range(1, SEQUENTIAL + 1))


def test_200_tasks_share_10_connections(ca: Authority, nginx: Nginx, site: Site) -> None:
    async def main() -> list[tuple[int, bytes]]:
        limits = sojourn.PoolLimits(connections_per_key_max=CONNECTIONS_MAX)
        async with sojourn.AsyncSession(pool=limits) as session:
            session.verify = str(ca.path)
            responses = await asyncio.gather(
                *(session.get(site(f"/echo/{number}")) for number in range(CONCURRENT))
            )
            pool = pool_of(session)
            assert pool.open_count == pool.idle_count <= CONNECTIONS_MAX
            return [(response.status_code, response.content) for response in responses]

    mark = nginx.mark()
    answers = asyncio.run(main())
    assert answers == [(200, b"/echo/%d" % number) for number in range(CONCURRENT)]
    accesses = nginx.accesses(mark)
    assert len(accesses) == CONCURRENT
    assert len({each.connection for each in accesses}) <= CONNECTIONS_MAX


@pytest.mark.parametrize("connections_max", [4, 100])
def test_32_threads_share_one_session(
    ca: Authority, nginx: Nginx, site: Site, connections_max: int
) -> None:
    each_makes = 10
    limits = sojourn.PoolLimits(connections_per_key_max=connections_max)
    answers: list[tuple[str, str]] = []
    errors: list[BaseException] = []
    ready = threading.Barrier(THREADS)

    def work(thread: int) -> None:
        try:
            ready.wait(10)
            for number in range(each_makes):
                target = f"/echo/{thread}/{number}"
                answers.append((target, session.get(site(target)).text))
        except BaseException as error:  # noqa: BLE001 - the test shows it
            errors.append(error)

    mark = nginx.mark()
    with sojourn.Session(pool=limits) as session:
        session.verify = str(ca.path)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pool = pool_of(session)
        assert pool.open_count == pool.idle_count
        assert pool.waiting_count == 0
    assert errors == []
    assert len(answers) == THREADS * each_makes
    assert [answer for answer in answers if answer[0] != answer[1]] == []
    connections = {access.connection for access in nginx.accesses(mark)}
    assert len(connections) <= min(connections_max, THREADS)
