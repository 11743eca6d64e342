"""Proxies and netrc: asked by URL as text, ``requests.utils`` and ours say the same."""

from __future__ import annotations

import socket
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import requests.utils as theirs

from sojourn.compat import utils as ours
from sojourn.compat.utils import proxies as module

from .sides import outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URLS = [
    *["http://a.test/", "https://sub.a.test:8443/x", "http://A.TEST:80", "http://ba.test"],
    *["http://10.1.2.3/", "http://10.1.2.3:5000/", "http://[::1]:80/", "http://localhost/"],
    *["http://a.test./", "ftp://a.test/", "file:///etc/passwd", "http:///x", "a.test", ""],
    *["http+unix://%2Fsock/x", "http://user:p@a.test/", "http://a_b..c/", "http://[::1"],
]
NO_PROXIES = [
    *[None, "", "*", "a.test", ".a.test", "A.TEST", "b.test, a.test", "a.test:8443", "test"],
    *["10.0.0.0/8", "10.1.2.3", "10.1.2.3:5000", "10.0.0.0/33", "10.0.0.0/0", "1.2.3"],
    *["::1", "[::1]", "localhost", ",,", " ", "sub.a.test:8443,x", "*,x"],
]
PROXIES: list[dict[str, Any] | None] = [
    None,
    {},
    {"http": "h", "all": "a"},
    {"http://a.test": "x", "http": "h"},
    {"all://a.test": "x", "all": "a", "https": "s"},
    {"http": None, "all": "a"},
    {"HTTP": "x"},
    {"no_proxy": "a.test", "https": "s"},
]
ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"http_proxy": "http://h.test:1", "https_proxy": "http://s.test:2"},
    {"HTTP_PROXY": "http://H.test", "http_proxy": "http://h.test", "ALL_PROXY": "http://all.test"},
    {"http_proxy": "http://h.test", "no_proxy": "a.test", "NO_PROXY": "10.0.0.0/8"},
    {"all_proxy": "http://all.test", "NO_PROXY": "*"},
    {"http_proxy": "http://h.test", "no_proxy": "", "NO_PROXY": "localhost"},
    {"HTTP_PROXY": "http://h.test", "REQUEST_METHOD": "GET"},
]


@pytest.fixture
def surrounded(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Sets the variables for proxies to these and no others."""

    def surround(variables: dict[str, str]) -> None:
        for key in ("http", "https", "all", "no", "ftp"):
            monkeypatch.delenv(f"{key}_proxy", raising=False)
            monkeypatch.delenv(f"{key}_PROXY".upper(), raising=False)
        monkeypatch.delenv("REQUEST_METHOD", raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return surround


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("proxies", PROXIES)
def test_the_proxy_for_a_url(url: str, proxies: Any) -> None:
    told = outcome(ours.select_proxy, url, proxies)
    assert told == outcome(theirs.select_proxy, url, proxies)


@pytest.mark.parametrize("variables", ENVIRONMENTS)
@pytest.mark.parametrize("url", URLS)
def test_bypassing(surrounded: Any, variables: dict[str, str], url: str) -> None:
    surrounded(variables)
    for no_proxy in NO_PROXIES:
        for name in ("should_bypass_proxies", "get_environ_proxies"):
            told = outcome(getattr(ours, name), url, no_proxy)
            assert told == outcome(getattr(theirs, name), url, no_proxy), (name, no_proxy)


@pytest.mark.parametrize("variables", ENVIRONMENTS)
@pytest.mark.parametrize("url", URLS)
def test_resolution(surrounded: Any, variables: dict[str, str], url: str) -> None:
    surrounded(variables)
    request: Any = SimpleNamespace(url=url)
    for proxies in PROXIES:
        for trust_env in (True, False):
            told = outcome(ours.resolve_proxies, request, proxies, trust_env)
            if url == "http://[::1":
                assert told == ("raised", "ValueError")
                continue
            assert told == outcome(theirs.resolve_proxies, request, proxies, trust_env), proxies


def test_what_was_given_is_not_changed(surrounded: Any) -> None:
    surrounded(ENVIRONMENTS[1])
    given = {"all": "a"}
    request = SimpleNamespace(url="http://a.test/")
    resolved = ours.resolve_proxies(request, given)
    assert resolved == {"all": "a", "http": "http://h.test:1"}
    assert given == {"all": "a"}


@pytest.mark.parametrize(
    ("answer", "bypassed"), [(True, True), (0, False), (TypeError, False), (socket.gaierror, False)]
)
def test_the_operating_system_is_asked_where_it_has_settings(
    surrounded: Any, monkeypatch: pytest.MonkeyPatch, answer: Any, bypassed: bool
) -> None:
    surrounded({})
    asked: list[str] = []

    def proxy_bypass(host: str) -> Any:
        asked.append(host)
        if isinstance(answer, type):
            raise answer
        return answer

    monkeypatch.setattr(module, "_HAS_SYSTEM_PROXIES", True)
    monkeypatch.setattr(module, "proxy_bypass", proxy_bypass)
    assert ours.should_bypass_proxies("http://A.test:80/", None) is bypassed
    assert asked == ["a.test"]
    assert ours.should_bypass_proxies("file:///x", None)
    assert asked == ["a.test"]


NETRC = """
machine a.test login user password pass
machine b.test account acc password pass
machine c.test password pass
machine localhost login "" password ""
machine ::1 login six password pass
"""


@pytest.mark.parametrize("default", ["", "default login anyone password any\n"])
@pytest.mark.parametrize("url", [*URLS, "http://b.test/", "http://c.test", b"http://a.test:1/"])
def test_credentials_of_a_netrc_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, default: str, url: Any
) -> None:
    path = tmp_path / "netrc"
    path.write_text(NETRC + default)
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    for raise_errors in (True, False):
        told = outcome(ours.get_netrc_auth, url, raise_errors)
        assert told == outcome(theirs.get_netrc_auth, url, raise_errors)


@pytest.mark.parametrize("raise_errors", [True, False])
@pytest.mark.parametrize("content", ["machine", "nonsense a.test", None])
def test_a_netrc_file_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, raise_errors: bool
) -> None:
    path = tmp_path / "netrc"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("NETRC", str(path))
    told = outcome(ours.get_netrc_auth, "http://a.test/", raise_errors)
    assert told == outcome(theirs.get_netrc_auth, "http://a.test/", raise_errors)


def test_constants() -> None:
    assert ours.NETRC_FILES == theirs.NETRC_FILES


@pytest.mark.parametrize(
    "url",
    [
        "http://172.16.1.1/",
        "http://172.16.1.1:5000/",
        "http://user:pass@172.16.1.1:5000",
        "http://user:pass@hostname",
        "file:///x",
    ],
)
def test_a_function_that_was_put_in_the_place_of_proxy_bypass_is_asked(
    surrounded: Any, url: str
) -> None:
    surrounded({})
    asked: list[list[Any]] = []
    for kind in ("requests.utils", "sojourn.compat.utils"):
        with mock.patch(f"{kind}.proxy_bypass", return_value=True) as put_there:
            assert import_module(kind).should_bypass_proxies(url, no_proxy=None)
        asked.append(put_there.call_args_list)
    assert asked[0] == asked[1]
