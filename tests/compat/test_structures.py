"""``CaseInsensitiveDict`` does what Requests' does, and is a section of field lines as well."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict as TheirDict
from requests.structures import LookupDict as TheirLookup

from sojourn.compat.structures import CaseInsensitiveDict, LookupDict, as_sent
from sojourn_core.values.fields import Fields
from tests.core.work import assert_linear

from .sides import outcome

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES: list[Any] = ["x", b"x", b"\xff ", " y\t", None, 5, True, ["a"], ""]


def state(given: Any) -> Any:
    """All that can be seen of a mapping."""
    return (
        list(given),
        list(given.items()),
        list(given.values()),
        list(given.lower_items()),
        len(given),
        bool(given),
        repr(given),
        str(given),
    )


CONSTRUCTED: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((None,), {}),
    (({"A": "1", "b": None},), {}),
    (({"A": 1, "a": b"2", "B": 3},), {}),
    (([("A", 1), ("b", 2), ("a", 3)],), {}),
    ((iter([("A", 1)]),), {"B": "2", "a": "4"}),
    ((), {"data": {"X": "y"}}),
    (({b"Octets": b"1", "octets": "2"},), {}),
    (([],), {}),
    (("",), {}),
    (("ab",), {}),
    (({1: 2},), {}),
    ((5,), {}),
]


@pytest.mark.parametrize(("arguments", "named"), CONSTRUCTED)
def test_construction(arguments: Any, named: Any) -> None:
    # Deep copies, so that both get an iterator of their own.
    ours = outcome(lambda: state(CaseInsensitiveDict(*copy.deepcopy(arguments), **named)))
    assert ours == outcome(lambda: state(TheirDict(*copy.deepcopy(arguments), **named)))


def rename(given: Any) -> None:
    given["ACCEPT"] = "new"


OPERATIONS: list[Callable[[Any], Any]] = [
    rename,
    lambda d: d.__setitem__(5, "x"),
    lambda d: d.__delitem__("aCCept"),
    lambda d: d.__delitem__("x-none"),
    lambda d: d["x-NONE"],
    lambda d: d["ACCEPT"],
    lambda d: d[b"accept"],
    lambda d: d[5],
    lambda d: d.get("ACCEPT"),
    lambda d: d.get("none", "default"),
    lambda d: "ACCEPT" in d,
    lambda d: "none" in d,
    lambda d: 5 in d,
    lambda d: d.pop("ACCEPT"),
    lambda d: d.pop("none", "default"),
    lambda d: d.pop("none"),
    lambda d: d.popitem(),
    lambda d: d.clear(),
    lambda d: d.setdefault("ACCEPT", "y"),
    lambda d: d.setdefault("New", None),
    lambda d: d.setdefault("new"),
    lambda d: d.update({"HOST": "h", "b": 1}, ACCEPT="z"),
    lambda d: d.update([("q", 1), ("Q", 2)]),
    lambda d: d.update(d),
    lambda d: state(d.copy()),
    lambda d: state(copy.copy(d)),
    lambda d: state(copy.deepcopy(d)),
    lambda d: d == {"accept": "*/*", "HOST": "a.test", "x": None},
    lambda d: d == d.copy(),
    lambda d: d == {"accept": "*/*", "HOST": "a.test", "x": None},
    lambda d: d == {"accept": "*/*"},
    lambda d: d == {5: 1},
    lambda d: d == [("accept", "*/*")],
    lambda d: d.__eq__(5),
    lambda d: d != {},
    hash,
    dict,
    lambda d: {**d},
    lambda d: sorted(d.keys() & {"Accept", "X"}),
    lambda d: type(d).__name__,
    lambda d: type(d)[str],
    lambda d: d | {},
    lambda d: setattr(d, "own", 1) or d.own,
    *[lambda d, p=p: state(pickle.loads(pickle.dumps(d, p))) for p in range(6)],
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations(operation: Callable[[Any], Any]) -> None:
    pairs = [("Accept", "*/*"), ("host", "a.test"), ("X", None)]
    ours, theirs = CaseInsensitiveDict(pairs), TheirDict(pairs)
    told = outcome(operation, ours), outcome(operation, theirs)
    if "CaseInsensitiveDict[str]" not in repr(told):  # An alias of another class.
        assert told[0] == told[1]
    assert state(ours) == state(theirs)


STEP = st.tuples(
    st.sampled_from(["set", "delete", "pop", "setdefault"]),
    st.sampled_from(["A", "a", "Bc", "bC", "X-Long", "x-long", "é", "É"]),
    st.sampled_from(VALUES),
)


@given(st.lists(STEP))
def test_any_steps_lead_to_the_same(steps: list[tuple[str, str, Any]]) -> None:
    ours, theirs = CaseInsensitiveDict(), TheirDict()
    for what, key, value in steps:
        for mapping in (ours, theirs):
            if what == "set":
                mapping[key] = value
            elif what == "delete":
                mapping.pop(key, None)
            elif what == "pop":
                mapping.pop(key.swapcase(), None)
            else:
                mapping.setdefault(key, value)
        assert state(ours) == state(theirs)
    assert ours == theirs
    assert ours.lines == [(name, as_sent(value)) for name, value in theirs.items()]
    assert state(ours.copy()) == state(theirs)


LINES = [("Vary", "a"), ("Set-Cookie", "a=1"), ("vary", "b"), ("set-cookie", "b=2")]


def repeating() -> CaseInsensitiveDict:
    return CaseInsensitiveDict.from_lines(LINES.copy())


def test_lines_that_repeat_are_read_joined_and_kept_apart() -> None:
    headers = repeating()
    assert isinstance(headers, Fields)
    assert headers["SET-COOKIE"] == "a=1, b=2"
    assert headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert headers.lines == headers.copy().lines == LINES
    assert state(headers) == state(TheirDict({"Vary": "a, b", "Set-Cookie": "a=1, b=2"}))
    assert headers == {"vary": "a, b", "set-cookie": "a=1, b=2"}


def test_setting_a_name_that_repeats_leaves_one_line_of_it() -> None:
    headers = repeating()
    headers["SET-COOKIE"] = None
    assert headers.lines == [("Vary", "a"), ("SET-COOKIE", None), ("vary", "b")]
    assert headers["set-cookie"] is None
    assert headers.get_all("vary") == ["a", "b"]


def test_removing_a_name_that_repeats_removes_all_of_it() -> None:
    headers = repeating()
    assert headers.pop("VARY") == "a, b"
    assert headers.lines == [("Set-Cookie", "a=1"), ("set-cookie", "b=2")]


@pytest.mark.parametrize("change", [lambda h: h.add("Vary", "c"), lambda h: h.clear()])
@pytest.mark.parametrize(
    "copied", [copy.copy, CaseInsensitiveDict.copy, lambda h: pickle.loads(pickle.dumps(h))]
)
def test_a_copy_goes_its_own_way(change: Any, copied: Any) -> None:
    headers = repeating()
    other = copied(headers)
    assert type(other) is CaseInsensitiveDict
    change(other)
    other["New"] = "1"
    assert headers.lines == LINES
    assert headers["vary"] == "a, b"


def test_an_addition_is_a_line_of_its_own() -> None:
    headers = CaseInsensitiveDict({"A": "1"})
    headers.add("a", "2")
    headers.extend([("B", "3")])
    assert headers["A"] == "1, 2"
    assert headers.lines == [("A", "1"), ("a", "2"), ("B", "3")]


def test_made_of_another_it_has_one_line_for_each_name() -> None:
    assert CaseInsensitiveDict(repeating()).lines == [("Vary", "a, b"), ("Set-Cookie", "a=1, b=2")]


def test_the_core_takes_its_lines() -> None:
    headers = CaseInsensitiveDict({"A": "1", b"B": b"2", "C": None})
    assert Fields(headers).lines == [("A", "1"), ("B", "2")]
    assert Fields({"a": "1"}) == CaseInsensitiveDict(A="1")


def test_a_subclass_sees_each_name_that_is_set() -> None:
    class Recording(CaseInsensitiveDict):
        def __setitem__(self, key: Any, value: Any) -> None:
            super().__setitem__(f"X-{key}", value)

    assert list(Recording({"A": "1"}, b="2")) == ["X-A", "X-b"]


LOOKUPS: list[Callable[[Any], Any]] = [
    lambda d: d.ok,
    lambda d: d["ok"],
    lambda d: d["none"],
    lambda d: d.none,
    lambda d: d.get("ok"),
    lambda d: d.get("none"),
    lambda d: d.get("none", 5),
    repr,
    len,
    dict,
    lambda d: d.name,
    lambda d: copy.copy(d).ok,
    lambda d: pickle.loads(pickle.dumps(d)).ok,
    lambda d: hasattr(d, "none"),
]


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("arguments", [(), ("codes",), (5,)])
def test_lookups(lookup: Callable[[Any], Any], arguments: Any) -> None:
    ours, theirs = LookupDict(*arguments), TheirLookup(*arguments)
    ours.ok = theirs.ok = 200
    assert outcome(lookup, ours) == outcome(lookup, theirs)


def set_and_set_again(n: int) -> None:
    made = CaseInsensitiveDict()
    for value in (1, None):
        for k in range(n):
            made[f"X-{k}"] = value
    made.update({f"x-{k}": 2 for k in range(n)})


def set_and_delete(n: int) -> None:
    made = CaseInsensitiveDict({f"X-{k}": k for k in range(n)})
    for k in range(n):
        del made[f"x-{k}"]
    assert not made


@pytest.mark.parametrize("change", [set_and_set_again, set_and_delete])
def test_a_change_costs_the_same_however_many_names_there_are(
    change: Callable[[int], None],
) -> None:
    assert_linear(change, 400)
