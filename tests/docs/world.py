"""The hosts that the documentation talks to, all of them played by three servers on loopback.

The pages say ``https://api.example.test``, as a user would. While they run, the bindings' resolvers
know every name under ``.test``, and its certificate comes from an authority of this run. On port
3128 each name is a proxy, for http only.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import socket
import ssl
import sys
import urllib.parse
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import trustme

import sojourn.compat  # noqa: F401 - before certifi is replaced, whose function it keeps
from sojourn.aio import backend as aio_backend
from sojourn.compat import by_urllib3
from sojourn.sync import exchange_driver as sync_drive
from sojourn.trio.backend import TrioBackend
from sojourn_core.commands import Address
from tests.servers.scripted import HandlerServer, Received, response

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

NAMES: Final = ("example.test", "*.example.test", "other.test")
JSON: Final = ("Content-Type", "application/json")
TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
PROXY_PORT: Final = 3128
CHALLENGE: Final = (
    "WWW-Authenticate",
    'Digest realm="tea", nonce="7ypf", qop="auth", algorithm=SHA-256',
)
REPORT: Final = b"".join(b"line %d\n" % number for number in range(1, 1001))


def answer(received: Received) -> bytes | None:
    """What every host answers: by the path alone."""
    path, _, query = received.target.partition("?")
    params = dict(urllib.parse.parse_qsl(query))
    match received.method, path:
        case _, "/items":
            return as_json({"items": ["tea", "cups"], **params})
        case _, "/echo":
            return as_json(
                {
                    "method": received.method,
                    "content": received.content.decode("latin-1"),
                    "type": received.value("content-type"),
                    "length": received.value("content-length"),
                }
            )
        case "POST", "/login":
            cookie = ("Set-Cookie", "session=s3cret; Path=/; HttpOnly")
            return response(303, ("Location", "/account"), cookie)
        case _, "/account":
            known = "session=" in (received.value("cookie") or "")
            return response(200, TEXT, content=b"welcome" if known else b"who are you?")
        case _, "/private":
            known = received.value("authorization") is not None
            return response(200 if known else 401, content=b"secret" if known else b"")
        case _, "/digest":
            known = is_adas(received.method, received.value("authorization") or "")
            return response(200, content=b"secret") if known else response(401, CHALLENGE)
        case _, "/elsewhere":
            return response(302, ("Location", "https://other.test/items"))
        case _, "/clear-text":
            return response(302, ("Location", "http://example.test/"))
        case _, "/moved":
            return response(308, ("Location", "/echo"))
        case _, "/report":
            return response(200, TEXT, ("Content-Encoding", "gzip"), content=gzip.compress(REPORT))
        case _, "/loop":
            return response(302, ("Location", "/loop"))
        case _, "/hang-up":
            return None
        case _, "/hinted":
            hint = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
            return hint + response(200, TEXT, content=b"hello")
        case _, "/":
            return response(200, TEXT, content=b"hello")
    return response(404, TEXT, content=b"there is nothing here")


def is_adas(method: str, credentials: str) -> bool:
    """Whether these are ada's Digest credentials, with the password "pass" (RFC 7616 3.4.1)."""
    given = dict(re.findall(r'(\w+)="?([^",]*)', credentials.removeprefix("Digest ")))
    if given.get("username") != "ada":
        return False
    key = _sha256("ada:tea:pass")
    asked = _sha256(f"{method}:{given['uri']}")
    counted = f"{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}"
    return given["response"] == _sha256(f"{key}:{counted}:{asked}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def answer_as_proxy(received: Received) -> bytes | None:
    """What the proxy answers to a request with its target in absolute form: what its host does."""
    url = urllib.parse.urlsplit(received.target)
    query = f"?{url.query}" if url.query else ""
    answered = answer(replace(received, target=f"{url.path}{query}"))
    return answered and answered.replace(b"\r\n", b"\r\nVia: 1.1 proxy.example.test\r\n", 1)


def as_json(value: Any) -> bytes:
    """A response with JSON."""
    return response(200, JSON, content=json.dumps(value).encode())


@contextmanager
def documented_world(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[None]:
    """Names under ``.test`` lead to servers of this process, which the bindings trust."""
    authority = trustme.CA()
    bundle = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    for name in ("NETRC", "HTTP_PROXY", "NO_PROXY"):  # A page may set them; all is undone.
        monkeypatch.setenv(name, "")
    imported = {name for name in sys.modules if name.partition(".")[0] == "requests"}
    for name in imported:
        monkeypatch.delitem(sys.modules, name)
    with (
        HandlerServer(answer) as plain,
        HandlerServer(answer, context=context) as secure,
        HandlerServer(answer_as_proxy) as proxy,
    ):
        ports = {80: plain.port, 443: secure.port, PROXY_PORT: proxy.port}

        def resolve(host: str, port: int) -> tuple[Address, ...]:
            if not host.endswith(".test") or host.endswith("nowhere.test"):
                raise OSError("Name or service not known")
            return (Address("127.0.0.1", ports[port]),)

        async def aresolve(host: str, port: int) -> tuple[Address, ...]:
            return resolve(host, port)

        monkeypatch.setattr(sync_drive, "resolve", resolve)
        monkeypatch.setattr(aio_backend, "resolve", aresolve)
        monkeypatch.setattr(TrioBackend, "resolve", staticmethod(aresolve))
        find = socket.getaddrinfo

        def getaddrinfo(host: Any, port: Any, *options: Any, **named: Any) -> Any:
            if not str(host).endswith(".test"):
                return find(host, port, *options, **named)
            (address,) = resolve(host, port)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address.host, address.port))]

        # For what connects by the standard library, urllib3 among it.
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(by_urllib3._Choice, "is_made", False)  # A page may make it.
        # First the drop-in's, which is certifi's from the time on that it is asked for.
        monkeypatch.setattr("sojourn.compat.certs.where", lambda: str(bundle))
        monkeypatch.setattr("certifi.where", lambda: str(bundle))
        try:
            yield
        finally:
            # What a page has put in the place of Requests; the real one comes back after it.
            for name in [name for name in sys.modules if name.partition(".")[0] == "requests"]:
                del sys.modules[name]
