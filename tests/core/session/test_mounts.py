"""The transports of a session: many of them, changed by hand, by several sessions and threads."""

from __future__ import annotations

import copy
import pickle

import pytest

from sojourn_core import Session
from sojourn_core.values.errors import InvalidSchema
from tests.core.conversation import URL
from tests.core.work import assert_linear


def test_transports_are_mounted_in_the_time_of_a_sort() -> None:
    def mount(n: int) -> None:
        owner = Session()
        for k in range(n):
            owner.mount(f"http://{'a' * (k % 50)}{k}.test/", k)
        for k in range(0, n, 2):
            del owner.adapters[f"http://{'a' * (k % 50)}{k}.test/"]
        assert owner.get_adapter("http://a1.test/x") == 1
        assert len(owner.adapters) == n // 2

    assert_linear(mount, 1000)


def test_transports_are_a_mapping_whose_order_nobody_has_to_ask_for() -> None:
    owner = Session()
    held = owner.adapters
    shared = copy.copy(owner)
    owner.mount("http://", "plain")
    assert owner.get_adapter(URL) == "plain"
    held["http://a.test/"] = "host"  # By hand, and by what was read before.
    assert list(held.items()) == [("http://a.test/", "host"), ("http://", "plain")]
    assert owner.get_adapter(URL) == shared.get_adapter(URL) == "host"
    assert held == {"http://": "plain", "http://a.test/": "host"}
    other = held.copy()
    assert pickle.loads(pickle.dumps(held)) == other
    assert held.pop("http://a.test/") == "host"
    assert owner.get_adapter(URL) == "plain"
    assert repr(held) == "Mounts({'http://': 'plain'})"
    owner.adapters = other
    assert owner.adapters is other
    owner.adapters = {"http://": "a", "http://a.test/": "b"}
    assert owner.get_adapter(URL) == "b"


def test_what_is_mounted_while_others_are_sorted_counts() -> None:
    class Late(str):
        """A prefix that another thread mounts by, at the moment when it is looked at."""

        __slots__ = ()

        def lower(self) -> str:
            owner.adapters["http://a.test/x"] = "later"
            return super().lower()

    owner = Session()
    owner.mount(Late("http://"), "plain")
    assert owner.get_adapter("http://a.test/x") == "plain"
    del owner.adapters["http://"]
    assert owner.get_adapter("http://a.test/x") == "later"


@pytest.mark.parametrize(
    "url",
    [
        *("http://a.test/x", "HTTP://a.test/x", "Https://a.test", "http://", "http:", "http"),
        *("https://a://b", "http://a://", "unix://x", "x://", "", ":", "://"),
    ],
)
@pytest.mark.parametrize(
    "prefixes",
    [
        ("http://", "https://"),
        ("HTTP://", "https://"),
        ("http://", "http://a://"),
        ("http://", "http:"),
        ("http://", "ht"),
        ("http://", ""),
        ("https://",),
        ("http://", "unix://", "://"),
        ("http://", "http://a.test/"),
        (),
    ],
)
def test_the_longest_prefix_wins_in_any_case(prefixes: tuple[str, ...], url: str) -> None:
    owner = Session()
    owner.adapters = {prefix: prefix for prefix in prefixes}
    fitting = [prefix for prefix in prefixes if url.lower().startswith(prefix.lower())]
    for _ in range(2):  # Before and after they were sorted.
        if fitting:
            assert owner.get_adapter(url) == max(fitting, key=len)
        else:
            with pytest.raises(InvalidSchema):
                owner.get_adapter(url)
