"""How lines look: plain wherever colours do not belong, and harmless always."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

import sojourn_core
from sojourn.cli.output import Output
from sojourn.cli.story import PHRASES, sentence
from sojourn_core import Decision
from tests.core.decision_codes import CODES


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the surroundings says how output should look."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def written(stream: io.StringIO, text: str = "1. GET /", kind: str = "request") -> str:
    Output(stream).line(text, kind)
    return stream.getvalue()


def test_a_terminal_gets_colours() -> None:
    shown = written(Terminal())
    assert shown != "1. GET /\n"
    assert "\x1b[" in shown
    assert "1. GET /" in shown


def test_long_lines_are_not_broken() -> None:
    text = "word " * 100 + "end"
    assert text in written(Terminal(), text)


def test_what_looks_like_markup_is_text() -> None:
    assert "[bold]not markup[/]" in written(Terminal(), "[bold]not markup[/]")


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert written(Terminal()) == "1. GET /\n"


def test_an_empty_no_color_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[" in written(Terminal())


def test_a_file_gets_plain_lines() -> None:
    assert written(io.StringIO()) == "1. GET /\n"


def test_without_rich_lines_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert written(Terminal()) == "1. GET /\n"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_characters_that_steer_terminals_are_escaped(stream: type[io.StringIO]) -> None:
    shown = written(stream(), "a\x1b]0;b\x07\r\nc\u202ed\x7f")
    assert "a\\x1b]0;b\\x07\\r\\nc\\u202ed\\x7f" in shown


def test_a_stream_that_cannot_say_it_gets_an_escape() -> None:
    octets = io.BytesIO()
    stream = io.TextIOWrapper(octets, encoding="ascii")
    output = Output(stream)
    output.line("caf\u00e9")
    output.flush()
    assert octets.getvalue() == b"caf\\xe9\n"


@pytest.mark.parametrize("code", sorted(PHRASES))
def test_every_phrase_makes_a_sentence(code: str) -> None:
    decision = Decision(code=f"{code}.more", subject="S", reason="why", before="B", after="A")
    told = sentence(decision)
    assert told.endswith(": why")
    assert "{" not in told


def test_every_decision_of_the_core_has_a_phrase() -> None:
    pattern = re.compile(r'"((?:auth|cookie|field|redirect|retry)(?:\.[a-z-]+)+)"')
    folder = Path(sojourn_core.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    codes = {code for source in sources for code in pattern.findall(source)}
    assert len(codes) > 20
    told = {code: sentence(Decision(code=code, subject="S", reason="why")) for code in codes}
    assert [code for code in codes if code in told[code]] == []


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_the_reference_has_a_phrase(code: str) -> None:
    told = sentence(Decision(code=code, subject="S", reason="why", before="B", after="A"))
    assert code not in told


def test_a_decision_without_a_phrase_is_told_by_its_code() -> None:
    decision = Decision(code="new.rule", subject="S", reason="why", section="RFC 1 2.3")
    assert sentence(decision) == "new.rule: S: why (RFC 1 2.3)"
