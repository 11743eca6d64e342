"""Every location of the nginx that other tests rely on, asked with http.client and bare sockets."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.servers.nginx import (
    BIG_SIZE,
    HELLO,
    REDIRECTS,
    SMALL,
    TEXT,
    Access,
    Nginx,
    _parse_access,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.authority import Authority

LOCATIONS = [
    "/small",
    "/hello.txt",
    "/big",
    "/gz",
    "/chunked",
    "/until-close",
    "/redirect/5",
    "/upload",
    "/echo-method",
    "/echo/x",
    "/cookie/set",
    "/cookie/echo",
    "/client-verified",
]
UPLOAD_SIZE = 10 * 1024 * 1024


@pytest.fixture
def client(nginx: Nginx) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", nginx.port)) as connection:
        yield connection


def get(
    client: http.client.HTTPConnection, target: str, **fields: str
) -> tuple[http.client.HTTPResponse, bytes]:
    client.request("GET", target, headers=fields)
    response = client.getresponse()
    return response, response.read()


def exchange_octets(port: int, request: bytes) -> bytes:
    """Send a request and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize(
    ("target", "content"),
    [
        pytest.param("/small", SMALL, id="/small"),
        ("/hello.txt", HELLO),
        ("/gz", TEXT),
        ("/chunked", TEXT),
        ("/until-close", TEXT),
        ("/echo-method", b"GET"),
        ("/echo/a%2Fb/../c?d=e&f", b"/echo/a%2Fb/../c?d=e&f"),
        ("/client-verified", b""),
    ],
)
def test_content_of_a_location(
    client: http.client.HTTPConnection, target: str, content: bytes
) -> None:
    response, received = get(client, target)
    assert (response.status, received) == (200, content)
    assert response.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize("target", LOCATIONS)
def test_head_is_answered_without_content(client: http.client.HTTPConnection, target: str) -> None:
    client.request("HEAD", target)
    response = client.getresponse()
    assert response.status == (302 if "redirect" in target else 200)
    assert response.read() == b""
    if target != "/until-close":
        assert get(client, "/small")[1] == SMALL  # The next octet is that of the next response.


def test_a_number_is_told_in_the_head(client: http.client.HTTPConnection) -> None:
    assert get(client, "/small?number=7")[0].headers["X-Number"] == "7"
    assert get(client, "/small")[0].headers["X-Number"] is None


def test_small_has_100_octets() -> None:
    assert len(SMALL) == 100


def test_big_has_64_mebibytes_and_ranges(client: http.client.HTTPConnection) -> None:
    response, content = get(client, "/big")
    assert int(response.headers["Content-Length"]) == BIG_SIZE
    assert content.count(0) == BIG_SIZE
    response, content = get(client, "/big", Range="bytes=5-9")
    assert (response.status, content) == (206, b"\0" * 5)


def test_a_file_has_validators(client: http.client.HTTPConnection) -> None:
    tag = get(client, "/hello.txt")[0].headers["ETag"]
    client.request("GET", "/hello.txt", headers={"If-None-Match": tag})
    response = client.getresponse()
    assert (response.status, response.read()) == (304, b"")


def test_gzip_is_for_those_who_accept_it(client: http.client.HTTPConnection) -> None:
    response, content = get(client, "/gz", **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(content) < len(TEXT) / 2
    assert gzip.decompress(content) == TEXT
    assert get(client, "/gz")[0].headers["Content-Encoding"] is None


def test_chunked_is_chunked_on_the_wire(nginx: Nginx) -> None:
    head, _, framed = exchange_octets(
        nginx.port, b"GET /chunked HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
    ).partition(b"\r\n\r\n")
    assert b"\r\nTransfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert b"Content-Encoding" not in head
    sizes = []
    content = b""
    while True:
        size, _, framed = framed.partition(b"\r\n")
        sizes.append(int(size, 16))
        content += framed[: sizes[-1]]
        assert framed[sizes[-1] : sizes[-1] + 2] == b"\r\n"
        framed = framed[sizes[-1] + 2 :]
        if sizes[-1] == 0:
            break
    assert (content, framed) == (TEXT, b"")
    assert len(sizes) > 2  # Several chunks, then the last one.


def test_until_close_has_no_framing(nginx: Nginx) -> None:
    head, _, content = exchange_octets(
        nginx.port, b"GET /until-close HTTP/1.1\r\nHost: a.test\r\n\r\n"
    ).partition(b"\r\n\r\n")
    assert not re.search(b"(?i)content-length|transfer-encoding", head)
    assert b"\r\nConnection: close" in head
    assert content == TEXT


def test_redirects_lead_down_to_small(client: http.client.HTTPConnection) -> None:
    target = f"/redirect/{REDIRECTS}"
    seen = []
    while True:
        response, content = get(client, target)
        if response.status != 302:
            break
        seen.append(target)
        target = response.headers["Location"]
    assert seen == [f"/redirect/{number}" for number in range(REDIRECTS, 0, -1)]
    assert (target, content) == ("/small", SMALL)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("chunked", [False, True])
def test_upload_counts_the_content_it_received(
    client: http.client.HTTPConnection, method: str, chunked: bool
) -> None:
    pieces = [b"x" * 65536] * (UPLOAD_SIZE // 65536) + [b"rest"]
    if chunked:
        client.request(method, "/upload", body=iter(pieces), encode_chunked=True)
    else:
        client.request(method, "/upload", body=b"".join(pieces))
    response = client.getresponse()
    assert (response.status, response.read()) == (200, str(UPLOAD_SIZE + 4).encode())


def test_upload_of_nothing_is_0_octets(client: http.client.HTTPConnection) -> None:
    client.request("POST", "/upload", body=b"")
    assert client.getresponse().read() == b"0"


def test_upload_is_not_answered_before_its_last_octet(nginx: Nginx) -> None:
    with socket.create_connection(("127.0.0.1", nginx.port), 10) as sock:
        sock.sendall(b"POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nab")
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.settimeout(10)
        sock.sendall(b"c")
        assert sock.recv(65536).endswith(b"\r\n\r\n3")


def test_cookies_are_set_and_told(client: http.client.HTTPConnection) -> None:
    assert get(client, "/cookie/set")[0].headers["Set-Cookie"] == "seen=1; Path=/"
    assert get(client, "/cookie/echo", Cookie="a=b; c=d")[1] == b"a=b; c=d"


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "POST"])
def test_the_method_is_told(client: http.client.HTTPConnection, method: str) -> None:
    client.request(method, "/echo-method")
    assert client.getresponse().read() == method.encode()


def test_the_log_counts_requests_and_connections(nginx: Nginx) -> None:
    mark = nginx.mark()
    for targets in (["/small", "/gz"], ["/hello.txt?a=b"]):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", nginx.port)) as connection:
            for target in targets:
                get(connection, target)
    accesses = nginx.accesses(mark)
    assert [(each.method, each.target, each.status) for each in accesses] == [
        ("GET", "/small", 200),
        ("GET", "/gz", 200),
        ("GET", "/hello.txt?a=b", 200),
    ]
    assert [each.connection_requests for each in accesses] == [1, 2, 1]
    first, second, third = (each.connection for each in accesses)
    assert first == second != third
    line_and_fields = (
        f"GET /small HTTP/1.1\r\nHost: 127.0.0.1:{nginx.port}\r\nAccept-Encoding: identity\r\n\r\n"
    )
    assert accesses[0].request_length == len(line_and_fields)


def test_the_log_has_what_a_client_has_just_read(nginx: Nginx) -> None:
    mark = nginx.mark()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", nginx.port)) as connection:
        for count, target in enumerate(["/small", "/chunked", "/upload", "/gz"] * 5, 1):
            get(connection, target)
            assert len(nginx.accesses(mark)) == count


def test_a_line_that_is_no_request_is_logged_as_it_came() -> None:
    assert _parse_access("7 1 400 12 nonsense") == Access(
        connection=7,
        connection_requests=1,
        method="nonsense",
        target="",
        status=400,
        request_length=12,
    )


@pytest.mark.parametrize("name", ["a.test", "b.test", "localhost", "127.0.0.1", "::1"])
def test_the_certificate_is_for_each_name(nginx: Nginx, ca: Authority, name: str) -> None:
    with (
        socket.create_connection(("127.0.0.1", nginx.tls_port), 10) as sock,
        ca.client_context().wrap_socket(sock, server_hostname=name) as secure,
    ):
        secure.sendall(b"GET /client-verified HTTP/1.0\r\n\r\n")
        assert b"".join(iter(lambda: secure.recv(4096), b"")).endswith(b"\r\n\r\nNONE")


def test_a_client_certificate_is_verified(nginx: Nginx, ca: Authority) -> None:
    context = ca.client_context()
    context.load_cert_chain(ca.client_certificate)
    with contextlib.closing(
        http.client.HTTPSConnection("localhost", nginx.tls_port, context=context)
    ) as connection:
        assert get(connection, "/client-verified")[1] == b"SUCCESS"


def test_ipv6_if_there_is_any(nginx: Nginx) -> None:
    if not nginx.ipv6:
        pytest.skip("no IPv6 on the loopback interface")
    with contextlib.closing(http.client.HTTPConnection("::1", nginx.port)) as connection:
        assert get(connection, "/small")[1] == SMALL


def test_urls(nginx: Nginx) -> None:
    assert nginx.url("/small") == f"http://127.0.0.1:{nginx.port}/small"
    assert nginx.url("/", scheme="https", host="a.test") == f"https://a.test:{nginx.tls_port}/"


def test_without_certificate_and_log_there_is_http_only(nginx: Nginx, tmp_path: Path) -> None:
    with Nginx(tmp_path, logged=False) as plain:
        assert plain.tls_port is None
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", plain.port)) as connection:
            assert get(connection, "/small")[1] == SMALL
        port = plain.port
    plain.close()
    assert not (tmp_path / "access.log").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)


def test_another_port_is_tried_if_one_was_taken(
    nginx: Nginx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.servers import nginx as module

    find = module._free_ports
    found = iter([[nginx.port, *find(2, ipv6=nginx.ipv6)], find(3, ipv6=nginx.ipv6)])
    monkeypatch.setattr(module, "_free_ports", lambda *_, **__: next(found))
    with Nginx(tmp_path) as running:
        assert running.port != nginx.port
    assert next(found, None) is None


def test_what_keeps_it_from_starting_is_told(nginx: Nginx, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"missing\.pem"):
        Nginx(tmp_path, certificate=tmp_path / "missing.pem").start()
