"""Domains, paths and public suffixes of cookies (RFC 6265bis 5.1.2 to 5.1.4)."""

from __future__ import annotations

import pytest

from sojourn_core.rules.cookies.domain import (
    canonical_host,
    default_path,
    domain_chain,
    domain_matches,
    is_address,
    is_likely_public_suffix,
    is_loopback,
    path_matches,
)


def test_one_trailing_dot_is_removed() -> None:
    assert [canonical_host(host) for host in ("a.test", "a.test.")] == ["a.test", "a.test"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("a.1", True),
        ("a.0x1f", True),
        ("a.0x", True),
        ("1", True),
        ("a.1x", False),
        ("1.a", False),
        ("192.0.2.7.example.com", False),
        ("a.test", False),
    ],
)
def test_what_is_an_address(host: str, expected: bool) -> None:
    assert is_address(host) is expected


@pytest.mark.parametrize(
    ("host", "domain", "expected"),
    [
        ("a.test", "a.test", True),
        ("b.a.test", "a.test", True),
        ("ba.test", "a.test", False),
        ("a.test", "b.a.test", False),
        ("a.test", "", False),
        ("127.0.0.1", "0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
    ],
)
def test_domain_match(host: str, domain: str, expected: bool) -> None:
    assert domain_matches(host, domain) is expected


def test_the_chain_of_domains() -> None:
    assert domain_chain("a.b.test") == ("a.b.test", "b.test", "test")
    assert domain_chain("test") == ("test",)
    assert domain_chain("127.0.0.1") == ("127.0.0.1",)
    assert domain_chain("::1") == ("::1",)


@pytest.mark.parametrize(
    "domain", ["com", "test", "localhost", "co.uk", "com.au", "ac.jp", "or.at"]
)
def test_likely_public_suffixes(domain: str) -> None:
    assert is_likely_public_suffix(domain)


@pytest.mark.parametrize("domain", ["a.com", "a.co.uk", "uk.com", "example.uk", "co.test"])
def test_unlikely_public_suffixes(domain: str) -> None:
    assert not is_likely_public_suffix(domain)


@pytest.mark.parametrize(
    ("path", "cookie_path", "expected"),
    [
        ("/", "/", True),
        ("/x", "/", True),
        ("/x", "/x", True),
        ("/x/", "/x", True),
        ("/x", "/x/", False),
        ("/x/y", "/x/", True),
        ("/xy", "/x", False),
        ("/X", "/x", False),
    ],
)
def test_path_match(path: str, cookie_path: str, expected: bool) -> None:
    assert path_matches(path, cookie_path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "/"), ("x", "/"), ("/", "/"), ("/x", "/"), ("/x/", "/x"), ("/x/y/z", "/x/y")],
)
def test_default_path(path: str, expected: str) -> None:
    assert default_path(path) == expected


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("localhost.", True),
        ("127.0.0.1", True),
        ("127.255.0.254", True),
        ("::1", True),
        ("x.localhost", False),  # It is for a resolver to say where that leads.
        ("localhost.a.test", False),
        ("127.0.0.1.a.test", False),
        ("128.0.0.1", False),
        ("::2", False),
        ("::ffff:127.0.0.1", False),
        ("a.test", False),
    ],
)
def test_hosts_that_are_the_machine_itself(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
