"""Credentials: where they come from, and who is first."""

from unittest import mock

from tests.differential.model import A8, A, B, add, call, case, to

USER = ("user", "pass")
AT = "http://us%40er:pa%20ss@a.test"
NETRC = "machine a.test login user password pass\nmachine b.test login other password else\n"


def with_auth(auth):
    """Set the session's credentials first."""

    def before(session):
        session.auth = auth

    return before


call("auth: a pair", "S2 S25", "GET", f"{A}/", {"auth": USER})
call("auth: of the session", "S2", "GET", f"{A}/", before=with_auth(USER))
call(
    "auth: of the request before the session's",
    "S2 S37",
    "GET",
    f"{A}/",
    {"auth": ("other", "else")},
    before=with_auth(USER),
)
call("auth: an empty password", "S2", "GET", f"{A}/", {"auth": ("user", "")})
call(
    "auth: outside ASCII",
    "S2",
    "GET",
    f"{A}/",
    {"auth": ("us\xe9r", "p\xe4ss")},
    session="basic-in-utf-8",
)
call(
    "auth: outside latin-1",
    "S2",
    "GET",
    f"{A}/",
    {"auth": ("user", "€")},
    raises="builtins.UnicodeEncodeError",
    session="basic-in-utf-8",
)
call("auth: octets", "S2", "GET", f"{A}/", {"auth": (b"user", b"pass")})
call(
    "auth: a list is no pair",
    "S2",
    "GET",
    f"{A}/",
    {"auth": ["user", "pass"]},
    raises="builtins.TypeError",
)
call(
    "auth: three of them",
    "S2",
    "GET",
    f"{A}/",
    {"auth": ("a", "b", "c")},
    raises="builtins.TypeError",
)
call("auth: in the URL", "S2", "GET", "http://user:pass@a.test/x")
call("auth: in the URL, with escapes", "S2", "GET", f"{AT}/x")
call(
    "auth: a colon in the user name",
    "S2",
    "GET",
    f"{A}/",
    {"auth": ("us:er", "pass")},
    session="basic-without-colon",
)
call(
    "auth: a user in the URL",
    "S2",
    "GET",
    "http://user@a.test/x",
    session="user-without-password",
)
call("auth: an empty password in the URL", "S2", "GET", "http://user:@a.test/x")
call(
    "auth: given before the URL's",
    "S2",
    "GET",
    "http://user:pass@a.test/x",
    {"auth": ("other", "else")},
)
call(
    "auth: the session's before the URL's",
    "S2",
    "GET",
    "http://user:pass@a.test/x",
    before=with_auth(("other", "else")),
)
call("auth: a field by hand", "S2", "GET", f"{A}/", {"headers": {"Authorization": "Bearer mine"}})
call(
    "auth: given, and a field by hand",
    "S2 Q6",
    "GET",
    f"{A}/",
    {"auth": USER, "headers": {"Authorization": "Bearer mine"}},
    session="Q6-by-hand-first",
)
call(
    "auth: of the session, and a field by hand",
    "S2 Q6",
    "GET",
    f"{A}/",
    {"headers": {"Authorization": "Bearer mine"}},
    before=with_auth(USER),
    session="Q6-by-hand-first",
)
call(
    "auth: in the URL, and a field by hand",
    "S2 Q6",
    "GET",
    "http://user:pass@a.test/",
    {"headers": {"Authorization": "Bearer mine"}},
    session="Q6-by-hand-first",
)

# netrc
call("netrc: found", "S47 S10", "GET", f"{A}/", netrc=NETRC)
call("netrc: whatever the port", "S47", "GET", f"{A8}/", netrc=NETRC)
call("netrc: another host", "S47", "GET", "http://www.a.test/", netrc=NETRC)
call("netrc: upper case in the URL", "S47", "GET", "http://A.TEST/", netrc=NETRC)
call("netrc: the default entry", "S47", "GET", f"{B}/", netrc="default login user password pass\n")
call(
    "netrc: an entry without a password",
    "S47",
    "GET",
    f"{A}/",
    netrc="machine a.test login user\n",
    compat="netrc-without-password",
    session="netrc-without-password",
)
call(
    "netrc: an empty password",
    "S47",
    "GET",
    f"{A}/",
    netrc='machine a.test login user password ""\n',
)
call(
    "netrc: a default entry without a password",
    "S47",
    "GET",
    f"{B}/",
    netrc="default login user\n",
    compat="netrc-without-password",
    session="netrc-without-password",
)
call(
    "netrc: the last entry has no password",
    "S47",
    "GET",
    f"{A}/",
    netrc=NETRC + "machine a.test login other\n",
    compat="netrc-without-password",
    session="netrc-first-entry",
)
TWO = NETRC + "machine a.test login second password other\n"
for name, netrc, marked in (
    ("a stray word", NETRC + "nonsense\n", "netrc-read-in-part"),
    ("a macro that does not end", NETRC + "macdef init\ncd /\n", "netrc-read-in-part"),
    ("a backslash", "machine a.test login user password a\\b\n", "netrc-words-as-written"),
    ("a quoted escape", 'machine a.test login user password "a\\tb"\n', "netrc-words-as-written"),
    ("a quoted blank", 'machine a.test login user password "a b"\n', None),
    ("a quoted quote", 'machine a.test login user password "a\\"b\\\\"\n', None),
    ("two entries", TWO, "netrc-first-entry"),
    ("a comment and a macro", f"# c\n{NETRC}# c\nmacdef x\nmachine a.test\n\n", None),
):
    differs = {} if marked is None else {"session": marked}
    call(f"netrc: {name}", "S47", "GET", f"{A}/", netrc=netrc, **differs)
call("netrc: the login of the URL", "S47 Q6", "GET", "http://second@a.test/", netrc=TWO)
call(
    "netrc: an account", "S47", "GET", f"{A}/", netrc="machine a.test account acct password pass\n"
)
call("netrc: that cannot be read", "S47", "GET", f"{A}/", netrc="machine\nnonsense x\n")
call(
    "netrc: given credentials are first",
    "S47 S26",
    "GET",
    f"{A}/",
    {"auth": ("other", "else")},
    netrc=NETRC,
)
call(
    "netrc: the session's credentials are first",
    "S47 S26",
    "GET",
    f"{A}/",
    before=with_auth(("other", "else")),
    netrc=NETRC,
)
call(
    "netrc: a field by hand",
    "S47 Q6",
    "GET",
    f"{A}/",
    {"headers": {"Authorization": "Bearer mine"}},
    netrc=NETRC,
    session="Q6-by-hand-first",
)
call(
    "netrc: the user info of the URL",
    "S47 Q6",
    "GET",
    "http://other:else@a.test/",
    netrc=NETRC,
    session="Q6-by-hand-first",
)
call(
    "netrc: in the home folder",
    "S47",
    "GET",
    f"{A}/",
    netrc=NETRC,
    env={"NETRC": "{folder}/nowhere"},
)


@case("S47 S10", netrc=NETRC)
def netrc_without_trust_env(requests, session, at):
    session.trust_env = False
    return session.get(f"{A}/")


@case("S47 S33 Q6", netrc=NETRC, replies={f"{A}/": to(f"{B}/")}, session="Q6-netrc-at-home")
def netrc_on_a_redirect_to_another_host(requests, session, at):
    return session.get(f"{A}/")


@case("S47 S33 Q6", netrc=NETRC, replies={f"{A}/": to("/next")}, session="Q6-by-hand-first")
def netrc_on_a_redirect_within_the_host(requests, session, at):
    return session.get(f"{A}/", auth=("other", "else"))


@case("S47", netrc=NETRC)
def netrc_by_prepare_request(requests, session, at):
    return session.prepare_request(requests.Request("GET", f"{A}/"))


@case("S47", netrc=NETRC)
def netrc_not_by_a_bare_prepare(requests, session, at):
    return requests.Request("GET", f"{A}/").prepare()


# callables


@case("S2")
def auth_by_a_class(requests, session, at):
    class Token(requests.auth.AuthBase):
        def __call__(self, request):
            request.headers["X-Token"] = f"{request.method} {request.path_url}"
            return request

    return session.post(f"{A}/x?y=1", data=b"z", auth=Token())


@case("S2")
def auth_by_a_function(requests, session, at):
    def sign(request):
        request.headers["X-Length"] = request.headers.get("Content-Length", "none")
        return request

    return session.post(f"{A}/", data=b"1234", auth=sign)


@case("S2")
def auth_that_changes_the_content(requests, session, at):
    def wrap(request):
        request.body = b"[" + request.body + b"]"
        return request

    return session.post(f"{A}/", data=b"1234", auth=wrap)


@case("S2")
def auth_that_changes_the_url(requests, session, at):
    def sign(request):
        request.prepare_url(request.url, {"signature": "1"})
        return request

    return session.get(f"{A}/?a=b", auth=sign)


@case("S2")
def auth_that_is_empty_is_none(requests, session, at):
    session.auth = ("user", "pass")
    return session.get(f"{A}/", auth=())


@case("S2")
def basic_by_its_class(requests, session, at):
    basic = requests.auth.HTTPBasicAuth("user", "pass")
    same = requests.auth.HTTPBasicAuth("user", "pass")
    return [session.get(f"{A}/", auth=basic), basic == same, basic != same, basic.username]


@case("S2", compat="proxy-fields-to-proxies", session="proxy-fields-to-proxies")
def basic_for_a_proxy_by_its_class(requests, session, at):
    return session.get(f"{A}/", auth=requests.auth.HTTPProxyAuth("user", "pass"))


@case("S2 S26")
def auth_of_a_bare_request(requests, session, at):
    return requests.Request("GET", "http://user:pass@a.test/", auth=("other", "else")).prepare()


add(
    "auth: prepared with the session's",
    "S2 S26",
    lambda requests, session, at: (
        setattr(session, "auth", USER),
        session.prepare_request(requests.Request("GET", A)),
    )[1],
)


def netrc_of_a_test(requests, asked):
    """Put a function in the place of the one that reads netrc."""

    def find(url, *more):
        asked.append(url)
        return USER

    return mock.patch.object(requests.sessions, "get_netrc_auth", find)


@case("S25 S36", native=False, replies={f"{A}/": to(f"{B}/b")})
def netrc_that_a_test_has_replaced(requests, session, at):
    asked = []
    with netrc_of_a_test(requests, asked):
        session.get(f"{A}/")
        session.get(f"{A}/x", auth=("other", "else"))
        session.trust_env = False
        session.get(f"{A}/y")
    session.trust_env = True
    session.get(f"{A}/z")
    return asked
