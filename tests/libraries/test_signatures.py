"""requests-aws4auth at work: the server works each signature out by itself."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote

from tests.servers.scripted import Received, response

from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.scripted import HandlerServer


def digest(key: bytes, text: str) -> bytes:
    """HMAC-SHA256."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def is_signed(request: Received) -> bool:
    """Whether the signature is that of Signature Version 4 over this very request.

    Source: "Create a signed AWS API request", AWS Identity and Access Management user guide.
    """
    algorithm, _, given = (request.value("authorization") or "").partition(" ")
    params = dict(part.split("=", 1) for part in given.split(", "))
    _, *scope = params["Credential"].split("/")
    day, region, service, _ = scope
    path, _, query = request.target.partition("?")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    names = params["SignedHeaders"].split(";")
    assert {"host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"} <= {*names}
    hashed = hashlib.sha256(request.content).hexdigest()
    if request.value("x-amz-content-sha256") != hashed:
        return False
    canonical = [
        request.method,
        quote(unquote(path), safe="/-_.~"),
        "&".join("=".join(pair) for pair in pairs),
        *(f"{name}:{request.value(name)}" for name in names),
        "",
        ";".join(names),
        hashed,
    ]
    canonical_hash = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    to_sign = [algorithm, request.value("x-amz-date") or "", "/".join(scope), canonical_hash]
    key = digest(b"AWS4secret", day)
    for part in (region, service, "aws4_request"):
        key = digest(key, part)
    return hmac.compare_digest(digest(key, "\n".join(to_sign)).hex(), params["Signature"])


def test_the_signature_covers_what_is_sent(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100_000)
    server = serve(lambda request: response(200 if is_signed(request) else 403))
    assert result_of("aws4auth.signed", server.url(""), path) == [200] * 6
    assert server.requests[0].target == "/bucket/a%20key?b=2&a=1"
    assert server.requests[-1].content == path.read_bytes()
