"""Files, machines and parameter lists stay small, and the bindings have little that is doubled.

The public surface, where a parameter list may be longer, is what Requests dictates: everything in
``compat``, and each method of a class that Requests has by the same name (``AsyncSession`` is the
twin of ``Session``, and ``SessionMethods`` what they have in common). ``*`` and ``**`` are no
parameters, nor are ``self`` and ``cls``; the ``__init__`` that a dataclass generates is nobody's to
write.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import requests
import requests.adapters

from tests import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP: Final = Path(__file__).parents[1]
ROOTS: Final = (TOP / "core", TOP / "bindings")
LINES_MAX: Final = 400
ATTRIBUTES_MAX: Final = 15
PARAMETERS_MAX: Final = 7
MACHINES: Final = ("sojourn_core.call", "sojourn_core.exchange")

# What may pass a limit, and why. Each stands in docs/architecture.md, with the same reason.
EXCEPTIONS: Final = {
    "Answered.of": "is public, and takes the facts of a redirect by name",
    "check_small_scope": "is public, and takes the sizes of its scope by name",
    "plan_exchange": "is public, and takes what a driver offers by name",
    "H11Message": "counts what h11 does not, beside it, and is made for each request",
    "PlainMessage": "is all that a plain exchange needs, and is made for each request",
    "CookieMapping.set": "takes the keywords of RequestsCookieJar.set",
    "make_cookie": "takes the keywords of Requests' create_cookie",
}
# What passes a limit today, and must go. What is mended leaves its table.
LINES_TODAY: Final[set[str]] = set()
ATTRIBUTES_TODAY: Final[set[str]] = set()
PARAMETERS_TODAY: Final[set[str]] = set()


def files() -> Iterator[Path]:
    for root in ROOTS:
        yield from sorted(root.rglob("*.py"))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_400_lines() -> None:
    long = {path.relative_to(TOP).as_posix() for path in files() if lines(path) > LINES_MAX}
    assert long - EXCEPTIONS.keys() == LINES_TODAY


# --- machines ---------------------------------------------------------------------------------


def machines() -> Iterator[type]:
    """The classes that the two machines define."""
    for package in MACHINES:
        folder = Path(importlib.import_module(package).__file__ or "").parent
        for path in sorted(folder.glob("*.py")):
            name = package if path.stem == "__init__" else f"{package}.{path.stem}"
            for each in vars(importlib.import_module(name)).values():
                if isinstance(each, type) and each.__module__ == name:
                    yield each


def attributes(kind: type) -> set[str]:
    """The attributes of an instance: slots and what is assigned on self, inherited ones too.

    Properties, methods and constants of the class are none.
    """
    found: set[str] = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("sojourn"):
            continue
        slots = vars(base).get("__slots__", ())
        found.update([slots] if isinstance(slots, str) else slots)
        found.update(getattr(base, "__dataclass_fields__", {}))
        found.update(assigned(base))
    return {
        name
        for name in found - {"__weakref__", "__dict__"}
        if not isinstance(getattr(kind, name, None), property)
    }


def assigned(kind: type) -> Iterator[str]:
    """The names that the source of a class assigns on ``self``."""
    try:
        source = inspect.getsource(kind)
    except (OSError, TypeError):  # It was made by a call, and has no text of its own.
        return
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            yield node.attr


def test_no_machine_has_more_than_15_attributes() -> None:
    large = {each.__qualname__ for each in machines() if len(attributes(each)) > ATTRIBUTES_MAX}
    assert large - EXCEPTIONS.keys() == ATTRIBUTES_TODAY


def test_attributes_are_slots_and_what_is_assigned_with_those_of_bases() -> None:
    class Base:
        __module__ = "sojourn_core.made"
        __slots__ = ("a",)

    class Derived(Base):
        __module__ = "sojourn_core.made"
        __slots__ = ("_b", "c")
        constant = 1

        def __init__(self) -> None:
            self.a, self.c = 1, 2
            self.named = 3

        @property
        def named(self) -> int:
            return 3

        @named.setter
        def named(self, value: int) -> None:
            self._b: int = value

    assert attributes(Derived) == {"a", "_b", "c"}


# --- parameters -------------------------------------------------------------------------------


def functions(
    tree: ast.AST, within: str = "", *, method: bool = False
) -> Iterator[tuple[str, int]]:
    """Each function by its qualified name, with the number of its parameters."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{within}{node.name}.", method=True)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            given = node.args
            count = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
            static = any(ast.unparse(each) == "staticmethod" for each in node.decorator_list)
            yield within + node.name, count - (method and not static)
            yield from functions(node, f"{within}{node.name}.")
        else:
            yield from functions(node, within, method=method)


def is_dictated(path: Path, name: str) -> bool:
    """Tell whether Requests dictates the parameters of a function."""
    if (TOP / "bindings" / "sojourn" / "compat") in path.parents:
        return True
    owner, _, method = (
        name.removeprefix("Async").replace("SessionMethods", "Session").rpartition(".")
    )
    known = [getattr(each, owner, None) for each in (requests, requests.adapters) if owner]
    bases = [base for kind in known if kind is not None for base in kind.__mro__]
    return any(method in vars(base) for base in bases if base is not object)


def test_no_function_below_the_public_surface_has_more_than_7_parameters() -> None:
    many = {
        name
        for path in files()
        for name, count in functions(ast.parse(path.read_text(encoding="utf-8")))
        if count > PARAMETERS_MAX and not is_dictated(path, name)
    }
    assert many - EXCEPTIONS.keys() == PARAMETERS_TODAY


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a, /, b, *c, d, **e): pass", [("f", 3)]),
        ("class K:\n def m(self, a): pass", [("K.m", 1)]),
        ("class K:\n @staticmethod\n def m(a): pass", [("K.m", 1)]),
        ("def f(a):\n async def g(b, c): pass", [("f", 1), ("f.g", 2)]),
        ("if x:\n class K:\n  if y:\n   def m(self): pass", [("K.m", 0)]),
    ],
)
def test_parameters_are_counted_without_self(source: str, expected: list[tuple[str, int]]) -> None:
    assert list(functions(ast.parse(source))) == expected


def test_each_exception_is_explained_in_the_docs() -> None:
    text = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name, reason in EXCEPTIONS.items():
        assert f"- `{name}` {reason}" in text, name


def test_each_exception_is_one() -> None:
    found = {
        name
        for path in files()
        for name, count in functions(ast.parse(path.read_text(encoding="utf-8")))
        if count > PARAMETERS_MAX
    }
    found |= {path.relative_to(TOP).as_posix() for path in files() if lines(path) > LINES_MAX}
    found |= {each.__qualname__ for each in machines() if len(attributes(each)) > ATTRIBUTES_MAX}
    assert found >= EXCEPTIONS.keys()


# --- what is doubled --------------------------------------------------------------------------


def test_no_more_of_aio_stands_in_sync_than_its_bound() -> None:
    files = shape.compare(shape.BINDINGS)
    assert shape.total(files)[0] <= shape.DOUBLED_MAX


SYNC = '''
class Session:
    """One session."""

    def __enter__(self):
        return self

    def read(self, size):
        data = self.source.read(size, True)
        if data:
            yield data
'''
AIO = '''
class AsyncSession:
    """Another session."""

    async def __aenter__(self):
        # A comment of its own.
        return self

    async def read(self, size):
        data = await self.source.aread(
            size,
            True,
        )
        if self.ready:
            yield data
'''


def test_a_line_is_doubled_if_its_neighbour_is_too() -> None:
    ours, theirs = shape.units(AIO), shape.units(SYNC)
    both = shape.doubled(ours, [theirs])
    assert [unit.text for index, unit in enumerate(ours) if index in both] == [
        "return self",
        "def read ( self , size ) :",
        "data = self . source . read ( size , True )",
    ]
    assert sum(ours[index].weight for index in both) == 6


def test_what_is_alike_stays_so_wherever_it_stands() -> None:
    theirs = shape.units(SYNC)
    assert shape.doubled(theirs, [shape.units("x = 1\n" + SYNC)]) == set(range(len(theirs)))
    assert shape.doubled(theirs, []) == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("__aexit__", "__exit__"),
        ("AsyncResponse", "Response"),
        ("achunks", "chunks"),
        ("StopAsyncIteration", "StopIteration"),
        ("areas", "areas"),
        ("close", "close"),
    ],
)
def test_names_are_those_of_the_blocking_twin(name: str, expected: str) -> None:
    assert shape.twin(name) == expected


def test_the_command_gives_both_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert shape.main(["doubled", "--lines"]) == 0
    *_, everything, code = capsys.readouterr().out.splitlines()
    both, lines = shape.total(shape.compare(shape.BINDINGS))
    assert everything.split() == [str(both), "of", str(lines), "lines"]
    assert code.endswith("lines of code alone")
