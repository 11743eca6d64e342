"""Handlers for ``HandlerServer`` that more than one test asks for."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.request import parse_http_list, parse_keqv_list

from tests.servers.scripted import response

if TYPE_CHECKING:
    from tests.servers.scripted import Received

CHALLENGE: Final = 'Digest realm="realm", nonce="n1", qop="auth", algorithm=MD5'


def digest_is_right(request: Received, name: str) -> bool:
    """Whether a field answers ``CHALLENGE`` for ``user`` and ``secret``.

    Source: RFC 7616 section 3.4.1.
    """
    scheme, _, values = (request.value(name) or "").partition(" ")
    given = parse_keqv_list(parse_http_list(values))
    if scheme != "Digest" or given["nonce"] != "n1" or not request.target.endswith(given["uri"]):
        return False

    def digest(*texts: str) -> str:
        return hashlib.md5(":".join(texts).encode()).hexdigest()

    secret, what = digest("user", "realm", "secret"), digest(request.method, given["uri"])
    counted = given["nc"], given["cnonce"], given["qop"]
    return given["response"] == digest(secret, given["nonce"], *counted, what)


def as_json(value: Any, *fields: tuple[str, str], status: int = 200) -> bytes:
    """A response whose content is a value as JSON."""
    content = json.dumps(value).encode()
    return response(status, ("Content-Type", "application/json"), *fields, content=content)


def echo(request: Received) -> bytes:
    """Tell what came; ``/redirect`` leads to ``/end`` first."""
    if request.target == "/redirect":
        return response(302, ("Location", "/end"), content=b"this way")
    told = {
        "method": request.method,
        "target": request.target,
        "content": request.content.decode("latin-1"),
        "fields": {name.lower(): value for name, value in request.fields},
    }
    return as_json(told)
