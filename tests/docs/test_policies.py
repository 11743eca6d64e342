"""The tables that are made of the code are in their pages as they would be made now."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import NO_TIMEOUTS, Methods, Policy, Timeouts
from tests.differential.deviations import DEVIATIONS

from . import policies
from .pages import TOP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = [field.name for field in dataclasses.fields(Policy)]
MIGRATING = (TOP / "docs" / "migrating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", policies.TABLES)
def test_a_page_has_the_table_of_today(name: str) -> None:
    page, make = policies.TABLES[name]
    text = page.read_text(encoding="utf-8")
    assert policies.replaced(text, name, make()) == text, "run python -m tests.docs.policies"


def test_each_field_has_a_row_and_each_row_a_field() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", policies.policies_table(), re.MULTILINE)
    assert rows == NAMES
    assert list(policies.documented(Policy)) == NAMES


def test_each_deviation_has_a_row() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", policies.deviations_table(), re.MULTILINE)
    assert rows == list(DEVIATIONS)


def test_no_cell_ends_its_row_early() -> None:
    for table in (policies.policies_table(), policies.deviations_table()):
        rows = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in rows}) == 1


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "none"),
        ((), "none"),
        (frozenset(), "none"),
        ({}, "none"),
        ("utf-8", "`utf-8`"),
        (("b", "a"), "`b`, `a`"),
        (frozenset({"b", "a"}), "`a`, `b`"),
        (frozenset({302, 301}), "301, 302"),
        (frozenset(range(300, 400)), "300 to 399"),
        ({302: Methods.all_but(), 301: Methods.only("POST")}, "301: POST; 302: all"),
        (NO_TIMEOUTS, "none"),
        (NO_TIMEOUTS.replace(connect=300.0), "connect 300 s"),
        (Timeouts(total=0.5), "connect 10 s, read 60 s, write 60 s, pool 60 s, total 0.5 s"),
    ],
)
def test_the_cell_of_a_value(value: Any, cell: str) -> None:
    assert policies.shown("anything", value, policies.Legend()) == cell


@pytest.mark.parametrize(
    ("name", "cell"),
    [("cross_origin_fields", "all"), ("allowed_origins", "any"), ("on_redirect", "none")],
)
def test_none_says_what_it_means_there(name: str, cell: str) -> None:
    assert policies.shown(name, None, policies.Legend()) == cell


def test_big_sets_are_named_once() -> None:
    legend = policies.Legend()
    first, second = frozenset("abcdefg"), frozenset("hijklmn")
    cells = [policies.shown("anything", each, legend) for each in (first, second, first)]
    assert cells == ["A", "B", "A"]
    assert next(legend.lines()) == "- A: `a`, `b`, `c`, `d`, `e`, `f`, `g`."


def test_a_value_of_a_new_kind_is_no_silent_cell() -> None:
    with pytest.raises(TypeError, match="no cell for anything=1"):
        policies.shown("anything", 1j, policies.Legend())


@pytest.mark.parametrize(
    ("entry", "sentence", "sources"),
    [
        ("Whether it is. Or not.", "Whether it is", ""),
        ("A ``name``, RFC 7617 section 2.1.", "A `name`", "RFC 7617 2.1"),
        ("Fields; others go. Q35, Q3 (issue 7).", "Fields; others go", "Q3, Q35"),
        (
            "Methods. RFC 9110 sections 15.4.2 to 15.4.4; Fetch 4.4, step 6; Q21.",
            "Methods",
            "Q21; RFC 9110 15.4.2 to 15.4.4; Fetch 4.4",
        ),
        ("netrc. CVE-2024-11053 of curl.", "netrc", "CVE-2024-11053"),
    ],
)
def test_what_an_entry_says(entry: str, sentence: str, sources: str) -> None:
    assert policies.first_sentence(entry) == sentence
    assert policies.sources(entry) == sources


@pytest.mark.parametrize(
    "make",
    [
        lambda begin, end: "",
        lambda begin, end: begin,
        lambda begin, end: begin + end + begin + end,
    ],
    ids=["neither", "one", "twice"],
)
def test_a_page_without_its_marks_is_an_error(make: Callable[[str, str], str]) -> None:
    text = make("<!-- generated: x -->\n", "<!-- end of x -->\n")
    with pytest.raises(ValueError, match="the marks of 'x'"):
        policies.replaced(text, "x", "| a |")


def test_writing_changes_what_is_between_the_marks_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(policies, "TOP", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("A\n\n<!-- generated: x -->\nold\n<!-- end of x -->\n\nB\n")
    for _ in range(2):
        policies.write(page, "x", "| a |")
    assert page.read_text() == ("A\n\n<!-- generated: x -->\n\n| a |\n\n<!-- end of x -->\n\nB\n")
    assert capsys.readouterr().out == "page.md, x: written\npage.md, x: as it was\n"


def test_what_migrating_says_brings_back_what_requests_does() -> None:
    """Each field that differs has a row there, and the line in it gives Requests' value."""
    said = dict(re.findall(r"^\|.*\| `(\w+)=(.+)` \|$", MIGRATING, re.MULTILINE))
    names = {"Policy": Policy, "NO_TIMEOUTS": NO_TIMEOUTS}
    policy = Policy(**{name: eval(value, names) for name, value in said.items()})
    assert {name for name in NAMES if getattr(Policy(), name) != getattr(policy, name)} == set(said)
    assert policy == Policy.requests()


def test_the_register_names_the_fields_that_name_its_rows() -> None:
    """What a field's docstring says of the register, and what that says of the field."""
    page = (TOP / "docs" / "decisions.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (Q\d+) \|.*\| (.*) \|$", page, re.MULTILINE))
    assert list(rows) == [f"Q{number}" for number in range(1, 37)]
    named = {row: set(re.findall(r"`(\w+)`", cell)) for row, cell in rows.items()}
    for name, entry in policies.documented(Policy).items():
        for row in policies.QUIRK.findall(entry):
            assert name in named[row], row
    assert set().union(*named.values()) <= set(NAMES)
    assert all(named[row] or rows[row] == "fixed" for row in rows)
