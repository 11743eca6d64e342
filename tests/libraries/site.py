"""A site with one page for each thing that clients are asked to cope with."""

from __future__ import annotations

import base64
import gzip
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

import brotli

from tests.servers.scripted import response

from .answers import CHALLENGE, as_json, digest_is_right, echo

if TYPE_CHECKING:
    from tests.servers.scripted import Received

TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
CONTENT: Final = b"".join(b"line %d\n" % number for number in range(2000))
BASIC: Final = "Basic " + base64.b64encode(b"ada:pass").decode()
CODINGS: Final = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}


def site(request: Received) -> bytes | None:
    """Answer for a page; any other path tells what came, as JSON.

    ==================== =====================================================================
    ``/redirect/CODE``   leads to ``/end``, or to the query's ``to``
    ``/chain/N``         leads to ``/chain/N-1``, and the last one to ``/end``
    ``/loop``            leads to itself
    ``/status/CODE``     has that status
    ``/set?a=b``         sets these cookies, and leads to ``/end``
    ``/basic``           is for ada, whose password is pass
    ``/digest``          is for user, whose password is secret
    ``/gzip`` and so on  ``CONTENT`` in that coding
    ``/content``         ``CONTENT`` with its length; the query's ``name`` as that of a file
    ``/chunked``         ``CONTENT`` in chunks
    ``/short``           40 bytes of 100
    ``/short-chunks``    a chunk of 40 bytes, and then the end of the connection
    ``/bad-gzip``        something that is no gzip
    ``/nothing``         no answer: the connection is closed
    ==================== =====================================================================
    """
    url = urlsplit(request.target)
    query = dict(parse_qsl(url.query))
    page, _, rest = url.path.lstrip("/").partition("/")
    match page:
        case "redirect":
            return response(int(rest), ("Location", query.get("to", "/end")), TEXT, content=b"go")
        case "chain":
            target = f"/chain/{int(rest) - 1}" if int(rest) > 1 else "/end"
            return response(302, ("Location", target), TEXT, content=b"go on")
        case "loop":
            return response(302, ("Location", request.target))
        case "status":
            return response(int(rest), TEXT, content=f"status {rest}".encode())
        case "set":
            cookies = [("Set-Cookie", f"{name}={value}; Path=/") for name, value in query.items()]
            return response(302, ("Location", "/end"), *cookies)
        case "basic":
            if request.value("Authorization") == BASIC:
                return as_json({"user": "ada"})
            return response(401, ("WWW-Authenticate", 'Basic realm="site"'), TEXT, content=b"who?")
        case "digest":
            if digest_is_right(request, "Authorization"):
                return as_json({"user": "user"})
            return response(401, ("WWW-Authenticate", CHALLENGE), TEXT, content=b"who?")
        case "gzip" | "deflate" | "br":
            return response(200, ("Content-Encoding", page), TEXT, content=CODINGS[page](CONTENT))
        case _:
            return framed(request, page, query)


def framed(request: Received, page: str, query: dict[str, str]) -> bytes | None:
    """Answer for the pages whose framing, or whose end, is of interest."""
    close = ("Connection", "close")
    match page:
        case "content":
            name = query.get("name")
            of_file = [("Content-Disposition", f'attachment; filename="{name}"')] if name else []
            return part_of_content(request, *of_file)
        case "chunked":
            pieces = (CONTENT[at : at + 1000] for at in range(0, len(CONTENT), 1000))
            chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
            framing = ("Transfer-Encoding", "chunked")
            return response(200, framing, TEXT, content=chunks + b"0\r\n\r\n")
        case "short":
            return response(200, ("Content-Length", "100"), TEXT, close, content=CONTENT[:40])
        case "short-chunks":
            chunk = b"64\r\n" + CONTENT[:40]
            framing = ("Transfer-Encoding", "chunked")
            return response(200, framing, TEXT, close, content=chunk)
        case "bad-gzip":
            return response(200, ("Content-Encoding", "gzip"), TEXT, content=b"no gzip at all")
        case "nothing":
            return None
        case _:
            return echo(request)


def part_of_content(request: Received, *fields: tuple[str, str]) -> bytes:
    """Answer with ``CONTENT``, or with what is left of it from where a range begins."""
    wanted = request.value("Range")
    if wanted is None:
        return response(200, TEXT, ("Accept-Ranges", "bytes"), *fields, content=CONTENT)
    start = int(wanted.removeprefix("bytes=").partition("-")[0])
    size = len(CONTENT)
    span = ("Content-Range", f"bytes {start}-{size - 1}/{size}")
    return response(206, TEXT, span, *fields, content=CONTENT[start:])
