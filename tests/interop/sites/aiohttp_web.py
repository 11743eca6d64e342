"""The site on aiohttp.web: ``python -m tests.interop.sites.aiohttp_web PORT [CERTIFICATE]``."""

from __future__ import annotations

import ssl
import sys

from aiohttp import web

from .content import PIECES, Receipt, represent


async def text(request: web.Request) -> web.Response:
    """Answer with TEXT."""
    known, accepted = (request.headers.get(n, "") for n in ("If-None-Match", "Accept-Encoding"))
    status, fields, content = represent(request.method, known, accepted)
    return web.Response(status=status, headers=fields, body=content)


async def pieces(request: web.Request) -> web.StreamResponse:
    """Answer with TEXT in pieces."""
    response = web.StreamResponse()
    await response.prepare(request)
    for piece in PIECES:
        await response.write(piece)
    await response.write_eof()
    return response


async def upload(request: web.Request) -> web.Response:
    """Take content."""
    receipt = Receipt()
    async for piece in request.content.iter_any():
        receipt.add(piece)
    return web.Response(body=bytes(receipt))


async def refused(_: web.Request) -> web.Response:
    """Answer at once."""
    return web.Response(status=413, text="too large")


def main(port: int, certificate: str = "") -> None:
    """Serve until a signal ends it."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    site = web.Application(client_max_size=0)
    site.router.add_get("/text", text)
    site.router.add_get("/pieces", pieces)
    site.router.add_route("*", "/upload", upload)
    site.router.add_route("*", "/refused", refused)
    web.run_app(site, host="127.0.0.1", port=port, ssl_context=context, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
