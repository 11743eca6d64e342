"""Merging jars: three laws, who wins, and what limits do to it."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.rules.cookies import Cookie, CookieJar, Deletion, merge
from sojourn_core.rules.cookies.domain import is_likely_public_suffix
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import URL, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_700_000_000.0
URLS = ("https://a.test/", "https://www.a.test/x", "https://b.test/x/y", "https://[::1]/")
SMALL = DEFAULT_LIMITS.replace(cookies_max=4, cookies_per_domain_max=3, cookie_deletions_max=2)


def at(url: str) -> URL:
    return parse_url(url)


def jar_of(*lines: str, now: float = NOW) -> CookieJar:
    jar = CookieJar()
    jar.store(lines, at("https://a.test/"), now)
    return jar


def written(item: Cookie | Deletion) -> tuple[Any, ...]:
    """All of a cookie or of a deletion, with what does not make cookies differ."""
    return tuple(getattr(item, name) for name in type(item).__slots__)


def content(jar: CookieJar) -> set[tuple[Any, ...]]:
    """What a jar knows."""
    return {written(item) for item in (*jar, *jar.deletions())}


def state(jar: CookieJar) -> list[Any]:
    """What a jar knows and all that can be told of it: orders, limits, fields."""
    return [
        [written(cookie) for cookie in jar],
        [written(cookie) for cookie in jar.by_use()],
        [written(deletion) for deletion in jar.deletions()],
        jar.latest,
        jar.limits,
        fields(jar),
    ]


def fields(jar: CookieJar) -> list[str | None]:
    """What would be sent; asked of a copy, since asking is a use."""
    return [jar.copy().cookie_field(at(url), jar.latest) for url in URLS]


def places(jar: CookieJar) -> dict[Any, str]:
    return {cookie.place: cookie.value for cookie in jar}


# Programs: what happens to a jar

LINES = st.builds(
    "{}={}{}{}".format,
    st.sampled_from("ab"),
    st.sampled_from("123"),
    st.sampled_from(["", "", "; Max-Age=0", "; Max-Age=2", "; Max-Age=9"]),
    st.sampled_from(["", "; Path=/", "; Path=/x; Secure", "; Domain=a.test"]),
)
STEPS = st.one_of(
    st.tuples(st.just("store"), st.sampled_from(URLS), st.lists(LINES, min_size=1, max_size=3)),
    st.tuples(st.just("retrieve"), st.sampled_from(URLS), st.just([])),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 1.0, 4.0, -2.0]), st.just([])),
    st.tuples(st.just("set"), st.sampled_from(["", "a.test", "b.test"]), st.sampled_from("ab")),
    st.tuples(st.just("delete"), st.sampled_from("ab"), st.just([])),
)
PROGRAMS = st.lists(STEPS, max_size=8)


def run(jar: CookieJar, program: list[Any], now: float) -> float:
    for step, argument, more in program:
        match step:
            case "store":
                jar.store(more, at(argument), now)
            case "retrieve":
                jar.retrieve(at(argument), now)
            case "wait":
                now += argument
            case "set":
                jar.set(more, "hand", domain=argument)
            case "delete":
                del jar[argument]
    return now


@st.composite
def jars(draw: Callable[[Any], Any], count: int = 3) -> list[CookieJar]:
    """Jars that went apart: after a common past, or without one."""
    made = []
    limits = draw(st.sampled_from([DEFAULT_LIMITS, DEFAULT_LIMITS, SMALL]))
    past = CookieJar(limits=limits)
    now = run(past, draw(PROGRAMS), NOW)
    for _ in range(count):
        jar = past.copy() if draw(st.booleans()) else CookieJar(limits=limits)
        run(jar, draw(PROGRAMS), now)
        made.append(jar)
    return made


# The laws


@given(jars(2))
def test_it_does_not_matter_which_is_merged_into_which(given: list[CookieJar]) -> None:
    a, b = given
    assert state(merge(a, b)) == state(merge(b, a))


@given(jars(3))
def test_it_does_not_matter_in_which_order_three_are_merged(given: list[CookieJar]) -> None:
    a, b, c = given
    assert state(merge(merge(a, b), c)) == state(merge(a, merge(b, c)))


@given(jars(2))
def test_it_does_not_matter_how_often(given: list[CookieJar]) -> None:
    a, b = given
    assert content(merge(a, a)) == content(a)
    assert fields(merge(a, a)) == fields(a)
    both = merge(a, b)
    assert state(merge(both, both)) == state(both)
    assert state(merge(both, a)) == state(both)
    assert state(merge(b, both)) == state(both)


@given(jars(1))
def test_an_empty_jar_adds_nothing(given: list[CookieJar]) -> None:
    (jar,) = given
    empty = CookieJar(limits=jar.limits)
    assert content(merge(jar, empty)) == content(jar)
    assert fields(merge(empty, jar)) == fields(jar)


@given(jars(2))
def test_merging_changes_neither(given: list[CookieJar]) -> None:
    before = [state(jar) for jar in given]
    merge(*given).clear()
    assert [state(jar) for jar in given] == before


# What is kept


@given(jars(2))
def test_what_neither_forgot_is_kept(given: list[CookieJar]) -> None:
    a, b = given
    merged = merge(a, b)
    gone = {deletion.place for jar in given for deletion in jar.deletions()}
    assert places(merged).keys() >= (places(a).keys() | places(b).keys()) - gone
    # Nothing is made up, and each place is known of once.
    assert content(merged) <= content(a) | content(b)
    known = [item.place for item in (*merged, *merged.deletions())]
    assert len(known) == len(set(known))
    assert set(known) == {item.place for jar in given for item in (*jar, *jar.deletions())}


@given(jars(2))
def test_the_later_change_wins(given: list[CookieJar]) -> None:
    changes = [item for jar in given for item in (*jar, *jar.deletions())]
    merged = merge(*given)
    for winner in (*merged, *merged.deletions()):
        for other in changes:
            if other.place == winner.place:
                assert (winner.changed, winner.revision) >= (other.changed, other.revision)


CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from(URLS), LINES), max_size=12)


@given(CHANGES, CHANGES)
def test_merging_two_that_went_apart_gives_one_that_saw_everything(
    past: list[Any], apart: list[Any]
) -> None:
    now = NOW
    whole = CookieJar()
    for _, url, line in past:
        now += 1
        whole.store([line], at(url), now)
    a, b = whole.copy(), pickle.loads(pickle.dumps(whole))
    for first, url, line in apart:
        now += 1
        whole.store([line], at(url), now)
        (a if first else b).store([line], at(url), now)
    merged = merge(a, b)
    for jar in (whole, merged):
        jar.retrieve(at(URLS[0]), now)
    assert places(merged) == places(whole)
    assert {each.place for each in merged.deletions()} == {each.place for each in whole.deletions()}


# Who wins, by example


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["a=1"], ["a=2"], "a=2"),
        (["a=1; Max-Age=0"], ["a=2"], "a=2"),
        (["a=1"], ["a=2; Max-Age=0"], None),  # Of a cookie that it never had.
        (["a=1"], ["a=2", "a=3; Max-Age=0"], None),
        (["a=1", "b=1"], ["c=1"], "a=1; b=1; c=1"),
        (["a=1"], ["a=2; Max-Age=5"], None),  # It has ended: the older one does not come back.
    ],
)
def test_of_two_times_the_later_one_counts(
    first: list[str], second: list[str], expected: str | None
) -> None:
    a, b = jar_of(*first), jar_of(*second, now=NOW + 1)
    for jar in (a, b):
        jar.retrieve(at("https://a.test/"), NOW + 9)
    for merged in (merge(a, b), merge(b, a)):
        assert merged.cookie_field(at("https://a.test/"), NOW + 9) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (["a=2"], ["a=1"], "a=2"),  # The greater value.
        (["a=1"], ["a=9; Max-Age=0"], None),  # A deletion.
        (["a=2", "a=1"], ["a=2"], "a=1"),  # More revisions.
        (["a=2; Max-Age=0", "a=1"], ["a=2"], "a=1"),
        (["a=1; Secure"], ["a=1"], "a=1"),
    ],
)
def test_a_tie_is_broken_by_content(
    first: list[str], second: list[str], expected: str | None
) -> None:
    a, b = jar_of(*first), jar_of(*second)
    assert state(merge(a, b)) == state(merge(b, a))
    assert merge(a, b).cookie_field(at("https://a.test/"), NOW) == expected


def test_a_change_after_a_copy_is_later_even_at_the_same_time() -> None:
    jar = jar_of("a=9", "b=9")
    copied = jar.copy()
    copied.store(["a=1", "b=; Max-Age=0"], at("https://a.test/"), NOW)
    assert places(merge(jar, copied)) == places(copied)
    copied.store(["a=0"], at("https://a.test/"), NOW - 1)  # The clock went back.
    assert merge(jar, copied).get("a") == "0"


def test_an_update_counts_from_when_it_was_made_and_keeps_its_age() -> None:
    a = jar_of("a=1", "b=1")
    b = a.copy()
    a.store(["b=2"], at("https://a.test/"), NOW + 1)
    a.store(["a=2"], at("https://a.test/"), NOW + 2)
    merged = merge(a, b)
    assert merged.cookie_field(at("https://a.test/"), NOW) == "a=2; b=2"
    assert {cookie.created for cookie in merged} == {NOW}


def test_what_is_changed_by_hand_is_as_late_as_what_the_jar_was_told() -> None:
    a = jar_of("a=1", "b=1", "c=1")
    b = a.copy()
    a.store(["a=2", "b=2"], at("https://a.test/"), NOW + 1)
    b.cookie_field(at("https://a.test/"), NOW + 2)
    b.retrieve(at("https://a.test/"), NOW + 3)
    del b["a"]
    b.set("b", "hand", domain="a.test", host_only=True)
    merged = merge(a, b)
    assert merged.get_dict() == {"b": "hand", "c": "1"}
    b.clear()
    assert len(merge(merged, b)) == 0


def test_a_cookie_taken_over_from_another_jar_is_not_made_older() -> None:
    jar = CookieJar()
    jar.update(jar_of("a=1", "a=2"))
    (cookie,) = jar
    assert (cookie.changed, cookie.revision) == (NOW, 1)
    jar.update(jar_of("a=3", now=NOW - 9))
    (cookie,) = jar
    assert (cookie.value, cookie.changed, cookie.revision) == ("3", NOW, 2)


# Records of deletions


def records(jar: CookieJar) -> list[tuple[str, float, int]]:
    return [(each.name, each.changed, each.revision) for each in jar.deletions()]


def test_what_leaves_a_record() -> None:
    jar = jar_of("a=1; Max-Age=5", "b=1", "c=1", "d=1")
    assert records(jar) == []
    jar.store(["b=; Max-Age=0", "never=; Max-Age=0"], at("https://a.test/"), NOW + 1)
    assert records(jar) == [("b", NOW + 1, 0), ("never", NOW + 1, 0)]
    jar.cookie_field(at("https://a.test/"), NOW + 5)  # One that ended, as of when it was set.
    del jar["c"]
    assert records(jar)[2:] == [("a", NOW, 0), ("c", NOW + 5, 0)]
    del jar["nothing"]
    jar.set("d", None)
    assert records(jar)[4:] == [("d", NOW + 5, 0)]


def test_a_record_goes_when_the_cookie_is_back() -> None:
    jar = jar_of("a=1", "a=1; Max-Age=0", "a=1")
    assert records(jar) == []
    assert [cookie.revision for cookie in jar] == [2]
    del jar["a"]
    jar.set("a", "1", domain="a.test", host_only=True)
    assert records(jar) == []


def test_a_record_is_of_one_place() -> None:
    jar = jar_of("a=1", "a=1; Domain=a.test", "a=1; Path=/x")
    jar.store(["a=; Max-Age=0; Domain=a.test"], at("https://a.test/"), NOW)
    (record,) = jar.deletions()
    assert record.place == ("a.test", "a", False, "/")
    assert len(merge(jar, jar)) == 2


def test_there_are_so_many_records_and_the_first_goes_first() -> None:
    jar = CookieJar(limits=SMALL)
    jar.store([f"{name}=; Max-Age=0" for name in "abcb"], at("https://a.test/"), NOW)
    assert [name for name, *_ in records(jar)] == ["c", "b"]
    none = CookieJar(limits=SMALL.replace(cookie_deletions_max=0))
    none.store(["a=; Max-Age=0"], at("https://a.test/"), NOW)
    assert records(none) == []


@pytest.mark.parametrize(
    "copied", [CookieJar.copy, copy.deepcopy, lambda jar: pickle.loads(pickle.dumps(jar))]
)
def test_records_go_along_with_copies(copied: Callable[[CookieJar], CookieJar]) -> None:
    jar = jar_of("a=1", "b=1; Max-Age=0")
    assert state(copied(jar)) == state(jar)
    assert copied(jar).deletions() == jar.deletions()


# Limits


def test_eviction_is_no_deletion() -> None:
    a, b = CookieJar(limits=SMALL), CookieJar(limits=SMALL)
    a.store(["a=1"], at("https://a.test/"), NOW)
    b.store(["a=1", "b=1", "c=1", "d=1"], at("https://a.test/"), NOW)
    assert records(b) == []
    assert "a" not in b
    assert "a" in merge(a, b)


def test_merging_evicts_nothing_and_the_next_cookie_does() -> None:
    a, b = CookieJar(limits=SMALL), CookieJar(limits=SMALL)
    a.store(["a=1", "b=1", "c=1"], at("https://a.test/"), NOW)
    b.store(["d=1", "e=1", "f=1"], at("https://a.test/"), NOW + 1)
    for jar, host in ((a, "b"), (b, "c")):
        jar.store(["x=1", "y=; Max-Age=0", "z=; Max-Age=0"], at(f"https://{host}.test/"), NOW + 2)
    merged = merge(a, b)
    assert (len(merged), len(merged.deletions())) == (8, 4)
    decisions = merged.store(["g=1"], at("https://a.test/"), NOW + 3)
    assert [(each.code, each.subject) for each in decisions] == [
        ("cookie.stored", "g"),
        *(("cookie.evicted", name) for name in "abcd"),
        ("cookie.evicted", "e"),
    ]
    assert (len(merged), len(merged.deletions())) == (4, 2)


@given(jars(3), st.sampled_from(URLS))
def test_the_limits_hold_again_with_the_next_cookie(given: list[CookieJar], url: str) -> None:
    merged = merge(merge(given[0], given[1]), given[2])
    merged.store(["new=1; Path=/"], at(url), NOW + 100)
    limits = merged.limits
    assert sum(bool(cookie.domain) for cookie in merged) <= limits.cookies_max
    assert len(merged.deletions()) <= limits.cookie_deletions_max
    host = at(url).host
    assert sum(cookie.domain == host for cookie in merged) <= limits.cookies_per_domain_max
    assert "new" in merged


def test_the_tighter_limits_are_the_new_jars() -> None:
    a = CookieJar(limits=DEFAULT_LIMITS.replace(cookies_max=5, content_size_max=7))
    b = CookieJar(limits=DEFAULT_LIMITS.replace(cookies_per_domain_max=6))
    expected = DEFAULT_LIMITS.replace(cookies_max=5, cookies_per_domain_max=6, content_size_max=7)
    assert merge(a, b).limits == merge(b, a).limits == expected
    assert merge(b, b).limits is b.limits
    assert merge(CookieJar(limits=expected), b).limits.content_size_max == 7


# Public suffixes


def test_what_either_takes_for_a_public_suffix_is_one() -> None:
    rules = [{"one.test"}.__contains__, {"two.test"}.__contains__, None]
    one, two, short = (CookieJar(is_public_suffix=rule) for rule in rules)
    assert merge(one, one).is_public_suffix is one.is_public_suffix
    assert merge(short, short).is_public_suffix is None
    alike = CookieJar(is_public_suffix=is_likely_public_suffix)
    assert merge(short, alike).is_public_suffix is is_likely_public_suffix
    for merged in (merge(merge(one, two), short), merge(short, merge(two, merge(two, one)))):
        rule = merged.is_public_suffix
        assert rule is not None
        found = [rule(domain) for domain in ("one.test", "two.test", "three.test", "co.uk")]
        assert found == [True, True, False, True]
