"""Each name of Requests' table has the same code."""

from __future__ import annotations

from requests import codes as theirs

from sojourn.compat.status_codes import NAMES, codes


def test_names_are_those_of_requests_and_one_more() -> None:
    expected = {**vars(theirs), "early_hints": 103, "EARLY_HINTS": 103}
    assert vars(codes) == expected


def test_each_name_in_the_table_stands_for_a_code() -> None:
    for code, names in NAMES.items():
        for name in names.split():
            assert codes[name] == getattr(codes, name) >= code


def test_jokes_and_what_is_not_there() -> None:
    assert codes["\\o/"] == codes.OK == 200
    assert codes["✗"] == 500
    assert codes["no_such_name"] is None
    assert repr(codes) == "<lookup 'status_codes'>"
