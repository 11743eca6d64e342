"""Every case with all four clients: the same comes of it, or what is written down does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.differential import cases
from tests.differential.deviations import DEVIATIONS
from tests.differential.model import CASES
from tests.differential.run import Theatre

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority

DECISIONS = Path(__file__).parents[2] / "docs" / "decisions.md"
ROWS = {f"S{number}" for number in range(1, 57)} | {f"Q{number}" for number in range(1, 36)}

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
