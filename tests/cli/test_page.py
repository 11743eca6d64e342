"""The page on the command line: it names each option, and none that is not there."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from sojourn.cli.arguments import make_parser

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
LONE = re.compile(r"`(--?[A-Za-z0-9][a-zA-Z0-9.-]*)[ `]")


def options() -> list[set[str]]:
    """The names of each option."""
    commands = next(
        each for each in make_parser()._actions if isinstance(each, argparse._SubParsersAction)
    )
    return [
        set(each.option_strings)
        for parser in commands.choices.values()
        for each in parser._actions
        if each.option_strings and "--help" not in each.option_strings
    ]


def test_the_page_names_each_option_and_no_other() -> None:
    named = set(LONE.findall(PAGE.read_text("utf-8")))
    known = options()
    assert [each for each in known if not each & named] == []
    assert named <= {name for each in known for name in each}
