from __future__ import annotations

import copy
import pickle
import random
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core.values.errors import InvalidHeader
from sojourn_core.values.fields import Fields, as_text, check_field, cut, is_token
from sojourn_core.values.masking import shown
from tests.core.work import assert_linear

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = [("Accept", "a"), ("X-Twice", "1"), ("accept", "b"), ("x-twice", "2")]


@pytest.mark.parametrize(
    "given",
    [
        LINES,
        Fields(LINES),
        [(name.encode(), value.encode()) for name, value in LINES],
        iter([*LINES, ("X-None", None)]),
    ],
)
def test_lines_are_kept_as_they_were_given(given: Any) -> None:
    assert Fields(given).lines == LINES


def test_fields_from_a_mapping() -> None:
    assert Fields({"A": "1", b"B": b"\xe9", "C": None}).lines == [("A", "1"), ("B", "é")]


def test_nothing_makes_no_lines() -> None:
    assert Fields().lines == []
    assert not Fields(None)


def test_names_are_read_in_any_case_and_joined() -> None:
    fields = Fields(LINES)
    assert fields["ACCEPT"] == fields[b"accept"] == "a, b"
    assert fields.get("x-TWICE") == "1, 2"
    assert fields.get_all("x-twice") == ["1", "2"]
    assert fields.first("X-twice") == "1"
    assert dict(fields.lower_items()) == {"accept": "a, b", "x-twice": "1, 2"}


def test_what_is_not_there() -> None:
    fields = Fields(LINES)
    assert fields.get("X-None") is None
    assert fields.get_all("X-None") == []
    assert fields.first("X-None") is None
    assert "X-None" not in fields
    assert 5 not in fields
    assert not fields.discard("X-None")
    with pytest.raises(KeyError):
        fields["X-None"]
    with pytest.raises(KeyError):
        del fields["X-None"]


def test_length_and_iteration_count_names() -> None:
    fields = Fields(LINES)
    assert len(fields) == 2
    assert list(fields) == ["Accept", "X-Twice"]


def test_what_get_all_gives_is_the_callers() -> None:
    fields = Fields(LINES)
    fields.get_all("accept").clear()
    assert fields.get_all("accept") == ["a", "b"]


def test_setting_a_name_replaces_its_lines_where_the_first_one_stood() -> None:
    fields = Fields(LINES)
    fields["ACCEPT"] = b"c"
    fields[b"X-New"] = "n"
    assert fields.lines == [
        ("ACCEPT", "c"),
        ("X-Twice", "1"),
        ("x-twice", "2"),
        ("X-New", "n"),
    ]


def test_adding_keeps_what_is_there() -> None:
    fields = Fields(LINES[:2])
    assert fields["accept"] == "a"
    fields.add("Accept", "b")
    fields.extend({"X-Twice": "2"})
    assert fields["accept"] == "a, b"
    assert fields["x-twice"] == "1, 2"


@pytest.mark.parametrize("remove", [Fields.discard, Fields.__delitem__, Fields.pop])
def test_removing_takes_every_line(remove: Any) -> None:
    fields = Fields(LINES)
    assert "accept" in fields
    remove(fields, "ACCEPT")
    assert fields.lines == [("X-Twice", "1"), ("x-twice", "2")]
    assert "accept" not in fields


def test_a_copy_goes_its_own_way() -> None:
    fields = Fields(LINES)
    assert fields["accept"] == "a, b"
    copied = fields.copy()
    assert copied == fields
    copied["Accept"] = "c"
    copied.add("X", "y")
    assert fields.lines == LINES
    fields.discard("x-twice")
    assert copied["x-twice"] == "1, 2"


@pytest.mark.parametrize(
    ("other", "equal"),
    [
        (Fields([("ACCEPT", "a"), ("accept", "b"), ("x-twice", "1"), ("X-Twice", "2")]), True),
        (Fields([("Accept", "a, b"), ("X-Twice", "1, 2")]), False),
        ({"ACCEPT": "a, b", "x-twice": "1, 2"}, True),
        ({"accept": "a"}, False),
        (LINES, False),
    ],
)
def test_equality(other: object, equal: bool) -> None:
    assert (Fields(LINES) == other) is equal


@pytest.mark.parametrize(
    "through", [copy.copy, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))]
)
@pytest.mark.parametrize("lines", [[], LINES, [(f"X-{n % 40}", str(n)) for n in range(50)]])
def test_fields_travel(through: Callable[[Fields], Fields], lines: list[tuple[str, str]]) -> None:
    fields = Fields(lines)
    fields["X-0"] = "set"
    arrived = through(fields)
    assert arrived.lines == fields.lines
    arrived["X-0"] = "changed"
    assert fields["X-0"] == "set"


# Many lines


def set_new(n: int) -> None:
    fields = Fields()
    for k in range(n):
        fields[f"X-{k}"] = "1"


def set_again(n: int) -> None:
    fields = Fields([(f"X-{k}", "1") for k in range(n)])
    for k in range(n):
        fields[f"x-{k}"] = "2"
    assert fields.lines[-1] == (f"x-{n - 1}", "2")


def update(n: int) -> None:
    fields = Fields()
    fields.update({f"X-{k}": "1" for k in range(n)})
    fields.update({f"x-{k}": "2" for k in range(n)})


def delete(n: int) -> None:
    fields = Fields([(f"X-{k % (n // 2)}", "1") for k in range(n)])
    for k in range(n // 2):
        del fields[f"x-{k}"]
    assert not fields


def add_and_set(n: int) -> None:
    """Build what ``headers=`` pairs come to: each name is set, and its second line added."""
    fields = Fields()
    for k in range(n):
        fields[f"X-{k}"] = "1"
        fields.add(f"X-{k}", "2")
        fields.add("X-Same", "3")
    assert fields["X-Same"].count("3") == n


def add_and_remove(n: int) -> None:
    fields = Fields([(f"X-{k}", "1") for k in range(n)])
    for k in range(n):
        fields.add("X-Last", "1")
        fields.discard("x-last")
        fields.pop(f"X-{k}")


def take_all(n: int) -> None:
    fields = Fields([(f"X-{k}", "1") for k in range(n)])
    while fields:
        fields.popitem()
    fields = Fields([(f"X-{k}", "1") for k in range(n)])
    fields.clear()


def set_in_copies(n: int) -> None:
    fields = Fields([(f"X-{k}", "1") for k in range(n)])
    for made in [fields.copy() for _ in range(4)]:
        for k in range(n):
            made[f"X-{k}"] = "2"


@pytest.mark.parametrize(
    "change",
    [
        set_new,
        set_again,
        update,
        delete,
        add_and_set,
        add_and_remove,
        take_all,
        set_in_copies,
    ],
)
def test_a_change_costs_the_same_however_many_lines_there_are(
    change: Callable[[int], None],
) -> None:
    assert_linear(change, 400)


class Naive:
    """Field lines in a list, gone through for everything."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def of(self, name: str) -> list[str]:
        return [value for known, value in self.lines if known.lower() == name.lower()]

    def set(self, name: str, value: str) -> None:
        at = [i for i, line in enumerate(self.lines) if line[0].lower() == name.lower()]
        if not at:
            self.lines.append((name, value))
            return
        self.lines[at[0]] = (name, value)
        self.lines = [line for i, line in enumerate(self.lines) if i not in at[1:]]

    def discard(self, name: str) -> None:
        self.lines = [line for line in self.lines if line[0].lower() != name.lower()]


@pytest.mark.parametrize("seed", range(40))
def test_few_lines_and_many_are_kept_alike(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"X-{k}" for k in range(chance.choice((4, 60)))]
    fields, naive = Fields(), Naive()
    for step in range(150):
        name = chance.choice(names)
        name = chance.choice((name, name.lower()))
        match chance.choice("sssaaarrcp"):
            case "s":
                fields[name] = str(step)
                naive.set(name, str(step))
            case "a":
                fields.add(name, str(step))
                naive.lines.append((name, str(step)))
            case "r":
                assert fields.discard(name) is bool(naive.of(name))
                naive.discard(name)
            case "c":
                fields = fields.copy()
            case _ if fields:
                first = naive.lines[0][0]
                assert fields.popitem() == (first, ", ".join(naive.of(first)))
                naive.discard(first)
        if chance.random() < 0.5:
            asked = chance.choice(names)
            assert fields.get_all(asked) == naive.of(asked)
            assert fields.get(asked, "") == ", ".join(naive.of(asked))
            assert fields.repeats(asked) is (len(naive.of(asked)) > 1)
            assert (asked in fields) is bool(naive.of(asked))
        assert len(fields) == len({known.lower() for known, _ in naive.lines})
    assert fields.lines == naive.lines
    assert fields == Fields(naive.lines)


def test_fields_have_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Fields())


@pytest.mark.parametrize(
    "name", ["Authorization", "proxy-authorization", "COOKIE", "Set-Cookie", "set-cookie2"]
)
def test_a_secret_is_masked(name: str) -> None:
    assert shown(name, "secret") == "***"
    assert (
        repr(Fields([(name, "secret"), ("A", "b")])) == f"Fields([({name!r}, '***'), ('A', 'b')])"
    )


# Checks: RFC 9110 sections 5.1, 5.5 and 5.6.2.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "b"),
        (b"X-A", b"\xff"),
        ("!#$%&'*+-.^_`|~09azAZ", ""),
        ("X", "a b\tc"),
        ("X", "é"),
    ],
)
def test_a_line_that_can_be_sent(name: str | bytes, value: str | bytes) -> None:
    line = check_field(name, value)
    assert line == (as_text(name), as_text(value))


@pytest.mark.parametrize("value", ["v ", "v\t", "v \t ", b"v\t "])
def test_blanks_at_the_end_are_no_part_of_a_value(value: str | bytes) -> None:
    assert check_field("A", value) == ("A", "v")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("", "v", "field name '' is not a token"),
        ("A B", "v", "field name 'A B' is not a token"),
        ("A:", "v", "field name 'A:' is not a token"),
        ("Ä", "v", "field name 'Ä' is not a token"),
        (b"A\n", "v", r"field name 'A\n' is not a token"),
        (5, "v", "field name 5 is not a token"),
        ("A", 5, "the value of field 'A' must be str or bytes, not int"),
        ("A", None, "the value of field 'A' must be str or bytes, not NoneType"),
        ("A", " v", "the value of field 'A' starts with a blank"),
        ("A", "\tv ", "the value of field 'A' starts with a blank"),
        ("A", " ", "the value of field 'A' starts with a blank"),
        (b"A", b"v\x00 ", "the value of field 'A' has a control character at position 1"),
        ("A", "v\r\nX: y", "the value of field 'A' has a line break at position 1"),
        ("A", "v\n", "the value of field 'A' has a line break at position 1"),
        (b"A", b"\x00", "the value of field 'A' has a control character at position 0"),
        ("A", "v\x7fw", "the value of field 'A' has a control character at position 1"),
        ("A", "v\u20ac", "the value of field 'A' has a character outside ISO-8859-1 at position 1"),
    ],
)
def test_a_line_that_cannot_be_sent(name: object, value: object, message: str) -> None:
    with pytest.raises(InvalidHeader) as caught:
        check_field(name, value)
    assert str(caught.value) == message


def test_no_message_holds_the_value() -> None:
    with pytest.raises(InvalidHeader) as caught:
        check_field("Authorization", "secret\n")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "token"), [("GET", True), ("", False), ("A B", False), ("é", False), ("A\n", False)]
)
def test_tokens(text: str, token: bool) -> None:
    assert is_token(text) is token


@pytest.mark.parametrize(
    ("value", "most", "text"),
    [("abc", 64, "'abc'"), ("abc", 3, "'ab…"), (b"abc", 5, "b'abc…"), (12, 2, "12")],
)
def test_a_value_is_cut_for_a_message(value: object, most: int, text: str) -> None:
    assert cut(value, most) == text
