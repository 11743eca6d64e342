"""Content that is lost, sent twice, or sent to somebody else; and answers that come early."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import Timeouts
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import ProxyError, UnrewindableBodyError
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Intent,
    Script,
    Seen,
    Setup,
    answer,
    get,
    moved,
    ok,
    serve,
)
from tests.scenarios.uploads import chunks, endless, file, read_chunked
from tests.servers.steps import Close, Expect, Offer, ReadHead, Send, Sleep, WaitClosed

from .talk import ALL, OPEN, PROXY, End, Talk, tunnel

if TYPE_CHECKING:
    from collections.abc import Callable

SESSIONS: Final = ALL[:-1]
OURS: Final = ("core", "sync", "asyncio")
FORM: Final = b"SECRET-1"
GONE: Final[dict[str, str | None]] = dict.fromkeys(
    ("content-length", "content-type", "content-encoding", "transfer-encoding", "expect", "digest")
)
DESCRIBED: Final = {
    "Content-Type": "text/plain",
    "Content-Encoding": "identity",
    "Digest": "sha-256=x",
    "Content-Language": "de",
}


LOST: Final = (
    Talk(
        id="CVE-2022-32221",
        intents=(
            Intent("PUT", f"{A}/x", content=chunks(b"one", b"two")),
            Intent("POST", f"{A}/y", {"data": b"fixed"}),
        ),
        peers={A: (serve(read_chunked(ok()), answer(ok(), content=5)),)},
        ends=(End(status=200), End(status=200)),
        seen=(
            Seen(A, "PUT /x", {"content-length": None}, b"onetwo"),
            Seen(A, "POST /y", {"transfer-encoding": None, "content-length": "5"}, b"fixed"),
        ),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2023-28322",
        intents=(
            Intent("PUT", f"{A}/x", content=file(b"0123456789")),
            Intent("POST", f"{A}/y", {"json": [1]}),
            Intent("POST", f"{A}/z", {"data": {"a": "1"}}),
            Intent("POST", f"{A}/n"),
            get(f"{A}/g"),
        ),
        peers={
            A: (
                serve(
                    answer(ok(), content=10),
                    answer(ok(), content=3),
                    answer(ok(), content=3),
                    ok(),
                    ok(),
                ),
            )
        },
        ends=(End(status=200),) * 5,
        seen=(
            Seen(A, "PUT /x", {"content-length": "10"}, b"0123456789"),
            Seen(A, "POST /y", {"content-type": "application/json"}, b"[1]"),
            Seen(A, "POST /z", {"content-type": "application/x-www-form-urlencoded"}, b"a=1"),
            Seen(A, "POST /n", {"content-length": "0", "content-type": None}),
            Seen(A, "GET /g", {"content-length": None, "content-type": None}),
        ),
        runners=SESSIONS,
    ),
    *(
        Talk(
            id="CVE-2023-45803",
            variant=f"{method} {status} {name}",
            intents=(Intent(method, f"{A}/x", {"headers": DESCRIBED, **given}, content=content),),
            peers={A: (serve((*reads, Send(moved(status, f"{B}/y")))),), B: (serve(ok()),)},
            ends=(End(status=200, codes=("redirect.content.dropped",)),),
            seen=(Seen(A, f"{method} /x", {}, sent), Seen(B, "GET /y", GONE)),
            knows=frozenset({A}),
            runners=SESSIONS,
        )
        for method, status in (("POST", 301), ("POST", 302), ("POST", 303), ("PUT", 303))
        for name, given, content, reads, sent in (
            ("bytes", {"data": FORM}, None, answer(content=len(FORM)), FORM),
            ("stream", {}, chunks(FORM), read_chunked(), FORM),
        )
    ),
    *(
        Talk(
            id="AIOHTTP-12195",
            variant=f"{status} to {end}",
            intents=(Intent("POST", f"{A}/x", content=chunks(b"one", b"two")),),
            peers={A: (serve(read_chunked(moved(status, f"{end}/y"))),), B: ()},
            ends=(End(error=UnrewindableBodyError, answered=status),),
            seen=(Seen(A, "POST /x", {}, b"onetwo"),),
            runners=SESSIONS,
        )
        for status in (307, 308)
        for end in (A, B)
    ),
    *(
        Talk(
            id="URLLIB3-5181",
            variant=f"{name} {status}",
            intents=(Intent("PUT", f"{A}/x", content=content),),
            peers={
                A: (serve(answer(moved(status, f"{B}/y"), content=len(sent))),),
                B: (serve(answer(ok(), content=len(sent))),),
            },
            ends=(End(status=200),),
            seen=(
                Seen(A, "PUT /x", {"content-length": str(len(sent))}, sent),
                Seen(B, "PUT /y", {"content-length": str(len(sent))}, sent),
            ),
            runners=SESSIONS,
        )
        for status in (307, 308)
        for name, content, sent in (
            ("file", file(b"0123456789"), b"0123456789"),
            ("file from its middle", file(b"0123456789", 4), b"456789"),
        )
    ),
    Talk(
        id="URLLIB3-5181",
        variant="in chunks",
        intents=(
            Intent(
                "PUT",
                f"{A}/x",
                {"headers": {"Transfer-Encoding": "chunked"}},
                content=file(b"0123456789"),
            ),
        ),
        peers={
            A: (serve(read_chunked(moved(307, f"{B}/y"))),),
            B: (serve(read_chunked(ok())),),
        },
        ends=(End(status=200),),
        seen=(Seen(A, "PUT /x", {}, b"0123456789"), Seen(B, "PUT /y", {}, b"0123456789")),
        runners=OURS,
    ),
)


CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


def large() -> io.BytesIO:
    """More than any buffer holds."""
    return io.BytesIO(bytes(16 << 20))


def dies(*last: Any) -> Script:
    """Answer one request, read another, and do this."""
    return (*answer(ok(b"1")), *last)


def again(method: str, resent: bool, *, headers: dict[str, str] | None = None, **more: Any) -> Talk:
    """A request on a kept connection that is read whole, and then nothing comes back."""
    content: Callable[[], Any] | None = more.get("content")
    reads = more.get("reads", (ReadHead(),))
    sent = more.get("sent", b"")
    intent = Intent(method, f"{A}/2", {"headers": headers or {}}, content=content)
    seen = Seen(A, f"{method} /2", {}, sent)
    return Talk(
        id="SJ-18",
        variant=f"{method} {more.get('variant', '')}".strip(),
        intents=(get(f"{A}/1"), intent),
        peers={
            A: (
                dies(*reads, Close()),
                *([serve((*reads, Send(ok(b"2" * (method != "HEAD")))))] if resent else []),
            )
        },
        ends=(
            End(status=200),
            End(status=200, codes=("retry.stale-connection",))
            if resent
            else End(error=LostConnection, not_codes=("retry.stale-connection",)),
        ),
        seen=(
            Seen(A, "GET /1"),
            seen,
            *([Seen(A, seen.line, {}, sent, connection=1)] if resent else []),
        ),
        runners=OURS,
    )


RETRIES: Final = (
    *(again(method, True) for method in ("GET", "HEAD", "OPTIONS", "DELETE")),
    again("PUT", True, content=file(b"0123456789"), reads=answer(content=10), sent=b"0123456789"),
    again(
        "PUT", False, content=chunks(b"once"), reads=read_chunked(), sent=b"once", variant="once"
    ),
    again("POST", False),
    again("PATCH", False),
    again("POST", False, headers={"Idempotency-Key": "1"}, variant="with a key"),
    Talk(
        id="SJ-18",
        variant="never twice",
        intents=(get(f"{A}/1"), get(f"{A}/2")),
        peers={A: (dies(ReadHead(), Close()), (ReadHead(), Close()))},
        ends=(End(status=200), End(error=LostConnection)),
        seen=(Seen(A, "GET /1"), Seen(A, "GET /2"), Seen(A, "GET /2", connection=1)),
        runners=OURS,
    ),
    Talk(
        id="SJ-18",
        variant="no connection was kept",
        intents=(get(f"{A}/2"),),
        peers={A: ((ReadHead(), Close()),)},
        ends=(End(error=LostConnection),),
        seen=(Seen(A, "GET /2"),),
    ),
)

BIG: Final = ok(b"big", ("Connection", "close"), status=413)

EARLY: Final = (
    *(
        Talk(
            id="REQUESTS-2422",
            variant=f"{status}",
            intents=(Intent("POST", f"{A}/x", content=endless),),
            peers={
                A: (
                    (
                        ReadHead(),
                        Send(ok(b"big", ("Connection", "close"), status=status)),
                        WaitClosed(),
                    ),
                )
            },
            ends=(End(status=status, content=b"big"),),
            seen=(Seen(A, "POST /x", {}, None),),
            runners=SESSIONS,
        )
        for status in (413, 401, 500)
    ),
    Talk(
        id="REQUESTS-2422",
        variant="over TLS",
        intents=(Intent("POST", f"{SECURE_A}/x", content=endless),),
        peers={SECURE_A: ((ReadHead(), Send(BIG), WaitClosed()),)},
        ends=(End(status=413, content=b"big"),),
        seen=(Seen(SECURE_A, "POST /x", {}, None),),
        runners=SESSIONS,
    ),
    *(
        Talk(  # It is refused: nothing more is sent, and the connection is not used again.
            id="SJ-10",
            variant=f"{status}",
            intents=(Intent("POST", f"{A}/x", content=endless), get(f"{A}/y")),
            peers={
                A: ((ReadHead(), Send(ok(b"early", status=status)), WaitClosed()), serve(ok(b"2")))
            },
            ends=(End(status=status, content=b"early"), End(status=200, content=b"2")),
            seen=(Seen(A, "POST /x", {}, None), Seen(A, "GET /y", connection=1)),
            runners=SESSIONS,
        )
        for status in (401, 413, 503)
    ),
    *(
        Talk(  # A success lets the upload go on: both sides finish, and the connection is kept.
            id="SJ-10",
            variant=f"200 {name}",
            intents=(Intent("POST", f"{A}/x", content=chunks(b"one", b"two")), get(f"{A}/y")),
            peers={A: (serve((ReadHead(), Send(octets), Expect(b"0\r\n\r\n")), ok(b"2")),)},
            ends=(End(status=200, content=content), End(status=200, content=b"2")),
            seen=(Seen(A, "POST /x", {}, b"onetwo"), Seen(A, "GET /y")),
            runners=OURS,
        )
        for name, octets, content in (
            ("length", ok(b"early"), b"early"),
            ("chunks", CHUNKED, b"ok"),
        )
    ),
    Talk(  # And where the peer does not read on, it is the end of the connection alone.
        id="SJ-10",
        variant="200, and nobody reads on",
        intents=(
            Intent("POST", f"{A}/x", {"timeout": Timeouts(write=0.3)}, content=endless),
            get(f"{A}/y"),
        ),
        peers={A: ((ReadHead(), Send(ok(b"early")), Sleep(0.8)), serve(ok(b"2")))},
        ends=(End(status=200, content=b"early"), End(status=200, content=b"2")),
        seen=(Seen(A, "POST /x", {}, None), Seen(A, "GET /y", connection=1)),
        runners=OURS[1:],
    ),
    Talk(  # It is sent once more, without the field (RFC 9110 section 10.1.1).
        id="CVE-2024-24791",
        variant="417",
        intents=(
            Intent("POST", f"{A}/x", {"headers": {"Expect": "100-continue"}}, content=large),
            get(f"{A}/y"),
        ),
        peers={
            A: (
                (ReadHead(), Send(ok(b"no", status=417)), WaitClosed()),
                serve(ok(b"1"), ok(b"2")),
            )
        },
        ends=(End(status=200, content=b"1"), End(status=200, content=b"2")),
        seen=(
            Seen(A, "POST /x", {}, None),
            Seen(A, "POST /x", {}, bytes(16 << 20), connection=1),
            Seen(A, "GET /y", connection=1),
        ),
        runners=OURS,
    ),
    Talk(
        id="CVE-2024-24791",
        variant="401",
        intents=(
            Intent("POST", f"{A}/x", {"headers": {"Expect": "100-continue"}}, content=large),
            get(f"{A}/y"),
        ),
        peers={A: ((ReadHead(), Send(ok(b"no", status=401)), WaitClosed()), serve(ok(b"2")))},
        ends=(End(status=401, content=b"no"), End(status=200, content=b"2")),
        seen=(Seen(A, "POST /x", {}, None), Seen(A, "GET /y", connection=1)),
        runners=OURS,
    ),
    Talk(  # A success, though nothing of the content was sent: the connection ends with it.
        id="CVE-2024-24791",
        variant="200",
        intents=(
            Intent(
                "POST",
                f"{A}/x",
                {"headers": {"Expect": "100-continue"}},
                content=file(b"0123456789"),
            ),
            get(f"{A}/y"),
        ),
        peers={A: ((ReadHead(), Send(ok(b"yes")), WaitClosed()), serve(ok(b"2")))},
        ends=(End(status=200, content=b"yes"), End(status=200, content=b"2")),
        seen=(Seen(A, "POST /x", {}, None), Seen(A, "GET /y", connection=1)),
        runners=OURS,
    ),
)


def connects(variant: str, *octets: bytes, end: End, **more: Any) -> Talk:
    """A proxy that answers CONNECT with these bytes; then nothing is left in the pool."""
    return Talk(
        id="CVE-2022-42915",
        variant=variant,
        intents=(get(f"{SECURE_A}/x"),),
        peers={PROXY: ((ReadHead(), *(Offer(each) for each in octets), *more.get("then", ())),)},
        ends=(end,),
        seen=(Seen(PROXY, "CONNECT a.test:443"),),
        setup=Setup(attributes={"proxies": {"all": PROXY}}),
        runners=SESSIONS,
    )


WHO: Final = b"HTTP/1.1 407 Who\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwho?\r\n0\r\n\r\n"

TUNNELS: Final = (
    connects(
        "403",
        ok(b"no", ("Connection", "keep-alive"), status=403),
        end=End(error=ProxyError, answered=403),
        then=(WaitClosed(),),
    ),
    connects("407 in chunks", WHO, end=End(error=ProxyError, answered=407), then=(WaitClosed(),)),
    connects(
        "403 with endless content",
        b"HTTP/1.1 403 No\r\n\r\n",
        *[bytes(65536)] * 20,
        end=End(error=ProxyError, answered=403),
        then=(WaitClosed(),),
    ),
    connects(
        "a head that breaks off",
        b"HTTP/1.1 200 Conn",
        end=End(error=ProxyError),
    ),
    connects("nothing", end=End(error=ProxyError)),
    *(
        Talk(
            id="CVE-2022-42915",
            variant=variant,
            intents=(get(f"{SECURE_A}/x"),),
            peers={PROXY: (tunnel(ok(b"there"), opened=opened),)},
            ends=(End(status=200, content=b"there"),),
            seen=(Seen(PROXY, "CONNECT a.test:443"), Seen(PROXY, "GET /x")),
            setup=Setup(attributes={"proxies": {"all": PROXY}}),
            runners=SESSIONS[1:],
        )
        for variant, opened in (
            ("200 with a length", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            ("200 with chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            ("100, and then 200", b"HTTP/1.1 100 Continue\r\n\r\n" + OPEN),
        )
    ),
)

TALKS: Final = (*LOST, *RETRIES, *EARLY, *TUNNELS)
