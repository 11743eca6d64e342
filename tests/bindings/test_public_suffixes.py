"""The list of public suffixes: loaded when it is needed, by one thread, and kept to."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn.local import public_suffixes as suffixes
from sojourn_core.values.url.url import parse_url

if TYPE_CHECKING:
    from tests.bindings.clients import Binding

NOW = 1_700_000_000.0
HOSTS = [
    ("shop.co.uk", "co.uk", "cookie.rejected.public-suffix", "cookie.rejected.public-suffix"),
    ("me.github.io", "github.io", "cookie.rejected.public-suffix", "cookie.stored"),
    ("a.kobe.jp", "kobe.jp", "cookie.rejected.public-suffix", "cookie.stored"),
    ("www.ck", "www.ck", "cookie.stored", "cookie.stored"),
    ("a.test", "test", "cookie.rejected.public-suffix", "cookie.rejected.public-suffix"),
    ("a.com", "com", "cookie.rejected.public-suffix", "cookie.rejected.public-suffix"),
    ("www.a.test", "a.test", "cookie.stored", "cookie.stored"),
    ("www.a.co.uk", "a.co.uk", "cookie.stored", "cookie.stored"),
    ("a.xn--55qx5d.cn", "xn--55qx5d.cn", "cookie.rejected.public-suffix", "cookie.stored"),
    ("127.0.0.1", "127.0.0.1", "cookie.stored", "cookie.stored"),
    ("127.0.0.1", "0.0.1", "cookie.rejected.domain-mismatch", "cookie.rejected.domain-mismatch"),
    ("[::1]", "[::1]", "cookie.stored", "cookie.stored"),
]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing loaded before the test."""
    monkeypatch.setattr(suffixes, "_rule", None)


def code(jar: Any, host: str, domain: str) -> str:
    (decision,) = jar.store([f"a=1; Domain={domain}"], parse_url(f"https://{host}/"), NOW)
    return str(decision.code)


@pytest.mark.parametrize(("host", "domain", "with_list", "without"), HOSTS)
def test_sessions_keep_to_the_list(
    binding: Binding, host: str, domain: str, with_list: str, without: str
) -> None:
    pytest.importorskip("publicsuffixlist")
    assert code(binding.session().cookies, host, domain) == with_list


@pytest.mark.parametrize(("host", "domain", "with_list", "without"), HOSTS)
def test_sessions_keep_to_the_rule_if_there_is_no_list(
    binding: Binding,
    host: str,
    domain: str,
    with_list: str,
    without: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    assert code(binding.session().cookies, host, domain) == without


@pytest.mark.parametrize("host", ["co.uk", "github.io", "localhost"])
def test_a_public_suffix_may_have_cookies_for_itself(binding: Binding, host: str) -> None:
    pytest.importorskip("publicsuffixlist")
    jar = binding.session().cookies
    assert code(jar, host, host) == "cookie.stored"
    assert [cookie.host_only for cookie in jar] == [True]


def test_another_rule_can_be_given(binding: Binding) -> None:
    session = binding.session()
    session.cookies = sojourn.CookieJar(is_public_suffix={"a.test"}.__contains__)
    assert code(session.cookies, "www.a.test", "a.test") == "cookie.rejected.public-suffix"
    assert code(session.cookies, "shop.co.uk", "co.uk") == "cookie.stored"


def test_a_session_is_pickled_with_its_rule(binding: Binding) -> None:
    again = pickle.loads(pickle.dumps(binding.session()))
    assert again.cookies.is_public_suffix is sojourn.is_public_suffix


PROGRAM = """
import sys, sojourn
from sojourn_core import parse_url
session = sojourn.Session()
url = parse_url("https://www.a.test/")
session.cookies.store(["a=1"], url, 1.0)
session.cookies.cookie_field(url, 1.0)
print("publicsuffixlist" in sys.modules)
session.cookies.store(["a=1; Domain=a.test"], url, 1.0)
print("publicsuffixlist" in sys.modules)
"""


def test_the_list_is_loaded_when_a_domain_asks_for_it() -> None:
    pytest.importorskip("publicsuffixlist")
    # The interpreter is the one that runs this test.
    made = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert made.stdout.split() == ["False", "True"]


def test_many_threads_load_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    publicsuffixlist = pytest.importorskip("publicsuffixlist")
    made = []
    real = publicsuffixlist.PublicSuffixList

    def make() -> Any:
        made.append(real())
        return made[-1]

    monkeypatch.setattr(publicsuffixlist, "PublicSuffixList", make)
    start = threading.Barrier(16)

    def ask(_: int) -> bool:
        start.wait()
        return sojourn.is_public_suffix("github.io")

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, range(16))) == [True] * 16
    assert len(made) == 1
