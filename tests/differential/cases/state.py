"""The session as an object: attributes, context, closing, pickling; and the module."""

from tests.differential.model import A, add, case, ok, setting, to

MORE = ("adapters", "cookies", "headers", "hooks")
ATTRIBUTES = ("auth", "cert", "max_redirects", "params", "proxies", "stream", "trust_env", "verify")


@case("S13 S2 S3 S5 S6 S7 S8 S9 S10")
def attributes_of_a_new_session(requests, session, at):
    return {name: getattr(session, name) for name in ATTRIBUTES}


@case("S13")
def names_of_the_attributes(requests, session, at):
    return [name for name in (*ATTRIBUTES, *MORE) if name in requests.Session.__attrs__]


@case("S14")
def a_session_in_a_block(requests, session, at):
    with at.session() as opened:
        return opened.get(f"{A}/")


@case("S14", raises="builtins.KeyError")
def a_block_lets_errors_through(requests, session, at):
    with session:
        raise KeyError("mine")


@case("S17 S14")
def a_closed_session_goes_on(requests, session, at):
    session.get(f"{A}/")
    session.close()
    session.close()
    return session.get(f"{A}/again")


@case("S17 S6")
def a_response_outlives_its_session(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    session.close()
    return response.content


def furnished(session):
    """Set everything that is pickled."""
    session.headers["X-One"] = "1"
    session.auth = ("user", "pass")
    session.params = {"a": "1"}
    session.max_redirects = 7
    session.trust_env = False
    session.stream = True
    session.verify = "mine.pem"
    session.cert = ("a.pem", "b.pem")
    session.proxies = {"https": "http://proxy.test:3128"}


@case("S15 S16 S56", replies={f"{A}/set": setting("c=1; Path=/")})
def a_session_is_pickled(requests, session, at):
    session.get(f"{A}/set")
    furnished(session)
    copied = at.pickled(session)
    found = {name: getattr(copied, name) for name in ATTRIBUTES}
    copied.cert, copied.verify = None, True
    response = copied.get(f"{A}/")
    content = response.content
    copied.close()
    return [found, list(copied.adapters), copied.cookies, content]


@case("S15")
def the_state_of_a_session(requests, session, at):
    furnished(session)
    state = session.__getstate__()
    return [
        [name for name in (*ATTRIBUTES, *MORE) if name in state],
        state["max_redirects"],
        state["auth"],
    ]


@case("S16")
def the_state_of_a_session_set(requests, session, at):
    furnished(session)
    other = at.session()
    other.__setstate__(session.__getstate__())
    return [other.max_redirects, other.auth, other.headers["X-One"], list(other.adapters)]


@case(
    "S56",
    replies={
        f"{A}/": to("/2", 302, ("Set-Cookie", "c=1; Path=/")),
        f"{A}/2": ok(b"content", ("Content-Type", "text/plain; charset=utf-8")),
    },
)
def a_response_is_pickled(requests, session, at):
    copied = at.pickled(session.get(f"{A}/"))
    return [copied, copied.text, copied.raw, copied.elapsed, copied.request, copied.encoding]


@case("S56")
def a_streamed_response_is_read_and_pickled(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    _ = response.content
    return at.pickled(response)


@case("S56")
def a_prepared_request_is_pickled(requests, session, at):
    prepared = session.prepare_request(
        requests.Request("POST", f"{A}/", data={"a": "1"}, auth=("user", "pass"))
    )
    return session.send(at.pickled(prepared))


@case("S56")
def an_adapter_is_pickled(requests, session, at):
    session.mount("http://", at.pickled(requests.adapters.HTTPAdapter()))
    return session.get(f"{A}/")


@case("S56 S11", replies={f"{A}/": setting("c=1; Path=/", "d=2; Path=/")})
def a_jar_is_pickled(requests, session, at):
    session.get(f"{A}/")
    session.cookies = at.pickled(session.cookies)
    return [session.cookies, session.get(f"{A}/again")]


@case("S11", replies={f"{A}/": setting("c=1; Path=/")})
def a_jar_is_copied(requests, session, at):
    session.get(f"{A}/")
    copied = session.cookies.copy()
    session.cookies.clear()
    return [copied, session.cookies]


@case("S18")
def names_of_the_module(requests, session, at):
    names = (
        "Session",
        "Request",
        "PreparedRequest",
        "Response",
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "request",
        "exceptions",
        "ConnectionError",
        "ConnectTimeout",
        "HTTPError",
        "JSONDecodeError",
        "ReadTimeout",
        "RequestException",
        "Timeout",
        "TooManyRedirects",
        "URLRequired",
    )
    return {name: hasattr(requests, name) for name in names}


add(
    "requests.get with everything",
    "S18 S25",
    lambda requests, session, at: requests.get(
        f"{A}/x",
        params={"a": "1"},
        headers={"X-One": "1"},
        cookies={"c": "1"},
        auth=("user", "pass"),
        timeout=5,
    ),
)
add(
    "requests.post with json",
    "S21",
    lambda requests, session, at: requests.post(f"{A}/", json={"a": 1}),
)
add(
    "requests.head is not redirected",
    "S20",
    lambda requests, session, at: requests.head(f"{A}/"),
    replies={f"{A}/": to("/next")},
)
add(
    "two sessions share nothing",
    "S13 S11",
    lambda requests, session, at: [session.get(f"{A}/set"), at.session().get(f"{A}/")],
    replies={f"{A}/set": setting("c=1; Path=/")},
)
