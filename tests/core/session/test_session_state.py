"""What a session holds besides its fields: sources of credentials, hooks, mounts, its state."""

from __future__ import annotations

import copy
import pickle
import warnings
from base64 import b64decode
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    Environment,
    Fields,
    HTTPBasicAuth,
    Limits,
    Netrc,
    Policy,
    Request,
    Session,
    Timeouts,
    __version__,
)
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.session.session import MountWarning
from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import RequestException
from sojourn_core.values.netrc import unread_netrc
from tests.core.conversation import hop, redirect, session, start

if TYPE_CHECKING:
    from sojourn_core import PreparedRequest

A = "http://a.test/x"
B = "http://b.test/y"
NETRC = Netrc({"a.test": ("netrc", "a"), "b.test": ("netrc", "b"), "none.test": (None, None)})


class Surrounded(Session):
    """A session with a netrc file around it."""

    netrc: Netrc | None = NETRC

    def read_environment(self, *, netrc: bool = False) -> Environment:
        return Environment(netrc=self.netrc)


def surrounded(policy: Policy | None = None, auth: Any = None) -> Surrounded:
    owner = Surrounded(policy=policy)
    owner.auth = auth
    return owner


def said(request: PreparedRequest) -> str | None:
    """The credentials of a request, Basic ones decoded."""
    value = request.headers.get("authorization")
    if value is not None and value.startswith("Basic "):
        return b64decode(value.removeprefix("Basic ")).decode()
    return value


# --- where credentials come from (Q6) ---------------------------------------------------------

# Each source, and what is sent if it is the one that counts.
SOURCES = {
    "field": "Custom field",
    "request": "request:1",
    "session": "session:1",
    "url": "url:1",
    "netrc": "netrc:a",
}
ORDERS = {
    "default": (Policy(), ["field", "request", "session", "url", "netrc"]),
    "requests": (Policy.requests(), ["request", "session", "netrc", "url", "field"]),
    "browser": (Policy.browser(), ["field", "request", "session", "url"]),
    "reversed": (
        Policy(credentials_order=("netrc", "url", "session", "request", "field")),
        ["netrc", "url", "session", "request", "field"],
    ),
    "none": (Policy(credentials_order=()), []),
    # What is no source of credentials has none.
    "others": (Policy(credentials_order=("environment", "request")), ["request"]),
}


def with_sources(policy: Policy, sources: list[str]) -> PreparedRequest:
    owner = surrounded(policy)
    owner.netrc = NETRC if "netrc" in sources else None
    given: dict[str, Any] = {}
    if "field" in sources:
        given["headers"] = {"Authorization": SOURCES["field"]}
    if "request" in sources:
        given["auth"] = ("request", "1")
    if "session" in sources:
        owner.auth = HTTPBasicAuth("session", "1")
    url = "http://url:1@a.test/" if "url" in sources else A
    return owner.prepare_request(Request("GET", url, **given))


@pytest.mark.parametrize("order", ORDERS)
def test_the_first_source_that_has_some_counts(order: str) -> None:
    policy, sources = ORDERS[order]
    for index, source in enumerate(sources):
        request = with_sources(policy, sources[index:])
        assert said(request) == SOURCES[source]
        names = {"url": "the user info of the URL", "netrc": "netrc"}
        reasons = [decision.reason for decision in request.preparation.decisions]
        expected = names.get(source, f"the {source}")
        assert reasons == ([] if source == "field" else [f"credentials come from {expected}"])


@pytest.mark.parametrize("order", ORDERS)
def test_a_source_that_is_left_out_is_not_asked(order: str) -> None:
    policy, sources = ORDERS[order]
    others = [source for source in SOURCES if source not in sources]
    # A field given by hand is sent as it is; there it is no source that stops the search.
    assert said(with_sources(policy, others)) == (SOURCES["field"] if "field" in others else None)


@pytest.mark.parametrize(
    ("url", "trust_env", "sent"),
    [
        ("http://a.test/", True, "netrc:a"),
        ("https://A.test:8443/", True, "netrc:a"),
        ("http://c.test/", True, None),
        ("http://none.test/", True, None),
        ("http://a.test/", False, None),
    ],
)
def test_netrc_is_asked_by_host(url: str, trust_env: bool, sent: str | None) -> None:
    owner = surrounded()
    owner.trust_env = trust_env
    assert said(owner.prepare_request(Request("GET", url))) == sent


BOBS = Netrc(
    {"a.test": ("ada", "1"), "c.test": ("bob", None)},
    ("any", "2"),
    {"a.test": (("bob", "3"),)},
    (Decision(code="netrc.skipped.malformed", subject="netrc, line 7", reason="it is skipped"),),
)
URL_LAST = Policy(credentials_order=("netrc", "url"))


@pytest.mark.parametrize(
    ("policy", "url", "sent", "source"),
    [
        (Policy(), "http://bob@a.test/", "bob:3", "netrc"),
        (Policy(), "http://ada:@a.test/", "ada:1", "netrc"),
        (Policy(), "http://bob:x@a.test/", "bob:x", "the user info of the URL"),
        (Policy(), "http://:x@a.test/", ":x", "the user info of the URL"),
        (Policy(), "http://eve@a.test/", "eve:", "the user info of the URL"),
        (Policy(), "http://bob@c.test/", "bob:", "the user info of the URL"),
        (Policy(), "http://any@b.test/", "any:2", "netrc"),
        (Policy(), "http://c.test/", None, None),
        (Policy.browser(), "http://bob@a.test/", "bob:", "the user info of the URL"),
        (Policy.requests(), "http://bob@a.test/", "ada:1", "netrc"),
        (URL_LAST, "http://bob@a.test/", "ada:1", "netrc"),
    ],
)
def test_the_login_of_the_url_chooses_the_entry_of_netrc(
    policy: Policy, url: str, sent: str | None, source: str | None
) -> None:
    owner = surrounded(policy)
    owner.netrc = BOBS
    request = owner.prepare_request(Request("GET", url))
    assert said(request) == sent
    reasons = [each.reason for each in request.preparation.decisions if each.code == "auth.added"]
    assert reasons == ([] if source is None else [f"credentials come from {source}"])


@pytest.mark.parametrize(
    ("policy", "given", "told"),
    [
        (Policy(), {}, True),
        (Policy(), {"auth": ("u", "p")}, False),
        (Policy(), {"headers": {"Authorization": "mine"}}, False),
        (Policy.browser(), {}, False),
        (Policy.requests(), {}, True),
    ],
)
def test_what_cannot_be_read_of_netrc_is_told_where_netrc_is_asked(
    policy: Policy, given: dict[str, Any], told: bool
) -> None:
    owner = surrounded(policy)
    owner.netrc = BOBS
    call = owner.call(Request("GET", A, **given))
    call.start(now=0.0)
    assert (BOBS.reports[0] in call.decisions) is told
    owner.netrc = unread_netrc("the file cannot be read")
    call = owner.call(Request("GET", A, **given))
    call.start(now=0.0)
    assert ("netrc.skipped.unreadable" in [each.code for each in call.decisions]) is told


@pytest.mark.parametrize("auth", [(), "", False])
def test_empty_credentials_say_that_there_are_none(auth: Any) -> None:
    assert said(surrounded().prepare_request(Request("GET", A, auth=auth))) is None
    assert said(surrounded(auth=auth).prepare_request(Request("GET", A))) is None


@pytest.mark.parametrize("auth", [5, "Bearer x", ("a", "b", "c"), ["a", "b"]])
def test_what_is_no_authentication(auth: Any) -> None:
    with pytest.raises(TypeError, match=r"auth must be \(user, password\) or a callable, not"):
        session(auth=auth).prepare_request(Request("GET", A))


def test_credentials_that_answer_challenges_are_set_later() -> None:
    flow = AuthFlow()
    request = session(auth=flow).prepare_request(Request("GET", A))
    assert request.auth is flow
    assert (said(request), request.preparation.decisions) == (None, ())


# --- netrc over redirects ---------------------------------------------------------------------

ON_REDIRECTS = Policy(netrc_on_redirects=True)


@pytest.mark.parametrize(
    ("policy", "auth", "locations", "sent"),
    [
        (Policy(), None, ["/y", B, A], ["netrc:a", "netrc:a", None, "netrc:a"]),
        (Policy(), ("u", "p"), ["/y", B, A], ["u:p", "u:p", None, "u:p"]),
        (ON_REDIRECTS, None, ["/y", B, A], ["netrc:a", "netrc:a", "netrc:b", "netrc:a"]),
        (ON_REDIRECTS, ("u", "p"), ["/y", B], ["u:p", "netrc:a", "netrc:b"]),
        (ON_REDIRECTS, None, ["//c.test/"], ["netrc:a", None]),
        (
            Policy.requests(),
            ("u", "p"),
            ["/y", B, "//c.test/"],
            ["u:p", "netrc:a", "netrc:b", None],
        ),
        (Policy.browser(), None, ["/y", B], [None, None, None]),
    ],
)
def test_netrc_and_redirects(
    policy: Policy, auth: Any, locations: list[str], sent: list[str | None]
) -> None:
    call = start(surrounded(policy, auth), "GET", A)
    requests = [call.request, *(hop(call, redirect(307, place)) for place in locations)]
    assert [said(request) for request in requests] == sent


def test_netrc_on_redirects_leaves_a_decision() -> None:
    call = start(surrounded(ON_REDIRECTS), "GET", "http://c.test/")
    hop(call, redirect(302, B))
    (added,) = [d for d in call.decisions if d.code == "auth.added"]
    assert (added.reason, added.after, added.hop) == (
        "credentials come from netrc",
        "http://b.test",
        1,
    )


# --- hooks (Q19) ------------------------------------------------------------------------------


def first(response: Any) -> None: ...


def second(response: Any) -> None: ...


@pytest.mark.parametrize(
    ("of_session", "of_request", "both", "one"),
    [
        ([], [], [], []),
        ([first], [], [first], [first]),
        ([], [second], [second], [second]),
        ([first], [second], [first, second], [second]),
        ([first, first], [second], [first, first, second], [second]),
        (first, [], [first], [first]),
    ],
)
def test_whose_hooks_run(of_session: Any, of_request: Any, both: Any, one: Any) -> None:
    for policy, expected in [(Policy(), both), (Policy.requests(), one)]:
        owner = session(policy=policy, hooks={"response": of_session})
        request = owner.prepare_request(Request("GET", A, hooks={"response": of_request}))
        assert request.hooks == {"response": expected}
    request.register_hook("response", first)
    assert owner.hooks == {"response": of_session}


@pytest.mark.parametrize("hooks", [{}, {"response": []}, {"response": None}])
def test_a_session_whose_hooks_were_taken_away(hooks: Any) -> None:
    owner = session(hooks=hooks)
    assert owner.prepare_request(Request("GET", A)).hooks == {"response": []}


# --- mounts (Q20) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "open_ended"),
    [
        ("https://a.test", True),
        ("http://", False),
        ("https://a.test/", False),
        ("https://a.test/api", False),
        ("mock://a.test", True),
        ("mock:", False),
        ("", False),
    ],
)
def test_a_mount_that_fits_more_hosts_than_it_seems(prefix: str, open_ended: bool) -> None:
    owner = session()
    if open_ended:
        with pytest.warns(MountWarning, match="end it with a slash") as caught:
            owner.mount(prefix, "transport")
        assert caught[0].filename == __file__
    else:
        owner.mount(prefix, "transport")
    assert owner.adapters[prefix] == "transport"


def test_a_policy_may_have_it_that_no_mount_warns() -> None:
    owner = session(policy=Policy.requests())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        owner.mount("https://a.test", "transport")
    assert owner.get_adapter("https://a.test.evil.test/") == "transport"


# --- state ------------------------------------------------------------------------------------


def copied(owner: Session) -> Any:
    return pickle.loads(pickle.dumps(owner))


def test_state_has_the_attributes_and_the_version_that_wrote_it() -> None:
    state = Session().__getstate__()
    assert set(state) == {*Session.__attrs__, "sojourn"}
    assert state["sojourn"] == __version__


def test_state_that_travels() -> None:
    owner = Session(policy=Policy.requests(), limits=Limits(cookies_max=7), timeout=5)
    owner.headers["X-A"] = "1"
    owner.cookies.set("a", "1", domain="a.test")
    owner.verify, owner.cert, owner.trust_env = "ca.pem", "me.pem", False
    made = copied(owner)
    for name in Session.__attrs__:
        if name != "cookies":
            assert getattr(made, name) == getattr(owner, name), name
    assert list(made.cookies) == list(owner.cookies)
    assert made.timeouts == Timeouts(connect=5, read=5, write=5, pool=5)
    assert not hasattr(made, "sojourn")


@pytest.mark.parametrize(
    ("verify", "after"),
    [
        (True, True),
        (False, False),
        (None, None),
        ("ca.pem", "ca.pem"),
        (PurePosixPath("ca.pem"), PurePosixPath("ca.pem")),
    ],
)
def test_what_is_trusted_travels_if_it_can(verify: Any, after: Any) -> None:
    assert copied(session(verify=verify)).verify == after


def test_what_is_trusted_is_not_left_behind_unsaid() -> None:
    owner = session(verify=object())  # As a TLS context is.
    with pytest.raises(TypeError, match=r"^the session's verify has no form as data \(object\)"):
        copied(owner)
    assert copy.copy(owner).verify is owner.verify


def test_what_leads_to_a_connection_or_a_thread_stays_behind() -> None:
    owner = Session(entropy=bytes)
    owner.set_clock(1.0, 2.0)
    made = copied(owner)
    assert (made.entropy, made.wall, made.proxy_flows) == (None, 0.0, {})
    with made.guard:
        assert made.prepare_request(Request("GET", A)).url == A


def test_state_of_another_version_may_have_less() -> None:
    made = Session.__new__(Session)
    made.__setstate__({"headers": Fields([("X-A", "1")]), "sojourn": "0"})
    assert made.headers == {"X-A": "1"}
    assert made.policy == Policy()
    assert made.prepare_request(Request("GET", A)).headers.lines == [("X-A", "1")]


class Demanding(Session):
    """A subclass that takes arguments and has an attribute of its own."""

    __attrs__ = [*Session.__attrs__, "token"]  # noqa: RUF012 - as subclasses of Requests' do it

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


def test_a_subclass_travels_too() -> None:
    made = copied(Demanding("t"))
    assert (type(made), made.token) == (Demanding, "t")


# --- errors -----------------------------------------------------------------------------------


class Unasked(Session):
    def prepare_request(self, request: Request) -> PreparedRequest:
        prepared = super().prepare_request(request)
        prepared.url = "http://"
        return prepared


def test_a_call_that_cannot_be_made_names_its_request() -> None:
    with pytest.raises(RequestException) as caught:
        Unasked().call(Request("GET", A))
    assert caught.value.request is not None
    assert caught.value.request.url == "http://"
