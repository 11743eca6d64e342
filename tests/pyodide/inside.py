"""What ``run.mjs`` starts within Pyodide: pytest, without the tests that are left out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from .left_out import MARKS, faults, summary

if TYPE_CHECKING:
    from collections.abc import Sequence


class LeaveOut:
    """A plugin of pytest that leaves out what the tables name, and holds the tables to it.

    Attributes:
        marked: How many tests each mark left out.
        skipped: How many tests were skipped, by their reasons.
        whole: Whether the run is of all tests, so that each row must leave something out.
    """

    def __init__(self, *, whole: bool) -> None:
        self.marked: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.whole = whole

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect each test that has a mark of the table."""
        kept: list[pytest.Item] = []
        left_out: list[pytest.Item] = []
        for item in items:
            found = [mark for mark in MARKS if item.get_closest_marker(mark)]
            self.marked.update(found)
            (left_out if found else kept).append(item)
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what is skipped."""
        if report.skipped and isinstance(report.longrepr, tuple):
            self.skipped[report.longrepr[2].removeprefix("Skipped: ")] += 1

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail the run if the tables are wrong."""
        if self.whole and exitstatus == pytest.ExitCode.OK and self.faults():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what was left out, and what is wrong about it."""
        terminalreporter.section("left out")
        for line in summary(self.marked, self.skipped):
            terminalreporter.write_line(line)
        if self.whole:
            for fault in self.faults():
                terminalreporter.write_line(f"ERROR {fault}", red=True)

    def faults(self) -> list[str]:
        """Tell what is wrong with the tables."""
        return list(faults(self.marked, self.skipped))


def main(arguments: Sequence[str], *, whole: bool) -> int:
    """Run pytest; the status is that of pytest, or 1 for tables that are wrong."""
    return int(pytest.main(["-p", "no:cacheprovider", *arguments], plugins=[LeaveOut(whole=whole)]))
