"""The pages of the documentation, cut into the blocks that are run and what they print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP: Final = Path(__file__).resolve().parents[2]
FENCE: Final = re.compile(r"```(\w*)")
MARK: Final = re.compile(r"<!-- (output|not run: \S.*|command: \w+) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block.

    Attributes:
        language: What stands behind the fence.
        mark: The comment in the line before it, without its brackets; empty if there is none.
        text: What is in it.
        line: The number of its first line in the page.
    """

    language: str
    mark: str
    text: str
    line: int


def pages() -> list[Path]:
    """The pages whose blocks are run."""
    return [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page, in their order.

    Raises:
        ValueError: If a block does not end.
    """
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        fence = FENCE.fullmatch(lines[number])
        number += 1
        if fence is None:
            continue
        start = number
        while lines[number : number + 1] != ["```"]:
            if number >= len(lines):
                raise ValueError(f"the block at line {start + 1} does not end")
            number += 1
        mark = MARK.fullmatch(lines[start - 2]) if start >= 2 else None
        yield Block(
            language=fence[1],
            mark="" if mark is None else mark[1],
            text="\n".join(lines[start:number]) + "\n",
            line=start + 1,
        )
        number += 1
