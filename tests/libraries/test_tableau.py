"""tableauserverclient at work, with a server that plays Tableau's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.servers.scripted import Received, response

from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer

API = "/api/3.21"
SITE = f"{API}/sites/site-id"
XML = ("Content-Type", "application/xml;charset=utf-8")
MEGABYTE = 2**20


def document(content: str, status: int = 200) -> bytes:
    """Write an answer of the REST API."""
    text = f'<?xml version="1.0"?><tsResponse xmlns="http://tableau.com/api">{content}</tsResponse>'
    return response(status, XML, content=text.encode())


def error(code: int, status: int) -> bytes:
    """Write an error of the REST API."""
    inner = f'<error code="{code}"><summary>No</summary><detail>No</detail></error>'
    return document(inner, status)


def source(name: str, number: str = "one") -> str:
    """Write a data source."""
    return f'<datasource id="{number}" name="{name}"><project id="project"/></datasource>'


class Tableau:
    """Answers as Tableau Server does, and counts the bytes of what is uploaded in pieces.

    Attributes:
        queries: Of each list that was asked for.
        uploaded: The size of each piece.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self.queries: list[dict[str, list[str]]] = []
        self.uploaded: list[int] = []

    def __call__(self, request: Received) -> bytes:
        """Answer a request."""
        url = urlsplit(request.target)
        if url.path == f"{API}/auth/signin":
            return self._signed_in(request)
        if request.value("x-tableau-auth") != "token":
            return error(401002, 401)
        return self._for_the_signed_in(request, url.path, parse_qs(url.query))

    def _signed_in(self, request: Received) -> bytes:
        if b'password="pass"' not in request.content:
            return error(401001, 401)
        site = '<site id="site-id" contentUrl="site"/><user id="user-id"/>'
        return document(f'<credentials token="token">{site}</credentials>')

    def _for_the_signed_in(
        self, request: Received, path: str, query: dict[str, list[str]]
    ) -> bytes:
        match request.method, path:
            case "POST", "/api/3.21/auth/signout":
                return response(204)
            case "GET", "/api/3.21/sites/site-id/datasources":
                self.queries.append(query)
                size = f'pageNumber="{query["pageNumber"][0]}" pageSize="100" totalAvailable="2"'
                found = source("one") + source("two", "two")
                page = f"<pagination {size}/><datasources>{found}</datasources>"
                return document(page)
            case "POST", "/api/3.21/sites/site-id/datasources":
                name = re.search(rb'name="([^"]+)"', request.content)
                assert name is not None
                return document(source(name[1].decode(), "new"), 201)
            case "POST", "/api/3.21/sites/site-id/fileUploads":
                return document('<fileUpload uploadSessionId="upload" fileSize="0"/>', 201)
            case "PUT", "/api/3.21/sites/site-id/fileUploads/upload":
                self.uploaded.append(len(request.content) // MEGABYTE * MEGABYTE)
                return document('<fileUpload uploadSessionId="upload" fileSize="1"/>')
            case "DELETE", _:
                return response(204)
            case "PUT", _:
                return document(source("renamed"))
            case _:
                return self._one(path.removeprefix(f"{SITE}/datasources/"))

    @staticmethod
    def _one(number: str) -> bytes:
        match number:
            case "one/content":
                name = ("Content-Disposition", 'name="tableau"; filename="down.tdsx"')
                kind = ("Content-Type", "application/octet-stream")
                return response(200, name, kind, content=bytes(100_000))
            case "one" | "there":
                return document(source("one"))
            case "moved":
                return response(302, ("Location", f"{SITE}/datasources/there"))
            case "loop":
                return response(302, ("Location", f"{SITE}/datasources/loop"))
            case "broken":
                return response(503, content=b"busy")
            case "no-xml":
                return response(404, content=b"<not xml")
            case _:
                return error(404004, 404)


def test_it_signs_in_and_moves_files(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    tableau = Tableau()
    told = result_of("tableau.worked", serve(tableau).url(""), tmp_path)
    assert told == {
        "signed": [True, "site-id", "token"],
        "listed": [["one", "one"], ["two", "two"]],
        "filtered": [["one", "two"], ["one", "two"]],
        "published": [
            ["new", "request_payload"],
            ["new", "request_payload"],
            ["new", "request_payload"],
        ],
        "downloaded": ["down.tdsx", 100000],
        "updated": "renamed",
        "out": False,
    }
    assert tableau.uploaded == [1048576, 1048576, 0, 1048576, 1048576, 0]
    assert tableau.queries == [
        {"pageNumber": ["1"], "pageSize": ["100"]},
        {"filter": ["name:eq:two & more"], "pageNumber": ["1"], "pageSize": ["100"]},
        {"sort": ["name:desc"], "filter": ["name:eq:ü x"], "pageNumber": ["1"], "pageSize": ["10"]},
    ]


def test_each_failure_has_its_error(
    serve: Callable[..., HandlerServer], ca: Authority, nobody: str
) -> None:
    server, secure = serve(Tableau()), serve(Tableau(), context=ca.server_context())
    told = result_of("tableau.failed", server.url(""), nobody, secure.url(""), ca.path)
    assert told == {
        "wrong password": ["FailedSignInError", "401001"],
        "nobody": ["ConnectionError", None],
        "untrusted": ["SSLError", None],
        "missing": ["ServerResponseError", "404004"],
        "broken": ["InternalServerError", 503],
        "not XML": ["NonXMLResponseError", None],
        "moved": "one",
        "loop": ["RedirectError", None],
        "trusted": True,
        "own session": "own",
    }
