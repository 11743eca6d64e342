"""Places that a policy closes, for requests and for redirects."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from sojourn_core import PRIVATE_NETWORKS, Policy, Request
from sojourn_core.rules.access import closed_to, closed_to_redirects
from sojourn_core.values.errors import InvalidURL, PolicyRefused, RedirectRefused
from sojourn_core.values.url.url import parse_any_url, parse_url
from tests.core.conversation import URL, redirect, respond, session, start, travel

HOME = parse_url("https://a.test/")
PRIVATE = Policy(refused_networks=PRIVATE_NETWORKS)
HTTPS = Policy(https_only=True)
HOSTS = Policy(refused_hosts=frozenset({"b.test", ".c.test", "10.0.0.1", "::1"}))


@pytest.mark.parametrize(
    ("policy", "url", "code"),
    [
        (Policy(), "http://127.0.0.1/", None),
        (HTTPS, "https://a.test/", None),
        (HTTPS, "http://a.test/", "clear-text"),
        (HTTPS, "HTTP://a.test:443/", "clear-text"),
        (HTTPS, "mock://a.test/", None),
        (HOSTS, "http://a.test/", None),
        (HOSTS, "http://b.test/", "host"),
        (HOSTS, "https://B.TEST.:8443/x", "host"),
        (HOSTS, "http://sub.b.test/", None),
        (HOSTS, "http://notb.test/", None),
        (HOSTS, "http://c.test/", None),
        (HOSTS, "http://x.c.test/", "host"),
        (HOSTS, "http://x.y.c.test./", "host"),
        (HOSTS, "http://notc.test/", None),
        (HOSTS, "http://10.0.0.1/", "host"),
        (HOSTS, "http://[::1]/", "host"),
        (PRIVATE, "http://a.test/", None),  # Looked at again when it is resolved.
        (PRIVATE, "http://localhost/", None),
        (PRIVATE, "http://8.8.8.8/", None),
        (PRIVATE, "http://127.0.0.1/", "address"),
        (PRIVATE, "http://[::1]:8080/", "address"),
        (PRIVATE, "http://[::ffff:169.254.169.254]/", "address"),
        (PRIVATE, "http://[fe80::1%25eth0]/", "address"),
        (
            PRIVATE.replace(refused_networks=(ip_network("8.8.0.0/16"),)),
            "http://8.8.8.8/",
            "address",
        ),
    ],
)
def test_where_nothing_is_sent(policy: Policy, url: str, code: str | None) -> None:
    found = closed_to(parse_any_url(url), policy)
    assert (found and found.code) == (code and f"policy.refused.{code}")
    assert found is None or found.subject == str(parse_any_url(url).origin)


@pytest.mark.parametrize(
    "url", ["http://0x7f.1/", "http://2130706433/", "http://0177.0.0.1/", "http://127.0.0.1./"]
)
def test_an_address_in_disguise_is_no_url(url: str) -> None:
    with pytest.raises(InvalidURL):
        parse_url(url)


# --- redirects --------------------------------------------------------------------------------

SAME = Policy(same_origin_only=True)
SOME = Policy().allowing("https://b.test", "http://c.test:8080")


@pytest.mark.parametrize(
    ("policy", "old", "new", "code"),
    [
        (Policy(), "https://a.test/", "http://127.0.0.1/", None),
        (Policy(), "https://a.test/", "ftp://a.test/", "redirect.refused.scheme"),
        (Policy(redirect_schemes=None), "https://a.test/", "ftp://a.test/", None),
        (Policy.requests(), "https://a.test/", "mock:x", None),
        (
            Policy(redirect_schemes=frozenset({"https"})),
            "https://a.test/",
            "http://a.test/",
            "redirect.refused.scheme",
        ),
        (HTTPS, "https://a.test/", "http://a.test/", "policy.refused.clear-text"),
        (HOSTS, "https://a.test/", "http://b.test/", "policy.refused.host"),
        (PRIVATE, "https://a.test/", "http://[::1]/", "policy.refused.address"),
        (SAME, "https://a.test/", "https://a.test:443/x", None),
        (SAME, "https://a.test/", "http://a.test/", "policy.refused.cross-origin"),
        (SAME, "https://a.test/", "https://b.test/", "policy.refused.cross-origin"),
        # A hook may have led elsewhere: one's own origin is open, and so is the one asked for.
        (SAME, "https://b.test/", "https://b.test/x", None),
        (SAME, "https://b.test/", "https://a.test/x", None),
        (SAME, "https://b.test/", "https://c.test/", "policy.refused.cross-origin"),
        (SOME, "https://a.test/", "https://b.test/x", None),
        (SOME, "https://a.test/", "http://c.test:8080/", None),
        (SOME, "https://b.test/", "https://a.test/", None),
        (SOME, "https://a.test/", "https://a.test/x", None),
        (SOME, "http://c.test:8080/", "http://c.test:8080/x", None),
        (SOME, "https://a.test/", "http://b.test/", "policy.refused.origin"),
        (SOME, "https://a.test/", "http://c.test/", "policy.refused.origin"),
        (Policy().allowing(), "https://a.test/", "https://b.test/", "policy.refused.origin"),
        (
            SOME.replace(same_origin_only=True),
            HOME.text,
            "https://b.test/",
            "policy.refused.cross-origin",
        ),
    ],
)
def test_where_redirects_may_lead(policy: Policy, old: str, new: str, code: str | None) -> None:
    found = closed_to_redirects(parse_url(old), parse_any_url(new), HOME.origin, policy)
    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("schemes", "reason"),
    [
        ({"http", "https"}, "only http and https are followed"),
        ({"https"}, "only https is followed"),
        (set(), "only nothing is followed"),
    ],
)
def test_a_refused_scheme_says_what_is_followed(schemes: set[str], reason: str) -> None:
    policy = Policy(redirect_schemes=frozenset(schemes))
    found = closed_to_redirects(HOME, parse_any_url("ftp://a.test/"), HOME.origin, policy)
    assert found is not None
    assert (found.reason, found.subject, found.section) == (reason, "Location", "Fetch 4.4")


# --- in a call --------------------------------------------------------------------------------


def test_a_request_to_a_closed_place_is_never_sent() -> None:
    journey = travel(session(policy=HTTPS).call(Request("GET", URL)), lambda request: respond(200))
    assert journey.sent == []
    assert isinstance(journey.error, PolicyRefused)
    assert str(journey.error) == "not sent to http://a.test: the policy allows https only"
    assert [decision.code for decision in journey.decisions] == ["policy.refused.clear-text"]


@pytest.mark.parametrize(
    ("policy", "location", "message"),
    [
        (HOSTS, "http://b.test/?q=secret", "http://b.test: the policy refuses this host"),
        (PRIVATE, "http://u:secret@[::1]/", "http://[::1]: the policy refuses this address"),
        (SAME, "//c.test/secret", "http://c.test: the policy stays within one origin"),
        (SOME, "//c.test/secret", "http://c.test: the policy does not allow this origin"),
        (Policy(), "ftp://u:secret@c.test/", "'ftp': only http and https are followed"),
    ],
)
def test_a_redirect_to_a_closed_place_fails_the_call(
    policy: Policy, location: str, message: str
) -> None:
    call = session(policy=policy).call(Request("GET", URL))
    journey = travel(call, lambda request: redirect(302, location))
    assert len(journey.sent) == 1
    assert isinstance(journey.error, RedirectRefused)
    assert str(journey.error) == f"not redirected to {message}"
    assert journey.error.response is not None
    assert journey.error.response.status_code == 302
    assert "secret" not in repr(journey.decisions)


def test_what_is_closed_has_no_next_request() -> None:
    call = start(session(policy=SAME), "GET", URL, redirects=False)
    response = redirect(302, "//b.test/")
    call.answered(response, 0.0)
    assert response.next is None
