"""What a caller passes on, and what would write lines of its own into a head."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import InvalidHeader, InvalidMethod, InvalidProxyURL
from tests.scenarios.model import SECURE_A, A, Intent, Seen, answer, get, ok, serve

from .refusal import Refusal
from .talk import ALL, PROXY, End, Talk

if TYPE_CHECKING:
    from collections.abc import Iterator

INJECTED: Final[dict[str, str | None]] = {"x-inj": None}
OURS: Final = ("core", "sync", "asyncio")  # The drop-in does as Requests does, and harms nobody.
SESSIONS: Final = ALL[:-1]
BREAKS: Final = {"CR LF": "\r\n", "LF": "\n", "CR": "\r", "NUL": "\0", "DEL": "\x7f", "SOH": "\x01"}
# The last byte of each is CR, LF or a blank.
LOW_BYTES: Final = "\u010d\u010a\u0120\u560d\u560a"


def fields(which: str, *cases: tuple[str, Any, str], **more: Any) -> Iterator[Refusal]:
    """Requests with fields that are refused: what it is, the fields, what the message has."""
    for variant, headers, says in cases:
        yield Refusal(
            id=which,
            variant=variant,
            error=InvalidHeader,
            arguments={"headers": headers},
            says=says,
            **more,
        )


def methods(which: str, *cases: Any) -> Iterator[Refusal]:
    """Requests with methods that are refused."""
    for method in cases:
        yield Refusal(id=which, variant=repr(method), error=InvalidMethod, method=method)


def posted(which: str, variant: str, says: str = "", **more: Any) -> Refusal:
    """A POST that is refused."""
    runners = more.pop("runners", SESSIONS)
    return Refusal(
        id=which,
        variant=variant,
        error=InvalidHeader,
        method="POST",
        arguments=more,
        says=says,
        runners=runners,
    )


def set_line(name: str, value: str) -> Any:
    """Set a line of a prepared request that no check has seen."""

    def spoil(request: Any) -> None:
        lines = [*request.headers.lines, (name, value)]
        request.headers = type(request.headers).from_lines(lines)

    return spoil


def set_attribute(name: str, value: Any) -> Any:
    """Set an attribute of a prepared request."""

    def spoil(request: Any) -> None:
        setattr(request, name, value)

    return spoil


REFUSALS: Final = (
    *fields(
        "CVE-2016-5699",
        *((name, {"X": f"a{char}X-Inj: 1"}, "'X'") for name, char in BREAKS.items()),
        ("bytes", {b"X": b"a\r\nX-Inj: 1"}, "'X'"),
        ("pairs", [("X", "a\r\nX-Inj: 1")], "'X'"),
        ("folded", {"X": "a\r\n b"}, "'X'"),
        ("at the end", {"X": "a\r\n"}, "'X'"),
        ("at the start", {"X": "\r\na"}, "'X'"),
        ("beyond ISO-8859-1", {"X": f"a{LOW_BYTES}X-Inj: 1"}, "'X'"),
        ("in a name", {"X\r\nY": "1"}, "token"),
        ("blank after a name", {"X ": "1"}, "token"),
        ("blank before a name", {" X": "1"}, "token"),
        ("no name", {"": "1"}, "token"),
        ("a name beyond ASCII", {"X\u010a": "1"}, ""),
        ("cookie", {"Cookie": "a=1\r\nX-Inj: 1"}, "'Cookie'"),
        ("credentials", {"Authorization": "Bearer SECRET-1\r\nX-Inj: 1"}, "'Authorization'"),
    ),
    *fields("CVE-2016-5699", ("colon in a name", {"X:": "1"}, "token"), runners=SESSIONS),
    *(
        Refusal(
            id="CVE-2016-5699",
            variant=f"cookies= {name}",
            error=InvalidHeader,
            arguments={"cookies": given},
            runners=SESSIONS,
        )
        for name, given in (("value", {"a": "x\r\nX-Inj: 1"}), ("name", {"a\r\nX-Inj": "1"}))
    ),
    *fields(
        "CVE-2023-23936",
        *((name, {"host": f"a.test{char}X-Inj: 1"}, "") for name, char in BREAKS.items()),
    ),
    *fields(
        "CVE-2023-29406",
        ("line break", {"Host": "a.test\r\nX-Inj: 1"}, "'Host'"),
        ("path", {"Host": "a.test/x"}, "Host"),
        ("blank", {"Host": "a b"}, "Host"),
        ("user info", {"Host": "u@a.test"}, "Host"),
        ("two in one", {"Host": "a.test, b.test"}, "Host"),
        ("query", {"Host": "a.test?x"}, "Host"),
        ("port", {"Host": "a.test:80x"}, "Host"),
        ("empty", {"Host": ""}, "Host"),
        ("bytes", {b"Host": b"a.test/x"}, "Host"),
    ),
    *fields(
        "CVE-2023-29406",
        ("two", [("Host", "a.test"), ("host", "b.test")], "Host"),
        runners=(*OURS, "cli"),  # Of two names the drop-in takes the last, as Requests.
    ),
    *fields(
        "CVE-2026-1527",
        *(
            (f"{field} {name}", {field: f"x{char}X-Inj: 1"}, f"'{field}'")
            for field in ("Upgrade", "Connection", "Expect", "TE")
            for name, char in BREAKS.items()
        ),
    ),
    *(
        posted(
            "CVE-2026-34514",
            f"content type {name}",
            "Content-Type",
            files={"f": ("n", b"x", f"a/b{char}X-Inj: 1")},
        )
        for name, char in BREAKS.items()
    ),
    posted(
        "CVE-2026-34514",
        "field of a part",
        "'X'",
        files={"f": ("n", b"x", "a/b", {"X": "a\r\nX-Inj: 1"})},
    ),
    posted(
        "CVE-2026-34514",
        "name of a field",
        "token",
        files={"f": ("n", b"x", "a/b", {"X\r\nX-Inj": "1"})},
    ),
    posted(
        "CVE-2026-34514",
        "boundary with a line break",
        "Content-Type",
        files={"f": ("n", b"x")},
        headers={"Content-Type": "multipart/form-data; boundary=a\r\nX-Inj: 1"},
    ),
    *(
        posted(
            "CVE-2026-34514",
            f"boundary {boundary[:8]}",
            "boundary",
            files={"f": ("n", b"x")},
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
            runners=OURS,
        )
        for boundary in ("a" * 71, '"a@b"', '"a;b"', '"a "')
    ),
    *(
        Refusal(
            id="CVE-2026-1502",
            variant=proxy,
            error=error,
            url=f"{SECURE_A}/x",
            arguments={"proxies": {"all": proxy}},
            runners=SESSIONS,
        )
        for proxy, error in (
            ("http://proxy.test\r\nX-Inj: 1:3128", InvalidProxyURL),
            ("http://proxy.test%0d%0aX-Inj:3128", InvalidProxyURL),
            ("http://u\r\nX:p@proxy.test:3128", InvalidProxyURL),
            ("http://u%0d%0aX:p@proxy.test:3128", InvalidHeader),
            ("http://u:p%0a@proxy.test:3128", InvalidHeader),
        )
    ),
    *(
        Refusal(
            id="CVE-2026-1502",
            variant=f"Proxy-Authorization {name}",
            error=InvalidHeader,
            url=f"{SECURE_A}/x",
            arguments={
                "proxies": {"all": PROXY},
                "headers": {"Proxy-Authorization": f"Basic x{char}X-Inj: 1"},
            },
            runners=SESSIONS,
        )
        for name, char in BREAKS.items()
    ),
    *(
        Refusal(
            id="SJ-04",
            variant=repr(auth),
            error=InvalidHeader,
            arguments={"auth": auth},
            runners=(*OURS, "cli") if ":" not in auth[0] else OURS,
        )
        for auth in (
            ("a:b", "SECRET"),
            ("a\r\n", "SECRET"),
            ("a", "SECRET\r\nX-Inj: 1"),
            ("a", "SECRET\0"),
            ("a\x7f", "SECRET"),
        )
    ),
    *methods(
        "CVE-2020-26137", "GET / HTTP/1.1\r\nX-Inj: 1\r\nX:", "GET\n", "GET\r", "G\0T", "\r\nGET"
    ),
    *methods(
        "CVE-2023-49082",
        "GET /x HTTP/1.1\r\n\r\nGET /smuggled",
        "GET ",
        " GET",
        "GE T",
        "",
        "GET/",
        "G\u010aT",
        b"GET\r\nX-Inj: 1",
        "GET:",
        "(GET)",
    ),
    *(
        Refusal(
            id="CVE-2026-55766",
            variant=variant,
            error=error,
            spoil=spoil,
            runners=SESSIONS,
            arguments=arguments,
        )
        for through, arguments in (("", {}), (" by a proxy", {"proxies": {"http": PROXY}}))
        for variant, error, spoil in (
            (
                f"method{through}",
                InvalidMethod,
                set_attribute("method", "GET / HTTP/1.1\r\nX-Inj: 1\r\nX:"),
            ),
            (f"value{through}", InvalidHeader, set_line("X", "a\r\nX-Inj: 1")),
            (f"name{through}", InvalidHeader, set_line("X\r\nX-Inj", "1")),
            (f"blank in a name{through}", InvalidHeader, set_line("X ", "1")),
            (f"second Host{through}", InvalidHeader, set_line("Host", "b.test\r\nX-Inj: 1")),
        )
    ),
)


def part(name: str, file: str) -> str:
    """The first line of a part, with what may not stand there percent-encoded (WHATWG)."""
    return f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\n'


TALKS: Final = (
    *(
        Talk(
            id="CVE-2019-11236",
            variant=name,
            intents=(get(url),),
            peers={A: (serve(ok(b"there")),)},
            ends=(End(status=200, content=b"there"),),
            seen=(Seen(A, line, INJECTED),),
        )
        for name, url, line in (
            (
                "query",
                f"{A}/?q=1 HTTP/1.1\r\nX-Inj: 1\r\nX:",
                "GET /?q=1%20HTTP/1.1%0D%0AX-Inj:%201%0D%0AX:",
            ),
            (
                "path",
                f"{A}/x HTTP/1.1\r\nX-Inj: 1\r\nX:y",
                "GET /x%20HTTP/1.1%0D%0AX-Inj:%201%0D%0AX:y",
            ),
            ("fragment", f"{A}/x# HTTP/1.1\r\nX-Inj: 1\r\nX:y", "GET /x"),
            ("other controls", f"{A}/x\x01\x00\x7fy", "GET /x%01%00%7Fy"),
        )
    ),
    Talk(
        id="CVE-2019-11236",
        variant="params=",
        intents=(get(f"{A}/x", params={"q\r\nX-Inj": "1\r\nX-Inj: 1"}),),
        peers={A: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(A, "GET /x?q%0D%0AX-Inj=1%0D%0AX-Inj%3A+1", INJECTED),),
        runners=SESSIONS,
    ),
    Talk(
        id="CVE-2014-8150",
        intents=(get(f"{A}/x HTTP/1.1\r\nX-Inj: 1\r\nX:y"),),
        peers={PROXY: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(Seen(PROXY, f"GET {A}/x%20HTTP/1.1%0D%0AX-Inj:%201%0D%0AX:y", INJECTED),),
        environ={"http_proxy": PROXY},
    ),
    *(
        Talk(
            id="CVE-2018-12116",
            variant=name,
            intents=(get(url),),
            peers={A: (serve(ok()),)},
            ends=(End(status=200),),
            seen=(Seen(A, line, INJECTED),),
        )
        for name, url, line in (
            (
                "path",
                f"{A}/x{LOW_BYTES}X-Inj:1",
                "GET /x%C4%8D%C4%8A%C4%A0%E5%98%8D%E5%98%8AX-Inj:1",
            ),
            (
                "query",
                f"{A}/?x{LOW_BYTES}X-Inj:1",
                "GET /?x%C4%8D%C4%8A%C4%A0%E5%98%8D%E5%98%8AX-Inj:1",
            ),
            ("fragment", f"{A}/#x{LOW_BYTES}X-Inj:1", "GET /"),
        )
    ),
    *(
        Talk(
            id="CVE-2024-22049",
            variant=name,
            intents=(
                Intent(
                    "POST",
                    f"{A}/x",
                    {
                        "files": {field: (file, b"content")},
                        "headers": {"Content-Type": "multipart/form-data; boundary=b"},
                    },
                ),
            ),
            peers={A: (serve(answer(ok(), content=len(content))),)},
            ends=(End(status=200),),
            seen=(Seen(A, "POST /x", INJECTED, content=content),),
            runners=OURS,
        )
        for name, field, file, line in (
            ("file", "f", 'n"; name="x', part("f", "n%22; name=%22x")),
            ("file, line break", "f", "n\r\nX-Inj: 1", part("f", "n%0D%0AX-Inj: 1")),
            ("field", 'f"; filename="x', "n", part("f%22; filename=%22x", "n")),
            ("field, line break", "f\r\n\r\nx", "n", part("f%0D%0A%0D%0Ax", "n")),
        )
        for content in (f"--b\r\n{line}\r\ncontent\r\n--b--\r\n".encode(),)
    ),
    Talk(
        id="CVE-2026-9679",
        intents=(get(f"{A}/x"), get(f"{A}/y")),
        peers={A: (serve(ok(b"", ("Set-Cookie", "a=x%0d%0aX-Inj:1")), ok()),)},
        ends=(End(status=200), End(status=200)),
        seen=(Seen(A, "GET /x"), Seen(A, "GET /y", {**INJECTED, "cookie": "a=x%0d%0aX-Inj:1"})),
        runners=SESSIONS,
    ),
    Talk(
        id="SJ-04",
        variant="UTF-8",
        intents=(get(f"{A}/x", auth=("\u00fc", "\u2603")),),
        peers={A: (serve(ok()),)},
        ends=(End(status=200),),
        seen=(
            Seen(
                A,
                "GET /x",
                {"authorization": "Basic " + b64encode("\u00fc:\u2603".encode()).decode()},
            ),
        ),
        runners=(*OURS, "cli"),
    ),
)
