"""Docstrings and comments of the core and of the bindings begin with what they are about.

A docstring begins with a verb (functions) or a noun or a claim (values, properties). A clause that
begins with "What ..." or "Whether ..." has neither, and is read twice.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP: Final = Path(__file__).parents[1]
FILES: Final = sorted(path for root in ("core", "bindings") for path in (TOP / root).rglob("*.py"))
CLAUSE: Final = re.compile(r"(?:What|Whether|How|Why|Where|Which|Who)\b")


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Each docstring of a file: the line that it begins on, and its text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text is not None:
                yield node.body[0].lineno, text


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Each comment of a file, likewise; a line that follows another comment goes on with it."""
    last = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            alone = not token.line[:column].strip()
            if not (alone and line == last + 1):
                yield line, token.string.lstrip("# ")
            last = line if alone else -1


def clauses(source: str) -> list[int]:
    """Return the lines on which a docstring or a comment begins with such a clause."""
    found = [*docstrings(source), *comments(source)]
    return sorted(line for line, text in found if CLAUSE.match(text))


def test_no_docstring_and_no_comment_begins_with_a_clause() -> None:
    found = {
        f"{path.relative_to(TOP).as_posix()}:{line}"
        for path in FILES
        for line in clauses(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""What it does."""', [1]),
        ('"""Decide what to do."""', []),
        ('"""Whatever it does."""', []),
        ('class A:\n    """Whether."""\n', [2]),
        ("async def f():\n    '''\n    How.'''\n", [2]),
        ("# Why not?\nx = 1  # Where it is.\n", [1, 2]),
        ("# It says\n# What for.\n", []),
        ("# One.\n\n# Which one.\n", [3]),
    ],
)
def test_what_is_a_clause(source: str, expected: list[int]) -> None:
    assert clauses(source) == expected
