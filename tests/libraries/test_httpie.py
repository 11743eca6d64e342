"""HTTPie at work, from its arguments to what it prints and its exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.proxy import ProxyServer
from tests.servers.steps import Hold, ReadHead

from .process import result_of
from .site import site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer


def test_each_kind_of_request(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    assert result_of("httpie.plain", serve(site).url(""), tmp_path) == {
        "get": ["GET", "/a?q=1", "", {"accept": "*/*", "x-own": "own"}],
        "bare": ["host", "connection"],
        "empty field": ["GET", "/a", "", {"accept": "*/*", "x-own": ""}],
        "twice": 0,
        "outside ASCII": ["GET", "/a", "", {"accept": "*/*", "x-own": "Ã©"}],
        "path": ["GET", "/a/../b", "", {"accept": "*/*"}],
        "json": [
            "POST",
            "/a",
            '{"a": "b", "c": [1, 2], "d": {"e": "f"}}',
            {
                "content-length": "40",
                "accept": "application/json, */*;q=0.5",
                "content-type": "application/json",
            },
        ],
        "form": [
            "POST",
            "/a",
            "a=b&c=%C3%BC",
            {
                "accept": "*/*",
                "content-length": "12",
                "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            },
        ],
        "raw": [
            "POST",
            "/a",
            "raw text",
            {
                "content-length": "8",
                "accept": "application/json, */*;q=0.5",
                "content-type": "application/json",
            },
        ],
        "stdin": [
            "POST",
            "/a",
            "piped",
            {
                "content-length": "5",
                "accept": "application/json, */*;q=0.5",
                "content-type": "application/json",
            },
        ],
        "file": [
            "POST",
            "/a",
            "in a file",
            {
                "content-length": "9",
                "accept": "application/json, */*;q=0.5",
                "content-type": "text/plain",
            },
        ],
        "put": [
            "PUT",
            "/a",
            '{"a": "b"}',
            {
                "content-length": "10",
                "accept": "application/json, */*;q=0.5",
                "content-type": "application/json",
            },
        ],
        "options": ["OPTIONS", "/a", "", {"accept": "*/*"}],
        "chunked": [
            "POST",
            "/a",
            '{"a": "b"}',
            {
                "transfer-encoding": "chunked",
                "accept": "application/json, */*;q=0.5",
                "content-type": "application/json",
            },
        ],
        "compressed": {
            "content-length": "18",
            "accept": "application/json, */*;q=0.5",
            "content-type": "application/json",
            "content-encoding": "deflate",
        },
        "offline": [
            0,
            (
                "POST /b?c HTTP/1.1\r\n"
                "Accept-Encoding: gzip, deflate, br, zstd\r\n"
                "Connection: keep-alive\r\n"
                "Content-Length: 10\r\n"
                "User-Agent: own\r\n"
                "Accept: application/json, */*;q=0.5\r\n"
                "Content-Type: application/json\r\n"
                "Host: a.test\r\n"
                "\r\n"
                '{"d": "e"}'
            ),
        ],
    }


def test_multipart_content(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    assert result_of("httpie.multipart", serve(site).url(""), tmp_path) == {
        "fields": [
            "POST",
            "/a",
            ('--BORDER\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--BORDER--\r\n'),
            {
                "accept": "*/*",
                "content-length": "69",
                "content-type": "multipart/form-data; boundary=BORDER",
            },
        ],
        "file": [
            "POST",
            "/a",
            (
                "--BORDER\r\n"
                'Content-Disposition: form-data; name="a"\r\n'
                "\r\n"
                "b\r\n"
                "--BORDER\r\n"
                'Content-Disposition: form-data; name="file"; filename="upload.txt"\r\n'
                "Content-Type: text/x-own\r\n"
                "\r\n"
                "in a file\r\n"
                "--BORDER--\r\n"
            ),
            {
                "accept": "*/*",
                "content-length": "186",
                "content-type": "multipart/form-data; boundary=BORDER",
            },
        ],
        "form": [
            "POST",
            "/a",
            (
                "--BORDER\r\n"
                'Content-Disposition: form-data; name="file"; filename="upload.txt"\r\n'
                "Content-Type: text/plain\r\n"
                "\r\n"
                "in a file\r\n"
                "--BORDER--\r\n"
            ),
            {
                "accept": "*/*",
                "content-length": "129",
                "content-type": "multipart/form-data; boundary=BORDER",
            },
        ],
        "chunked": [
            "POST",
            "/a",
            (
                "--BORDER\r\n"
                'Content-Disposition: form-data; name="file"; filename="upload.txt"\r\n'
                "Content-Type: text/plain\r\n"
                "\r\n"
                "in a file\r\n"
                "--BORDER--\r\n"
            ),
            {
                "accept": "*/*",
                "transfer-encoding": "chunked",
                "content-type": "multipart/form-data; boundary=BORDER",
            },
        ],
    }


def test_what_is_printed_is_what_was_sent(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    assert result_of("httpie.printed", serve(site).url(""), tmp_path) == [
        0,
        [
            "POST /status/200 HTTP/1.1",
            "Accept-Encoding: gzip, deflate, br, zstd",
            "Connection: keep-alive",
            "Content-Length: 10",
            "Accept: application/json, */*;q=0.5",
            "Content-Type: application/json",
            "X-Own: own",
            "Host: 127.0.0.1:PORT",
            "",
            '{"a": "b"}',
            "",
            "HTTP/1.1 200 OK",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Length: 10",
            "",
            "status 200",
        ],
        "",
        [
            "HTTP/1.1 302 Found",
            "Location: /end",
            "Content-Length: 0",
            "Set-Cookie: a=b; Path=/",
            "Set-Cookie: c=d; Path=/",
            "",
        ],
    ]


def test_redirects_are_followed_hop_by_hop(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    told = result_of("httpie.redirected", serve(site).url(""), tmp_path)
    assert told == {
        "not followed": ["HTTP/1.1 302 Found"],
        "followed": ["HTTP/1.1 200 OK"],
        "all": ["HTTP/1.1 302 Found", "HTTP/1.1 302 Found", "HTTP/1.1 200 OK"],
        "too many": [6, "http: error: Too many redirects (--max-redirects=2)."],
        "loop": [6, "http: error: Too many redirects (--max-redirects=30)."],
        "post 302": ["GET", "/end", "", {"accept": "application/json, */*;q=0.5"}],
        "post 307": [
            "POST",
            "/end",
            '{"a": "b"}',
            {
                "content-length": "10",
                "accept": "application/json, */*;q=0.5",
                "content-type": "application/json",
            },
        ],
        "check": [3, "http: warning: HTTP 302 Found"],
    }


def test_credentials_of_each_kind(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    told = result_of("httpie.authorized", serve(site).url(""), tmp_path)
    assert told == {
        "basic": '{"user": "ada"}',
        "wrong": 4,
        "in the URL": '{"user": "ada"}',
        "digest": '{"user": "user"}',
        "bearer": {"accept": "*/*", "authorization": "Bearer token"},
    }


def test_a_session_is_kept_in_a_file(serve: Callable[..., HandlerServer], tmp_path: Path) -> None:
    assert result_of("httpie.sessions", serve(site).url(""), tmp_path) == {
        "first": [
            "GET",
            "/a",
            "",
            {
                "accept": "*/*",
                "cookie": "own=1",
                "authorization": "Basic YWRhOnBhc3M=",
                "x-own": "own",
            },
        ],
        "second": [
            "GET",
            "/b",
            "",
            {
                "accept": "*/*",
                "cookie": "own=1; a=b; c=d",
                "authorization": "Basic YWRhOnBhc3M=",
                "x-own": "own",
            },
        ],
        "read only": [
            "GET",
            "/c",
            "",
            {
                "accept": "*/*",
                "cookie": "own=1; a=b; c=d",
                "authorization": "Basic YWRhOnBhc3M=",
                "x-own": "new",
            },
        ],
        "third": [
            "GET",
            "/d",
            "",
            {
                "accept": "*/*",
                "cookie": "own=1; a=b; c=d",
                "authorization": "Basic YWRhOnBhc3M=",
                "x-own": "own",
            },
        ],
        "cookies": [["a", "b"], ["c", "d"], ["own", "1"]],
        "auth": {"raw_auth": "ada:pass", "type": "basic"},
        "headers": [{"name": "X-Own", "value": "own"}],
    }


def test_downloads_go_on_where_they_stopped(
    serve: Callable[..., HandlerServer], tmp_path: Path
) -> None:
    told = result_of("httpie.downloaded", serve(site).url(""), tmp_path)
    assert told == {
        "code": 0,
        "size": 18890,
        "continued": [0, True],
        "short": 1,
        "chunked": 0,
        "named": 0,
        "files": ["c", "s", "target.txt"],
        "streamed": [0, 18890],
    }


def test_each_failure_has_its_exit_code(
    serve: Callable[..., HandlerServer],
    scripted: Callable[..., ScriptedServer],
    nobody: str,
    tmp_path: Path,
) -> None:
    silent = scripted([ReadHead(), Hold()])
    told = result_of("httpie.failed", serve(site).url(""), tmp_path, silent.url("/"), nobody)
    assert told == {
        "404": [4, "http: warning: HTTP 404 Not Found"],
        "503": [5, "http: warning: HTTP 503 Service Unavailable"],
        "nobody": [1, "ConnectionError"],
        "silent": [2, "Request timed out (0.2s)."],
        "nothing": [1, "ConnectionError"],
        "short": [1, "ChunkedEncodingError"],
        "short chunks": [1, "ChunkedEncodingError"],
        "bad gzip": [1, "ContentDecodingError"],
        "scheme": [1, "InvalidSchema"],
    }


def test_a_proxy_is_used(serve: Callable[..., HandlerServer], nobody: str, tmp_path: Path) -> None:
    server = serve(site)
    with ProxyServer() as proxy:
        told = result_of("httpie.proxied", server.url(""), tmp_path, proxy.url(""), nobody)
        assert [each.target for each in proxy.requests] == [server.url("/by-proxy")]
    assert told == {"http": "/by-proxy", "dead": [1, "ProxyError"]}


def test_certificates_are_checked_or_not(
    serve: Callable[..., HandlerServer], ca: Authority, tmp_path: Path
) -> None:
    server = serve(site, context=ca.server_context())
    told = result_of("httpie.secured", server.url(""), tmp_path, ca.path, ca.client_certificate)
    assert told == {
        "untrusted": [1, "SSLError"],
        "trusted": "/a",
        "not verified": "/a",
        "certificate": "/a",
        "version": "/a",
        "ciphers": "/a",
    }
