"""Every threat in a URL: where it leads, at each entry point, and that no two of them differ."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Final
from unittest import mock
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sojourn
import sojourn.compat
from sojourn_core import Policy, Request, Session, parse_url
from sojourn_core.rules.redirect import resolve_target
from sojourn_core.rules.redirect_values import Refuse
from sojourn_core.rules.urls import parse_by
from sojourn_core.values.errors import NameResolutionError, RequestException
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.bindings.clients import BINDINGS, Binding
from tests.core.conversation import redirect, respond, session, travel

from .addresses import PLACES
from .runners import run_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .refusal import Place

TRIED: Final = frozenset(place.id for place in PLACES)
DELIMITERS: Final = {*"/?#@\\ %", *map(chr, range(33)), "\x7f"}
EACH: Final = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The hosts that a binding asks for; there are none of them."""
    hosts: list[str] = []

    def resolve(host: str, _: int) -> Any:
        hosts.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "there is no such host")

    async def resolve_async(host: str, port: int) -> Any:
        return resolve(host, port)

    with (
        mock.patch("sojourn.sync.exchange_driver.resolve", resolve),
        mock.patch("sojourn.aio.backend.resolve", resolve_async),
    ):
        yield hosts


def is_numeric(host: str | None) -> bool:
    """Whether a host is an address, which nobody asks for."""
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True


@EACH
def test_one_parse_says_where_it_leads(place: Place) -> None:
    if place.host is None:
        with pytest.raises(RequestException) as caught:
            parse_url(place.url)
        assert len(str(caught.value)) < 500
        return
    url = parse_url(place.url)
    assert url.host == place.host
    assert parse_url(url.text) == url
    prepared = Request("GET", place.url).prepare()
    assert prepared.parsed_url.host == place.host
    assert url.host in url.host_field


@EACH
def test_a_location_leads_to_the_same_place(place: Place) -> None:
    if not place.url.startswith("http://") or any(char in place.url for char in "\r\n\0"):
        return  # It is a reference to something else, or can be no field.
    location = place.url.encode().decode("latin-1")
    sent: list[str] = []

    def answer(request: Any) -> Any:
        sent.append(request.parsed_url.host)
        return redirect(302, location) if len(sent) == 1 else respond(200)

    journey = travel(session().call(Request("GET", "http://start.test/")), answer)
    if place.host is None:
        assert journey.error is not None
        assert sent == ["start.test"]
    else:
        assert sent == ["start.test", place.host]


@EACH
def test_by_the_rules_of_requests_it_leads_to_one_place_too(place: Place) -> None:
    rules = Policy.requests()
    try:
        url = parse_by(rules, place.url)
    except RequestException:
        return
    assert not DELIMITERS & set(url.host)
    again = parse_by(rules, url.text)
    assert (again.host, again.port) == (url.host, url.port)


@pytest.mark.parametrize("name", BINDINGS)
def test_bindings_ask_for_that_host_or_for_none(name: str, asked: list[str]) -> None:
    binding = Binding(name)
    try:
        made = binding.session()
        for place in PLACES:
            if is_numeric(place.host):
                continue
            asked.clear()
            with pytest.raises(RequestException) as caught:
                binding.run(made.get(place.url))
            assert asked == ([] if place.host is None else [place.host]), place.url
            assert (type(caught.value) is NameResolutionError) is (place.host is not None)
    finally:
        binding.close()


def test_the_drop_in_asks_for_that_host_or_for_none(asked: list[str]) -> None:
    with sojourn.compat.Session() as made:
        for place in PLACES:
            if is_numeric(place.host):
                continue
            asked.clear()
            with pytest.raises((RequestException, ValueError)):
                made.get(place.url)
            try:
                prepared = sojourn.compat.Request("GET", place.url).prepare()
            except (RequestException, ValueError):
                assert asked == [], place.url
            else:
                assert asked in ([], [urlsplit(prepared.url or "").hostname]), place.url


def test_the_command_line_asks_for_that_host_or_for_none(asked: list[str]) -> None:
    for place in PLACES:
        if is_numeric(place.host) or "://" not in place.url:
            continue
        asked.clear()
        code, _, _ = run_program("get", place.url)
        assert asked == ([] if place.host is None else [place.host]), place.url
        assert code == (2 if place.host is None else 3), place.url


def test_a_proxy_is_no_other_host(asked: list[str]) -> None:
    with sojourn.Session() as made:
        for place in PLACES:
            if is_numeric(place.host) or not place.url.startswith("http://"):
                continue
            asked.clear()
            with pytest.raises(RequestException):
                made.get("http://start.test/", proxies={"http": place.url})
            assert set(asked) <= {place.host}, place.url


CHARS: Final = st.text(
    st.sampled_from("ab:/@?#[]%\\;. \t\r\n\x00\uff03\uff20\u3002\u2100\u00df"), max_size=24
)


@pytest.mark.parametrize("which", ["CVE-2021-41945", "CVE-2025-61594"])
@given(rest=CHARS, relative=CHARS)
@example(rest="u:SECRET-1@a.test/p", relative="//b.test")
def test_what_was_read_is_read_again_alike(which: str, rest: str, relative: str) -> None:
    try:
        url = parse_url(f"http://{rest}")
    except RequestException:
        return
    again = parse_url(url.text)
    assert (again.host, again.port, again.userinfo) == (url.host, url.port, url.userinfo), which
    assert url.without_userinfo().host == url.with_fragment(None).host == url.host
    prepared = Session().prepare_request(Request("GET", url.text))
    assert (prepared.parsed_url.host, prepared.parsed_url.port) == (url.host, url.port)
    found = resolve_target(url, relative, Policy(), DEFAULT_LIMITS)
    if not isinstance(found, Refuse) and found.host != url.host:
        assert found.userinfo is None or found.userinfo != url.userinfo
