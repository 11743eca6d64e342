"""Tables of the documentation that are made of the code: policies, and deviations from Requests.

    python -m tests.docs.policies

writes them anew into their pages, each between its two marks. What stands around them is prose.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import Methods, Policy, Timeouts
from tests.differential.deviations import DEVIATIONS

from .pages import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PRESETS: Final[Mapping[str, Policy]] = {
    "Policy()": Policy(),
    "Policy.requests()": Policy.requests(),
    "Policy.browser()": Policy.browser(),
    "Policy.curl()": Policy.curl(),
}
# What None, or an empty value, says in a field where it does not say "none".
EMPTY: Final[Mapping[str, str]] = {
    "redirect_schemes": "all that are mounted",
    "cross_origin_fields": "all",
    "text_charset": "looks at the content",
    "allowed_origins": "any",
    "allowed_hosts": "any",
}
SMALL_MAX: Final = 6  # Members of a set that a cell has room for; others are given a letter.

NO_ROW: Final = "\N{EN DASH}"

ENTRY: Final = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
SENTENCE: Final = re.compile(r"(.*?[^.])(?:\.(?= |$)|$)")
TRAILING_SOURCE: Final = re.compile(r"[,;] RFC \d+ sections? [\d.]+$")
QUIRK: Final = re.compile(r"\bQ\d+\b")
SOURCE: Final = re.compile(
    r"RFC (?P<rfc>\d+) sections? (?P<section>\d[\d.]*\d(?: to [\d.]*\d)?)"
    r"|(?P<fetch>Fetch(?: \d[\d.]*\d)?)\b"
    r"|(?P<cve>CVE-\d+-\d+)"
)


def documented(kind: type) -> dict[str, str]:
    """The entries of the section "Attributes" of a docstring: text by name, in one line each."""
    _, _, section = (inspect.getdoc(kind) or "").partition("\nAttributes:\n")
    section = section.partition("\n\n")[0]
    return {name: " ".join(text.split()) for name, text in ENTRY.findall(section)}


def first_sentence(entry: str) -> str:
    """What an entry says, for a cell: without the RFC that stands at its end."""
    found = SENTENCE.match(entry)
    assert found is not None, entry
    return TRAILING_SOURCE.sub("", found[1]).replace("``", "`")


def sources(entry: str) -> str:
    """The rows of the register and the sections that an entry names."""
    quirks = sorted(set(QUIRK.findall(entry)), key=lambda row: int(row[1:]))
    named: list[str] = []
    for found in SOURCE.finditer(entry):
        text = found["fetch"] or found["cve"] or f"RFC {found['rfc']} {found['section']}"
        if text not in named:
            named.append(text)
    return "; ".join(filter(None, [", ".join(quirks), *named]))


class Legend:
    """Sets that are too big for a cell, each under a letter."""

    def __init__(self) -> None:
        self.sets: dict[frozenset[str], str] = {}

    def letter(self, members: frozenset[str]) -> str:
        """The letter of a set; one more if it has none yet."""
        return self.sets.setdefault(members, chr(ord("A") + len(self.sets)))

    def lines(self) -> Iterator[str]:
        """The sets, one a line."""
        for members, letter in self.sets.items():
            yield f"- {letter}: {', '.join(f'`{each}`' for each in sorted(members))}."


def shown(name: str, value: Any, legend: Legend) -> str:
    """The value of a field, for a cell.

    Raises:
        TypeError: For a value of a kind that no field has had so far.
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case None | () | frozenset() if not value:
            return EMPTY.get(name, "none")
        case int():
            return f"{value:,}"
        case str():
            return f"`{value}`"
        case frozenset() if all(isinstance(each, int) for each in value):
            return numbers(value)
        case frozenset() if len(value) > SMALL_MAX:
            return legend.letter(value)
        case frozenset():
            return ", ".join(f"`{each}`" for each in sorted(value))
        case tuple():
            return ", ".join(f"`{each}`" for each in value)
        case dict() if all(isinstance(each, Methods) for each in value.values()):
            return (
                "; ".join(f"{key}: {methods}" for key, methods in sorted(value.items())) or "none"
            )
        case Timeouts():
            phases = dataclasses.asdict(value).items()
            usual = Timeouts()  # Of the delay of RFC 8305 and the wait for 100, in each preset.
            phases = [
                each
                for each in phases
                if each[0] not in ("stagger", "expect") or each[1] != getattr(usual, each[0])
            ]
            return ", ".join(f"{key} {each:g} s" for key, each in phases if each) or "none"
        case _:
            raise TypeError(f"no cell for {name}={value!r}")


def numbers(members: frozenset[int]) -> str:
    """A set of numbers, as a range if it is one that saves something."""
    first, last = min(members), max(members)
    if len(members) > SMALL_MAX and len(members) == last - first + 1:
        return f"{first} to {last}"
    return ", ".join(map(str, sorted(members)))


def policies_table() -> str:
    """All fields of ``Policy`` with their values in each preset, and the legend."""
    legend = Legend()
    says = documented(Policy)
    lines = [
        f"| field | what it says | {' | '.join(f'`{name}`' for name in PRESETS)} | see |",
        f"|---|---|{'---|' * len(PRESETS)}---|",
    ]
    for field in dataclasses.fields(Policy):
        values = [shown(field.name, getattr(each, field.name), legend) for each in PRESETS.values()]
        marked = [each if each == values[0] else f"**{each}**" for each in values]
        entry = says[field.name]
        cells = [f"`{field.name}`", first_sentence(entry), *marked, sources(entry)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *legend.lines()])


def deviations_table() -> str:
    """The deviations that the differential suite knows, with their reasons."""
    lines = ["| id | what Sojourn does | row |", "|---|---|---|"]
    for key, (row, reason) in DEVIATIONS.items():
        lines.append(f"| `{key}` | {reason} | {row or NO_ROW} |")
    return "\n".join(lines)


TABLES: Final = {
    "policies": (TOP / "docs" / "policies.md", policies_table),
    "deviations": (TOP / "docs" / "decisions.md", deviations_table),
}


def replaced(text: str, name: str, table: str) -> str:
    """A page with what stands between the two marks of a table replaced.

    Raises:
        ValueError: If the page does not have each of the marks once.
    """
    begin, end = f"<!-- generated: {name} -->\n", f"<!-- end of {name} -->\n"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the marks of {name!r} are not there once each")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{table}\n\n{end}{after}"


def main() -> None:
    """Write all tables anew."""
    for name, (page, make) in TABLES.items():
        write(page, name, make())


def write(page: Path, name: str, table: str) -> None:
    """Write a table into its page, and say whether that changed anything."""
    text = page.read_text(encoding="utf-8")
    made = replaced(text, name, table)
    if made != text:
        page.write_text(made, encoding="utf-8")
    print(
        f"{page.relative_to(TOP).as_posix()}, {name}: {'written' if made != text else 'as it was'}"
    )


if __name__ == "__main__":
    main()
