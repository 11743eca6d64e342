"""What the documentation shows is run, and what it says is printed is printed."""

from __future__ import annotations

import re
import runpy
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.scripted import Received, response

from .pages import TOP, Block, blocks, pages
from .world import documented_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.authority import Authority
    from tests.servers.scripted import HandlerServer

EXAMPLES = TOP / "docs" / "examples"


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


def named(path: Path) -> str:
    """The path of a page, for the names of tests."""
    return path.relative_to(TOP).as_posix()


@pytest.mark.parametrize("page", pages(), ids=named)
def test_the_code_of_a_page_runs_and_prints_what_it_says(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    namespace: dict[str, Any] = {"__name__": "__page__"}
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sojourn.local.tls_contexts._contexts", {})
    printed = ""
    with documented_world(monkeypatch, tmp_path):
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language == "python" and not block.mark.startswith("not run: "):
                # Blank lines first, so that an error names the line of the page.
                code = compile("\n" * (block.line - 1) + block.text, named(page), "exec")
                exec(code, namespace)
                printed = capsys.readouterr().out
            elif block.mark == "output":
                assert printed == block.text, f"{named(page)}, line {block.line}"
                printed = ""


@pytest.mark.parametrize("page", pages(), ids=named)
def test_blocks_of_a_page_are_of_a_kind_that_is_known(page: Path) -> None:
    found = list(blocks(page.read_text(encoding="utf-8")))
    assert {block.language for block in found} <= {"python", "sh", "text", "toml", "mermaid"}
    # Only code can be left out, and only with a reason; outputs follow code.
    for before, block in zip([None, *found], found, strict=False):
        if block.mark.startswith("not run"):
            assert block.language == "python"
        if block.mark == "output":
            assert block.language == "text"
            assert before is not None
            assert before.language == "python"


def test_few_blocks_are_not_run() -> None:
    found = [block for page in pages() for block in blocks(page.read_text(encoding="utf-8"))]
    left_out = [block for block in found if block.mark.startswith("not run")]
    run = [block for block in found if block.language == "python" and block not in left_out]
    assert len(run) > 30
    assert len(left_out) <= 3


@pytest.mark.parametrize("name", ["main", "test"])
def test_the_readme_has_each_command_once(name: str) -> None:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    marked = [block for block in blocks(text) if block.mark == f"command: {name}"]
    assert [block.language for block in marked] == ["sh"]
    assert marked[0].text.startswith("python -m pip install ")
    assert text.count(f"<!-- command: {name} -->") == 1


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_within_the_documentation_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^):\s]+)\)", page.read_text(encoding="utf-8")):
        place, _, fragment = link.partition("#")
        target = page.parent / place if place else page
        assert target.exists(), link
        if fragment:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
            assert fragment in anchors, link


def test_a_block_knows_its_line_and_its_mark() -> None:
    text = "A\n\n<!-- output -->\n```text\nx\ny\n```\n```python\n```\n"
    assert list(blocks(text)) == [
        Block(language="text", mark="output", text="x\ny\n", line=5),
        Block(language="python", mark="", text="\n", line=9),
    ]


def test_a_block_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2 does not end"):
        list(blocks("```python\nx\n"))


def run_example(name: str, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a script as ``python docs/examples/NAME`` does."""
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_every_example_is_run_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "corp_policy.py",
        "redirect_policy.py",
        "selectors_loop.py",
        "token_flow.py",
    }


def test_redirect_policy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_example("redirect_policy.py", monkeypatch=monkeypatch)
    assert capsys.readouterr().out.splitlines() == [
        "the default: GET https://cdn.test/orders/1 []",
        "Fetch: PUT https://cdn.test/orders/1 ['content-length']",
        "with X-Trace: GET https://cdn.test/orders/1 ['x-trace']",
        "internal only: the 302 is handed over",
        "internal only, inside: GET https://files.corp.test/1 []",
    ]


def test_corp_policy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run_example("corp_policy.py", monkeypatch=monkeypatch)
    assert capsys.readouterr().out.splitlines() == [
        "any graph of redirects: holds",
        "the policy: holds in all small chains",
        "without field_origins: 1. GET https://www.corp.test/ with x-api-key",
        "   answered: 200",
        "   broken: key at https://www.corp.test",
    ]
    assert len((EXAMPLES / "corp_policy.py").read_text(encoding="utf-8").splitlines()) < 60


def test_selectors_loop(
    serve: Callable[..., HandlerServer],
    ca: Authority,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def handler(received: Received) -> bytes:
        if received.target == "/from":
            return response(302, ("Location", "/to"), content=b"moved")
        return response(200, content=b"x" * 100_000)

    monkeypatch.setenv("SSL_CERT_FILE", str(ca.path))
    plain, secure = serve(handler), serve(handler, context=ca.server_context())
    gone = serve(handler)
    closed = gone.url("/")
    gone.close()
    run_example(
        "selectors_loop.py",
        plain.url("/from"),
        secure.url("/to"),
        closed,
        monkeypatch=monkeypatch,
    )
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"{plain.url('/to')}: 200, 100000 bytes, 1 redirects"
    assert second == f"{secure.url('/to')}: 200, 100000 bytes, 0 redirects"
    assert third.startswith(f"{closed}: cannot connect to {closed[:-1]}: ")
    assert plain.connections == 1


@pytest.mark.parametrize("given", ["t1", "other"])
def test_token_flow(
    serve: Callable[..., HandlerServer],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
) -> None:
    def handler(received: Received) -> bytes:
        if received.target == "/token":
            return response(200, content=b'{"access_token": "%s"}' % given.encode())
        known = received.value("Authorization") == "Bearer t1"
        return response(200 if known else 401, content=b"secret" if known else b"who?")

    server = serve(handler)
    run_example("token_flow.py", server.url("/x"), server.url("/token"), monkeypatch=monkeypatch)
    before = ["GET 401", "POST 200"]
    assert capsys.readouterr().out.splitlines() == (
        [f"sync: 200 'secret' after {before}", "asyncio: 200 'secret' after []"]
        if given == "t1"
        else [f"{name}: 401 'who?' after {before}" for name in ("sync", "asyncio")]
    )
