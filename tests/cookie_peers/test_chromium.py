"""Cookies as a browser keeps them: Chromium and our jar go through the same situations.

Each situation says which Cookie fields are sent. Ours must send them, and Chromium too, but for
what it does otherwise on purpose; that is written beside the field, with the reason, and tested
likewise. Where the two send the same, they must keep the same, and show the same to scripts.

Chromium is Debian's: ``apt-get install --no-install-recommends chromium``. Without it our half is
tested alone; ``SOJOURN_REQUIRE_CHROMIUM`` makes that a failure.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from sojourn.local.public_suffixes import is_public_suffix
from tests.conftest import need_program
from tests.servers.scripted import HandlerServer, response

from . import chromium, content, scope
from .model import Kept, Outcome, Situation, in_order, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cookie_peers.model import Visit
    from tests.servers.authority import Authority
    from tests.servers.scripted import Received

SITUATIONS = (*scope.SITUATIONS, *content.SITUATIONS)
PAGE = b"<!doctype html><link rel=icon href=data:,><title>x</title><body>"
SECONDS_APART_MAX = 60.0  # Between the clock of the browser's response and that of our jar.
DEFAULT_PORTS = {"http": 80, "https": 443}


def endpoint(url: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]


class Stage:
    """Two servers, for http and https, that play the visits of one situation after another."""

    def __init__(self, authority: Authority, stack: ExitStack) -> None:
        self._lock = threading.Lock()
        self._visits: tuple[Visit, ...] = ()
        self.sent: list[str | None] = []
        self.strays: list[str] = []
        self.servers = {
            "http": stack.enter_context(HandlerServer(self._answer_to("http"))),
            "https": stack.enter_context(
                HandlerServer(self._answer_to("https"), context=authority.server_context())
            ),
        }

    def addresses(self) -> dict[str, str]:
        """Where each name is that a situation goes to."""
        endpoints = {endpoint(each.url) for one in SITUATIONS for each in one.visits}
        return {
            f"{host}:{port}": f"127.0.0.1:{self.servers[scheme].port}"
            for scheme, host, port in endpoints
        }

    def begin(self, which: Situation) -> None:
        """Await the visits of a situation."""
        with self._lock:
            self._visits, self.sent, self.strays = which.visits, [], []

    def _answer_to(self, scheme: str) -> Callable[[Received], bytes]:
        def answer(request: Received) -> bytes:
            url = f"{scheme}://{request.value('host')}{request.target}"
            with self._lock:
                number = len(self.sent)
                if number >= len(self._visits) or self._visits[number].url != url:
                    self.strays.append(url)
                    return response(404)
                self.sent.append(request.value("cookie"))
                here, *rest = self._visits[number:]
            fields = [("Set-Cookie", line) for line in here.sets]
            if rest and rest[0].by == "redirect":
                return response(302, ("Location", rest[0].url), *fields)
            return response(200, ("Content-Type", "text/html"), *fields, content=PAGE)

        return answer


@pytest.fixture(scope="module")
def stage(ca: Authority) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(ca, stack)


@pytest.fixture(scope="module")
def browser(stage: Stage) -> Iterator[chromium.Chromium]:
    """One browser for all situations."""
    need_program("chromium", chromium.program(), switch="SOJOURN_REQUIRE_CHROMIUM")
    with chromium.Chromium(stage.addresses()) as running:
        yield running


def browse(which: Situation, stage: Stage, browser: chromium.Chromium) -> Outcome:
    """Lead the browser through a situation."""
    stage.begin(which)
    with chromium.Window(browser) as window:
        for each in which.visits:
            match each.by:
                case "address":
                    window.go_to(each.url)
                case "link" | "form":
                    window.click(each.url, post=each.by == "form")
                case "redirect":  # It has gone there already.
                    pass
        kept = in_order([_kept(cookie) for cookie in window.cookies()])
        scripts = window.run("document.cookie")
    assert stage.strays == []
    return Outcome(sent=tuple(stage.sent), kept=kept, scripts=scripts)


def _kept(cookie: dict[str, Any]) -> Kept:
    return Kept(
        name=cookie["name"],
        value=cookie["value"],
        domain=cookie["domain"],
        path=cookie["path"],
        secure=cookie["secure"],
        http_only=cookie["httpOnly"],
        same_site=cookie.get("sameSite", ""),
        expires=None if cookie["session"] else cookie["expires"],
    )


def play_ours(which: Situation) -> Outcome:
    """Lead our jar through a situation, with the rule for public suffixes that sessions have."""
    if which.needs_list:
        pytest.importorskip("publicsuffixlist")
    return play(which, time.time(), is_public_suffix)


ALL = pytest.mark.parametrize("which", SITUATIONS, ids=lambda which: which.name)


@ALL
def test_our_jar_sends_what_it_must(which: Situation) -> None:
    outcome = play_ours(which)
    assert list(outcome.sent) == [each.sent for each in which.visits]


@ALL
def test_chromium_and_our_jar_agree(
    which: Situation, stage: Stage, browser: chromium.Chromium
) -> None:
    ours = play_ours(which)
    theirs = browse(which, stage, browser)
    assert list(theirs.sent) == [each.sent_by_chromium for each in which.visits], browser.product
    if which.kept_otherwise or any(each.chromium for each in which.visits):
        return
    assert [each.expires for each in theirs.kept] == [
        pytest.approx(each.expires, abs=SECONDS_APART_MAX) if each.expires else None
        for each in ours.kept
    ]
    assert [without_end(each) for each in theirs.kept] == [without_end(each) for each in ours.kept]
    assert theirs.scripts == ours.scripts


def without_end(kept: Kept) -> tuple[object, ...]:
    """All that has to be equal to the letter."""
    return (
        *(kept.name, kept.value, kept.domain, kept.path),
        *(kept.secure, kept.http_only, kept.same_site),
    )
