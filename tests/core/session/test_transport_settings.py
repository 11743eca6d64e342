"""What a session sets for the wire: whose proxies, whose trust, in which order."""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core import Environment, Policy, Request, Session, Timeouts
from sojourn_core.session.transport_settings import ResolvedProxies
from sojourn_core.values.environment import EMPTY_ENVIRONMENT
from sojourn_core.values.errors import InvalidProxyURL
from sojourn_core.values.timeouts import NO_TIMEOUTS
from sojourn_core.values.url.url import parse_url
from tests.core.conversation import URL, respond, session, start, travel

SECURE = "https://a.test/x"
OTHER = "http://b.test/"

DEFAULT = Policy()
REQUESTS = Policy.requests()
NO_ENVIRONMENT = Policy(proxy_order=("request", "session"), verify_order=("request", "session"))
SESSION_FIRST = Policy(proxy_order=("session", "request"))
ENVIRONMENT_ONLY = Policy(proxy_order=("environment",), verify_order=("environment",))
REQUEST_ONLY = Policy(proxy_order=("request",))


class Surrounded(Session):
    """A session with an environment, as a binding would read it."""

    around = Environment()

    def read_environment(self, *, netrc: bool = False) -> Environment:
        return self.around


def surrounded(policy: Policy = DEFAULT, **around: Any) -> Surrounded:
    owner = Surrounded(policy=policy)
    owner.around = Environment(**around)
    return owner


def merged(owner: Session, url: str = URL, **given: Any) -> dict[str, Any]:
    arguments = {"proxies": None, "stream": None, "verify": None, "cert": None, **given}
    return owner.merge_environment_settings(url, **arguments)


# --- proxies: those of the call, of the session, of the environment (Q4) ----------------------

R, S, E = {"http": "r"}, {"http": "s"}, {"http": "e"}


@pytest.mark.parametrize(
    ("policy", "sources", "found"),
    [
        *((policy, (None, {}, {}), {}) for policy in (DEFAULT, REQUESTS, NO_ENVIRONMENT)),
        (DEFAULT, (None, {}, E), E),
        (DEFAULT, (None, S, E), S),
        (DEFAULT, (R, S, E), R),
        (DEFAULT, (R, {}, E), R),
        (DEFAULT, ({"https": "r"}, {}, E), {"https": "r", **E}),
        (DEFAULT, ({"https": "r"}, S, E), {"https": "r", **S}),
        (DEFAULT, ({"all": "r"}, {}, E), {"all": "r"}),  # It fits this URL: that is what counts.
        (DEFAULT, ({"http": None}, S, {}), {}),
        (DEFAULT, ({"http": None}, S, E), {"http": ""}),  # Directly, whatever is around.
        (DEFAULT, ({"all": None}, {}, E), {"all": ""}),
        (DEFAULT, ({"https": None}, {}, {**E, "https": "e"}), {"https": "", **E}),
        (DEFAULT, (None, {"http": None}, E), {"http": ""}),
        (DEFAULT, (R, {"http": None}, E), R),
        (DEFAULT, ({"http": ""}, S, E), {"http": ""}),
        (REQUESTS, (None, {}, E), E),
        (REQUESTS, (None, S, E), E),
        (REQUESTS, (None, S, {}), S),
        (REQUESTS, (R, S, E), R),
        (REQUESTS, ({"https": "r"}, S, E), {"https": "r", **E}),
        (REQUESTS, ({"all": "r"}, {}, E), {"all": "r", **E}),
        (REQUESTS, ({"http": None}, S, E), {}),
        (NO_ENVIRONMENT, (None, S, E), S),
        (NO_ENVIRONMENT, (None, {}, E), {}),
        (NO_ENVIRONMENT, (R, S, E), R),
        (SESSION_FIRST, (R, S, E), S),
        (SESSION_FIRST, (R, {}, E), R),
        (ENVIRONMENT_ONLY, (R, S, E), E),
        (REQUEST_ONLY, (R, S, E), R),
        (REQUEST_ONLY, (None, S, E), {}),
    ],
)
def test_whose_proxies_count(policy: Policy, sources: Any, found: Any) -> None:
    given, of_session, around = sources
    owner = surrounded(policy, proxies=around)
    owner.proxies = of_session
    result = merged(owner, proxies=given)["proxies"]
    assert dict(result) == found
    assert (given, owner.proxies) == (sources[0], sources[1])  # Q18: neither is changed.
    assert result is not given
    assert result is not owner.proxies


@pytest.mark.parametrize("policy", [DEFAULT, REQUESTS])
def test_an_environment_that_is_not_trusted_says_nothing(policy: Policy) -> None:
    owner = surrounded(policy, proxies=E, authorities={"REQUESTS_CA_BUNDLE": "ca"})
    assert owner.environment is owner.around
    owner.trust_env = False
    found = merged(owner)
    assert (found["proxies"], found["verify"]) == ({}, True)
    assert owner.environment == Session().environment == EMPTY_ENVIRONMENT


@pytest.mark.parametrize(
    ("policy", "given", "no_proxy", "url", "proxied"),
    [
        (DEFAULT, {}, None, URL, True),
        (DEFAULT, {}, "a.test", URL, False),
        (DEFAULT, {}, "a.test", OTHER, True),
        (DEFAULT, {}, "b.test *", URL, False),
        (DEFAULT, {"no_proxy": "b.test"}, "a.test", URL, True),
        (DEFAULT, {"no_proxy": "a.test"}, None, URL, False),
        (REQUESTS, {}, "a.test", URL, False),
        (REQUESTS, {}, "b.test *", URL, True),  # Only commas separate there.
        (REQUESTS, {"no_proxy": "a.test"}, None, URL, False),
    ],
)
def test_where_no_proxy_of_the_environment_is_used(
    policy: Policy, given: dict[str, str], no_proxy: str | None, url: str, proxied: bool
) -> None:
    owner = surrounded(policy, proxies=E, no_proxy=no_proxy)
    assert ("http" in merged(owner, url, proxies=given)["proxies"]) is proxied


# --- the proxies of one hop -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "given", "around", "found"),
    [
        (DEFAULT, None, {}, {}),
        (DEFAULT, R, {}, R),
        (DEFAULT, None, E, E),
        (DEFAULT, R, E, R),
        (DEFAULT, {"https": "r"}, E, {"https": "r", **E}),
        (REQUESTS, R, E, R),  # As in Session.send.
        (REQUESTS, None, E, E),
        (NO_ENVIRONMENT, None, E, {}),
        (DEFAULT, ResolvedProxies(E, {}), {}, {}),
        (DEFAULT, ResolvedProxies({**R, **E}, R), {}, R),
        (DEFAULT, ResolvedProxies(E, {}), {"http": "e2"}, {"http": "e2"}),
    ],
)
def test_the_proxies_of_a_hop(policy: Policy, given: Any, around: Any, found: Any) -> None:
    owner = surrounded(policy, proxies=around)
    resolved = owner.resolve_proxies(parse_url(URL), given)
    assert dict(resolved) == found
    assert resolved is not given


def test_what_was_given_is_told_from_what_is_around() -> None:
    owner = surrounded(proxies=E, no_proxy="b.test")
    first = owner.resolve_proxies(parse_url(URL), {"https": "r"})
    assert isinstance(first, ResolvedProxies)
    assert (dict(first), first.given) == ({"https": "r", **E}, {"https": "r"})
    second = owner.resolve_proxies(parse_url(OTHER), first)  # Where the proxy is not used.
    assert second == {"https": "r"}
    assert owner.resolve_proxies(parse_url(URL), second) == first


def test_the_environment_is_asked_for_each_hop() -> None:
    owner = surrounded(proxies={"http": "http://proxy.test"}, no_proxy="b.test")
    routes: list[str | None] = []
    locations = iter([OTHER, URL, "/y"])
    call = owner.call(Request("GET", URL))

    def answer(request: Any) -> Any:
        proxy = call.route.proxy
        routes.append(None if proxy is None else proxy.url.host)
        place = next(locations, None)
        return respond(200) if place is None else respond(302, ("Location", place))

    travel(call, answer)
    assert routes == ["proxy.test", None, "proxy.test", "proxy.test"]


@pytest.mark.parametrize("policy", [DEFAULT, NO_ENVIRONMENT])
def test_a_proxy_that_is_none_stays_none_for_each_hop(policy: Policy) -> None:
    owner = surrounded(policy, proxies={"http": "http://proxy.test"})
    settings = owner.settings_for(**merged(owner, proxies={"http": None}))
    call = owner.call(Request("GET", URL), settings=settings)
    routes: list[bool] = []

    def answer(request: Any) -> Any:
        routes.append(call.route.proxy is None)
        return respond(302, ("Location", OTHER)) if len(routes) < 3 else respond(200)

    travel(call, answer)
    assert routes == [True, True, True]


# --- what is trusted (Q5) ---------------------------------------------------------------------

BUNDLE = {"REQUESTS_CA_BUNDLE": "bundle"}


@pytest.mark.parametrize(
    ("of_call", "of_session", "default", "requests", "without"),
    [
        (None, True, "bundle", "bundle", True),
        (None, None, "bundle", "bundle", None),
        (None, False, False, "bundle", False),
        (None, "own", "own", "bundle", "own"),
        (True, True, "bundle", "bundle", True),
        (True, False, "bundle", "bundle", True),
        (True, "own", "bundle", "bundle", True),
        (False, True, False, False, False),
        (False, "own", False, False, False),
        ("mine", True, "mine", "mine", "mine"),
        ("mine", False, "mine", "mine", "mine"),
        ("mine", "own", "mine", "mine", "mine"),
    ],
)
def test_what_is_trusted(
    of_call: Any, of_session: Any, default: Any, requests: Any, without: Any
) -> None:
    for policy, around, expected in [
        (DEFAULT, BUNDLE, default),
        (REQUESTS, BUNDLE, requests),
        (NO_ENVIRONMENT, BUNDLE, without),
        (DEFAULT, {}, without),
        (REQUESTS, {}, without),
    ]:
        owner = surrounded(policy, authorities=around)
        owner.verify = of_session
        assert merged(owner, SECURE, verify=of_call)["verify"] == expected


@pytest.mark.parametrize(
    ("policy", "named", "found"),
    [
        (DEFAULT, {"SSL_CERT_FILE": "3"}, "3"),
        (DEFAULT, {"SSL_CERT_FILE": "3", "CURL_CA_BUNDLE": "2"}, "2"),
        (DEFAULT, {"SSL_CERT_FILE": "3", "CURL_CA_BUNDLE": "2", **BUNDLE}, "bundle"),
        (DEFAULT, {"CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "3"}, "3"),
        (REQUESTS, {"SSL_CERT_FILE": "3"}, True),
        (REQUESTS, {"CURL_CA_BUNDLE": "2", **BUNDLE}, "bundle"),
        (Policy.curl(), BUNDLE, True),
        (Policy.curl(), {"SSL_CERT_FILE": "3", "CURL_CA_BUNDLE": "2"}, "2"),
        (DEFAULT.replace(authority_variables=()), BUNDLE, True),
        (ENVIRONMENT_ONLY, BUNDLE, "bundle"),
    ],
)
def test_which_variable_names_the_bundle(policy: Policy, named: dict[str, str], found: Any) -> None:
    assert merged(surrounded(policy, authorities=named), SECURE)["verify"] == found


# --- settings of a call -----------------------------------------------------------------------


def test_what_the_call_says_of_the_rest_comes_first() -> None:
    owner = session(stream=True, cert="of session")
    found = merged(owner, stream=False, cert="of call")
    assert (found["stream"], found["cert"]) == (False, "of call")
    found = merged(owner)
    assert (found["stream"], found["cert"]) == (True, "of session")


@pytest.mark.parametrize(
    ("policy", "timeout", "given", "timeouts"),
    [
        (DEFAULT, (10.0, 60.0), {}, Timeouts()),
        (REQUESTS, None, {}, NO_TIMEOUTS),
        (Policy.curl(), (300.0, None), {}, Policy.curl().timeouts),
        (DEFAULT, None, {"timeout": None}, NO_TIMEOUTS),
        (DEFAULT, 5, {"timeout": 5}, None),
        (REQUESTS, (1, 2), {"timeout": (1, 2)}, None),
    ],
)
def test_the_timeout_that_an_adapter_is_given(
    policy: Policy, timeout: Any, given: dict[str, Any], timeouts: Timeouts | None
) -> None:
    settings = Session(policy=policy).settings_for(**given)
    assert settings.timeout == timeout
    assert timeouts is None or settings.timeouts == timeouts


def test_settings_as_the_arguments_of_send() -> None:
    settings = session(verify=False, cert="me").settings_for(timeout=5, proxies=R, retries=2)
    assert settings.given() == {
        "stream": False,
        "timeout": 5,
        "verify": False,
        "cert": "me",
        "proxies": R,
        "retries": 2,
    }


def test_proxies_of_settings_are_a_value() -> None:
    given = dict(R)
    settings = session().settings_for(proxies=given)
    given["http"] = "other"
    assert settings.proxies == R
    resolved = ResolvedProxies(E, {})
    assert session().settings_for(proxies=resolved).proxies is resolved


def test_a_call_without_settings_asks_the_session_and_the_environment() -> None:
    owner = surrounded(proxies=E)
    assert owner.call(Request("GET", URL)).settings.proxies == E
    owner.proxies = S
    assert owner.call(Request("GET", URL)).settings.proxies == S
    assert start(session(), "GET", URL).settings.proxies == {}


@pytest.mark.parametrize(
    ("mine", "given", "found"),
    [
        (S, {}, S),
        (None, {}, E),
        (S, {"proxies": R}, R),
        (S, {"proxies": {}}, {}),
        (S, {"proxies": None}, S),
    ],
)
def test_settings_of_a_call_leave_out_nothing_that_the_session_says(
    mine: Any, given: dict[str, Any], found: dict[str, str]
) -> None:
    owner = surrounded(proxies=E)
    owner.proxies = mine or {}
    for _ in range(2):  # Settings are kept, and each is told from the other.
        call = owner.call(Request("GET", URL), settings=owner.settings_for(timeout=5, **given))
        assert call.settings.proxies == found
        assert call.settings.timeouts.read == 5
        explicit = owner.settings_for(timeout=5, proxies={})
        assert owner.call(Request("GET", URL), settings=explicit).settings.proxies == {}


@pytest.mark.parametrize(
    ("mine", "given", "found"),
    [
        (True, None, "env.pem"),
        ("mine.pem", None, "mine.pem"),
        (True, "given.pem", "given.pem"),
        (True, False, False),
        (False, None, False),
    ],
)
def test_settings_of_a_call_have_the_bundle_of_the_environment(
    mine: Any, given: Any, found: Any
) -> None:
    owner = surrounded(authorities={"SSL_CERT_FILE": "env.pem"})
    owner.verify = mine
    settings = owner.settings_for(verify=given)
    assert owner.call(Request("GET", URL), settings=settings).settings.verify == found
    owner.trust_env = False
    expected = mine if given is None else given
    assert owner.call(Request("GET", URL), settings=settings).settings.verify == expected


@pytest.mark.parametrize("proxies", [5, "http://user:secret@proxy.test", ["http://proxy.test"]])
def test_proxies_are_a_mapping(proxies: Any) -> None:
    owner = Session()
    for settle in (
        lambda: owner.merge_environment_settings("http://a.test/", proxies, None, None, None),
        lambda: owner.settings_for(proxies=proxies),
    ):
        with pytest.raises(InvalidProxyURL, match="must be a mapping") as caught:
            settle()
        assert "secret" not in str(caught.value)
