"""requests-toolbelt at work."""

from __future__ import annotations

import hashlib
import ssl
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

from tests.servers.scripted import Received, response

from .answers import CHALLENGE, digest_is_right, echo
from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer


def parts_of(request: Received) -> dict[str, tuple[str | None, str, bytes]]:
    """By the name of a part: its filename, its type, and its content."""
    head = f"Content-Type: {request.value('content-type')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.content)
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    }


def test_multipart_content_is_counted_while_it_is_sent(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    content = bytes(range(256)) * 1000
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    server = serve(echo)
    told = result_of("toolbelt.multipart", server.url("/"), path)
    (request,) = server.requests
    assert told["status"] == 200
    assert told["read"] == told["size"] == len(request.content)
    assert request.value("content-length") == str(told["size"])
    assert request.value("transfer-encoding") is None
    assert request.value("content-type") == told["type"]
    assert len(told["seen"]) > 3  # It was read piece by piece, not all at once.
    assert told["seen"] == sorted(told["seen"])
    assert parts_of(request) == {
        "name": (None, "text/plain", "värde".encode()),
        "file": ("a.bin", "application/x-a", content),
    }


def test_an_iterator_of_known_size_has_a_content_length(
    serve: Callable[..., HandlerServer],
) -> None:
    told = result_of("toolbelt.iterator", serve(echo).url("/"))
    assert told["content"] == "abcdef"
    assert told["fields"]["content-length"] == "6"
    assert "transfer-encoding" not in told["fields"]


def test_urls_of_a_session_are_relative_to_its_base(serve: Callable[..., HandlerServer]) -> None:
    told = result_of("toolbelt.base_url", serve(echo).url("/api/v1/"))
    assert told == ["/api/v1/users?page=2", "/top", "/api/v1/prepared"]


def test_a_dump_has_every_request_and_response(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    redirected, form = result_of("toolbelt.dumped", server.url(""))
    at = -1
    for line in (
        "< GET /redirect HTTP/1.1\r\n",
        f"< Host: 127.0.0.1:{server.port}\r\n",
        "< User-Agent: agent\r\n",
        "> HTTP/1.1 302 Found\r\n",
        "> Location: /end\r\n",
        "this way",
        "< GET /end HTTP/1.1\r\n",
        "> HTTP/1.1 200 OK\r\n",
        "> Content-Type: application/json\r\n",
        '"target": "/end"',
    ):
        assert (at := redirected.find(line, at + 1)) >= 0, line
    assert "< POST /form HTTP/1.1\r\n" in form
    assert "< a=b\r\n" in form


def test_a_download_goes_to_two_places(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=b"x" * 2500))
    told = result_of("toolbelt.downloaded", server.url("/"))
    assert told == {"sizes": [1000, 1000, 500], "kept": "x" * 2500}


def test_credentials_are_guessed_from_the_challenge(httpbin: Any) -> None:
    assert result_of("toolbelt.guessed", httpbin.url) == [
        [200, [401], "user", "Basic", 200],
        [200, [401], "user", "Digest", 200],
    ]


def test_a_proxy_is_answered_with_digest(serve: Callable[..., HandlerServer]) -> None:
    def forward(request: Received) -> bytes:
        if digest_is_right(request, "proxy-authorization"):
            return response(200, content=b"through")
        return response(407, ("Proxy-Authenticate", CHALLENGE))

    server = serve(forward)
    told = result_of("toolbelt.through_proxy", server.url(""))
    assert told == [200, "through", [407]]
    assert [each.target for each in server.requests] == ["http://a.test/page?x=1"] * 2


def test_a_pool_of_threads_has_all_answers(serve: Callable[..., HandlerServer]) -> None:
    server = serve(echo)
    answers, errors = result_of("toolbelt.pooled", server.url(""))
    assert answers == [f"/{number}" for number in range(6)]
    assert errors == []


def test_only_the_certificate_with_the_fingerprint_is_taken(
    serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    pem = ca.certificate.read_text(encoding="ascii")
    begin = "-----BEGIN CERTIFICATE-----"
    first = begin + pem.partition(begin)[2]
    first = first[: first.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")]
    right = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()
    server = serve(echo, context=ca.server_context())
    told = result_of("toolbelt.fingerprint", server.url("/"), ca.path, right, "00" * 32)
    assert told == [200, "SSLError"]
