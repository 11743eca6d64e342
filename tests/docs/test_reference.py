"""The page on the codes of decisions is as it would be made now."""

from __future__ import annotations

import re

from tests.core.decision_codes import CODES

from . import policies, reference


def test_the_page_has_the_table_of_today() -> None:
    text = reference.PAGE.read_text(encoding="utf-8")
    made = policies.replaced(text, "codes", reference.table())
    assert made == text, "run python -m tests.docs.reference"


def test_each_code_has_one_row() -> None:
    rows = re.findall(r"^\| `([a-z.-]+)` \|", reference.table(), re.MULTILINE)
    assert sorted(rows) == list(CODES)
