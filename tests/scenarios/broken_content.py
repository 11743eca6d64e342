"""Responses that are not what HTTP allows, or are not whole: each has its typed error."""

from __future__ import annotations

import gzip
import zlib
from typing import Any, Final

from sojourn_core import AuthFlow, Limits, Policy
from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConflictingLengths,
    ContentDecodingError,
    ContentTooLarge,
    DecompressionLimit,
    RemoteProtocolError,
)
from tests.scenarios.model import (
    SECURE_A,
    A,
    Intent,
    Outcome,
    Scenario,
    Seen,
    Setup,
    get,
    moved,
    ok,
    one,
    serve,
    serve_once,
)
from tests.servers.steps import Close, ReadHead, Send


class Answering(AuthFlow):
    """Credentials that answer one challenge."""

    def respond(self, request: Any, response: Any) -> Any:
        """Answer once."""
        if response.status_code != 401:
            return None
        request.headers["Authorization"] = "Token t"
        return request


def flushed(*parts: bytes) -> bytes:
    """Compress parts, each of which can be decoded when it has come."""
    coder = zlib.compressobj(wbits=31)
    return b"".join(coder.compress(each) + coder.flush(zlib.Z_SYNC_FLUSH) for each in parts)


CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CODED: Final = ("Content-Encoding", "gzip")
FLUSHED: Final = flushed(b"first ", b"second", b"third")
SHORT: Final = gzip.compress(b"short")
NONE: Final = b"HTTP/1.1 %b\r\nContent-Length: 10\r\n\r\n"
CHALLENGE: Final = ("WWW-Authenticate", "Token")
ZEROS: Final = gzip.compress(bytes(1 << 20))


def head_of(*lines: bytes) -> bytes:
    """A head with these lines below its status."""
    return b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"", b""))


def no_head(
    name: str, octets: bytes, says: str, error: type[Exception] = RemoteProtocolError, **limits: Any
) -> Scenario:
    """What is no head of a response fails before there is one."""
    return one(
        name,
        get(f"{A}/"),
        serve(octets),
        Outcome(error=error, says=says),
        Seen(A, "GET /"),
        setup=Setup(options={"limits": Limits(**limits)}),
    )


def no_content(
    name: str,
    script: Any,
    error: type[Exception],
    says: str,
    partial: bytes | None = None,
    **limits: Any,
) -> Scenario:
    """Where only the content is broken, the error has the response, and what came of it."""
    return one(
        name,
        get(f"{A}/"),
        script,
        Outcome(error=error, says=says, answered=200, partial=partial),
        Seen(A, "GET /"),
        setup=Setup(options={"limits": Limits(**limits)}),
    )


def limited(
    name: str, *answers: bytes, method: str = "GET", auth: Any = None, **outcome: Any
) -> Scenario:
    """Where content has 9 bytes at most, a response that is delivered."""
    path = "/y" if "url" in outcome else "/"
    return one(
        name,
        Intent(method, f"{A}/", {} if auth is None else {"auth": auth}),
        serve(*answers),
        Outcome(**{"status": 200, **outcome}),
        Seen(A, f"{method} /"),
        *([Seen(A, f"{method} {path}")] if len(answers) > 1 else []),
        setup=Setup(options={"limits": Limits(content_size_max=9)}),
    )


HEADS: Final = (
    no_head("another protocol", b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "http://a.test: the response is"),
    no_head("HTTP/2 unasked", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n\r\n", "not valid HTTP"),
    no_head("a status that is no number", b"HTTP/1.1 2xx OK\r\n\r\n", "not valid HTTP"),
    no_head("a blank before the colon", head_of(b"X-A : 1"), "not valid HTTP"),
    no_head("a control character in a value", head_of(b"X-A: a\x01b"), "'X-A' of the response"),
    no_head(
        "lengths that differ",
        head_of(b"Content-Length: 1", b"Content-Length: 2"),
        "not valid HTTP",
        ConflictingLengths,
    ),
    no_head("a length below zero", head_of(b"Content-Length: -1"), "not valid HTTP"),
    no_head("a framing that nobody knows", head_of(b"Transfer-Encoding: zip"), "not valid HTTP"),
    no_head(
        "a head that is too large",
        head_of(b"X-A: " + b"a" * 3000),
        "larger than 1000 bytes",
        head_size_max=1000,
    ),
    no_head(
        "too many lines",
        head_of(*(b"X-%d: 1" % index for index in range(6))),
        "more than 5 field lines",
        field_lines_max=5,
    ),
    no_head(
        "too many informational heads",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 5 + ok(),
        "too many informational",
        informational_heads_max=4,
    ),
    no_head(
        "a switch to another protocol that nobody asked for",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "which no Upgrade has asked it for",
    ),
    one(
        "a head that breaks off",
        get(f"{A}/"),
        serve_once(b"HTTP/1.1 200 OK\r\nContent-"),
        Outcome(error=RemoteProtocolError, says="http://a.test"),
        Seen(A, "GET /"),
    ),
)

CUT: Final = (
    no_content(
        "content that ends before its length",
        serve_once(ok(b"0123456789")[:-4]),
        ChunkedEncodingError,
        "ended 4 bytes early",
        b"012345",
    ),
    no_content(
        "content of which nothing came",
        serve_once(ok(b"0123456789")[:-10]),
        ChunkedEncodingError,
        "ended 10 bytes early",
        b"",
    ),
    no_content(
        "chunks that end early",
        serve_once(CHUNKED, b"4\r\nfour\r\n5\r\nfi"),
        ChunkedEncodingError,
        "broke off",
        b"fourfi",
    ),
    no_content(
        "chunks without the last one",
        serve_once(CHUNKED + b"4\r\nfour\r\n"),
        ChunkedEncodingError,
        "broke off",
        b"four",
    ),
    no_content(
        "a chunk whose size is no number",
        serve(CHUNKED + b"4\r\nfour\r\nxyz\r\n"),
        ChunkedEncodingError,
        "broke off",
        b"four",
    ),
    no_content(
        "gzip that is cut by the end of the connection",
        serve_once(ok(FLUSHED, CODED)[:-10]),
        ChunkedEncodingError,
        "ended 10 bytes early",
        b"first second",
    ),
    one(
        "content to the end of a TLS connection that was cut",
        get(f"{SECURE_A}/"),
        {
            SECURE_A: (
                (
                    ReadHead(),
                    Send(b"HTTP/1.1 200 OK\r\n\r\n"),
                    Send(b"some"),
                    Close(notify=False),
                ),
            )
        },
        Outcome(
            error=ChunkedEncodingError,
            says="without close_notify",
            answered=200,
            partial=b"some",
        ),
        Seen(SECURE_A, "GET /"),
    ),
    one(
        "content to the end of a TLS connection without close_notify, where that is taken",
        get(f"{SECURE_A}/"),
        {
            SECURE_A: (
                (ReadHead(), Send(b"HTTP/1.1 200 OK\r\n\r\n"), Send(b"some"), Close(notify=False)),
            )
        },
        Outcome(status=200, content=b"some"),
        Seen(SECURE_A, "GET /"),
        setup=Setup(options={"policy": Policy(needs_close_notify=False)}),
    ),
    one(
        "chunks that are cut by the end of TLS, where close_notify is not waited for",
        get(f"{SECURE_A}/"),
        {SECURE_A: ((ReadHead(), Send(CHUNKED + b"4\r\nsome\r\n"), Close(notify=False)),)},
        Outcome(error=ChunkedEncodingError, says="broke off", answered=200, partial=b"some"),
        Seen(SECURE_A, "GET /"),
        setup=Setup(options={"policy": Policy(needs_close_notify=False)}),
    ),
    one(
        "content of known length is whole, however TLS ends",
        get(f"{SECURE_A}/"),
        {SECURE_A: ((ReadHead(), Send(ok(b"whole")), Close(notify=False)),)},
        Outcome(status=200, content=b"whole"),
        Seen(SECURE_A, "GET /"),
    ),
    Scenario(
        name="a connection whose content broke is not used again",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: (serve(CHUNKED + b"zz\r\n"), serve(ok(b"2")))},
        outcomes=(
            Outcome(error=ChunkedEncodingError, says="broke off", answered=200),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
)

UNDECODABLE: Final = (
    no_content(
        "gzip that is none",
        serve(ok(b"not gzip at all", CODED)),
        ContentDecodingError,
        "gzip",
    ),
    no_content(
        "gzip that breaks in the middle",
        serve(ok(gzip.compress(b"0123456789" * 9)[:-9], CODED)),
        ContentDecodingError,
        "gzip",
    ),
    no_content(
        "gzip with a wrong sum",
        serve(ok(gzip.compress(b"0123456789")[:-8] + bytes(8), CODED)),
        ContentDecodingError,
        "gzip",
    ),
    no_content(
        "gzip that grows too much",
        serve(ok(ZEROS, CODED)),
        DecompressionLimit,
        "",
        decoded_free=1000,
    ),
    no_content(
        "content that is too large",
        serve(CHUNKED + b"a\r\n0123456789\r\n0\r\n\r\n"),
        ContentTooLarge,
        "larger than 9 bytes",
        content_size_max=9,
    ),
    no_content(
        "content that says so is refused before any of it has come",
        serve(ok(b"0123456789")[:-10]),
        ContentTooLarge,
        "larger than 9 bytes",
        content_size_max=9,
    ),
    one(
        "content that says so is refused at the head, though it is to be streamed",
        Intent("GET", f"{A}/", {"stream": True}),
        serve(ok(b"0123456789")[:-10]),
        Outcome(error=ContentTooLarge, says="larger than 9 bytes", answered=200),
        Seen(A, "GET /"),
        setup=Setup(options={"limits": Limits(content_size_max=9)}),
    ),
    one(
        "a redirect that nobody follows is refused by its length as well",
        Intent("GET", f"{A}/", {"stream": True, "allow_redirects": False}),
        serve(moved(302, "/y", content=b"0123456789")),
        Outcome(error=ContentTooLarge, says="larger than 9 bytes", answered=302),
        Seen(A, "GET /"),
        setup=Setup(options={"limits": Limits(content_size_max=9)}),
    ),
    one(
        "the connection of content that was refused is not used again",
        Intent("GET", f"{A}/", {"stream": True}),
        serve(moved(302, "/y", content=b"0123456789"), ok(b"0123456789")),
        Outcome(
            error=ContentTooLarge,
            says="larger than 9 bytes",
            answered=200,
            history=((302, f"{A}/"),),
            decisions=("1 redirect.followed http://a.test",),
        ),
        Seen(A, "GET /"),
        Seen(A, "GET /y"),
        setup=Setup(options={"limits": Limits(content_size_max=9)}),
    ),
    *(
        no_content(
            f"content of a coding that nobody takes off is refused by its length: {coding}",
            serve(ok(b"0123456789", ("Content-Encoding", coding))[:-10]),
            ContentTooLarge,
            "larger than 9 bytes",
            content_size_max=9,
        )
        for coding in ("identity", "x-own", "gzip, x-own")
    ),
    limited("content as large as it may be", ok(b"012345678"), content=b"012345678"),
    limited("a 204 that says it were too large", NONE % b"204 No Content", status=204),
    limited("a 304 that says it were too large", NONE % b"304 Not Modified", status=304),
    limited("an answer to HEAD that says so", NONE % b"200 OK", method="HEAD"),
    limited("gzip that is longer than its content", ok(SHORT, CODED), content=b"short"),
    limited(
        "a redirect that is followed, whatever it says",
        moved(302, "/y", content=b"0123456789"),
        ok(b"there"),
        content=b"there",
        url=f"{A}/y",
        history=((302, f"{A}/"),),
        decisions=("1 redirect.followed http://a.test",),
    ),
    limited(
        "a challenge that is answered, whatever it says",
        ok(b"0123456789", CHALLENGE, status=401),
        ok(b"there"),
        auth=Answering(),
        content=b"there",
        history=((401, f"{A}/"),),
        decisions=("0 auth.answered http://a.test",),
    ),
    Scenario(
        name="too many codings, which cost the connection",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={
            A: (
                serve(ok(bytes(100), ("Content-Encoding", "gzip, gzip, gzip"))[:-9]),
                serve(ok(b"2")),
            )
        },
        outcomes=(
            Outcome(error=DecompressionLimit, says="3 codings", answered=200),
            Outcome(status=200, content=b"2"),
        ),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2", connection=1)),
    ),
)

SCENARIOS: Final = (*HEADS, *CUT, *UNDECODABLE)
