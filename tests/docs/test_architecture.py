"""The page on the architecture names files, functions and floors that exist, and true ways."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn_core
from tests.bindings.test_imports import FLOORS as FLOORS_OF_THE_BINDINGS
from tests.core.codecs import speaking
from tests.core.test_imports import FLOORS as FLOORS_OF_THE_CORE
from tests.servers.scripted import Received, response

from .pages import TOP

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from tests.servers.scripted import HandlerServer

PAGE: Final = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
CORE: Final = TOP / "core" / "sojourn_core"
BINDINGS: Final = TOP / "bindings" / "sojourn"
SOURCES: Final = sorted([*CORE.rglob("*.py"), *BINDINGS.rglob("*.py")])

SPAN: Final = re.compile(r"`([^`\n]+)`")
PATH: Final = re.compile(r"[\w.-]*/[\w./-]*|\w+\.(?:py|md)")
DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+")
# A file, and names that stand right behind it: `call/call.py` `Call.start`.
NAMED: Final = re.compile(r"`([\w./]+\.py)`((?: `[\w.]+`)+)")
STEP: Final = re.compile(r"^(\d+)\. (.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def closes_everything(no_leaks: None) -> None:
    """Check every test for leaks, after its other fixtures are gone."""


def section(title: str) -> str:
    (text,) = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert isinstance(text, str)
    return text


def spans() -> list[str]:
    """What stands in backticks, in prose and tables."""
    return SPAN.findall(re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL))


def located(path: str) -> Path | None:
    """The place of a path: below the repository, the core or the bindings."""
    for root in (TOP, CORE, BINDINGS):
        if (root / path).exists():
            return root / path
    return None


@cache
def defined(path: Path) -> frozenset[str]:
    """The functions, classes, methods and attributes that a file defines, by qualified names."""
    found: set[str] = set()

    def names(node: ast.stmt) -> Iterator[str]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign(targets=targets):
                yield from (each.id for each in targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case _:
                pass

    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        found.update(names(node))
        if isinstance(node, ast.ClassDef):
            found.update(f"{node.name}.{name}" for each in node.body for name in names(each))
            found.update(
                f"{node.name}.{each.attr}"
                for each in ast.walk(node)
                if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
            )
    return frozenset(found)


def is_known(dotted: str) -> bool:
    """Tell whether there is a module, or an attribute of a class, by this name.

    ``exchange.stream`` is an attribute of ``Exchange``.
    """
    owner, _, name = dotted.rpartition(".")
    kind = owner[:1].upper() + owner[1:]
    if any(f"{kind}.{name}" in defined(path) for path in SOURCES):
        return True
    if any(hasattr(getattr(each, kind, None), name) for each in (sojourn, sojourn_core)):
        return True  # It is inherited.
    for package in ("", "sojourn_core.", "sojourn."):
        for module, attribute in ((dotted, ""), (owner, name)):
            try:
                found = importlib.import_module(package + module)
            except ImportError:
                continue
            if not attribute or hasattr(found, attribute):
                return True
    return False


@pytest.mark.parametrize("path", sorted({each for each in spans() if PATH.fullmatch(each)}))
def test_each_path_exists(path: str) -> None:
    assert located(path) is not None


@pytest.mark.parametrize(
    "dotted",
    sorted(
        {
            each.removesuffix("()")
            for each in spans()
            if DOTTED.fullmatch(each.removesuffix("()")) and not PATH.fullmatch(each)
        }
    ),
)
def test_each_dotted_name_exists(dotted: str) -> None:
    assert is_known(dotted)


@pytest.mark.parametrize(("path", "names"), NAMED.findall(PAGE))
def test_a_name_behind_a_file_is_defined_there(path: str, names: str) -> None:
    place = located(path)
    assert place is not None
    assert set(SPAN.findall(names)) - defined(place) == set()


def test_what_does_not_exist_is_found_out() -> None:
    assert located("rules/nothing.py") is None
    assert not is_known("Call.nothing")
    assert not is_known("sojourn_core.nothing")


# --- the floors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "floors"),
    [
        pytest.param(CORE, FLOORS_OF_THE_CORE, id="core"),
        pytest.param(BINDINGS, FLOORS_OF_THE_BINDINGS, id="bindings"),
    ],
)
def test_each_folder_stands_on_its_floor(root: Path, floors: Mapping[str, int]) -> None:
    prefix = root.relative_to(TOP).as_posix()
    documented = {
        name: int(floor)
        for floor, name in re.findall(rf"^\| (\d) \| `{prefix}/(\w+)/` \|", PAGE, re.MULTILINE)
    }
    folders = {each.parent.name for each in root.glob("*/__init__.py")}
    assert documented == {name: floors[name] for name in folders}


def test_each_row_names_one_file() -> None:
    rows = [
        line.strip("|").split("|")
        for line in section("Where to change something").splitlines()
        if line.startswith("| ") and not line.startswith("| **")
    ][1:]
    files = [SPAN.findall(cells[-1]) for cells in rows]
    assert {len(each) for each in files} == {1}
    assert len({name for (name,) in files}) == len(files) >= 30


# --- the ways ---------------------------------------------------------------------------------


def way(title: str) -> list[tuple[str, str]]:
    """The functions that a section names, in their order: paths and qualified names."""
    found: list[tuple[str, str]] = []
    numbers: list[str] = []
    for number, text in STEP.findall(section(title)):
        numbers.append(number)
        named = NAMED.findall(text)
        assert named, f"step {number} names no function"
        for path, names in named:
            place = located(path)
            assert place is not None
            found.extend((str(place), name) for name in SPAN.findall(names))
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    return found


@contextmanager
def traced(calls: list[tuple[str, str]]) -> Generator[None]:
    """Note each call of a function of ours, in this thread."""
    roots = (str(CORE), str(BINDINGS))

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(roots):
            calls.append((code.co_filename, code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize(
    ("title", "path"),
    [("The way of a request", "/to"), ("The way of a Location", "/from")],
)
def test_a_way_is_what_a_trace_shows(
    title: str, path: str, serve: Callable[..., HandlerServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(received: Received) -> bytes:
        if received.target == "/from":
            return response(302, ("Location", f"{other.url('/to')}"), ("Set-Cookie", "a=b"))
        return response(200, content=b"there")

    one, other = serve(handler), serve(handler)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    calls: list[tuple[str, str]] = []
    with speaking("plain"), sojourn.Session() as session, traced(calls):
        assert session.get(one.url(path), headers={"X-Key": "k"}).text == "there"
    rest = iter(calls)
    for step in way(title):
        assert step in rest, f"{step} is not called after the step before"
