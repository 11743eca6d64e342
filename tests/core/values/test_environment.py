"""The environment as a value."""

from __future__ import annotations

import copy
import pickle

import pytest

from sojourn_core.values.environment import EMPTY_ENVIRONMENT, Environment
from sojourn_core.values.netrc import Netrc

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.mark.parametrize(
    ("authorities", "variables", "expected"),
    [
        ({}, VARIABLES, None),
        ({"SSL_CERT_FILE": "/s"}, VARIABLES, "/s"),
        ({"SSL_CERT_FILE": "/s", "CURL_CA_BUNDLE": "/c"}, VARIABLES, "/c"),
        ({"SSL_CERT_FILE": "/s", "REQUESTS_CA_BUNDLE": "/r"}, VARIABLES, "/r"),
        ({"SSL_CERT_FILE": "/s", "REQUESTS_CA_BUNDLE": "/r"}, VARIABLES[::-1], "/s"),
        ({"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "/c"}, VARIABLES, "/c"),
        ({"REQUESTS_CA_BUNDLE": ""}, VARIABLES, None),
        ({"SSL_CERT_FILE": "/s"}, VARIABLES[:2], None),
        ({"SSL_CERT_FILE": "/s"}, (), None),
    ],
)
def test_the_first_variable_asked_that_has_a_path(
    authorities: dict[str, str], variables: tuple[str, ...], expected: str | None
) -> None:
    assert Environment(authorities=authorities).authority(variables) == expected


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://proxy.test:3128", "http://proxy.test:3128"),
        ("http://user:secret@proxy.test", "http://***@proxy.test"),
        ("user:secret@proxy.test:3128", "***@proxy.test:3128"),
        ("socks5h://user:se@cr/et@proxy.test", "socks5h://***@proxy.test"),
        ("http://user:secret\uff20proxy.test", "http://***@proxy.test"),
        ("secret://@proxy.test", "secret://***@proxy.test"),
    ],
)
def test_it_shows_no_credentials_of_a_proxy(url: str, shown: str) -> None:
    text = repr(Environment(proxies={"http": url}))
    assert text == (
        f"Environment(proxies={{'http': {shown!r}}}, no_proxy=None, authorities={{}}, netrc=None)"
    )


def test_it_shows_no_credentials_of_a_netrc() -> None:
    netrc = Netrc({"a.test": ("user", "secret")})
    text = repr(Environment(netrc=netrc, no_proxy="a.test", authorities={"SSL_CERT_FILE": "/s"}))
    assert "secret" not in text
    assert "user" not in text
    assert text == (
        "Environment(proxies={}, no_proxy='a.test', authorities={'SSL_CERT_FILE': '/s'}, "
        "netrc=<Netrc of 1 machines>)"
    )


def test_it_is_a_value() -> None:
    proxies = {"http": "http://proxy.test"}
    authorities = {"SSL_CERT_FILE": "/s"}
    read = Environment(proxies=proxies, authorities=authorities)
    before = copy.deepcopy(read)
    proxies["http"] = authorities["SSL_CERT_FILE"] = "changed"
    assert read == before == pickle.loads(pickle.dumps(read))
    assert read != Environment(proxies=proxies, authorities=authorities)
    with pytest.raises(AttributeError):
        read.no_proxy = "*"  # type: ignore[misc]  # Frozen: it must raise.


def test_an_environment_that_says_nothing() -> None:
    assert Environment() == EMPTY_ENVIRONMENT
    assert EMPTY_ENVIRONMENT.authority(VARIABLES) is None
    assert not EMPTY_ENVIRONMENT.proxies
