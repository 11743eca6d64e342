"""Servers of applications: each function returns the command that runs the site with one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import serialization

from .running import TOP, find

if TYPE_CHECKING:
    from .running import Place

ASGI: Final = "tests.interop.sites.asgi:site"
WSGI: Final = "tests.interop.sites.wsgi:site"
REFUSED_MIN: Final = 16 * 1024 * 1024  # Of waitress, which knows one limit for all.


def uvicorn(place: Place) -> list[str]:
    """Run the site with uvicorn, whose parser is h11 where httptools is not installed."""
    return [
        *(sys.executable, "-m", "uvicorn", ASGI, "--host", "127.0.0.1", "--port", str(place.port)),
        *("--log-level", "warning", "--lifespan", "off", "--timeout-graceful-shutdown", "1"),
        *_tls(place, "--ssl-certfile", "--ssl-keyfile"),
    ]


def hypercorn(place: Place) -> list[str]:
    """Run the site with hypercorn, in one process."""
    return [
        *(sys.executable, "-m", "hypercorn", "--bind", f"127.0.0.1:{place.port}"),
        *("--workers", "0", "--graceful-timeout", "0", "--log-level", "warning"),
        *_tls(place, "--certfile", "--keyfile"),
        ASGI,
    ]


def granian(place: Place) -> list[str]:
    """Run the site with granian, for HTTP/1.1 alone."""
    tls: list[str] = []
    if place.certificate:
        key = serialization.load_pem_private_key(place.certificate.read_bytes(), None)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,  # It reads no other.
            serialization.NoEncryption(),
        )
        path = place.write("key.pem", pem.decode())
        tls = ["--ssl-certificate", str(place.certificate), "--ssl-keyfile", path]
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"),
        *("--port", str(place.port), "--http", "1", "--no-ws", "--log-level", "warning"),
        *tls,
        ASGI,
    ]


def gunicorn(place: Place) -> list[str]:
    """Run the site with gunicorn and threads: its other workers keep no connection."""
    return [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4"),
        *("--bind", f"127.0.0.1:{place.port}", "--log-level", "warning"),
        *("--worker-tmp-dir", str(place.folder), "--no-control-socket"),
        *("--graceful-timeout", "0"),
        *_tls(place, "--certfile", "--keyfile"),
        WSGI,
    ]


def waitress(place: Place) -> list[str]:
    """Run the site with waitress."""
    return [
        *(sys.executable, "-m", "waitress", "--listen", f"127.0.0.1:{place.port}"),
        f"--max-request-body-size={REFUSED_MIN}",
        WSGI,
    ]


def aiohttp_web(place: Place) -> list[str]:
    """Run the site on aiohttp.web."""
    command = [sys.executable, "-m", "tests.interop.sites.aiohttp_web", str(place.port)]
    return [*command, *([str(place.certificate)] if place.certificate else [])]


def node(place: Place) -> list[str]:
    """Run the site on Node's http, or https."""
    program = find("node", "nodejs")
    assert program is not None
    site = TOP / "tests" / "interop" / "sites" / "node.js"
    command = [program, str(site), str(place.folder / "text"), str(place.port)]
    return [*command, *([str(place.certificate)] if place.certificate else [])]


def _tls(place: Place, certificate: str, key: str) -> list[str]:
    if place.certificate is None:
        return []
    return [certificate, str(place.certificate), key, str(place.certificate)]
