"""azure-core's transport at work: pipelines, retries, and content that breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.proxy import ProxyServer
from tests.servers.steps import Hold, ReadHead

from .process import result_of
from .site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer


def test_requests_go_through_the_pipeline(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("azure.sent", serve(site).url("")) == {
        "get": [200, "GET", "/a?b=c%20d", "", {"x-call": "call", "x-own": "own", "x-key": "key"}],
        "json": [
            200,
            "PUT",
            "/json",
            '{"a": [1, "\\u00fc"]}',
            {
                "content-type": "application/json",
                "content-length": "20",
                "x-own": "own",
                "x-key": "key",
            },
        ],
        "form": [
            200,
            "POST",
            "/form",
            "a=b&c=d+e",
            {
                "content-type": "application/x-www-form-urlencoded",
                "x-own": "own",
                "x-key": "key",
                "content-length": "9",
            },
        ],
        "text": [
            200,
            "POST",
            "/text",
            "text",
            {"content-type": "text/plain", "content-length": "4", "x-own": "own", "x-key": "key"},
        ],
        "octets": [
            200,
            "POST",
            "/octets",
            "octets",
            {"content-length": "6", "x-own": "own", "x-key": "key"},
        ],
        "pieces": [
            200,
            "POST",
            "/pieces",
            "onetwo",
            {"x-own": "own", "x-key": "key", "transfer-encoding": "chunked"},
        ],
        "patch": [
            200,
            "PATCH",
            "/patch",
            "",
            {"x-own": "own", "x-key": "key", "content-length": "0"},
        ],
        "delete": [
            200,
            "DELETE",
            "/delete",
            "",
            {"x-own": "own", "x-key": "key", "content-length": "0"},
        ],
        "redirect": [200, "GET", "/end", "", {"x-own": "own", "x-key": "key"}],
        "post 307": [
            200,
            "POST",
            "/end",
            "again",
            {"content-length": "5", "x-own": "own", "x-key": "key"},
        ],
    }


def test_multipart_content(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("azure.multipart", serve(site).url("")) == [
        "multipart/form-data",
        (
            "--BORDER\r\n"
            'Content-Disposition: form-data; name="a"\r\n'
            "\r\n"
            "b\r\n"
            "--BORDER\r\n"
            'Content-Disposition: form-data; name="file"; filename="a.bin"\r\n'
            "Content-Type: application/x-own\r\n"
            "\r\n"
            "content\r\n"
            "--BORDER\r\n"
            'Content-Disposition: form-data; name="text"\r\n'
            "\r\n"
            "text\r\n"
            "--BORDER--\r\n"
        ),
        "353",
    ]


def test_content_is_downloaded_in_each_way(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("azure.received", serve(site).url("")) == {
        "content": {
            "status": [200, "OK", "text/plain; charset=utf-8", "utf-8"],
            "text": [18890, 18890, True],
            "streamed": [18890, 5, True],
            "raw": ["6c696e652030", False],
            "generator": [18890, True],
            "fields": ["Accept-Ranges", "Content-Length", "Content-Type"],
        },
        "chunked": {
            "status": [200, "OK", "text/plain; charset=utf-8", "utf-8"],
            "text": [18890, 18890, True],
            "streamed": [18890, 19, True],
            "raw": ["6c696e652030", False],
            "generator": [0, True],
            "fields": ["Content-Type", "Transfer-Encoding"],
        },
        "gzip": {
            "status": [200, "OK", "text/plain; charset=utf-8", "utf-8"],
            "text": [18890, 18890, True],
            "streamed": [18890, 5, True],
            "raw": ["1f8b", True],
            "generator": [4507, True],
            "fields": ["Content-Encoding", "Content-Length", "Content-Type"],
        },
        "deflate": {
            "status": [200, "OK", "text/plain; charset=utf-8", "utf-8"],
            "text": [18890, 18890, True],
            "streamed": [18890, 5, True],
            "raw": ["789c4ddc4b92", True],
            "generator": [4502, True],
            "fields": ["Content-Encoding", "Content-Length", "Content-Type"],
        },
        "status/204": {
            "status": [204, "No Content", "text/plain; charset=utf-8", "utf-8"],
            "text": [0, 0, True],
            "streamed": [0, 0, True],
            "raw": ["", False],
            "generator": [0, True],
            "fields": ["Content-Type"],
        },
    }


def test_each_failure_has_its_error_and_its_retries(
    serve: Callable[..., HandlerServer], scripted: Callable[..., ScriptedServer], nobody: str
) -> None:
    server = serve(site)
    silent = scripted(*[[ReadHead(), Hold()]] * 3)  # It asks again twice.
    told = result_of("azure.failed", server.url(""), silent.url("/"), nobody)
    assert told == {
        "/short": [
            ["IncompleteReadError", True],
            ["IncompleteReadError", True],
            ["IncompleteReadError", True],
        ],
        "/short-chunks": [
            ["IncompleteReadError", True],
            ["IncompleteReadError", True],
            ["IncompleteReadError", True],
        ],
        "/bad-gzip": [["ServiceResponseError", True], ["DecodeError", True], ["DecodeError", True]],
        "/nothing": [
            ["ServiceResponseError", True],
            ["ServiceResponseError", True],
            ["ServiceResponseError", True],
        ],
        "silent": ["ServiceResponseTimeoutError", True],
        "nobody": ["ServiceRequestError"],
        "404": ["HttpResponseError", False],
        "retried": 503,
        "after": 200,
    }
    targets = [each.target for each in server.requests if each.target != "/nothing"]
    assert {page: targets.count(page) for page in targets} == {
        "/short": 5,
        "/short-chunks": 5,
        "/bad-gzip": 5,
        "/status/404": 1,
        "/status/503": 3,
        "/a": 1,
    }


def test_certificates_sessions_and_proxies_are_the_programs(
    serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    secure, plain = serve(site, context=ca.server_context()), serve(site)
    with ProxyServer() as proxy:
        told = result_of(
            "azure.configured",
            secure.url(""),
            ca.path,
            ca.client_certificate,
            proxy.url(""),
            plain.url(""),
        )
        assert [each.target for each in proxy.requests] == [plain.url("/by-proxy")]
    assert told == [200, ["ServiceRequestError", True], 200, "session", "/by-proxy"]
