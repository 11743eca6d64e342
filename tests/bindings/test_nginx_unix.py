"""A real nginx behind its Unix socket: by a setting of a session, by URLs, and by the drop-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest

from sojourn import SocketSettings, compat
from sojourn.exceptions import RedirectRefused
from tests.bindings.clients import EVERY_BINDING, SESSIONS, Binding, pool_of
from tests.servers.nginx import REDIRECTS, SMALL, TEXT, Nginx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BINDINGS = EVERY_BINDING
UPLOAD_SIZE: Final = 10 * 1024 * 1024
PIECE: Final = b"sojourn." * 8192


@pytest.fixture
def path(nginx: Nginx) -> str:
    """The path of its socket."""
    if nginx.unix_path is None:
        # Its path would be too long, or the system has no such sockets.
        pytest.skip("there is no Unix socket")
    return nginx.unix_path


@pytest.fixture(params=["a setting", "a URL"])
def site(
    request: pytest.FixtureRequest, binding: Binding, path: str
) -> tuple[Any, Callable[[str], str], Any]:
    """A session, what makes URLs, and the pool that connections are in."""
    if request.param == "a setting":
        session = binding.session(socket=SocketSettings(unix_path=path))
        return session, "http://nginx.test{}".format, pool_of(session)
    session = binding.session()
    kind: Any = SESSIONS[binding.name].adapter_class
    transport = kind()
    session.mount("http+unix://", transport)
    return session, (f"http+unix://{quote(path, safe='')}" + "{}").format, transport.pool


def pieces() -> Iterator[bytes]:
    for _ in range(UPLOAD_SIZE // len(PIECE)):
        yield PIECE


def test_requests_on_one_connection(binding: Binding, site: Any, nginx: Nginx) -> None:
    session, url, pool = site
    mark = nginx.mark()
    for _ in range(5):
        response = binding.run(session.get(url("/small")))
        assert (response.status_code, response.content) == (200, SMALL)
        assert response.url == url("/small")
    head = binding.run(session.head(url("/gz")))
    assert head.content == b""
    accesses = [each for each in nginx.accesses(mark) if each.target != "/marker"]
    assert len({each.connection for each in accesses}) == 1
    assert pool.counts == (0, 1, 0)


@pytest.mark.parametrize("path_", ["/chunked", "/gz", "/until-close"])
def test_content_however_it_is_framed_or_coded(binding: Binding, site: Any, path_: str) -> None:
    session, url, pool = site
    assert binding.run(session.get(url(path_))).content == TEXT
    streamed = binding.run(session.get(url(path_), stream=True))
    assert b"".join(binding.collect(streamed.iter_content(5000))) == TEXT
    assert pool.counts == (0, 0 if path_ == "/until-close" else 1, 0)


def test_10_mebibytes_up(binding: Binding, site: Any) -> None:
    session, url, _ = site
    chunked = binding.run(session.put(url("/upload"), data=binding.upload(pieces)))
    assert chunked.request.headers["Transfer-Encoding"] == "chunked"
    at_once = binding.run(session.put(url("/upload"), data=b"".join(pieces())))
    assert chunked.text == at_once.text == str(UPLOAD_SIZE)


def test_a_chain_of_redirects(binding: Binding, site: Any) -> None:
    """A server names no socket, not even its own, unless the policy says that it may."""
    session, url, _ = site
    if not url("").startswith("http:"):
        with pytest.raises(RedirectRefused):
            binding.run(session.get(url("/redirect/1")))
        session.policy = session.policy.replace(redirect_schemes={"http+unix"})
    response = binding.run(session.get(url(f"/redirect/{REDIRECTS}")))
    assert (response.content, len(response.history)) == (SMALL, REDIRECTS)
    assert response.url == url("/small")


def test_what_is_abandoned_is_closed(binding: Binding, site: Any) -> None:
    session, url, pool = site
    response = binding.run(session.get(url("/big"), stream=True))
    binding.run(response.close())
    assert pool.counts == (0, 0, 0)
    assert binding.run(session.get(url("/small"))).content == SMALL


def test_the_drop_in_by_a_url(path: str) -> None:
    """As requests-unixsocket spells it."""
    with compat.Session() as session:
        session.mount("http+unix://", compat.adapters.HTTPAdapter())
        url = f"http+unix://{quote(path, safe='')}"
        for _ in range(2):
            response = session.get(f"{url}/echo/x", params={"y": "/"})
            assert (response.status_code, response.text) == (200, "/echo/x?y=%2F")
            assert response.url == f"{url}/echo/x?y=%2F"
        assert session.put(f"{url}/upload", data=pieces()).text == str(UPLOAD_SIZE)
        assert session.get(f"{url}/redirect/{REDIRECTS}").content == SMALL
        with pytest.raises(compat.ConnectionError):
            session.get(f"http+unix://{quote(path + 'x', safe='')}/small")


def test_the_drop_in_by_a_transport_of_its_own(path: str) -> None:
    transport = compat.adapters.HTTPAdapter()
    transport.socket = SocketSettings(unix_path=path)
    with compat.Session() as session:
        session.mount("http://docker.test/", transport)
        assert session.get("http://docker.test/small").content == SMALL
        assert session.get("http://docker.test/gz").content == TEXT
        assert session.get(f"http://docker.test/redirect/{REDIRECTS}").content == SMALL
