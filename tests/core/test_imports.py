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
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
    "warnings",
    "zlib",
    "idna",
    "rfc3986",
}
# What one module alone may have. Of datetime only what holds a date, and no clock, is used;
# of http only the phrases of status codes. What is optional is imported by the one that owns it.
OWNED: Final = {
    "ssl": {"exchange.tls"},
    "h11": {"exchange.h11_codec", "exchange.h11_events"},
    "importlib": {"values.content.coding.packages", "values.lazy", "values.record"},
    "dataclasses": {"values.record"},
    "charset_normalizer": {"values.content.detection"},
    "inspect": {"values.content.files"},
}
# It compiles the constructors of records, from the names of their fields and nothing else.
EXECUTES: Final = {"values.record"}
NAMES: Final = {
    "datetime": {"date", "timedelta"},
    "http": {"HTTPStatus"},
    "inspect": {"iscoroutinefunction"},
}

# Each folder is a floor; a call and an exchange stand side by side and do not know each other.
FLOORS: Final = {"values": 1, "rules": 2, "messages": 3, "exchange": 4, "call": 4, "session": 5}
# What gathers the public names, and what everything may know.
ROOF: Final = {"", "commands", "cookies", "errors"}
GROUND: Final = {"version"}


def floor_of(module: str) -> int:
    if module in ROOF:
        return 6
    return 0 if module in GROUND else FLOORS[module.partition(".")[0]]


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


def is_module(name: str) -> bool:
    first, _, rest = name.partition(".")
    path = CORE.joinpath(*rest.split("."))
    return first == "sojourn_core" and (path.is_dir() or path.with_suffix(".py").exists())


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
            taken = {name for name in names if is_module(f"{target}.{name}")}
            for name in sorted(taken):  # "from . import auth" takes a module, or a name of one.
                yield imported(source, f"{target}.{name}", frozenset(), for_types=for_types)
            if names - taken:
                yield imported(source, target, names - taken, for_types=for_types)
        else:
            yield from walk(node, source, path, for_types=for_types)


def imported(source: str, target: str, names: frozenset[str], *, for_types: bool) -> Import:
    inner = target.partition(".")[0] == "sojourn_core"
    if inner:
        target = target.partition(".")[2]
    return Import(source, target, inner, names, for_types)


FILES: Final = sorted(CORE.rglob("*.py"))
MODULES: Final = {module_of(path) for path in FILES}
IMPORTS: Final = [each for path in FILES for each in imports_of(path)]
OUTER: Final = [each for each in IMPORTS if not each.inner]
INNER: Final = [each for each in IMPORTS if each.inner]


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
        if name == "exec" and module_of(path) in EXECUTES:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            assert not (called and node.func.id == name), f"{module_of(path)} calls {name}"


@pytest.mark.parametrize("name", ["today", "fromtimestamp", "utcnow"])
def test_no_date_asks_the_clock(name: str) -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked = isinstance(node, ast.Attribute) and node.attr == name
            assert not asked, f"{module_of(path)} asks for {name}"


def test_each_module_stands_on_a_floor() -> None:
    for module in MODULES:
        assert floor_of(module) >= 0


def goes_up(each: Import) -> bool:
    source, target = floor_of(each.source), floor_of(each.target)
    side = each.source.partition(".")[0] != each.target.partition(".")[0]
    return target > source or (target == source == FLOORS["call"] and side)


def test_imports_never_go_up() -> None:
    for each in INNER:
        assert each.target in MODULES, f"{each.source} imports {each.target}"
        assert not goes_up(each), f"{each.source} imports {each.target}, a floor above"


def graph(*, for_types: bool) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {module: set() for module in MODULES}
    for each in INNER:
        if for_types or not each.for_types:
            found[each.source].add(each.target)
    return found


@pytest.mark.parametrize("for_types", [False, True], ids=["at run time", "annotations too"])
def test_imports_never_go_in_a_circle(for_types: bool) -> None:
    order = list(TopologicalSorter(graph(for_types=for_types)).static_order())  # Or a CycleError.
    assert len(order) == len(FILES)


def reached(module: str) -> set[str]:
    """Everything that a module loads, by whatever way."""
    known: set[str] = set()
    waiting = [module]
    arrows = graph(for_types=False)
    while waiting:
        for target in arrows[waiting.pop()] - known:
            known.add(target)
            waiting.append(target)
    return known


def test_a_call_knows_nothing_of_bytes_and_an_exchange_nothing_of_calls() -> None:
    floors = {module: module.partition(".")[0] for module in MODULES}
    for module, floor in floors.items():
        found = {floors[each] for each in reached(module)}
        if floor in ("call", "session"):
            assert "exchange" not in found
        if floor == "exchange":
            assert not found & {"call", "session"}


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


@pytest.mark.processes
def test_the_core_loads_nothing_that_waits() -> None:
    loaded = loaded_by("from sojourn_core import *")
    assert "sojourn_core.session.session" in loaded
    assert not loaded & WAITS


@pytest.mark.processes
def test_the_blocking_half_goes_without_asyncio_and_tls() -> None:
    loaded = loaded_by("import sojourn; sojourn.get; sojourn.Session")
    assert "sojourn.sync.session" in loaded
    assert not loaded & {"asyncio", "ssl"}


@pytest.mark.processes
def test_the_asyncio_half_is_loaded_when_it_is_asked_for() -> None:
    loaded = loaded_by("from sojourn import AsyncSession")
    assert {"sojourn.aio.session", "asyncio"} <= loaded
