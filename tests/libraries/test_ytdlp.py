"""yt-dlp's networking at work: its handler reads ``raw`` itself, and has a rule for each error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.proxy import ProxyServer
from tests.servers.steps import Hold, ReadHead, Send

from .process import result_of
from .site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer, ScriptedServer


def test_its_requests_are_sent_as_they_are(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("ytdlp.sent", serve(site).url("")) == {
        "plain": [
            200,
            "OK",
            "/a?b=c",
            [
                "GET",
                "/a?b=c",
                "",
                {
                    "x-own": "own",
                    "user-agent": "Player/1",
                    "x-call": "call",
                    "accept-encoding": "gzip, deflate, br",
                    "connection": "keep-alive",
                },
            ],
        ],
        "posted": [
            "POST",
            "/form",
            "a=b",
            {
                "x-own": "own",
                "user-agent": "Player/1",
                "content-type": "application/x-www-form-urlencoded",
                "accept-encoding": "gzip, deflate, br",
                "connection": "keep-alive",
                "content-length": "3",
            },
        ],
        "streamed": [
            "POST",
            "/file",
            "from a file",
            {
                "x-own": "own",
                "user-agent": "Player/1",
                "content-type": "application/x-www-form-urlencoded",
                "accept-encoding": "gzip, deflate, br",
                "connection": "keep-alive",
                "content-length": "11",
            },
        ],
        "generated": [
            "POST",
            "/pieces",
            "onetwo",
            {
                "x-own": "own",
                "user-agent": "Player/1",
                "content-type": "application/x-www-form-urlencoded",
                "accept-encoding": "gzip, deflate, br",
                "connection": "keep-alive",
                "transfer-encoding": "chunked",
            },
        ],
        "put": [
            "PUT",
            "/put",
            "put",
            {
                "x-own": "own",
                "user-agent": "Player/1",
                "content-type": "application/x-www-form-urlencoded",
                "accept-encoding": "gzip, deflate, br",
                "connection": "keep-alive",
                "content-length": "3",
            },
        ],
        "patched": [
            "PATCH",
            "/patch",
            "patched",
            {
                "x-own": "own",
                "user-agent": "Player/1",
                "content-type": "application/x-www-form-urlencoded",
                "accept-encoding": "gzip, deflate, br",
                "connection": "keep-alive",
                "content-length": "7",
            },
        ],
        "head": [200, "", "18890"],
    }


def test_it_turns_methods_on_redirects_by_its_own_rule(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("ytdlp.redirected", serve(site).url("")) == {
        "GET 301": ["GET", "/end", "", None, None],
        "POST 301": ["GET", "/end", "", None, None],
        "PUT 301": ["PUT", "/end", "text", "4", "application/x-www-form-urlencoded"],
        "GET 302": ["GET", "/end", "", None, None],
        "POST 302": ["GET", "/end", "", None, None],
        "PUT 302": ["PUT", "/end", "text", "4", "application/x-www-form-urlencoded"],
        "GET 303": ["GET", "/end", "", None, None],
        "POST 303": ["GET", "/end", "", None, None],
        "PUT 303": ["GET", "/end", "", None, None],
        "GET 307": ["GET", "/end", "", None, None],
        "POST 307": ["POST", "/end", "text", "4", "application/x-www-form-urlencoded"],
        "PUT 307": ["PUT", "/end", "text", "4", "application/x-www-form-urlencoded"],
        "GET 308": ["GET", "/end", "", None, None],
        "POST 308": ["POST", "/end", "text", "4", "application/x-www-form-urlencoded"],
        "PUT 308": ["PUT", "/end", "text", "4", "application/x-www-form-urlencoded"],
        "dots": ["/b", "/b"],
        "fragment": "/end#part",
        "loop": [302, True, "Found"],
    }


def test_its_jar_of_cookies_is_the_jar_of_the_session(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("ytdlp.cookies", serve(site).url("")) == [
        "given=by-hand; a=b",
        "given=by-hand; a=b",
        None,
        "own=1",
        ["a", "given"],
    ]


def test_it_reads_raw_in_pieces(serve: Callable[..., HandlerServer]) -> None:
    assert result_of("ytdlp.read", serve(site).url("")) == {
        "content": ["line 0", 1000, 18890, "45e63074", ["", True]],
        "chunked": ["line 0", 1000, 18890, "45e63074", ["", True]],
        "gzip": ["line 0", 1000, 18890, "45e63074", ["", True]],
        "deflate": ["line 0", 1000, 18890, "45e63074", ["", True]],
        "br": ["line 0", 1000, 18890, "45e63074", ["", True]],
        "204": [204, ""],
        "fields": ["gzip", ["text/plain; charset=utf-8"]],
    }


def test_it_has_an_error_for_each_failure(
    serve: Callable[..., HandlerServer], scripted: Callable[..., ScriptedServer], nobody: str
) -> None:
    silent = scripted([ReadHead(), Hold()])
    told = result_of("ytdlp.failed", serve(site).url(""), silent.url("/"), nobody)
    assert told == {
        "400": [400, "Bad Request", "status 400"],
        "404": [404, "Not Found", "status 404"],
        "500": [500, "Internal Server Error", "status 500"],
        "503": [503, "Service Unavailable", "status 503"],
        "304": [304, "Not Modified", ""],
        "300": [300, "Multiple Choices", "status 300"],
        "short": [40, 60, "NoneType"],
        "short-chunks": [0, None, "NoneType"],
        "bad-gzip": ["TransportError", True],
        "nothing": ["TransportError", True],
        "nobody": ["TransportError", True],
        "silent": ["TransportError", True],
        "scheme": ["UnsupportedRequest", False],
    }


def test_silence_within_content_is_an_error_of_the_transport(
    scripted: Callable[..., ScriptedServer],
) -> None:
    begun = Send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd")
    server = scripted([ReadHead(), begun, Hold()])
    assert result_of("ytdlp.stalled", server.url("/")) == ["abcd", ["TransportError", True]]


def test_it_chooses_proxies_itself(serve: Callable[..., HandlerServer], nobody: str) -> None:
    server = serve(site)
    with ProxyServer() as proxy, ProxyServer(credentials=()) as closed:
        told = result_of("ytdlp.proxied", server.url(""), proxy.url(""), nobody, closed.url(""))
        assert [each.target for each in proxy.requests] == [server.url("/by-proxy")]
    assert told == {
        "all": "/by-proxy",
        "no": "/direct",
        "none": "/own",
        "closed": ["ProxyError", True],
        "refused": ["ProxyError", True],
        "scheme": ["UnsupportedRequest", False],
    }


def test_its_contexts_decide_what_is_trusted(
    serve: Callable[..., HandlerServer], ca: Authority
) -> None:
    server = serve(site, context=ca.server_context())
    told = result_of("ytdlp.secured", server.url(""), ca.client_certificate)
    assert told == {
        "untrusted": ["CertificateVerifyError", True],
        "unverified": "/a",
        "client": "/client",
        "source": "/source",
        "plain": ["TransportError", True],
    }
