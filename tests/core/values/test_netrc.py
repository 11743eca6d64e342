"""Credentials by host: which entry counts, and that none is shown."""

from __future__ import annotations

import copy
import pickle

import pytest

from sojourn_core.values.decision import Decision
from sojourn_core.values.netrc import REPORTS_MAX, Entry, Netrc, parse_netrc, unread_netrc
from tests.core.work import assert_linear

MACHINES = {
    "a.test": ("user", "secret"),
    "B.Test": ("upper", "case"),
    "login.test": ("user", ""),
    "password.test": (None, "secret"),
    "empty.test": ("", ""),
    "none.test": (None, None),
    "unsaid.test": ("user", None),
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
        ("unsaid.test", None),  # A login without a password is not sent as "user:".
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
        ("unsaid.test", None),
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
        (Netrc(MACHINES, ("user", "secret")), "<Netrc of 10 machines and a default>"),
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


SEVERAL = Netrc(
    {"a.test": ("ada", "1"), "b.test": (None, "2")},
    ("any", "3"),
    {"A.test": (("bob", "4"), ("bob", "5"), ("eve", None))},
)


@pytest.mark.parametrize(
    ("host", "login", "expected"),
    [
        ("a.test", None, ("ada", "1")),
        ("a.test", "ada", ("ada", "1")),
        ("a.test", "bob", ("bob", "4")),
        ("a.test", "eve", None),
        ("a.test", "any", None),  # The host has entries; ``default`` is not asked.
        ("a.test", "", None),
        ("b.test", "ada", None),  # A password without a login is nobody's.
        ("c.test", None, ("any", "3")),
        ("c.test", "any", ("any", "3")),
        ("c.test", "ada", None),
    ],
)
def test_a_login_chooses_the_entry(
    host: str, login: str | None, expected: tuple[str, str] | None
) -> None:
    assert SEVERAL.lookup(host, login) == expected


# --- the text of a file -------------------------------------------------------------------------

A = "machine a.test login ada password 1\n"
B = "machine b.test login bob password 2\n"
BOTH: dict[str, Entry] = {"a.test": ("ada", "1"), "b.test": ("bob", "2")}
NO_PART = "it has a word that is no keyword"
LEFT_OUT: dict[str, Entry] = {"c.test": (None, None)}
NO_END = "a quote does not end"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Netrc()),
        (" \t\r\n", Netrc()),
        ("# nothing\n", Netrc()),
        (A + B, Netrc(BOTH)),
        ("\ufeff" + A + B, Netrc(BOTH)),
        ((A + B).replace("\n", "\r\n"), Netrc(BOTH)),
        ((A + B).replace(" ", "\n\t"), Netrc(BOTH)),
        (A + "machine c.test\n" + B, Netrc({**BOTH, "c.test": (None, None)})),
        ("machine A.Test user ada password 1", Netrc({"a.test": ("ada", "1")})),
        ("machine a.test account ada password 1", Netrc({"a.test": ("ada", "1")})),
        (
            "machine a.test account acc login ada password 1",
            Netrc({"a.test": ("ada", "1")}),
        ),
        ("machine [2001:DB8::1] password 1", Netrc({"2001:db8::1": (None, "1")})),
        ("machine a.test login ada", Netrc({"a.test": ("ada", None)})),
        (
            "machine a.test login ada default password 1",
            Netrc({"a.test": ("ada", None)}, (None, "1")),
        ),
        ("default login any password 1\ndefault login b password 2", Netrc({}, ("any", "1"))),
        # A keyword is one where a keyword may stand.
        (
            "machine login login password password machine",
            Netrc({"login": ("password", "machine")}),
        ),
    ],
)
def test_entries_of_a_file(text: str, expected: Netrc) -> None:
    assert parse_netrc(text) == expected


@pytest.mark.parametrize(
    ("written", "password"),
    [
        (r"a\b", r"a\b"),  # Without quotes a backslash is one.
        (r"a\nb", r"a\nb"),
        ("a#b", "a#b"),
        ("#b", "#b"),
        ('a"b', 'a"b'),
        ("a'b'", "a'b'"),
        ("machine", "machine"),
        ("p\xe4ss", "p\xe4ss"),
        ("a\xa0b", "a\xa0b"),  # A blank of typographers ends no word.
        ('""', ""),
        ('"a b"', "a b"),
        ('"a\tb"', "a\tb"),
        (r'"a\\b\"c"', r'a\b"c'),
        (r'"a\nb\rc\td"', "a\nb\rc\td"),
        (r'"a\qb"', "aqb"),
        ('"#"', "#"),
    ],
)
def test_a_word_as_it_is_meant(written: str, password: str) -> None:
    read = parse_netrc(f"machine a.test login ada password {written} # a comment\n{B}")
    assert read == Netrc({"a.test": ("ada", password), "b.test": ("bob", "2")})


@pytest.mark.parametrize(
    "macro",
    [
        "macdef init\ncd /pub\nmachine evil.test login x password y\n\n",
        "macdef init\r\nbin\r\n\r\n",
        "macdef init\n\n",
        "macdef init",
        "macdef",
    ],
)
def test_a_macro_ends_with_an_empty_line_or_the_file(macro: str) -> None:
    if macro.endswith(("\n\r\n", "\n\n")):
        assert parse_netrc(A + macro + B) == Netrc(BOTH)
    assert parse_netrc(A + B + macro) == Netrc(BOTH)
    assert parse_netrc(A + B + macro.rstrip()) == Netrc(BOTH)
    assert parse_netrc(A.rstrip() + " " + macro.rstrip()) == Netrc({"a.test": ("ada", "1")})


@pytest.mark.parametrize(
    ("bad", "line", "reason", "more"),
    [
        ("nonsense\n", 2, NO_PART, {}),
        ("port 21\n", 2, NO_PART, {}),
        ("machine c.test port 21 login x password y\n", 2, NO_PART, {"c.test": ("x", "y")}),
        ("machine c.test login x port 21 password y\n", 2, NO_PART, {"c.test": ("x", "y")}),
        ("machine c.test login x password y\n\tport 21\n", 3, NO_PART, {"c.test": ("x", "y")}),
        ("machine c.test login x\n\tpassword my secret\n", 3, NO_PART, LEFT_OUT),
        ('machine c.test login x password "my secret\n', 2, NO_END, LEFT_OUT),
        ('machine c.test login x password "my" secret\n', 2, NO_PART, LEFT_OUT),
        ('machine c.test password y login "x\n', 2, NO_END, LEFT_OUT),
        ('machine "c.test login x password y\n', 2, NO_END, {}),
    ],
)
def test_what_cannot_be_read_is_skipped_and_reported(
    bad: str, line: int, reason: str, more: dict[str, Entry]
) -> None:
    read = parse_netrc(A + bad + B)
    report = Decision(code="netrc.skipped.malformed", subject=f"netrc, line {line}", reason=reason)
    assert read == Netrc({**BOTH, **more}, reports=(report,))


@pytest.mark.parametrize("bad", ["machine", "machine c.test login", "default password", '"'])
def test_a_file_that_ends_in_the_middle(bad: str) -> None:
    read = parse_netrc(A + B + bad)
    assert {name: read.machines[name] for name in BOTH} == BOTH
    assert [report.subject for report in read.reports] == ["netrc, line 3"]


def test_an_entry_that_is_left_out_is_no_reason_to_send_the_default() -> None:
    text = "machine a.test login ada password my secret\ndefault login any password one"
    assert parse_netrc(text).lookup("a.test") is None
    assert parse_netrc(text).lookup("b.test") == ("any", "one")
    assert parse_netrc(text + "\n" + A).lookup("a.test") == ("ada", "1")


def test_of_two_entries_for_one_login_the_first_counts() -> None:
    text = A + "machine a.test login bob password 2\nmachine A.TEST login bob password 3\n"
    read = parse_netrc(text)
    assert read.lookup("a.test") == ("ada", "1")
    assert read.lookup("a.test", "bob") == ("bob", "2")


def test_reports_are_few_and_have_no_word_of_the_file() -> None:
    read = parse_netrc("s3cr3t\n" * 100)
    assert len(read.reports) == REPORTS_MAX
    assert "s3cr3t" not in repr(read.reports)
    assert "s3cr3t" not in repr(parse_netrc("machine s3cr3t s3cr3t s3cr3t"))


@pytest.mark.parametrize(
    "part", ["x ", '"', '"x', '\\"', "machine a login b ", "machine a\n", "macdef\n", "#\n"]
)
def test_a_file_is_read_in_linear_time(part: str) -> None:
    assert_linear(lambda n: parse_netrc(part * n), 1000)


def test_a_file_that_was_not_read() -> None:
    read = unread_netrc("the file cannot be read")
    assert not read
    assert read.lookup("a.test") is None
    assert [str(report) for report in read.reports] == [
        "netrc.skipped.unreadable: netrc: the file cannot be read"
    ]
