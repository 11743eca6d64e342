"""What Pyodide leaves out is in tables, and the tables are true. Pyodide itself is not started."""

from __future__ import annotations

import pytest

from .inside import LeaveOut
from .left_out import MARKS, SKIPS, faults, summary

pytest_plugins = ["pytester"]

EACH = dict.fromkeys(MARKS, 1)
TESTS = """
    import pytest

    @pytest.mark.threads
    def test_with_threads():
        raise AssertionError

    def test_without():
        pass

    def test_without_brotli():
        pytest.skip("needs brotli or brotlicffi")
"""


def test_each_mark_is_one_that_tests_can_have(pytestconfig: pytest.Config) -> None:
    registered = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    assert registered >= MARKS.keys()


@pytest.mark.parametrize(
    ("marked", "skipped", "found"),
    [
        (EACH, {}, []),
        (EACH, {"needs brotli or brotlicffi": 19}, []),
        (EACH | {"tls": 0}, {}, ["tls: no test is left out for it"]),
        (EACH, {"needs lunch": 2}, ["2 skipped without a row: needs lunch"]),
    ],
)
def test_what_the_tables_do_not_say(
    marked: dict[str, int], skipped: dict[str, int], found: list[str]
) -> None:
    assert list(faults(marked, skipped)) == found


def test_what_is_left_out_is_counted_by_rows() -> None:
    lines = list(summary({"tls": 3}, {"needs brotli": 2, "needs brotlicffi": 1}))
    assert lines[: len(MARKS)] == [
        f"{3 if mark == 'tls' else 0} marked {mark}: {reason}" for mark, reason in MARKS.items()
    ]
    assert lines[len(MARKS) :] == [f"3 skipped, 'needs brotli': {SKIPS['needs brotli']}"]


@pytest.fixture
def marks(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nmarkers =\n" + "".join(f"    {mark}: x\n" for mark in MARKS))
    return pytester


def test_what_has_a_mark_is_not_run(marks: pytest.Pytester) -> None:
    marks.makepyfile(TESTS)
    plugin = LeaveOut(whole=False)
    made = marks.inline_run("-p", "no:cacheprovider", plugins=[plugin])
    assert made.ret == pytest.ExitCode.OK
    assert [len(reports) for reports in made.listoutcomes()] == [1, 1, 0]
    assert plugin.marked == {"threads": 1}
    assert plugin.skipped == {"needs brotli or brotlicffi": 1}


def test_a_whole_run_fails_when_a_row_leaves_nothing_out(marks: pytest.Pytester) -> None:
    marks.makepyfile(TESTS)
    made = marks.inline_run("-p", "no:cacheprovider", plugins=[LeaveOut(whole=True)])
    assert made.ret == pytest.ExitCode.TESTS_FAILED
