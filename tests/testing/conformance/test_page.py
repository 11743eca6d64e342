"""The page of the kit lists its faults, and the kit is as large as it says.

``python -m tests.testing.conformance.test_page`` prints the table.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sojourn.testing.conformance import USUAL, cases
from tests.docs.pages import TOP
from tests.testing.conformance.faults import CAUGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = TOP / "docs" / "conformance.md"


def table() -> Iterator[str]:
    """The lines of the table of faults."""
    yield "| fault | a case that catches it |"
    yield "|---|---|"
    for fault, case in CAUGHT.items():
        said = (fault.__doc__ or "").strip().removesuffix(".")
        yield f"| {said} | {case} |"


def test_the_page_lists_each_fault_and_a_case_that_catches_it() -> None:
    assert "\n".join(table()) in PAGE.read_text(encoding="utf-8")


def test_there_are_cases_enough_for_every_driver() -> None:
    assert len(CAUGHT) >= 15
    assert len(cases()) >= 240
    assert len(cases(USUAL - {"watches"})) >= 120


def test_names_of_cases_tell_them_apart() -> None:
    names = Counter(case.name for case in cases())
    assert [name for name, count in names.items() if count > 1] == []


def test_each_need_of_a_case_is_an_offer_that_is_known() -> None:
    known = USUAL | {"async content", "cancels", "interrupts", "files", "finalizes", "races"}
    assert {need for case in cases() for need in case.needs} <= known


if __name__ == "__main__":
    print("\n".join(table()))
