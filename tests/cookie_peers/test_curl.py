"""Cookies in the ``cookies.txt`` of curl: what it writes we read, and the other way round.

Names are the test's own and all at one address (``curl --connect-to``); the server says what came.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

import sojourn
from sojourn_core import parse_url
from tests.bindings.clients import BINDINGS, Binding
from tests.conftest import need_program
from tests.servers.scripted import HandlerServer, response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import Received

SECONDS_MAX: Final = 120.0

# What each URL sets.
SETS: Final = {
    "https://a.test/": (
        "n1=host-only",
        "n2=domain; Domain=a.test",
        "n3=path; Path=/x",
        "n4=secure; Secure",
        "n5=lasting; Max-Age=86400",
        "n6=dated; Expires=Wed, 21 Oct 2065 07:28:00 GMT",
        "n7=script; HttpOnly; Domain=a.test; Path=/x/y; Secure; Max-Age=86400",
        'n8="quoted, with = and blanks"',
        "n9=",
        "nA=#HttpOnly_x",
        "__Host-n=1; Secure; Path=/",
    ),
    # Paths are said, for where they are not curl writes them with a slash at the end.
    "http://sub.a.test/x/": ("m1=1; Path=/x", "m2=2; Path=/x; Domain=a.test"),
    "http://127.0.0.1/": ("i1=address",),
}
ASKED: Final = (
    "https://a.test/",
    "http://a.test/",
    "https://a.test/x/y/z",
    "http://a.test/x",
    "https://sub.a.test/x/y",
    "http://sub.a.test/",
    "http://b.test/",
    "http://xa.test/",
    "http://127.0.0.1/",
)


class Curl:
    """The program, and the server that it always gets to.

    Attributes:
        sets: What the server sets, by URL.
        sent: The URL and the Cookie field of each request.
    """

    def __init__(self, program: str, authority: Authority, stack: ExitStack) -> None:
        """Start the server, for http and for https."""
        self._program: Final = program
        self.sets: dict[str, tuple[str, ...]] = {}
        self.sent: list[tuple[str, str | None]] = []
        self.plain = stack.enter_context(HandlerServer(self._answer_to("http")))
        self.secure = stack.enter_context(
            HandlerServer(self._answer_to("https"), context=authority.server_context())
        )

    def _answer_to(self, scheme: str) -> Callable[[Received], bytes]:
        def answer(request: Received) -> bytes:
            url = f"{scheme}://{request.value('host')}{request.target}"
            self.sent.append((url, request.value("cookie")))
            return response(200, *(("Set-Cookie", line) for line in self.sets.get(url, ())))

        return answer

    def get(self, *urls: str, read: Path | None = None, write: Path | None = None) -> None:
        """Get each URL, one after another, with one set of cookies."""
        for_cookies: list[str] = ["--cookie", str(read) if read else ""]
        if write is not None:
            for_cookies += ["--cookie-jar", str(write)]
        subprocess.run(
            [
                *(self._program, "--disable", "--silent", "--show-error", "--fail", "--insecure"),
                *("--noproxy", "*", "--http1.1", "--output", "/dev/null"),
                *("--connect-to", f":80:127.0.0.1:{self.plain.port}"),
                *("--connect-to", f":443:127.0.0.1:{self.secure.port}"),
                *for_cookies,
                *urls,
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS_MAX,
        )


@pytest.fixture
def curl(ca: Authority) -> Iterator[Curl]:
    program = shutil.which("curl")
    need_program("curl", program)
    assert program is not None
    with ExitStack() as stack:
        yield Curl(program, ca, stack)


def pairs(field: str | None) -> list[str]:
    """The cookies of a field, in an order of this function's.

    That of curl is not the draft's: it puts longer names first and, of equals, the newest.
    """
    return sorted(field.split("; ")) if field else []


def ours(jar: sojourn.CookieJar) -> list[tuple[str, list[str]]]:
    """What a jar sends to each URL."""
    now = time.time()
    return [(url, pairs(jar.cookie_field(parse_url(url), now))) for url in ASKED]


def stored() -> sojourn.CookieJar:
    """A jar of ours that took what the server sets."""
    jar = sojourn.CookieJar()
    for url, lines in SETS.items():
        for decision in jar.store(lines, parse_url(url), time.time()):
            assert decision.code == "cookie.stored"
    return jar


def test_what_curl_keeps_we_send(curl: Curl, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    curl.sets = SETS
    curl.get(*SETS, write=file)
    reports: list[sojourn.Decision] = []
    read = sojourn.load_cookies(file, decisions=reports)
    assert reports == []
    assert [cookie.name for cookie in read if cookie.http_only] == ["n7"]

    curl.sets, curl.sent = {}, []
    curl.get(*ASKED, read=file)
    theirs = [(url, pairs(field)) for url, field in curl.sent]
    assert ours(read) == theirs
    # Neither is nothing, and both are what we keep of the same responses.
    assert ours(stored()) == theirs
    assert len(theirs[2][1]) == len(SETS["https://a.test/"]) + 1


def test_what_we_keep_curl_sends(curl: Curl, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    jar = stored()
    sojourn.save_cookies(jar, file, format="netscape")
    curl.get(*ASKED, read=file)
    assert [(url, pairs(field)) for url, field in curl.sent] == ours(jar)


def test_a_file_goes_through_both_and_stays_the_same(curl: Curl, tmp_path: Path) -> None:
    here, there, back = (tmp_path / name for name in ("here", "there", "back"))
    sojourn.save_cookies(stored(), here, format="netscape")
    curl.get("http://b.test/", read=here, write=there)
    sojourn.save_cookies(sojourn.load_cookies(there), back, format="netscape")
    lines = here.read_text(encoding="latin-1").splitlines()[1:]
    assert sorted(back.read_text(encoding="latin-1").splitlines()[1:]) == sorted(lines)
    assert len(lines) == 1 + sum(len(each) for each in SETS.values())


@pytest.mark.parametrize("name", BINDINGS)
def test_a_session_goes_on_where_curl_was(name: str, curl: Curl, tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    url = curl.plain.url("/in")
    curl.sets = {f"{curl.plain.url('')}/login": ("sid=1; Path=/; HttpOnly", "seen=1; Max-Age=600")}
    curl.get(curl.plain.url("/login"), write=file)
    binding = Binding(name)
    try:
        session = binding.session()
        session.cookies = sojourn.load_cookies(file)
        assert binding.run(session.get(url)).status_code == 200
        session.cookies.set("more", "2", domain="127.0.0.1")
        sojourn.save_cookies(session.cookies, file, format="netscape")
    finally:
        binding.close()
    assert curl.sent[-1][0] == url
    assert pairs(curl.sent[-1][1]) == ["seen=1", "sid=1"]
    curl.get(url, read=file)
    assert pairs(curl.sent[-1][1]) == ["more=2", "seen=1", "sid=1"]
