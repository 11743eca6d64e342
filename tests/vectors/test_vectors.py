"""One test for each case of the conformance vectors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from . import auth_cases, cookie_cases, http1_cases, redirect_cases, url_cases
from .runner import OWN, PENDING, SHARED, cases, cases_in, check_for, checks, files, others

if TYPE_CHECKING:
    from .runner import Case

MODULES = (
    auth_cases,
    http1_cases,
    redirect_cases,
    url_cases,
)  # Imported for the checks that they register.

checks("cookies/dates.json")(cookie_cases.check_date)
checks("cookies/http_state.json")(cookie_cases.check_http_state)
checks("cookies/rfc6265bis.json")(cookie_cases.check_rfc6265bis)


def needs(case: Case) -> list[pytest.MarkDecorator]:
    """The marks of a case: SHA-512/256 is not in every hashlib."""
    challenges = " ".join(case.get("challenges", ())).lower()
    return [pytest.mark.sha512_256] if "sha-512-256" in challenges else []


FILES = files()
CASES = [
    pytest.param(file, case, id=f"{file}-{case['name']}", marks=needs(case))
    for file in FILES
    if check_for(file) is not None
    for case in cases(file)
]
CASES += [
    pytest.param(file, {}, id=f"{file}-pending", marks=pytest.mark.skip(reason=PENDING[file]))
    for file in FILES
    if check_for(file) is None and file in PENDING
]


def test_there_are_vectors() -> None:
    assert len(FILES) >= 11
    assert SHARED.is_dir() or "SOJOURN_VECTORS" not in os.environ


@pytest.mark.parametrize("file", FILES)
def test_a_copy_is_what_it_was_copied_from(file: str) -> None:
    """What is written for this project is the same in both places; elsewhere there is one."""
    here = cases_in(OWN, file)
    assert not [case["name"] for case in here if others(file, case)]
    if SHARED.is_dir():
        assert here == [case for case in cases_in(SHARED, file) if not others(file, case)]


@pytest.mark.parametrize("file", FILES)
def test_each_name_is_of_one_case(file: str) -> None:
    names = [case["name"] for case in cases(file)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("file", FILES)
def test_the_kind_of_file_is_known(file: str) -> None:
    known = check_for(file) is not None
    assert known or file in PENDING, "neither a check nor a reason for having none"
    assert not (known and file in PENDING), "it has a check, and is no longer pending"


@pytest.mark.parametrize(("file", "case"), CASES)
def test_case(file: str, case: Case) -> None:
    check = check_for(file)
    assert check is not None
    check(case)
