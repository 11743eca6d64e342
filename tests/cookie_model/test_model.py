"""The jar does what the reference does: in generated programs, and in those that Hypothesis finds.

A seed that fails here is looked into with ``python -m tests.cookie_model --programs 1 --seed N``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from sojourn_core.values.url.url import parse_url

from . import compare
from .compare import DisagreementError, Pair, run, shorten
from .programs import (
    AGES,
    COOKIE_PATHS,
    DATE_TOKENS,
    DOMAINS,
    METHODS,
    NAMES,
    SAME_SITES,
    START,
    VALUES,
    Advance,
    Copy,
    Field,
    Program,
    RemoveByHand,
    Retrieve,
    SetByHand,
    Store,
    program,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.rules.cookies import CookieJar

PROGRAMS = 2_000
CONTEXTS = ((True, True), (True, False), (False, True), (False, False))


@pytest.mark.parametrize("first", range(0, PROGRAMS, 250))
def test_programs_of_fifty_steps(first: int) -> None:
    for seed in range(first, first + 250):
        failure = run(program(seed))
        assert failure is None, f"program {seed}: {failure.error!r}"


def test_a_seed_is_a_program() -> None:
    assert program(7) == program(7)
    assert program(7) != program(8)
    assert len(program(7).steps) == 50


def test_programs_come_to_everything_that_can_become_of_a_cookie() -> None:
    seen: set[str] = set()
    for seed in range(100):
        limits, steps = program(seed)
        pair = Pair(limits)
        for step in steps:
            pair.step(step)
        seen |= pair.seen
    assert seen >= {
        "cookie.stored",
        "cookie.replaced",
        "cookie.deleted",
        "cookie.expired",
        "cookie.evicted",
        "cookie.rejected.control-character",
        "cookie.rejected.count",
        "cookie.rejected.domain-mismatch",
        "cookie.rejected.empty",
        "cookie.rejected.prefix",
        "cookie.rejected.public-suffix",
        "cookie.rejected.same-site",
        "cookie.rejected.secure",
        "cookie.rejected.size",
        "sent 0",
        "sent 1",
        "sent 2",
        "sent 3",
    }


# What programs have found.


@pytest.mark.parametrize(
    ("line", "path", "expires"),
    [
        # The first token that can be a month is one, before that which stands in a month's place.
        ("a=1; Expires=Mar, 19 Dec 2023 22:13:20 GMT", "/", START),
        ("a=1; Expires=Mar, 19 Dec 2024 22:13:20 GMT", "/", 1_710_886_400.0),
        ("a=1; Expires=Tue, 19 Dec 2023 22:13:20 GMT", "/", 1_703_024_000.0),
        # A Path that is no path stands for the default-path; it is there, as __Host- wants.
        ("__Host-a=1; Secure; Path=", "/", None),
        ("__Host-a=1; Secure; Path=x", "/page", None),
        ("__Host-a=1; Secure; Path=", "/dir/page", START),
        ("__Host-a=1; Secure", "/", START),
    ],
)
def test_a_cookie_and_its_end(line: str, path: str, expires: float | None) -> None:
    # With START for the end nothing is kept: it had ended as it came, or was refused.
    pair = Pair({})
    pair.step(Store((line,), f"https://a.test{path}"))
    assert [cookie.expires for cookie in pair.jar] == [expires] * (expires != START)


# A comparison that finds nothing wrong must be one that could.


def test_another_limit_is_noticed_and_the_program_cut_to_what_shows_it() -> None:
    pair = Pair({"cookies_per_domain_max": 2}, {"cookies_per_domain_max": 3})
    url = "http://a.test/"
    for line in ("a=1", "b=1"):
        pair.step(Store((line,), url))
    with pytest.raises(DisagreementError, match=r"^outcomes at .*'evicted'"):
        pair.step(Store(("c=1",), url))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda jar: jar.clear(name="a"),
        lambda jar: jar.set("a", "2", domain="a.test", host_only=True),
        lambda jar: jar.set("c", "1", domain="a.test", host_only=True),
    ],
)
def test_another_content_is_noticed(spoil: Callable[[CookieJar], object]) -> None:
    pair = Pair({})
    pair.step(Store(("a=1", "b=1"), "http://a.test/"))
    spoil(pair.jar)
    with pytest.raises(DisagreementError, match=r"^kept at "):
        pair.step(Advance(1.0))


def test_another_field_is_noticed() -> None:
    pair = Pair({"cookies_sent_max": 1}, {"cookies_sent_max": 2})
    pair.step(Store(("a=1", "b=1"), "http://a.test/"))
    with pytest.raises(DisagreementError, match=r"^field at .* 'a=1', .* 'a=1; b=1'$"):
        pair.step(Field("http://a.test/"))


@pytest.mark.parametrize("first", ["a", "b"])
def test_of_cookies_sent_together_either_may_go(first: str) -> None:
    # Which is the first in the reference's list depends on which was set anew.
    pair = Pair({"cookies_max": 2})
    pair.step(Store(("a=1", "b=1", f"{first}=2"), "http://a.test/"))
    pair.step(Retrieve("http://a.test/"))
    pair.step(Store(("c=1",), "http://b.test/"))
    assert "cookie.evicted" in pair.seen


def test_of_cookies_sent_one_by_one_the_first_must_go() -> None:
    pair = Pair({"cookies_max": 2})
    pair.step(Store(("a=1; Path=/a", "b=1; Path=/b"), "http://a.test/"))
    pair.jar.retrieve(parse_url("http://a.test/a"), pair.now)  # Of which the reference knows not.
    with pytest.raises(DisagreementError, match=r"^kept at "):
        pair.step(Store(("c=1",), "http://b.test/"))


def test_an_exception_is_a_failure() -> None:
    failure = run(Program({}, (Store(("a=1",), "http://a.test/"), SetByHand("", "1"))))
    assert failure is not None
    assert isinstance(failure.error, ValueError)
    assert shorten(failure).program.steps == (SetByHand("", "1"),)


def test_a_failing_program_is_shortened_to_the_steps_that_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(compare._DO, Advance, _forget_the_first)
    url = "http://a.test/"
    steps = (
        Store(("a=1",), url),
        Retrieve(url),
        Store(("b=1",), "http://b.test/"),
        Advance(1.0),
        Field(url),
    )
    failure = run(Program({}, steps))
    assert failure is not None
    assert failure.program.steps == steps[:4]
    assert shorten(failure).program.steps in {
        (steps[0], steps[3]),
        (steps[2], steps[3]),
    }


def _forget_the_first(pair: Pair, step: Advance) -> None:
    for name in pair.jar.keys()[:1]:
        pair.jar.clear(name=name)


# Programs that Hypothesis makes, and shortens by itself.

URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(("http", "https")),
    st.sampled_from(("a.test", "sub.a.test", "b.test", "192.0.2.7", "co.uk", "localhost")),
    st.sampled_from(("/", "/dir", "/dir/", "/dir/page", "/directory")),
)
DATES = st.lists(st.sampled_from(DATE_TOKENS), max_size=6).map(" ".join)
ATTRIBUTES = st.one_of(
    st.sampled_from(("Secure", "secure", "HttpOnly", "Path", "Domain", "Max-Age=0", "x=1")),
    st.sampled_from(DOMAINS).map("Domain={}".format),
    st.sampled_from(COOKIE_PATHS).map("Path={}".format),
    st.sampled_from(AGES).map("Max-Age={}".format),
    st.sampled_from(SAME_SITES).map("SameSite={}".format),
    DATES.map("Expires={}".format),
    st.text(st.characters(max_codepoint=0xFF), max_size=8),
)
PAIRS = st.one_of(
    st.builds("{}={}".format, st.sampled_from(NAMES[:4] + NAMES[9:13]), st.sampled_from(VALUES)),
    st.text(st.characters(max_codepoint=0x100), max_size=8),
)
LINES = st.builds(lambda *parts: "; ".join([parts[0], *parts[1]]), PAIRS, st.lists(ATTRIBUTES))


class Jars(RuleBasedStateMachine):
    """Any steps in any order; each compares what is answered and what is kept."""

    @initialize(
        limits=st.fixed_dictionaries(
            {},
            optional={
                "cookies_per_domain_max": st.integers(1, 3),
                "cookies_max": st.integers(1, 5),
                "cookies_sent_max": st.integers(1, 3),
                "cookie_field_size_max": st.integers(1, 20),
                "set_cookies_max": st.integers(1, 2),
                "cookie_size_max": st.integers(1, 8),
            },
        )
    )
    def begin(self, limits: dict[str, int]) -> None:
        self.pair = Pair(limits)

    @rule(lines=st.lists(LINES, max_size=4).map(tuple), url=URLS, context=st.sampled_from(CONTEXTS))
    def store(self, lines: tuple[str, ...], url: str, context: tuple[bool, bool]) -> None:
        self.pair.step(Store(lines, url, *context))

    @rule(
        url=URLS,
        unscoped=st.booleans(),
        context=st.sampled_from(CONTEXTS),
        method=st.sampled_from(METHODS),
    )
    def retrieve(self, url: str, unscoped: bool, context: tuple[bool, bool], method: str) -> None:
        self.pair.step(Retrieve(url, unscoped, *context, method))

    @rule(url=URLS, unscoped=st.booleans())
    def field(self, url: str, unscoped: bool) -> None:
        self.pair.step(Field(url, unscoped))

    @rule(seconds=st.sampled_from((0.5, 1.0, 5.0, 60.0, 1e7)))
    def advance(self, seconds: float) -> None:
        self.pair.step(Advance(seconds))

    @rule(
        cookie=st.builds(
            SetByHand,
            st.sampled_from(("a", "b")),
            st.sampled_from(("1", "2")),
            st.sampled_from(("", "a.test", "sub.a.test", "192.0.2.7")),
            st.sampled_from(("/", "/dir")),
            st.booleans(),
            st.booleans(),
            st.sampled_from((None, -1.0, 5.0)),
        )
    )
    def set_by_hand(self, cookie: SetByHand) -> None:
        self.pair.step(cookie)

    @rule(name=st.sampled_from((None, "a", "b")), domain=st.sampled_from((None, "", "a.test")))
    def remove_by_hand(self, name: str | None, domain: str | None) -> None:
        self.pair.step(RemoveByHand(name, domain))

    @rule(pickled=st.booleans())
    def copy(self, pickled: bool) -> None:
        self.pair.step(Copy(pickled))


TestJars = Jars.TestCase
TestJars.settings = settings(max_examples=300, stateful_step_count=30)
