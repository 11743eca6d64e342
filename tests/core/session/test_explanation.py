"""Who says what of a request, told before anything is sent, and true of what is sent then."""

from __future__ import annotations

import json
from ipaddress import ip_network
from typing import Any

import pytest

from sojourn_core import (
    CookieJar,
    Environment,
    Explanation,
    Fields,
    HTTPDigestAuth,
    Netrc,
    Policy,
    Request,
    Session,
)
from sojourn_core.errors import InvalidURL
from sojourn_core.values.url.url import parse_url

SECRET = "s3cret"
PROXY = "http://ada:s3cret@proxy.test:3128"


class Around(Session):
    """A session in an environment."""

    around = Environment()

    def read_environment(self) -> Environment:
        """Return the environment of the test."""
        return self.around


def session_in(environment: Environment | None = None, **options: Any) -> Around:
    made = Around(entropy=bytes, **options)
    made.around = environment or Environment()
    return made


def told(explanation: Explanation, kind: Any) -> dict[str, str]:
    """The sources of the parts of a kind, by name."""
    return {part.name: part.source for part in explanation.of(kind)}


DEFAULTS = {
    "Host": "url",
    "User-Agent": "default",
    "Accept-Encoding": "default",
    "Accept": "default",
    "Connection": "default",
}


# --- fields -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "of_session", "expected"),
    [
        ({}, {}, {}),
        ({"X-Key": SECRET}, {}, {"X-Key": "request"}),
        ({}, {"X-Key": SECRET}, {"X-Key": "session"}),
        ({"x-key": "1"}, {"X-Key": SECRET}, {"x-key": "request"}),
        ({"Accept": "a/b"}, {}, {"Accept": "request"}),
        ({}, {"Accept": "a/b"}, {"Accept": "session"}),
        ({}, {"Accept": "*/*"}, {"Accept": "default"}),
        ({"Host": "b.test"}, {}, {"Host": "request"}),
        ([("X-Key", "1"), ("X-Key", "2")], {}, {"X-Key": "request"}),
        (Fields({"X-Key": "1"}), {}, {"X-Key": "request"}),
        ({b"X-Key": b"1"}, {}, {"X-Key": "request"}),
        ({}, {"Authorization": f"Bearer {SECRET}"}, {"Authorization": "session"}),
    ],
)
def test_each_field_has_its_source(own: Any, of_session: Any, expected: Any) -> None:
    session = session_in()
    session.headers.update(of_session)
    found = told(session.explain("GET", "https://a.test/", headers=own), "field")
    assert {name: found[name] for name in expected} == expected
    assert {name.lower() for name in found} == {
        name.lower() for name in (*DEFAULTS, *expected, *of_session)
    }


def test_a_field_that_is_left_out_is_told() -> None:
    explanation = session_in().explain("GET", "https://a.test/", headers={"User-Agent": None})
    (part,) = [part for part in explanation.of("field") if part.name == "user-agent"]
    assert str(part) == "user-agent: request (left out)"


def test_fields_of_content_are_the_requests() -> None:
    found = told(session_in().explain("POST", "https://a.test/", json={"a": 1}), "field")
    assert found["Content-Type"] == found["Content-Length"] == "request"


def test_a_field_that_is_bound_to_other_origins_is_not_sent() -> None:
    policy = Policy(field_origins={"x-key": {"https://b.test"}})
    explanation = session_in(policy=policy).explain(
        "GET", "https://a.test/", headers={"X-Key": SECRET}
    )
    assert "X-Key: request (not sent: the policy binds it to other origins)" in str(explanation)


# --- cookies ------------------------------------------------------------------------------------


def with_cookies() -> Around:
    session = session_in()
    session.cookies.store(["kept=s3cret", "other=1; Path=/below"], parse_url("https://a.test/"), 0)
    return session


def own_jar() -> CookieJar:
    jar = CookieJar()
    jar.store(["own=1"], parse_url("https://a.test/"), 0.0)
    return jar


@pytest.mark.parametrize(
    ("given", "expected", "field"),
    [
        (None, {"kept": "session"}, "session"),
        ({"own": SECRET}, {"kept": "session", "own": "request"}, "session"),
        ([("own", SECRET)], {"kept": "session", "own": "request"}, "session"),
        (own_jar(), {"kept": "session", "own": "request"}, "session"),
        ({"kept": SECRET}, {"kept": "request"}, "request"),
    ],
)
def test_each_cookie_has_its_source(given: Any, expected: Any, field: str) -> None:
    session = with_cookies()
    session.policy = Policy(request_cookies_replace=True)
    explanation = session.explain("GET", "https://a.test/", cookies=given)
    assert told(explanation, "cookie") == expected
    assert told(explanation, "field")["Cookie"] == field


def test_a_cookie_field_by_hand_takes_the_place_of_the_jar() -> None:
    explanation = with_cookies().explain("GET", "https://a.test/", headers={"Cookie": "a=1; b=2"})
    assert told(explanation, "cookie") == {"a": "request", "b": "request"}


# --- credentials --------------------------------------------------------------------------------


ENTRY = Netrc(machines={"a.test": ("ada", SECRET)})
PAIR = ("ada", SECRET)


def add_token(request: Any) -> Any:
    request.headers["X-Token"] = SECRET
    return request


@pytest.mark.parametrize(
    ("url", "auth", "of_session", "netrc", "expected"),
    [
        ("https://a.test/", PAIR, None, None, ("Authorization", "request")),
        ("https://a.test/", None, PAIR, None, ("Authorization", "session")),
        ("https://ada:s3cret@a.test/", None, None, None, ("Authorization", "url")),
        ("https://a.test/", None, None, ENTRY, ("Authorization", "netrc")),
        ("https://ada@a.test/", None, None, ENTRY, ("Authorization", "netrc")),
        ("https://ada:s3cret@a.test/", PAIR, PAIR, ENTRY, ("Authorization", "request")),
        ("https://a.test/", HTTPDigestAuth(*PAIR), None, None, ("HTTPDigestAuth", "request")),
        ("https://a.test/", None, HTTPDigestAuth(*PAIR), ENTRY, ("HTTPDigestAuth", "session")),
        ("https://a.test/", add_token, None, None, ("function", "request")),
        ("https://b.test/", None, None, ENTRY, None),
    ],
)
def test_credentials_have_their_source(
    url: str, auth: Any, of_session: Any, netrc: Any, expected: Any
) -> None:
    session = session_in(Environment(netrc=netrc))
    session.auth = of_session
    explanation = session.explain("GET", url, auth=auth)
    assert told(explanation, "credential") == dict([expected] if expected else [])
    fields = told(explanation, "field")
    if expected is not None and expected[0] == "Authorization":
        assert fields["Authorization"] == expected[1]
    assert fields.get("X-Token") == ("request" if auth is add_token else None)


def test_an_environment_that_does_not_count_is_not_asked() -> None:
    session = session_in(Environment(netrc=ENTRY, proxies={"https": PROXY}))
    session.trust_env = False
    explanation = session.explain("GET", "https://a.test/")
    assert explanation.of("credential") == ()
    assert told(explanation, "proxy") == {"none": "default"}


# --- the wire -----------------------------------------------------------------------------------


HOST = "http://proxy.test:3128"
AROUND = Environment(proxies={"all": PROXY}, no_proxy="b.test")


@pytest.mark.parametrize(
    ("url", "given", "of_session", "environment", "expected"),
    [
        ("https://a.test/", None, {}, None, ("none", "default")),
        ("https://a.test/", {"https": PROXY}, {}, None, (HOST, "request")),
        ("https://a.test/", None, {"all": PROXY}, None, (HOST, "session")),
        ("https://a.test/", None, {}, AROUND, (HOST, "environment")),
        ("https://b.test/", None, {}, AROUND, ("none", "environment")),
        (
            "https://a.test/",
            {"https": "http://own.test"},
            {},
            AROUND,
            ("http://own.test", "request"),
        ),
        ("https://a.test/", {"https": None}, {}, AROUND, ("none", "request")),
        ("https://a.test/", {"https": None}, {"https": PROXY}, None, ("none", "default")),
        ("http://a.test/", {"https": PROXY}, {}, None, ("none", "default")),
    ],
)
def test_the_proxy_has_its_source(
    url: str, given: Any, of_session: Any, environment: Any, expected: tuple[str, str]
) -> None:
    session = session_in(environment)
    session.proxies = of_session
    explanation = session.explain("GET", url, proxies=given)
    assert told(explanation, "proxy") == dict([expected])
    credential = {"Proxy-Authorization": expected[1]} if expected[0] == HOST else {}
    assert told(explanation, "credential") == credential


@pytest.mark.parametrize(
    ("proxy", "tunnels", "name", "credential", "trust", "note"),
    [
        (
            "socks5h://ada:s3cret@p.test",
            True,
            "socks5h://p.test:1080",
            {"user of the SOCKS proxy": "session"},
            {},
            "'http' of the proxies fits this URL",
        ),
        ("socks5://p.test", False, "socks5://p.test:1080", {}, {}, None),
        (
            "https://ada:s3cret@p.test",
            False,
            "https://p.test",
            {"Proxy-Authorization": "session"},
            {"the certificates that are trusted by default": "default"},
            None,
        ),
        (
            "http://p.test",
            True,
            "http://p.test",
            {},
            {},
            "'http' of the proxies fits this URL, by a tunnel",
        ),
    ],
)
def test_proxies_of_other_kinds(
    proxy: str,
    tunnels: bool,
    name: str,
    credential: dict[str, str],
    trust: dict[str, str],
    note: str | None,
) -> None:
    """An https proxy is trusted by something, for http URLs too."""
    session = session_in(None)
    session.policy = session.policy.replace(tunnel_http=tunnels)
    session.proxies = {"http": proxy}
    explanation = session.explain("GET", "http://a.test/")
    assert told(explanation, "proxy") == {name: "session"}
    assert told(explanation, "credential") == credential
    assert told(explanation, "trust") == trust
    if note is not None:
        assert [each.note for each in explanation.parts if each.kind == "proxy"] == [note]
    assert "s3cret" not in str(explanation)


@pytest.mark.parametrize(
    ("verify", "of_session", "authorities", "expected"),
    [
        (None, True, {}, ("the certificates that are trusted by default", "default")),
        (False, True, {}, ("nothing is verified", "request")),
        (None, False, {}, ("nothing is verified", "session")),
        ("/ca.pem", True, {}, ("/ca.pem", "request")),
        (None, "/ca.pem", {}, ("/ca.pem", "session")),
        (None, True, {"REQUESTS_CA_BUNDLE": "/all.pem"}, ("/all.pem", "environment")),
        (False, True, {"REQUESTS_CA_BUNDLE": "/all.pem"}, ("nothing is verified", "request")),
    ],
)
def test_trust_has_its_source(
    verify: Any, of_session: Any, authorities: Any, expected: tuple[str, str]
) -> None:
    session = session_in(Environment(authorities=authorities))
    session.verify = of_session
    explanation = session.explain("GET", "https://a.test/", verify=verify)
    assert told(explanation, "trust") == dict([expected])
    assert session.explain("GET", "http://a.test/", verify=verify).of("trust") == ()


def test_a_client_certificate_has_its_source() -> None:
    session = session_in()
    session.cert = "/own.pem"
    found = session.explain("GET", "https://a.test/")
    assert told(found, "credential") == {"client certificate": "session"}
    found = session.explain("GET", "https://a.test/", cert="/other.pem")
    assert told(found, "credential") == {"client certificate": "request"}


# --- all of it ----------------------------------------------------------------------------------


def full() -> tuple[Around, dict[str, Any]]:
    session = with_cookies()
    session.around = Environment(netrc=ENTRY, proxies={"https": PROXY})
    session.headers["X-Session"] = SECRET
    session.params = {"key": SECRET}
    given: dict[str, Any] = {
        "headers": {"X-Request": SECRET, "Accept": None},
        "params": {"q": SECRET},
        "data": {"a": SECRET},
    }
    return session, given


def test_what_is_told_is_what_is_sent() -> None:
    session, given = full()
    explanation = session.explain("POST", "https://a.test/", **given)
    send: Any = session.call(Request("POST", "https://a.test/", **given)).start(0.0)
    sent = [name for name, _ in send.request.headers.lines]
    assert [part.name for part in explanation.of("field")] == ["Host", *sent, "accept"]


def test_no_secret_is_told() -> None:
    session, given = full()
    url = f"https://ada:{SECRET}@a.test/?token={SECRET}#{SECRET}"
    explanation = session.explain("POST", url, **given)
    for text in (str(explanation), repr(explanation), explanation.as_json()):
        assert SECRET not in text


def test_it_is_text_for_people_and_json_for_machines() -> None:
    session = session_in(Environment(proxies={"https": PROXY}))
    explanation = session.explain("GET", "https://a.test/x?q=1", auth=PAIR)
    assert str(explanation).splitlines() == [
        "GET https://a.test/x?q=…",
        "fields",
        "  Host: url",
        "  User-Agent: default",
        "  Accept-Encoding: default",
        "  Accept: default",
        "  Connection: default",
        "  Authorization: request (credentials)",
        "credentials",
        "  Authorization: request",
        "  Proxy-Authorization: environment (the user info of the proxy's URL)",
        "proxy",
        "  http://proxy.test:3128: environment ('https' of the proxies fits this URL)",
        "trust",
        "  the certificates that are trusted by default: default",
        "decided",
        "  auth.added: Authorization: credentials come from the request [RFC 9110 11.6.2]",
    ]
    made = json.loads(explanation.as_json())
    assert made["method"] == "GET"
    assert {"kind": "field", "name": "Host", "source": "url", "note": ""} in made["parts"]
    assert [each["code"] for each in made["decisions"]] == ["auth.added"]


def test_a_place_that_is_closed_is_told() -> None:
    policy = Policy(refused_networks=(ip_network("127.0.0.0/8"),))
    explanation = session_in(policy=policy).explain("GET", "http://127.0.0.1/")
    assert [decision.code for decision in explanation.decisions] == ["policy.refused.address"]


def test_what_cannot_be_sent_is_an_error_as_ever() -> None:
    with pytest.raises(InvalidURL):
        session_in().explain("GET", "https://")


def test_nothing_of_the_content_is_taken() -> None:
    content = iter([b"one"])
    session_in().explain("POST", "https://a.test/", data=content, timeout=3, stream=True)
    assert list(content) == [b"one"]
