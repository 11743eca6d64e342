"""Credentials by host: which entry counts, and that none is shown."""

from __future__ import annotations

import copy
import pickle

import pytest

from sojourn_core.values.netrc import Netrc

MACHINES = {
    "a.test": ("user", "secret"),
    "B.Test": ("upper", "case"),
    "login.test": ("user", ""),
    "password.test": (None, "secret"),
    "empty.test": ("", ""),
    "none.test": (None, None),
    "127.0.0.1": ("four", "secret"),
    "[2001:DB8::1]": ("six", "secret"),
    "::1": ("loop", "secret"),
}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.test", ("user", "secret")),
        ("A.TEST", ("user", "secret")),
        ("b.test", ("upper", "case")),
        ("login.test", ("user", "")),
        ("password.test", ("", "secret")),
        ("empty.test", None),
        ("none.test", None),
        ("127.0.0.1", ("four", "secret")),
        ("2001:db8::1", ("six", "secret")),
        ("[2001:db8::1]", ("six", "secret")),
        ("::1", ("loop", "secret")),
        ("c.a.test", None),
        ("test", None),
        ("a.test:80", None),
        ("a.test.", None),  # Another host for credentials.
        ("", None),
    ],
)
def test_the_entry_of_a_host(host: str, expected: tuple[str, str] | None) -> None:
    assert Netrc(MACHINES).lookup(host) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("other.test", ("any", "one")),
        ("default", ("any", "one")),
        ("a.test", ("user", "secret")),
        ("empty.test", None),  # It has an entry, which says that there are no credentials.
    ],
)
def test_the_default_is_for_hosts_without_an_entry(
    host: str, expected: tuple[str, str] | None
) -> None:
    assert Netrc(MACHINES, ("any", "one")).lookup(host) == expected


@pytest.mark.parametrize("default", [None, ("", ""), (None, None)])
def test_an_empty_default_is_none(default: tuple[str | None, str | None] | None) -> None:
    assert Netrc({}, default).lookup("a.test") is None


@pytest.mark.parametrize("names", [("A.test", "a.test"), ("a.test", "A.test")])
def test_of_two_spellings_that_in_lower_case_counts(names: tuple[str, str]) -> None:
    read = Netrc({name: (name, "") for name in names})
    assert read.lookup("a.test") == ("a.test", "")


def test_of_two_spellings_that_are_not_canonical_the_first_counts() -> None:
    assert Netrc({"A.test": ("1", ""), "a.TEST": ("2", "")}).lookup("a.test") == ("1", "")


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (Netrc(), False),
        (Netrc({"a.test": ("user", "secret")}), True),
        (Netrc({}, ("user", "secret")), True),
    ],
)
def test_whether_there_is_an_entry(read: Netrc, expected: bool) -> None:
    assert bool(read) is expected


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (Netrc({"a.test": ("user", "secret")}), "<Netrc of 1 machines>"),
        (Netrc(MACHINES, ("user", "secret")), "<Netrc of 9 machines and a default>"),
    ],
)
def test_it_shows_no_secret(read: Netrc, expected: str) -> None:
    assert repr(read) == str(read) == expected


def test_it_is_a_value() -> None:
    machines = {"a.test": ("user", "secret")}
    read = Netrc(machines)
    machines["a.test"] = ("other", "other")
    assert read == Netrc({"A.test": ("user", "secret")})
    assert read != Netrc(machines)
    assert copy.copy(read) == pickle.loads(pickle.dumps(read)) == read
    with pytest.raises(AttributeError):
        read.default = ("user", "secret")  # type: ignore[misc]  # Frozen: it must raise.
