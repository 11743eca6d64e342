"""What the bindings import, and in which direction: imports go down, whoever sees them.

Imports within functions and for type checkers count as well.
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

import sojourn
import sojourn_core

if TYPE_CHECKING:
    from collections.abc import Iterator

BINDINGS: Final = Path(sojourn.__file__).parent
CORE: Final = Path(sojourn_core.__file__).parent

# Each room is a floor. The bindings stand side by side and do not know each other.
FLOORS: Final = {
    "exceptions": 0,
    "local": 1,
    "testing": 1,
    "shared": 2,
    "sync": 3,
    "aio": 3,
    "trio": 3,
    "adapters": 4,
    "api": 4,
    "cookiejars": 4,
    "machine": 4,
    "compat": 5,
    "cli": 5,
    "pytest_plugin": 5,
    "__main__": 6,
    "": 6,
}
LEAVES: Final = {
    "compat",
    "cli",
    "api",
    "machine",
    "pytest_plugin",
    "testing",
}  # Imported by nobody but the package and its program.


@dataclass(frozen=True)
class Import:
    """One module that another imports; both without ``sojourn.``."""

    source: str
    target: str


def module_of(path: Path) -> str:
    parts = path.relative_to(BINDINGS).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES: Final = {module_of(path): path for path in sorted(BINDINGS.rglob("*.py"))}


def room_of(module: str) -> str:
    return module.partition(".")[0]


def imports_of(module: str) -> Iterator[Import]:
    path = FILES[module]
    package = ["sojourn", *path.relative_to(BINDINGS).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            place = ".".join([*above, node.module or ""]).strip(".")
            targets = [target_of(place, alias.name) for alias in node.names]
        else:
            continue
        for target in targets:
            first, _, rest = target.partition(".")
            if first == "sojourn":
                yield Import(module, rest)


def target_of(place: str, name: str) -> str:
    """Name the module that ``from place import name`` takes something from, or takes itself."""
    inner = f"{place}.{name}".removeprefix("sojourn.")
    return f"{place}.{name}" if inner in FILES else place


IMPORTS: Final = {each for module in FILES for each in imports_of(module)}


def test_each_module_stands_on_a_floor() -> None:
    assert {room_of(module) for module in FILES} == set(FLOORS)


def test_imports_never_go_up() -> None:
    for each in IMPORTS:
        source, target = room_of(each.source), room_of(each.target)
        assert each.target in FILES, f"{each.source} imports {each.target}"
        assert source == target or FLOORS[source] > FLOORS[target], f"{each} goes up"


def test_nobody_imports_a_leaf() -> None:
    for each in IMPORTS:
        source, target = room_of(each.source), room_of(each.target)
        if source != target and target in LEAVES:
            assert source in ("", "__main__"), f"{each} imports a leaf"
            assert target != "compat", f"{each} loads the drop-in"


@pytest.mark.parametrize("name", ["import_module", "__import__"])
def test_no_function_goes_around_the_table(name: str) -> None:
    """The drop-in imports by name what users ask it for; the program, what may not be installed.

    The package itself loads its public names when they are asked for, from a table of its own; and
    the extra truststore, which may not be installed, is imported where it is used.
    """
    for module, path in FILES.items():
        if room_of(module) not in ("compat", "cli") and module not in ("", "local.tls_contexts"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.Name) and node.id == name), module
                assert not (isinstance(node, ast.Attribute) and node.attr == name), module


def test_imports_never_go_in_a_circle() -> None:
    arrows: dict[str, set[str]] = {module: set() for module in FILES}
    for each in IMPORTS:
        arrows[each.source].add(each.target)
    order = list(TopologicalSorter(arrows).static_order())  # Or a CycleError.
    assert len(order) == len(FILES)


# The backend of asyncio, its streams with their waits and deadlines, its channels, how it connects
# them, and its exchanges side by side.
ASYNCIO: Final = (
    "aio.alarms",
    "aio.backend",
    "aio.channel",
    "aio.common",
    "aio.connecting",
    "aio.hedging",
    "aio.racing",
    "aio.stream",
    "aio.waiter",
)


def test_only_the_backend_and_its_stream_know_asyncio() -> None:
    for module, path in FILES.items():
        if room_of(module) in ("aio", "shared", "trio") and module not in ASYNCIO:
            assert "import asyncio" not in path.read_text(encoding="utf-8"), module


def test_the_core_does_not_know_the_bindings() -> None:
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not any(name.partition(".")[0] == "sojourn" for name in names), path


# --- in a fresh process -----------------------------------------------------------------------


PICKLED: Final = """
import pickle, sojourn
session = sojourn.Session(policy=sojourn.Policy.requests())
session.cookies.set("a", "1")
pickle.loads(pickle.dumps(session))
"""


@pytest.mark.parametrize(
    "program",
    [
        "import sojourn; sojourn.Session(policy=sojourn.Policy.requests())",
        "import sojourn; sojourn.AsyncSession(policy=sojourn.Policy.requests())",
        PICKLED,
        "import sojourn.cookiejars",
        "import sojourn.cli",
        "import sojourn.adapters",
    ],
)
def test_nothing_but_the_drop_in_loads_the_drop_in(program: str) -> None:
    # The program is one of those above, and the interpreter the one that runs this test.
    made = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stderr == ""
    loaded = set(made.stdout.split())
    assert "sojourn" in loaded
    assert not {name for name in loaded if name.startswith("sojourn.compat")}
