"""The Apache that other tests rely on, asked with http.client."""

from __future__ import annotations

import base64
import contextlib
import http.client
from typing import TYPE_CHECKING

import pytest

from tests.servers.apache import (
    ACCENTED,
    DIGEST_SPACES,
    PASSWORD,
    SPACES,
    USER,
    Access,
    Apache,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHT = f"{USER}:{PASSWORD}".encode()


@pytest.fixture
def client(apache: Apache) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", apache.port, 10)) as connection:
        yield connection


def ask(
    client: http.client.HTTPConnection,
    path: str,
    credentials: bytes | None = None,
    *,
    method: str = "GET",
    content: bytes | None = None,
) -> tuple[http.client.HTTPResponse, bytes]:
    fields = {}
    if credentials is not None:
        fields["Authorization"] = "Basic " + base64.b64encode(credentials).decode()
    client.request(method, path, body=content, headers=fields)
    answer = client.getresponse()
    return answer, answer.read()


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("place", ["echo", "moved", "to?http://b.test/", "nothing"])
def test_each_place_asks_who(client: http.client.HTTPConnection, space: str, place: str) -> None:
    answer, _ = ask(client, f"/{space}/{place}")
    challenge = answer.headers["WWW-Authenticate"]
    scheme = "Digest" if space in DIGEST_SPACES else "Basic"
    assert (answer.status, challenge.partition(",")[0]) == (401, f'{scheme} realm="{space}"')
    if scheme == "Digest":
        assert 'qop="auth"' in challenge
        assert "algorithm=MD5" in challenge
        assert "charset" not in challenge
    assert answer.headers["Location"] is None


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        (RIGHT, 200),
        (f"utf8:{ACCENTED}".encode(), 200),
        (f"latin1:{ACCENTED}".encode("latin-1"), 200),
        (RIGHT + b"x", 401),
        (f"utf8:{ACCENTED}".encode("latin-1"), 401),
        (f"latin1:{ACCENTED}".encode(), 401),
    ],
)
def test_basic_credentials_are_octets(
    client: http.client.HTTPConnection, credentials: bytes, status: int
) -> None:
    answer, content = ask(client, "/basic/echo", credentials, method="PUT", content=b"said")
    assert answer.status == status
    assert (content == b"said") is (status == 200)


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [("/basic/moved", 307, "/basic/echo"), ("/basic/to?http://b.test/c", 302, None)],
)
def test_redirects_come_after_the_password(
    apache: Apache,
    client: http.client.HTTPConnection,
    path: str,
    status: int,
    location: str | None,
) -> None:
    answer, _ = ask(client, path, RIGHT)
    assert answer.status == status
    expected = "http://b.test/c" if location is None else apache.url(location)
    assert answer.headers["Location"] == expected


def test_the_log_has_each_request(apache: Apache, client: http.client.HTTPConnection) -> None:
    query = apache.unique()
    assert query != apache.unique()
    ask(client, f"/basic/echo?{query}", method="POST", content=b"said")
    ask(client, "/basic/echo", RIGHT)
    ask(client, f"/basic/echo?{query}", RIGHT)
    assert apache.accesses(query, 2) == [
        Access(0, 401, "POST", f"/basic/echo?{query}"),
        Access(2, 200, "GET", f"/basic/echo?{query}"),
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_urls(apache: Apache, host: str) -> None:
    assert apache.url("/x", host=host, userinfo="a:b") == f"http://a:b@{host}:{apache.port}/x"
