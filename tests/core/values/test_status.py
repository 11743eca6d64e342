from __future__ import annotations

import pytest

from sojourn_core.values.status import PERMANENT_REDIRECT_STATUSES, REDIRECT_STATUSES, reason_for


def test_only_five_statuses_redirect() -> None:
    assert {status for status in range(600) if status in REDIRECT_STATUSES} == {
        301, 302, 303, 307, 308,
    }  # fmt: skip


def test_two_of_them_are_permanent() -> None:
    assert sorted(PERMANENT_REDIRECT_STATUSES) == [301, 308]
    assert PERMANENT_REDIRECT_STATUSES < REDIRECT_STATUSES


@pytest.mark.parametrize(
    ("status", "reason"),
    [(200, "OK"), (404, "Not Found"), (308, "Permanent Redirect"), (599, ""), (0, ""), (-1, "")],
)
def test_reason_of_a_status(status: int, reason: str) -> None:
    assert reason_for(status) == reason
