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
