"""What the core imports, and in which direction.

The core does no I/O and asks no clock, so it may not even reach for what could: each import in
each of its files is on a written list. And its floors are a table here: imports go down.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import sojourn_core

if TYPE_CHECKING:
    from collections.abc import Iterator

CORE: Final = Path(sojourn_core.__file__).parent

# Standard modules that compute and do nothing else, and what the core is built on.
ALLOWED: Final = {
    "__future__",
    "abc",
    "base64",
    "codecs",
    "collections",
    "collections.abc",
    "contextlib",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "http",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "typing",
    "unicodedata",
    "urllib.parse",
    "warnings",
    "zlib",
    "h11",
    "idna",
    "rfc3986",
}
# What one module alone may have. Of datetime only what holds a date, and no clock, is used;
# of http only the phrases of status codes. What is optional is imported by the one that owns it.
OWNED: Final = {
    "ssl": {"tls"},
    "importlib": {"coding.codec"},
    "charset_normalizer": {"response"},
}
NAMES: Final = {"datetime": {"date", "timedelta"}, "http": {"HTTPStatus"}}

FLOORS: Final = {
    1: {  # Values: what is talked about.
        "address",
        "authority",
        "commands",
        "crossing",
        "content",
        "decision",
        "environment",
        "errors",
        "fields",
        "head",
        "hooks",
        "limits",
        "links",
        "methods",
        "named_state",
        "multipart",
        "netrc",
        "percent",
        "phase",
        "place",
        "policy",
        "progress",
        "query",
        "reading",
        "redirect_rule",
        "reference",
        "route",
        "settings",
        "status",
        "text",
        "timeouts",
        "url",
        "version",
    },
    2: {  # Decisions: functions of values. Requests and responses are made with their help.
        "auth",
        "carrying",
        "challenge",
        "coding",
        "coding.codec",
        "coding.decoder",
        "cookies",
        "cookies.accept",
        "cookies.cookie",
        "cookies.date",
        "cookies.deletions",
        "cookies.domain",
        "cookies.index",
        "cookies.interchange",
        "cookies.jar",
        "cookies.mapping",
        "cookies.merging",
        "cookies.netscape",
        "cookies.overlay",
        "cookies.parse",
        "cookies.retrieval",
        "digest",
        "digest_auth",
        "gates",
        "keeping",
        "merge",
        "proxies",
        "rebuilding",
        "redirect",
        "request",
        "response",
        "retry",
        "wire",
    },
    3: {"connection", "http1", "pool", "tls"},
    4: {
        "authenticating",
        "behalf",
        "blame",
        "call",
        "course",
        "exchange",
        "gate",
        "hop",
        "opening",
        "plan",
        "transfer",
        "upload",
    },
    5: {"session"},
    6: {""},  # The package itself, which gathers what is public.
}
FLOOR_OF: Final = {module: floor for floor, modules in FLOORS.items() for module in modules}


@dataclass(frozen=True)
class Import:
    """One import in one file.

    Attributes:
        source: The module of the core that has it.
        target: The module imported; one of the core without ``sojourn_core.``, see ``inner``.
        inner: Whether it is one of the core.
        names: What is taken from it, if that is said.
        for_types: Whether only type checkers see it.
    """

    source: str
    target: str
    inner: bool
    names: frozenset[str]
    for_types: bool


def module_of(path: Path) -> str:
    parts = path.relative_to(CORE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from walk(tree, module_of(path), path, for_types=False)


def walk(tree: ast.AST, source: str, path: Path, *, for_types: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for each in node.body:
                block = ast.Module([each], [])
                yield from walk(block, source, path, for_types=True)
            for each in node.orelse:
                yield from walk(ast.Module([each], []), source, path, for_types=for_types)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield imported(source, alias.name, frozenset(), for_types=for_types)
        elif isinstance(node, ast.ImportFrom):
            names = frozenset(alias.name for alias in node.names)
            target = node.module or ""
            if node.level:
                package = ["sojourn_core", *path.relative_to(CORE).parts[:-1]]
                package = package[: len(package) - (node.level - 1)]
                target = ".".join([*package, target] if target else package)
            if target == "sojourn_core":  # "from . import auth" takes a module, or a name of one.
                for name in sorted(names):
                    yield imported(source, f"{target}.{name}", frozenset(), for_types=for_types)
            else:
                yield imported(source, target, names, for_types=for_types)
        else:
            yield from walk(node, source, path, for_types=for_types)


def imported(source: str, target: str, names: frozenset[str], *, for_types: bool) -> Import:
    inner = target.partition(".")[0] == "sojourn_core"
    if inner:
        target = target.partition(".")[2]
    return Import(source, target, inner, names, for_types)


FILES: Final = sorted(CORE.rglob("*.py"))
IMPORTS: Final = [each for path in FILES for each in imports_of(path)]
OUTER: Final = [each for each in IMPORTS if not each.inner]
INNER: Final = [each for each in IMPORTS if each.inner and not each.for_types]


def test_each_import_from_outside_is_on_the_list() -> None:
    for each in OUTER:
        if each.for_types and each.target == "ssl":
            continue  # A name for type checkers loads nothing.
        owners = OWNED.get(each.target)
        if owners is None:
            assert each.target in ALLOWED, f"{each.source} imports {each.target}"
        else:
            assert each.source in owners, f"{each.source} imports {each.target}"
        names = NAMES.get(each.target)
        if names is not None:
            assert each.names, f"{each.source} imports all of {each.target}"
            assert each.names <= names, f"{each.source} takes {each.names} from {each.target}"


def test_the_list_holds_nothing_that_is_not_imported() -> None:
    found = {each.target for each in OUTER}
    assert found >= ALLOWED
    assert set(OWNED) <= found
    assert ALLOWED.isdisjoint(OWNED)


@pytest.mark.parametrize("name", ["__import__", "eval", "exec", "open", "input", "print"])
def test_no_built_in_function_goes_around_the_list(name: str) -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            assert not (called and node.func.id == name), f"{module_of(path)} calls {name}"


@pytest.mark.parametrize("name", ["today", "fromtimestamp", "utcnow"])
def test_no_date_asks_the_clock(name: str) -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked = isinstance(node, ast.Attribute) and node.attr == name
            assert not asked, f"{module_of(path)} asks for {name}"


def test_each_module_stands_on_one_floor() -> None:
    assert sum(map(len, FLOORS.values())) == len(FLOOR_OF)
    assert {module_of(path) for path in FILES} == set(FLOOR_OF)


def test_imports_never_go_up() -> None:
    for each in INNER:
        assert each.target in FLOOR_OF, f"{each.source} imports {each.target}"
        up = FLOOR_OF[each.target] > FLOOR_OF[each.source]
        assert not up, f"{each.source} imports {each.target}, which is a floor above"


def graph() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {module: set() for module in FLOOR_OF}
    for each in INNER:
        found[each.source].add(each.target)
    return found


def test_imports_never_go_in_a_circle() -> None:
    order = list(TopologicalSorter(graph()).static_order())  # CycleError names the circle.
    assert len(order) == len(FILES)


def reached(module: str) -> set[str]:
    """Everything that a module loads, by whatever way."""
    known: set[str] = set()
    waiting = [module]
    arrows = graph()
    while waiting:
        for target in arrows[waiting.pop()] - known:
            known.add(target)
            waiting.append(target)
    return known


def test_a_call_knows_nothing_of_bytes_and_an_exchange_nothing_of_calls() -> None:
    bytes_level = {"exchange", "transfer", "opening", "upload", "blame"}
    bytes_level |= {"plan", "http1", "connection", "pool", "tls"}
    assert not reached("call") & bytes_level
    assert not reached("session") & bytes_level
    message_level = {
        "call",
        "hop",
        "session",
        "redirect",
        "rebuilding",
        "retry",
        "cookies",
        "request",
    }
    assert not reached("exchange") & message_level


# --- in a fresh process -----------------------------------------------------------------------

WAITS: Final = {
    "socket",
    "ssl",
    "asyncio",
    "select",
    "selectors",
    "http.client",
    "http.cookiejar",
    "urllib.request",
}


def loaded_by(statement: str) -> set[str]:
    """The modules of a fresh process once it has executed a statement."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    # The statement is one of those below, and the interpreter the one that runs this test.
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert made.stderr == ""
    return set(made.stdout.split())


def test_the_core_loads_nothing_that_waits() -> None:
    loaded = loaded_by("import sojourn_core")
    assert "sojourn_core.session" in loaded
    assert not loaded & WAITS


def test_the_blocking_half_goes_without_asyncio_and_tls() -> None:
    loaded = loaded_by("import sojourn")
    assert "sojourn.sync.session" in loaded
    assert not loaded & {"asyncio", "ssl"}


def test_the_asyncio_half_is_loaded_when_it_is_asked_for() -> None:
    loaded = loaded_by("from sojourn import AsyncSession")
    assert {"sojourn.aio.session", "asyncio"} <= loaded
