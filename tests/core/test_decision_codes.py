"""Each code that the source names has its row in the table, and each row leads to its code.

A code is a text in the source, whole: so it is found by a search, and by this test. The table says
how it comes about at the least, and is run here, in the fast lane.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import sojourn_core
from tests.core.decision_codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

CORE: Final = Path(sojourn_core.__file__).parent
AREAS: Final = sorted({code.partition(".")[0] for code in CODES})
CODE: Final = re.compile(rf"(?:{'|'.join(AREAS)})(?:\.[a-z-]+)+")


def texts() -> Iterator[str]:
    """The texts of the core's source."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_table_has_each_code_of_the_source_and_no_other() -> None:
    assert {text for text in texts() if CODE.fullmatch(text)} == set(CODES)


def test_every_code_is_written_whole() -> None:
    """What is passed as a code is a name, which a text was given to, or a text of the table."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for value in given_as_code(node):
                made = [each for each in ast.walk(value) if isinstance(each, ast.JoinedStr)]
                assert not made, f"{path.name}, line {value.lineno}"
                for each in ast.walk(value):
                    if isinstance(each, ast.Constant):
                        assert each.value in (*CODES, "authorization"), each.value


def given_as_code(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a node gives as a code: by name, by position, or to a variable."""
    match node:
        case ast.keyword(arg="code"):
            yield node.value
        case ast.Call(func=ast.Name("Decision"), args=[first, *_]):
            yield first
        case ast.Assign() if "code" in [
            each.id for each in node.targets if isinstance(each, ast.Name)
        ]:
            yield node.value
        case _:
            pass


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_reached(code: str) -> None:
    made = list(CODES[code].make())
    assert code in [decision.code for decision in made]
    for decision in made:
        assert "s3cret" not in f"{decision!r} {decision}"


def test_the_table_is_in_order_and_says_a_sentence() -> None:
    assert list(CODES) == sorted(CODES)
    for row in CODES.values():
        assert row.meaning[0].isupper()
        assert row.meaning.endswith(".")
