"""``docs/embedding.md``: a driver in less than sixty lines, of public names alone."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from typing import Any, Final

import sojourn_core
from sojourn import machine

from .pages import TOP, blocks

PAGE: Final = TOP / "docs" / "embedding.md"
LINES_MAX: Final = 60
# The modules that have public names, and where they are listed.
PUBLIC: Final = {
    "sojourn": {"machine"},
    "sojourn.machine": {*machine.__all__},
    "sojourn_core": {*sojourn_core.__all__, "commands"},
    "sojourn_core.errors": {*sojourn_core.errors.__all__},
}
CODE: Final = [
    block.text
    for block in blocks(PAGE.read_text(encoding="utf-8"))
    if block.language == "python" and not block.mark.startswith("not run")
]


def driver() -> list[str]:
    """The blocks that are the driver; the others show it at work."""
    return [text for text in CODE if re.search(r"^(class|def) ", text, re.MULTILINE)]


def made(namespace: dict[str, Any]) -> dict[str, Any]:
    """Run the driver's blocks, in their order."""
    for text in driver():
        exec(text, namespace)
    return namespace


def test_the_driver_is_short() -> None:
    lines = [line for text in driver() for line in text.splitlines() if line.strip()]
    counted = [line for line in lines if not re.match(r"(from|import) ", line)]
    assert len(counted) < LINES_MAX


def test_its_names_are_public() -> None:
    for text in CODE:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sojourn"):
                assert {alias.name for alias in node.names} <= PUBLIC[node.module or ""]
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), node.attr


def test_the_blocks_of_the_driver_are_all_that_it_takes() -> None:
    namespace = made({})
    assert {"Sockets", "begin", "read", "fetch"} <= namespace.keys()


def test_each_public_module_has_its_names() -> None:
    for name, names in PUBLIC.items():
        module = import_module(name)
        assert [each for each in names if not hasattr(module, each)] == []
