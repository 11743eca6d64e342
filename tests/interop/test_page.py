"""The page stands for the tables: their names, their cases, and nothing that failed."""

from __future__ import annotations

from typing import Final

from .cases import CASES
from .page import CLOSES, NOT_RUN, PAGE, YES, Outcome, installs, read_table, render
from .proxy_cases import CASES as PROXY_CASES
from .table import PROXIES, SERVERS

TEXT: Final = PAGE.read_text(encoding="utf-8")


def test_every_server_has_its_row() -> None:
    titles, rows = read_table(TEXT, "server")
    assert titles[3:] == [case.name for case in CASES]
    assert [(row[0], row[2]) for row in rows] == [(each.name, each.over) for each in SERVERS]
    for server, row in zip(SERVERS, rows, strict=True):
        expected = [
            f"cannot: {server.cannot[case.name]}"
            if case.name in server.cannot
            else CLOSES
            if case.name in server.closes
            else YES
            for case in CASES
        ]
        assert row[3:] == expected, server.name


def test_every_proxy_has_its_row() -> None:
    titles, rows = read_table(TEXT, "proxy")
    assert titles[3:] == [case.name for case in PROXY_CASES]
    assert [(row[0], row[2]) for row in rows] == [(each.name, each.scheme) for each in PROXIES]
    assert all(cell == YES for row in rows for cell in row[3:])


def test_it_says_how_to_install_each() -> None:
    _, rows = read_table(TEXT, "server or proxy")
    assert {name: install.strip("`") for name, install in rows} == installs()


def test_it_says_what_each_case_claims() -> None:
    lines = TEXT.splitlines()
    assert all(f"- {case.name}: {case.claim}." in lines for case in (*CASES, *PROXY_CASES))


def test_its_prose_is_that_of_a_run() -> None:
    tables = [line for line in TEXT.splitlines() if line.startswith("|")]
    written = render([Outcome() for _ in SERVERS], [Outcome() for _ in PROXIES])
    prose = [line for line in written.splitlines() if not line.startswith("|")]
    ours = [line for line in TEXT.splitlines() if line not in tables]
    assert _without_the_machine(ours) == _without_the_machine(prose)


def test_what_was_not_there_and_what_failed_is_said() -> None:
    outcomes = [Outcome("1.0", {"HEAD": ["http, sync: OSError: a|b"]})]
    outcomes += [Outcome() for _ in SERVERS[1:]]
    _, rows = read_table(render(outcomes, [Outcome() for _ in PROXIES]), "server")
    assert rows[0][:6] == ["nginx", "1.0", "http, https", YES, YES, "no: http, sync: OSError: a/b"]
    assert rows[1][1:4] == ["", "http, https", NOT_RUN]


def _without_the_machine(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("The last run was on ")]


def test_enough_of_them_are_tried_in_every_run() -> None:
    assert sum(each.always for each in SERVERS) >= 8
    assert len({each.name for each in PROXIES if each.always}) >= 4
