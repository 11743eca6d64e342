from __future__ import annotations

import pickle
import tracemalloc
from threading import RLock
from typing import Any

import pytest

from sojourn_core import (
    CookieJar,
    Fields,
    Limits,
    Policy,
    Request,
    SendSettings,
    Session,
    Timeouts,
    __version__,
)
from sojourn_core.rules.cookies import NO_GUARD
from sojourn_core.values.errors import (
    InvalidHeader,
    InvalidMethod,
    InvalidSchema,
    MissingSchema,
    RequestException,
)
from sojourn_core.values.limits import MIB
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS, NO_TIMEOUTS, UNSET
from sojourn_core.values.url.url import parse_url
from tests.core.conversation import URL, WALL, hop, redirect, session, start
from tests.core.work import assert_linear


def first(response: Any) -> None: ...


def second(response: Any) -> None: ...


def test_a_session_that_nobody_set() -> None:
    owner = Session()
    assert owner.headers == {
        "User-Agent": f"sojourn/{__version__}",
        "Accept-Encoding": owner.headers["Accept-Encoding"],
        "Accept": "*/*",
        "Connection": "keep-alive",
    }
    assert "gzip" in owner.headers["Accept-Encoding"]
    assert (owner.auth, owner.proxies, owner.params, owner.cert) == (None, {}, {}, None)
    assert (owner.stream, owner.verify, owner.trust_env, owner.max_redirects) == (
        False,
        True,
        True,
        30,
    )
    assert owner.hooks == {"response": []}
    assert len(owner.cookies) == 0
    assert owner.policy == Policy()
    assert owner.timeouts == DEFAULT_TIMEOUTS


def test_two_sessions_share_nothing() -> None:
    one, other = Session(), Session()
    for name in ("headers", "proxies", "hooks", "params", "cookies", "adapters"):
        assert getattr(one, name) is not getattr(other, name)


# --- preparing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_session", "of_request", "merged"),
    [
        ({}, {}, []),
        ({"A": "1"}, {}, [("A", "1")]),
        ({"A": "1"}, {"B": "2"}, [("A", "1"), ("B", "2")]),
        ({"A": "1", "B": "2"}, {"a": "3"}, [("a", "3"), ("B", "2")]),
        ({"A": "1", "B": "2"}, {"a": None}, [("B", "2")]),
        ({"A": "1"}, {b"a": None, b"B": b"2"}, [("B", "2")]),
        ({"A": "1"}, {"X": None}, [("A", "1")]),
        ({"A": "1", "B": None}, {}, [("A", "1")]),
        ([("A", "1"), ("a", "2")], {}, [("A", "1"), ("a", "2")]),
        ([("A", "1"), ("a", "2")], {"A": "3"}, [("A", "3")]),
        ({"A": "1"}, [("a", "2"), ("A", "3")], [("a", "2"), ("A", "3")]),
        ({"A": "1"}, Fields([("a", "2"), ("A", "3")]), [("a", "2"), ("A", "3")]),
    ],
)
def test_the_fields_of_both(of_session: Any, of_request: Any, merged: Any) -> None:
    owner = session(headers=of_session)
    prepared = owner.prepare_request(Request("GET", URL, headers=of_request))
    assert prepared.headers.lines == merged


def test_the_session_keeps_its_fields_to_itself() -> None:
    owner = session(headers=Fields([("A", "1")]))
    for _ in range(2):
        prepared = owner.prepare_request(Request("GET", URL))
        assert prepared.headers.lines == [("A", "1")]
        prepared.headers["A"] = "2"
        prepared.headers.add("B", "3")


def test_a_change_of_the_sessions_fields_counts_at_once() -> None:
    owner = session(headers=Fields([("A", "1")]))
    assert owner.prepare_request(Request("GET", URL)).headers["A"] == "1"
    owner.headers["A"] = "2"
    assert owner.prepare_request(Request("GET", URL)).headers["A"] == "2"
    owner.headers["A"] = "2\n"
    with pytest.raises(InvalidHeader):
        owner.prepare_request(Request("GET", URL))


@pytest.mark.parametrize(
    ("of_session", "of_request", "query"),
    [
        ({}, {}, None),
        ({"a": "1"}, {}, "a=1"),
        ({"a": "1"}, {"b": "2"}, "a=1&b=2"),
        ({"a": "1"}, {"a": None, "b": "2"}, "b=2"),
        ({"a": "1"}, "raw", "raw"),
        ({}, [("b", "1"), ("b", "2")], "b=1&b=2"),
    ],
)
def test_the_params_of_both(of_session: Any, of_request: Any, query: str | None) -> None:
    owner = session(params=of_session)
    assert owner.prepare_request(Request("GET", URL, params=of_request)).parsed_url.query == query


@pytest.mark.parametrize(
    ("of_session", "of_request", "hooks"),
    [
        ([], [], []),
        ([first], [], [first]),
        ([], [second], [second]),
        ([first], [second], [first, second]),
        (first, second, [first, second]),
    ],
)
def test_the_hooks_of_both(of_session: Any, of_request: Any, hooks: Any) -> None:
    owner = session(hooks={"response": of_session})
    prepared = owner.prepare_request(Request("GET", URL, hooks={"response": of_request}))
    assert prepared.hooks == {"response": hooks}


def test_the_hooks_of_one_as_requests_has_it() -> None:
    owner = session(hooks={"response": [first]}, policy=Policy().replace(hooks_add_up=False))
    prepared = owner.prepare_request(Request("GET", URL, hooks={"response": [second]}))
    assert prepared.hooks == {"response": [second]}


@pytest.mark.parametrize(
    ("method", "given", "body", "length"),
    [
        ("GET", {}, None, None),
        ("HEAD", {}, None, None),
        ("POST", {}, None, "0"),
        ("POST", {"data": b"abc"}, b"abc", "3"),
        ("POST", {"json": None}, None, "0"),
        ("POST", {"json": 0}, b"0", "1"),
        ("GET", {"data": {"a": "b"}, "json": 1}, b"a=b", "3"),
    ],
)
def test_content(method: str, given: dict[str, Any], body: Any, length: str | None) -> None:
    prepared = session().prepare_request(Request(method, URL, **given))
    assert prepared.body == body
    assert prepared.headers.get("content-length") == length


@pytest.mark.parametrize(
    "request_", [Request("G T", URL), Request("GET", "a.test"), Request("GET", "http://[::1")]
)
def test_an_error_of_preparing_names_the_request(request_: Request) -> None:
    with pytest.raises(RequestException) as caught:
        session().prepare_request(request_)
    assert caught.value.request is request_
    assert not caught.value.maybe_sent


def test_an_error_keeps_the_request_that_it_names() -> None:
    inner = session().prepare_request(Request("GET", URL))

    def refuse(request: Any) -> Any:
        raise InvalidMethod("not that one", request=inner)

    with pytest.raises(InvalidMethod) as caught:
        session().prepare_request(Request("GET", URL, auth=refuse))
    assert caught.value.request is inner


# --- cookies and time -------------------------------------------------------------------------


def test_the_age_of_cookies_counts_by_the_clock_on_the_wall() -> None:
    owner = session()
    call = start(owner, "GET", URL)
    assert owner.wall_at(5.0) == WALL + 5.0
    answer = redirect(302, "/y", ("Set-Cookie", "short=1; Max-Age=10"), ("Set-Cookie", "long=2"))
    assert hop(call, answer, now=5.0).headers["Cookie"] == "short=1; long=2"
    assert hop(call, redirect(302, "/z"), now=15.0).headers["Cookie"] == "long=2"
    owner.set_clock(15.0, WALL + 15.0)
    assert start(owner, "GET", URL).request.headers["Cookie"] == "long=2"


def test_the_clock_may_be_set_anew() -> None:
    owner = session()
    owner.set_clock(100.0, WALL)
    assert owner.wall_at(101.0) == WALL + 1.0


class Guard:
    """A lock that counts."""

    def __init__(self) -> None:
        self.entered = 0
        self.held = 0

    def __enter__(self) -> None:
        self.entered += 1
        self.held += 1

    def __exit__(self, *error: object) -> None:
        self.held -= 1


def test_the_jar_is_used_under_the_guard_and_hooks_are_not() -> None:
    guard = Guard()
    owner = Session(guard=guard)
    held: list[int] = []
    entered: list[int] = []

    class Jar(CookieJar):
        """One of a caller's; what it does of its own is not done under the guard either."""

        def cookie_field(self, *arguments: Any, **options: Any) -> str | None:
            held.append(guard.held)
            field = super().cookie_field(*arguments, **options)
            entered.append(guard.entered)
            return field

        def store(self, *arguments: Any, **options: Any) -> Any:
            held.append(guard.held)
            decisions = super().store(*arguments, **options)
            entered.append(guard.entered)
            return decisions

    jar = Jar({"a": "1"})
    owner.cookies = jar
    assert jar.guard is guard
    call = start(owner, "GET", URL, auth=lambda request: held.append(-guard.held) or request)
    hop(call, redirect(302, "/y", ("Set-Cookie", "b=2")))
    assert held == [0, 0, 0, 0]
    assert entered == [1, 2, 3]  # Once for each step.
    assert guard.held == 0


def test_a_jar_keeps_the_guard_of_its_first_session() -> None:
    guards = Guard(), Guard()
    one, two = (Session(guard=guard) for guard in guards)
    two.cookies = one.cookies
    assert two.cookies.guard is guards[0]
    assert pickle.loads(pickle.dumps(one.cookies)).guard is NO_GUARD
    two.cookies = one.cookies.copy()
    assert two.cookies.guard is guards[1]
    own = CookieJar(guard=Guard())
    one.cookies = own
    assert own.guard not in guards


def test_without_a_guard_anything_goes() -> None:
    owner = Session()
    owner.cookies.set("a", "1")
    assert start(owner, "GET", URL).request.headers["Cookie"] == "a=1"


# --- settings for the wire --------------------------------------------------------------------


def test_settings_of_the_session() -> None:
    owner = session(stream=True, verify="ca.pem", cert="me.pem", proxies={"http": "http://p.test"})
    assert owner.settings_for() == SendSettings(
        timeouts=DEFAULT_TIMEOUTS,
        timeout=(10.0, 60.0),
        stream=True,
        verify="ca.pem",
        cert="me.pem",
    )
    assert owner.call(Request("GET", URL)).settings.proxies == {"http": "http://p.test"}


def test_settings_of_the_call_win() -> None:
    owner = session(stream=True, verify="ca.pem", cert="me.pem", proxies={"http": "http://p.test"})
    given = {"timeout": 5, "stream": False, "verify": False, "cert": "it.pem", "proxies": {}}
    assert owner.settings_for(**given) == SendSettings(
        timeouts=Timeouts(connect=5, read=5, write=5, pool=5), **given
    )


def test_the_timeout_of_a_session() -> None:
    owner = Session(timeout=(1, 2))
    assert owner.settings_for().timeouts == Timeouts(connect=1, read=2, write=2, pool=1)
    assert owner.settings_for(timeout=None).timeouts == NO_TIMEOUTS
    with pytest.raises(ValueError, match="must be above zero"):
        owner.settings_for(timeout=0)


def test_settings_are_made_once_and_never_for_another_call() -> None:
    owner = session()
    plain = owner.settings_for()
    assert owner.settings_for() is plain
    other = {
        "timeout": owner.timeouts,
        "stream": True,
        "verify": False,
        "cert": "me.pem",
        "proxies": {"http": "http://p.test"},
    }
    for name, value in other.items():
        assert getattr(owner.settings_for(**{name: value}), name) == value
        assert owner.settings_for() == plain


def test_settings_do_not_follow_a_mapping_that_changes() -> None:
    owner, proxies = session(), {}
    settings = owner.settings_for(proxies=proxies)
    proxies["http"] = "http://p.test"
    owner.proxies["http"] = "http://q.test"
    assert settings.proxies == {}


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ((None, None, None, None), ({"http": "s"}, True, "ca.pem", "me.pem")),
        (({"https": "r"}, False, False, "it"), ({"http": "s", "https": "r"}, False, False, "it")),
        (({"http": None}, None, None, None), ({}, True, "ca.pem", "me.pem")),
    ],
)
def test_settings_as_requests_merges_them(given: Any, merged: Any) -> None:
    owner = session(proxies={"http": "s"}, stream=True, verify="ca.pem", cert="me.pem")
    found = owner.merge_environment_settings(URL, *given)
    assert (found["proxies"], found["stream"], found["verify"], found["cert"]) == merged


def test_no_proxies_at_all() -> None:
    owner = session()
    found = owner.merge_environment_settings(URL, None, None, None, None)
    assert found["proxies"] == {}
    assert found["proxies"] is not owner.proxies


# --- transports -------------------------------------------------------------------------------


def test_the_longest_prefix_wins() -> None:
    owner = Session()
    owner.mount("http://", "plain")
    owner.mount("http://a.test/deep/", "deep")
    owner.mount("http://a.test/", "host")
    owner.mount("https://", "secure")
    owner.mount("http://A.test/x", "case")
    assert list(owner.adapters) == [
        "http://a.test/deep/",
        "http://A.test/x",
        "http://a.test/",
        "https://",
        "http://",
    ]
    assert owner.get_adapter("http://a.test/deep/er") == "deep"
    assert owner.get_adapter("HTTP://a.TEST/xyz") == "case"
    assert owner.get_adapter("http://a.test/y") == "host"
    assert owner.get_adapter("http://b.test/") == "plain"
    assert owner.get_adapter("https://a.test/") == "secure"


def test_a_transport_may_be_replaced() -> None:
    owner = Session()
    owner.mount("http://", "one")
    owner.mount("http://", "other")
    assert owner.get_adapter(URL) == "other"
    assert len(owner.adapters) == 1


def test_no_transport() -> None:
    with pytest.raises(InvalidSchema, match=r"found for 'ftp://\*\*\*@a\.test/'$"):
        Session().get_adapter("ftp://user:secret@a.test/")


def test_the_fields_of_a_request_are_merged_in_linear_time() -> None:
    def prepare(n: int) -> None:
        pairs = [(f"X-{k % (n // 2)}", str(k)) for k in range(n)]
        request = Request("GET", URL, headers=[*pairs, *(("X-Same", "1") for _ in range(n))])
        lines = Session().prepare_request(request).headers.lines
        assert len(lines) == 4 + 2 * n

    assert_linear(prepare, 400)


# --- state ------------------------------------------------------------------------------------


def test_a_session_goes_through_pickle() -> None:
    owner = Session(policy=Policy.browser(), limits=Limits(cookies_max=7), timeout=5, guard=RLock())
    owner.headers["X-A"] = "1"
    owner.auth = ("u", "p")
    owner.max_redirects = 3
    owner.cookies.set("a", "1", domain="a.test")
    copied = pickle.loads(pickle.dumps(owner))
    for name in ("headers", "auth", "max_redirects", "policy", "limits", "timeouts"):
        assert getattr(copied, name) == getattr(owner, name)
    assert list(copied.cookies) == list(owner.cookies)
    assert start(copied, "GET", URL).request.headers["Cookie"] == "a=1"


def test_what_was_not_given_is_not_none() -> None:
    assert Session().settings_for(timeout=UNSET).timeouts == DEFAULT_TIMEOUTS


@pytest.mark.parametrize("url", ["data:text/plain,", "ftp://a.test/", "ftp://me@a.test/"])
def test_a_huge_url_of_another_scheme_is_refused_before_it_is_taken_apart(url: str) -> None:
    owner = session()
    text = url + "a" * (16 * MIB)
    tracemalloc.start()
    try:
        prepared = owner.prepare_request(Request("GET", text))
        with pytest.raises(InvalidSchema) as caught:
            owner.call(prepared)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB // 4
    assert caught.value.request is prepared
    owner.adapters[url] = "mine"
    assert owner.call(prepared).start(0.0).request is prepared


# --- credentials by origin ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://a.test/", "Basic dTpw"),
        ("http://A.test:80/x", "Basic dTpw"),
        ("http://a.test:81/", None),
        ("https://a.test/", None),
        ("http://b.test/", "Basic dTpx"),
        ("http://u:r@c.test/", "Basic dTpy"),  # The next source is asked.
    ],
)
def test_credentials_by_origin_are_for_that_origin_alone(url: str, sent: str | None) -> None:
    by_origin: Any = {"http://a.test": ("u", "p"), parse_url("http://b.test").origin: ("u", "q")}
    owner = Session()
    owner.auth = by_origin
    assert owner.prepare_request(Request("GET", url)).headers.get("authorization") == sent
    prepared = Session().prepare_request(Request("GET", url, auth=by_origin))
    assert prepared.headers.get("authorization") == sent


def test_credentials_by_what_is_no_origin_are_refused() -> None:
    owner = Session()
    owner.auth = {"a.test": ("u", "p")}
    with pytest.raises(MissingSchema):
        owner.prepare_request(Request("GET", "http://a.test/"))
