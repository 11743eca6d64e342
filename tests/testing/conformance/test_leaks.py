"""Leaks of a case are found, and told by name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from sojourn.testing.conformance import leaks
from sojourn.testing.conformance.leaks import Before

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def waits_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "SECONDS", 0.05)


def test_nothing_is_left_where_nothing_came(tmp_path: Path) -> None:
    before = Before()
    with (tmp_path / "closed").open("wb"):
        pass
    assert list(before.left()) == []


def test_a_file_is_told_by_its_name(tmp_path: Path) -> None:
    if not leaks.FILES.is_dir():
        pytest.skip("the system does not tell which files are open")
    before = Before()
    with (tmp_path / "forgotten").open("wb"):
        (fault,) = before.left()
    assert fault.startswith("1 files are left open; new since the case began: ")
    assert "forgotten" in fault or leaks.FILES.resolve().parts[1] != "proc"


def test_a_thread_is_told_by_its_name() -> None:
    over = threading.Event()
    before = Before()
    thread = threading.Thread(target=over.wait, name="lost and found")
    thread.start()
    try:
        assert list(before.left()) == ["threads are left: lost and found"]
    finally:
        over.set()
        thread.join()
    assert list(before.left()) == []
