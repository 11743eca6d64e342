"""Every case with all four clients: the same comes of it, or what is written down does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.differential import cases
from tests.differential.deviations import BY_RULE, DEVIATIONS, FIXED, entry_of
from tests.differential.model import CASES
from tests.differential.run import Theatre

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority

DOCS = Path(__file__).parents[2] / "docs"
DECISIONS = DOCS / "decisions.md"
ROWS = {f"S{number}" for number in range(1, 57)} | {f"Q{number}" for number in range(1, 37)}

each_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def theatre(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """One for all cases: each is run once with each client."""
    running = Theatre(ca, tmp_path_factory.mktemp("differential"))
    yield running
    running.close()


@each_case
def test_requests_ends_as_the_case_says(theatre: Theatre, name: str) -> None:
    outcome = theatre.outcome(name, "requests")
    assert (outcome.error, outcome.told) == (CASES[name].raises, outcome.told)


@pytest.mark.parametrize("client", ["compat", "session"])
@each_case
def test_the_same_as_requests(theatre: Theatre, name: str, client: str) -> None:
    found = theatre.differences(name, client)
    known = CASES[name].differs.get(client)
    if known is None:
        assert not found, "\n".join([f"{client} does otherwise:", *found])
    else:
        assert found, f"{client} does not differ any more; take away its mark {known}"


@each_case
def test_asyncio_does_the_same_as_the_blocking_session(theatre: Theatre, name: str) -> None:
    found = theatre.differences(name, "async")
    assert not found, "\n".join(["asyncio does otherwise:", *found])


@pytest.mark.parametrize("row", sorted(ROWS, key=lambda row: (row[0], int(row[1:]))))
def test_every_row_has_a_case(row: str) -> None:
    assert any(row in case.rows for case in CASES.values())


def test_rows_are_rows() -> None:
    assert {row for case in CASES.values() for row in case.rows} <= ROWS
    assert len(CASES) >= 270
    assert len(cases.TOPICS) >= 20


def test_every_deviation_has_a_reason_and_a_case() -> None:
    named = {key for case in CASES.values() for key in case.differs.values()}
    assert named == set(DEVIATIONS)
    for key, (row, reason) in DEVIATIONS.items():
        assert row is None or key.startswith(f"{row}-")
        assert reason.endswith(".")


@pytest.mark.parametrize("key", DEVIATIONS)
def test_every_deviation_is_documented(key: str) -> None:
    assert re.search(rf"`{re.escape(key)}`", DECISIONS.read_text(encoding="utf-8"))


def what_stays_different() -> dict[str, str]:
    """The entries of that list in docs/migrating.md, by their names, each with what is below it."""
    page = (DOCS / "migrating.md").read_text(encoding="utf-8")
    section = page.partition("\n### What stays different\n")[2].partition("\n### ")[0]
    entries = re.split(r"^- `([\w-]+)`: ", section, flags=re.MULTILINE)
    return dict(zip(entries[1::2], entries[2::2], strict=True))


def test_what_compat_does_otherwise_is_listed_for_those_who_migrate() -> None:
    """The list and the suite name the same; beside two large entries there are twelve at most."""
    listed = what_stays_different()
    keys = {case.differs["compat"] for case in CASES.values() if "compat" in case.differs}
    assert listed.keys() == {entry_of(key) for key in keys}
    assert len(listed.keys() - {"fixed", "rules"}) <= 12
    assert {DEVIATIONS[key][0] for key in keys if entry_of(key) == "fixed"} == set(FIXED)
    assert re.findall(r"\bQ\d+\b", listed["fixed"].partition("(")[0]) == list(FIXED)
    assert {key for key in keys if entry_of(key) == "rules"} == set(BY_RULE)
    assert re.findall(r"^    - `([\w-]+)`: ", listed["rules"], re.MULTILINE) == list(BY_RULE)
