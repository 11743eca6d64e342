"""The shape of the code in figures: ``python -m tests.shape doubled``.

It says how many lines of ``bindings/sojourn/aio``, and of the half that it shares with other
bindings that await, ``bindings/sojourn/shared/awaited``, stand in ``bindings/sojourn/sync`` too,
file by file; ``--lines`` shows them all, with a mark at those that do not.

How it counts. A unit is a statement, however it is wrapped, a line of a docstring, or a comment;
it weighs as many lines as it takes up, and blank lines weigh nothing. Units are compared by their
tokens: ``async``, ``await`` and the comma before a closing bracket are left out, and the names of
asynchronous things are replaced by those of their blocking twins (``__aenter__`` by ``__enter__``,
``AsyncSession`` by ``Session``, ``achunks`` by ``chunks``). A unit is doubled if it lies in a run
of at least ``RUN_MIN`` units that stand one after the other in some file of ``sync`` as well. So
an ``else:`` alone is not doubled, and moving code about within ``sync``, or within what awaits,
hides nothing.

The figure that is bounded takes in everything. The second one is of code alone: without
docstrings, comments and imports.

Before the bindings had a common floor (commit d807c0b) a count by hand found 777 of 1,216 lines
doubled; this one finds 763 of 1,217 there, and 525 of 884 lines of code.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BINDINGS: Final = Path(__file__).parents[1] / "bindings" / "sojourn"
AWAITED: Final = ("aio", "shared/awaited")
RUN_MIN: Final = 2
DOUBLED_MAX: Final = 250

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LEFT_OUT: Final = re.compile(r"\b(?:async|await)\b ?")
_COMMA_AT_THE_END: Final = re.compile(r" ,(?= [)\]}])")
_DUNDER: Final = re.compile(r"__a(enter|exit|iter|next)__")
_VERB: Final = re.compile(r"a(?=(?:close|next|iter|read|chunks|send|sleep)\b)")
_LAYOUT: Final = frozenset(
    {
        tokenize.NL,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)
_TWINS: Final = {"StopAsyncIteration": "StopIteration", "asynccontextmanager": "contextmanager"}


@dataclass(frozen=True, slots=True)
class Unit:
    """What is compared: a statement, a line of a docstring, or a comment.

    Attributes:
        line: Number of its first line.
        weight: How many lines it takes up.
        text: What it is compared by.
        code: Whether it is neither a docstring, a comment nor an import.
    """

    line: int
    weight: int
    text: str
    code: bool


def twin(name: str) -> str:
    """Name the blocking twin of a name, which for most is the name itself."""
    if name in _TWINS:
        return _TWINS[name]
    return _VERB.sub("", _DUNDER.sub(r"__\1__", name).removeprefix("Async"), count=1)


def normal(text: str) -> str:
    """Write text of any kind, a docstring included, as its blocking twin would."""
    return _WORD.sub(lambda match: twin(match[0]), _LEFT_OUT.sub("", text)).strip()


def units(source: str) -> list[Unit]:
    """Split a file into units."""
    lines = source.splitlines()
    docstrings = set(_docstrings(source))
    found: list[Unit] = []
    statement: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _LAYOUT:
            continue
        if token.type == tokenize.COMMENT:
            if not statement:
                found.append(Unit(token.start[0], 1, normal(token.string), code=False))
        elif token.type != tokenize.NEWLINE:
            statement.append(token)
        elif statement:
            first, last = statement[0].start[0], statement[-1].end[0]
            filled = [n for n in range(first, last + 1) if lines[n - 1].strip()]
            if first in docstrings:
                found += [Unit(n, 1, normal(lines[n - 1]), code=False) for n in filled]
            else:
                text = _COMMA_AT_THE_END.sub("", normal(" ".join(t.string for t in statement)))
                imports = statement[0].string in {"import", "from"}
                found.append(Unit(first, len(filled), text, code=not imports))
            statement = []
    return found


def _docstrings(source: str) -> Iterator[int]:
    """Number the lines on which docstrings begin."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node, clean=False) is not None and first is not None:
                yield first.lineno


def doubled(ours: Sequence[Unit], theirs: Iterable[Sequence[Unit]]) -> set[int]:
    """Find the units, by their index, that lie in a run which stands in one of the others."""
    runs = {
        tuple(unit.text for unit in other[start : start + RUN_MIN])
        for other in theirs
        for start in range(len(other) - RUN_MIN + 1)
    }
    found: set[int] = set()
    for start in range(len(ours) - RUN_MIN + 1):
        if tuple(unit.text for unit in ours[start : start + RUN_MIN]) in runs:
            found.update(range(start, start + RUN_MIN))
    return found


@dataclass(frozen=True, slots=True)
class File:
    """One awaited file: its units, and the indices of those that are doubled."""

    name: str
    units: list[Unit]
    doubled: set[int]

    def count(self) -> tuple[int, int]:
        """Count lines: those that are doubled, and all."""
        both = sum(self.units[index].weight for index in self.doubled)
        return both, sum(unit.weight for unit in self.units)


def compare(bindings: Path, *, code: bool = False) -> list[File]:
    """Compare what is awaited with what blocks.

    Args:
        bindings: The folder of ``aio``, ``shared`` and ``sync``.
        code: Compare nothing but code, so that runs are of code alone.
    """

    def read(path: Path) -> list[Unit]:
        return [unit for unit in units(path.read_text("utf-8")) if unit.code or not code]

    theirs = [read(path) for path in sorted((bindings / "sync").glob("*.py"))]
    ours = {
        path.relative_to(bindings).as_posix(): read(path)
        for folder in AWAITED
        for path in sorted((bindings / folder).glob("*.py"))
    }
    return [File(name, each, doubled(each, theirs)) for name, each in ours.items()]


def total(files: Iterable[File]) -> tuple[int, int]:
    """Add up the doubled lines of files, and all their lines."""
    counts = [file.count() for file in files]
    return sum(both for both, _ in counts), sum(lines for _, lines in counts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.shape", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("figure", choices=["doubled"], help="what to count")
    parser.add_argument("--lines", action="store_true", help="show every line")
    parser.add_argument("--bindings", type=Path, default=BINDINGS, help="folder of aio and sync")
    options = parser.parse_args(arguments)
    files = compare(options.bindings)
    for file in files:
        both, lines = file.count()
        print(f"{both:6} of {lines:5}  {file.name}")
        if options.lines:
            for index, unit in enumerate(file.units):
                print(f"{unit.line:8} {' ' if index in file.doubled else '|'} {unit.text}")
    print("{:6} of {:5}  lines".format(*total(files)))
    print("{:6} of {:5}  lines of code alone".format(*total(compare(options.bindings, code=True))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
