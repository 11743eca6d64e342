"""SOCKS proxies beside Requests with PySocks: what a proxy is asked, and what comes of its answers.

Both libraries do the same errand before the same script; what the proxy has read is compared as
requests: the version, the user, the place, and then what the origin gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import requests

from sojourn import compat
from tests.scenarios.reading import requests_in
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, Expect, ReadHead, Reset, Send, StartTLS, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.authority import Authority
    from tests.servers.scripted import ScriptedServer
    from tests.servers.steps import Step

LIBRARIES: Final[tuple[Any, ...]] = (requests, compat)
OK: Final = answer(200, content=b"ok")
LOCAL: Final = b"\x7f\x00\x00\x01"
GRANTED_4: Final = Send(b"\x00\x5a" + bytes(6))
GRANTED_5: Final = Send(b"\x05\x00\x00\x01" + bytes(6))
GREETED: Final = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"))
KNOWN: Final = (Expect(b"\x05\x02\x00\x02"), Send(b"\x05\x02"), Expect(b"\x01\x01u\x01p"))
ONCE: Final = (ReadHead(), Send(OK), WaitClosed())
TWICE: Final = (ReadHead(), Send(OK), *ONCE)
URL: Final = "http://localhost/x"


def outcomes(
    scripted: Callable[..., ScriptedServer],
    script: tuple[Step, ...],
    proxy: str,
    url: str = URL,
    *,
    give: Callable[[pytest.MonkeyPatch, Any, str], dict[str, Any]] | None = None,
    count: int = 1,
    **arguments: Any,
) -> list[Any]:
    """Have both libraries ask, and return what came of it, and what the proxy has read."""
    found: list[Any] = []
    for library in LIBRARIES:
        server = scripted(script)
        place = proxy.format(server.port)
        with pytest.MonkeyPatch.context() as patch, library.Session() as session:
            given = {"proxies": {"http": place, "https": place}}
            if give is not None:
                given = give(patch, session, place)
            came = [one(library, session, url, **given, **arguments) for _ in range(count)]
        server.close()
        found.append((came, server.received, server.connections))
    return found


def requests_of(received: list[bytes]) -> list[Any]:
    """What a proxy, and the origin behind it, have read."""
    return [
        (each.line, [line for line in each.fields if line[0] != "User-Agent"])
        for octets in received
        for each in requests_in(octets)
    ]


def same(theirs: Any, ours: Any) -> None:
    """Hold what came of it, and what was read, against each other."""
    assert theirs[0] == ours[0]
    assert requests_of(theirs[1]) == requests_of(ours[1])
    assert theirs[2] == ours[2]


def one(library: Any, session: Any, url: str, **arguments: Any) -> Any:
    """Make one request: its status and content, or the classes of its error."""
    try:
        response = session.get(url, timeout=5, **arguments)
    except library.RequestException as error:
        return told(error, url)
    return response.status_code, response.content, response.url


def told(error: Any, url: str) -> Any:
    """The class of an error, and what it says of its reason.

    What a SOCKS proxy does is ``ProxyError`` here, which Requests keeps for HTTP proxies; both are
    a ``ConnectionError``.
    """
    assert error.request.url == url
    assert "secret" not in str(error)
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if kinds[0] == "ProxyError":
        del kinds[0]
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return kinds[: kinds.index("RequestException")], type(reason).__name__


def by_environment(name: str) -> Callable[[pytest.MonkeyPatch, Any, str], dict[str, Any]]:
    def give(patch: pytest.MonkeyPatch, session: Any, place: str) -> dict[str, Any]:
        patch.setenv(name, place)
        return {}

    return give


def by_session(patch: pytest.MonkeyPatch, session: Any, place: str) -> dict[str, Any]:
    session.proxies["all"] = place
    return {}


def by_call(patch: pytest.MonkeyPatch, session: Any, place: str) -> dict[str, Any]:
    return {"proxies": {"all": place}}


ASKED: Final = {
    "socks4": ("socks4://u:@127.0.0.1:{}", (Expect(LOCAL + b"u\0"), GRANTED_4)),
    "socks4a": ("socks4a://u:@127.0.0.1:{}", (Expect(b"u\0localhost\0"), GRANTED_4)),
    "socks5": (
        "socks5://127.0.0.1:{}",
        (*GREETED, Expect(b"\x01" + LOCAL + b"\x00\x50"), GRANTED_5),
    ),
    "socks5h": (
        "socks5h://127.0.0.1:{}",
        (*GREETED, Expect(b"\x03\x09localhost\x00\x50"), GRANTED_5),
    ),
    "socks5 with a user": (
        "socks5://u:p@127.0.0.1:{}",
        (*KNOWN, Send(b"\x01\x00"), Expect(LOCAL + b"\x00\x50"), GRANTED_5),
    ),
    "socks5h with a user": (
        "socks5h://u:p@127.0.0.1:{}",
        (*KNOWN, Send(b"\x01\x00"), Expect(b"localhost\x00\x50"), GRANTED_5),
    ),
    "escapes in the user": (
        "socks5h://%75:%70@127.0.0.1:{}",
        (*KNOWN, Send(b"\x01\x00"), Expect(b"localhost\x00\x50"), GRANTED_5),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_a_proxy_is_asked(scripted: Callable[..., ScriptedServer], name: str) -> None:
    proxy, script = ASKED[name]
    theirs, ours = outcomes(scripted, (*script, *TWICE), proxy, count=2)
    same(theirs, ours)
    came, received, connections = ours
    assert came == [(200, b"ok", URL)] * 2
    assert connections == 1
    assert len(requests_of(received)) == 3


@pytest.mark.parametrize(
    "give",
    [
        *(by_environment(name) for name in ("ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")),
        by_session,
        by_call,
    ],
    ids=["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "session", "call"],
)
def test_where_it_is_named(scripted: Callable[..., ScriptedServer], give: Any) -> None:
    proxy, script = ASKED["socks5h with a user"]
    theirs, ours = outcomes(scripted, (*script, *ONCE), proxy, give=give)
    same(theirs, ours)
    assert ours[0] == [(200, b"ok", URL)]


def test_an_origin_by_tls(scripted: Callable[..., ScriptedServer], ca: Authority) -> None:
    tls = StartTLS(ca.server_context())
    script = (*GREETED, Expect(b"\x03\x09localhost\x01\xbb"), GRANTED_5, tls, *TWICE)
    url = "https://localhost/x"
    theirs, ours = outcomes(
        scripted, script, "socks5h://127.0.0.1:{}", url, count=2, verify=str(ca.path)
    )
    same(theirs, ours)
    assert ours[0] == [(200, b"ok", url)] * 2


ANSWERS: Final[dict[str, tuple[str, tuple[Step, ...]]]] = {
    **{
        f"refusal {code}": (
            "socks5h://127.0.0.1:{}",
            (*GREETED, Expect(b"localhost\x00\x50"), Send(bytes([5, code, 0, 1]) + bytes(6))),
        )
        for code in (1, 2, 3, 4, 5, 6, 7, 8, 77)
    },
    **{
        f"refusal {code} of version 4": (
            "socks4a://127.0.0.1:{}",
            (Expect(b"localhost\0"), Send(bytes([0, code]) + bytes(6))),
        )
        for code in (91, 92, 93, 77)
    },
    "a password that is wrong": (
        "socks5h://u:p@127.0.0.1:{}",
        (*KNOWN, Send(b"\x01\x01")),
    ),
    "a password that is wanted": (
        "socks5h://127.0.0.1:{}",
        (Expect(b"\x05\x01\x00"), Send(b"\x05\xff")),
    ),
    "no SOCKS": ("socks5h://127.0.0.1:{}", (Expect(b"\x05\x01\x00"), Send(b"HTTP/1.1 400 "))),
    "no SOCKS of version 4": ("socks4a://127.0.0.1:{}", (Expect(b"\0"), Send(b"HTTP/1.1 400 "))),
    "an end": ("socks5h://127.0.0.1:{}", (Expect(b"\x05\x01\x00"),)),
    "an end after the greeting": ("socks5h://127.0.0.1:{}", (*GREETED, Expect(b"\x00\x50"))),
    "a reset": ("socks5h://127.0.0.1:{}", (Expect(b"\x05\x01\x00"), Reset())),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_comes_of_its_answers(scripted: Callable[..., ScriptedServer], name: str) -> None:
    proxy, script = ANSWERS[name]
    if not isinstance(script[-1], Reset):
        script = (*script, Close())
    (theirs, _, _), (ours, _, _) = outcomes(scripted, script, proxy)
    assert theirs == ours
    assert theirs[0][0][0] == "ConnectionError"


def test_nobody_there() -> None:
    found = []
    for library in LIBRARIES:
        with library.Session() as session:
            proxies = {"http": "socks5h://u:secret@127.0.0.1:1"}
            found.append(one(library, session, URL, proxies=proxies))
    assert found[0] == found[1]


def test_a_proxy_that_is_silent(scripted: Callable[..., ScriptedServer]) -> None:
    found = []
    for library in LIBRARIES:
        server = scripted([WaitClosed()])
        proxies = {"http": f"socks5h://127.0.0.1:{server.port}"}
        with library.Session() as session, pytest.raises(library.ConnectionError) as caught:
            session.get(URL, proxies=proxies, timeout=0.2)
        found.append(type(caught.value).__name__)
    assert found[0] == found[1]


@pytest.mark.parametrize("scheme", ["socks", "socks6"])
def test_schemes_that_are_none(scheme: str) -> None:
    for library in LIBRARIES:
        with (
            library.Session() as session,
            pytest.raises(ValueError, match=r"(?i)socks|schem|proxy"),
        ):
            session.get(URL, proxies={"http": f"{scheme}://127.0.0.1:1"})


def test_a_scheme_in_capitals() -> None:
    for library in LIBRARIES:
        with library.Session() as session, pytest.raises(library.ConnectionError):
            session.get(URL, proxies={"http": "SOCKS5H://127.0.0.1:1"})
