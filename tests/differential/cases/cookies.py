"""Cookies: stored, kept, sent, and where."""

import http.cookiejar
import http.cookies

from tests.differential.model import A8, A_TLS, WWW, A, B, add, call, case, ok, setting, to

FAR = "Fri, 01 Jan 2100 00:00:00 GMT"
PAST = "Thu, 01 Jan 1970 00:00:10 GMT"

# With no Domain and the path of /, Requests sends a cookie to subdomains; RFC 6265bis does not.
LIKE_REQUESTS = (
    *("a cookie", "two", "a path", "a domain", "a domain with a dot", "another domain"),
    "an end that is past",
)

# What a server sets at http://a.test/set, and where it is sent.
for title, cookies in {
    "a cookie": ("c=1",),
    "two": ("c=1", "d=2"),
    "a path": ("c=1; Path=/sub",),
    "the root path": ("c=1; Path=/",),
    "a domain": ("c=1; Domain=a.test; Path=/",),
    "a domain with a dot": ("c=1; Domain=.a.test; Path=/",),
    "another domain": ("c=1; Domain=b.test; Path=/",),
    "secure": ("c=1; Secure; Path=/",),
    "http only": ("c=1; HttpOnly; Path=/",),
    "same site": ("c=1; SameSite=Lax; Path=/",),
    "an age": ("c=1; Max-Age=1000; Path=/",),
    "no age": ("c=1; Path=/", "c=2; Max-Age=0; Path=/"),
    "an end": (f"c=1; Expires={FAR}; Path=/",),
    "an end that is past": (f"c=1; Expires={PAST}; Path=/",),
    "quotes": ('c="1 2"; Path=/',),
    "an empty value": ("c=; Path=/",),
    "the same name anew": ("c=1; Path=/", "c=2; Path=/"),
    "the same name and another path": ("c=1; Path=/", "c=2; Path=/sub"),
    "an equals sign": ("c=1=2; Path=/",),
}.items():

    def act(requests, session, at):
        session.get(f"{A}/set/x")
        places = (f"{A}/", f"{A}/set/y", f"{A}/sub/z", f"{WWW}/", f"{A_TLS}/", f"{A8}/", f"{B}/")
        for place in places:
            session.get(place, verify=at.ca)
        return session.cookies

    differs = {} if title in LIKE_REQUESTS else {"session": "Q23-cookie-rules"}
    add(f"cookies: {title}", "S11 Q23", act, replies={f"{A}/set/x": setting(*cookies)}, **differs)

for title, cookie in {
    "a public suffix": "c=1; Domain=test; Path=/",
    "the prefix __Host- without what it wants": "__Host-c=1; Path=/",
    "the prefix __Secure- without what it wants": "__Secure-c=1; Path=/",
}.items():

    def by_prefix(requests, session, at):
        session.get(f"{A}/set")
        return [session.get(f"{A}/"), session.cookies]

    add(
        f"cookies: {title}",
        "Q23",
        by_prefix,
        replies={f"{A}/set": setting(cookie)},
        **({} if "public" in title else {"session": "Q23-cookie-rules"}),
    )


@case("Q23", replies={"http://localhost/": setting("c=1; Path=/")}, session="Q23-cookie-rules")
def cookies_of_localhost(requests, session, at):
    session.get("http://localhost/")
    session.get("http://localhost/again")
    return [each[2] for each in ((c.name, c.value, c.domain) for c in session.cookies)]


# What the caller gives.


def with_cookies(**cookies):
    """Set cookies without a domain first."""

    def before(session):
        for name, value in cookies.items():
            session.cookies.set(name, value)

    return before


call("cookies: of a request", "S39 S26", "GET", f"{A}/", {"cookies": {"c": "1", "d": "2"}})
call("cookies: an empty mapping", "S39", "GET", f"{A}/", {"cookies": {}})
call(
    "cookies: none as a value",
    "S39",
    "GET",
    f"{A}/",
    {"cookies": {"c": None, "d": "1"}},
    session="Q23-cookie-rules",
)
call("cookies: of the session", "S11", "GET", f"{A}/", before=with_cookies(c="1", d="2"))
call(
    "cookies: of both",
    "S39 Q8",
    "GET",
    f"{A}/",
    {"cookies": {"c": "request"}},
    before=with_cookies(c="session", d="2"),
    session="Q8-request-replaces",
)
call("cookies: a field by hand", "S39", "GET", f"{A}/", {"headers": {"Cookie": "c=hand"}})
call(
    "cookies: a field by hand silences the jar",
    "S39",
    "GET",
    f"{A}/",
    {"headers": {"Cookie": "c=hand"}},
    before=with_cookies(d="2"),
)
call(
    "cookies: a field by hand silences those of the request",
    "S39",
    "GET",
    f"{A}/",
    {"headers": {"cookie": "c=hand"}, "cookies": {"d": "2"}},
)
call("cookies: a value with a blank", "S39", "GET", f"{A}/", {"cookies": {"c": "1 2"}})
call("cookies: a value with quotes", "S39", "GET", f"{A}/", {"cookies": {"c": '"1"'}})
call(
    "cookies: a value with a semicolon",
    "S39",
    "GET",
    f"{A}/",
    {"cookies": {"c": "1;2"}},
    session="Q23-cookie-rules",
)


@case("S11 S39", replies={f"{A}/set": setting("kept=1; Path=/")})
def cookies_of_a_request_are_not_kept(requests, session, at):
    session.get(f"{A}/set", cookies={"c": "1"})
    return [session.get(f"{A}/"), session.cookies]


@case("S11", replies={f"{A}/set": setting("c=1; Path=/")})
def cookies_of_a_response(requests, session, at):
    response = session.get(f"{A}/set")
    return [
        response.cookies,
        response.cookies["c"],
        response.cookies.get("d"),
        dict(response.cookies),
    ]


@case("S39 Q8", replies={f"{A}/set": setting("c=jar; Path=/")}, session="Q8-request-replaces")
def cookies_of_a_request_beside_one_of_the_jar(requests, session, at):
    session.get(f"{A}/set")
    return session.get(f"{A}/", cookies={"c": "request"})


@case("S11")
def cookies_with_a_place(requests, session, at):
    session.cookies.set("a", "1", domain="a.test", path="/")
    session.cookies.set("b", "1", domain="b.test", path="/")
    session.cookies.set("sub", "1", domain="a.test", path="/sub")
    session.cookies.set("dot", "1", domain=".a.test", path="/")
    for place in (f"{A}/", f"{A}/sub/x", f"{B}/", f"{WWW}/"):
        session.get(place)
    return session.cookies


@case("S11")
def cookies_as_a_mapping(requests, session, at):
    session.cookies["a"] = "1"
    session.cookies.update({"b": "2", "c": "3"})
    session.cookies.set("c", None)
    found = [session.cookies["a"], session.cookies.get("zz", "no"), "b" in session.cookies]
    keys = [sorted(session.cookies.keys()), sorted(session.cookies.items()), len(session.cookies)]
    del session.cookies["a"]
    return [found, keys, session.get(f"{A}/"), sorted(session.cookies.values())]


@case("S11", session="Q23-cookie-rules")
def cookies_of_the_same_name_conflict(requests, session, at):
    session.cookies.set("c", "1", domain="a.test", path="/")
    session.cookies.set("c", "2", domain="b.test", path="/")
    return [
        at.name_of(lambda: session.cookies["c"]),
        at.name_of(lambda: session.cookies.get("c")),
        session.cookies.get("c", domain="b.test"),
        sorted(session.cookies.list_domains()),
        session.cookies.list_paths(),
        session.cookies.multiple_domains(),
    ]


@case("S11", raises="builtins.KeyError")
def cookies_that_are_not_there(requests, session, at):
    return session.cookies["nope"]


@case("S11", replies={f"{A}/set": setting("c=1; Path=/", "d=2; Path=/")})
def cookies_cleared(requests, session, at):
    session.get(f"{A}/set")
    session.cookies.clear()
    return [session.get(f"{A}/"), len(session.cookies)]


@case("S11", replies={f"{A}/set": setting("c=1; Path=/")})
def cookies_in_a_plain_jar(requests, session, at):
    session.cookies = http.cookiejar.CookieJar()
    session.get(f"{A}/set")
    return [session.get(f"{A}/"), sorted(each.name for each in session.cookies)]


@case("S39")
def cookies_of_a_request_in_a_jar(requests, session, at):
    jar = requests.cookies.RequestsCookieJar()
    jar.set("a", "1", domain="a.test", path="/")
    jar.set("b", "1", domain="b.test", path="/")
    return [session.get(f"{A}/", cookies=jar), session.cookies]


@case("S39 S26")
def cookies_of_a_prepared_request(requests, session, at):
    session.cookies.set("c", "1")
    return session.prepare_request(requests.Request("GET", f"{A}/", cookies={"d": "2"}))


@case("S26")
def cookies_of_a_bare_request(requests, session, at):
    return requests.Request("GET", f"{A}/", cookies={"d": "2"}).prepare()


# On redirects.

call(
    "cookies: set by a redirect",
    "S11 S40",
    "GET",
    f"{A}/",
    replies={f"{A}/": to("/next", 302, ("Set-Cookie", "c=1; Path=/"))},
)
call(
    "cookies: set by a redirect for another host",
    "S11 S40",
    "GET",
    f"{A}/",
    replies={f"{A}/": to(f"{B}/", 302, ("Set-Cookie", "c=1; Path=/"))},
)
call(
    "cookies: of a request on a redirect",
    "S40 S39",
    "GET",
    f"{A}/",
    {"cookies": {"c": "1"}},
    replies={f"{A}/": to("/next")},
)
call(
    "cookies: of a request to another host",
    "Q17 S40",
    "GET",
    f"{A}/",
    {"cookies": {"c": "1"}},
    replies={f"{A}/": to(f"{B}/")},
    session="Q17-cookies-go-home",
)
call(
    "cookies: of the session to another host",
    "Q17",
    "GET",
    f"{A}/",
    before=with_cookies(c="1"),
    replies={f"{A}/": to(f"{B}/")},
    session="Q17-cookies-go-home",
)
call(
    "cookies: of the session back home",
    "Q17",
    "GET",
    f"{A}/",
    before=with_cookies(c="1"),
    replies={f"{A}/": to(f"{B}/"), f"{B}/": to(f"{A}/back")},
    session="Q17-cookies-go-home",
)
call(
    "cookies: a field by hand on a redirect",
    "Q9 S40",
    "GET",
    f"{A}/",
    {"headers": {"Cookie": "c=hand"}},
    replies={f"{A}/": to("/next")},
    session="Q9-cookie-field-stays",
)
call(
    "cookies: a field by hand to another host",
    "Q9 S40",
    "GET",
    f"{A}/",
    {"headers": {"Cookie": "c=hand"}},
    replies={f"{A}/": to(f"{B}/")},
)
call(
    "cookies: a field by hand, and one set by the redirect",
    "Q9 S40",
    "GET",
    f"{A}/",
    {"headers": {"Cookie": "c=hand"}},
    replies={f"{A}/": to("/next", 302, ("Set-Cookie", "d=1; Path=/"))},
    session="Q9-cookie-field-stays",
)
call(
    "cookies: with a Host by hand",
    "Q34 Q10",
    "GET",
    f"{A}/",
    {"headers": {"Host": "b.test"}},
    replies={f"{A}/": setting("c=1; Path=/")},
    ordered=False,
    session="Q34-host-of-the-url",
)


@case(
    "Q34", replies={f"{A}/": setting("c=1; Path=/")}, session="Q34-host-of-the-url", ordered=False
)
def cookies_are_filed_under_a_host(requests, session, at):
    session.get(f"{A}/", headers={"Host": "b.test"})
    session.get(f"{A}/again")
    session.get(f"{B}/")
    return session.cookies


@case(
    "S11",
    replies={
        f"{A}/": setting("c=1; Path=/"),
        f"{A}/end": ok(b"", ("Set-Cookie", f"c=; Expires={PAST}; Path=/")),
    },
)
def cookies_end_when_the_server_says_so(requests, session, at):
    session.get(f"{A}/")
    session.get(f"{A}/end")
    return [session.get(f"{A}/again"), session.cookies]


# Where the newer cookie, or None, has the say
call(
    "cookies: None beside the session's",
    "S39",
    "GET",
    f"{A}/",
    {"cookies": {"c": None, "e": "3"}},
    before=with_cookies(c="session", d="2"),
    session="cookies-of-a-request",
)


@case(
    "S39 Q8",
    replies={f"{A}/set": to(f"{A}/", 302, ("Set-Cookie", "c=new; Path=/"))},
    session="cookies-of-a-request",
)
def a_cookie_of_a_request_that_a_redirect_sets_anew(requests, session, at):
    return session.get(f"{A}/set", cookies={"c": "old"})


@case("S11 Q23", replies={f"{A}/set": setting("c=new; Path=/")})
def a_cookie_set_by_hand_for_a_host_that_sets_it_anew(requests, session, at):
    session.cookies.set("c", "old", domain="a.test", path="/")
    session.get(f"{A}/set")
    return session.get(f"{A}/")


@case("S11 S39")
def a_simple_cookie_in_a_jar(requests, session, at):
    morsels = http.cookies.SimpleCookie("c=1; d=2")
    morsels["d"]["path"] = "/x"
    session.cookies.update(morsels)
    return [session.get(f"{A}/"), session.get(f"{A}/x/"), session.cookies.pop("c")]


@case(
    "S11",
    raises="builtins.AttributeError",
    compat="cookies-from-morsels",
    session="cookies-from-morsels",
)
def a_simple_cookie_of_a_request(requests, session, at):
    return session.get(f"{A}/", cookies=http.cookies.SimpleCookie("c=1; d=2"))


@case(
    "S51",
    native=False,
    replies={
        f"{A}/1": to("/2", 302, ("Set-Cookie", "a=1")),
        f"{A}/2": to("/3", 302, ("Set-Cookie", "b=2"), ("Set-Cookie", "a=; Max-Age=0")),
        f"{A}/3": to("/4", 302, ("Set-Cookie", "x=; Max-Age=0; Path=/")),
    },
)
def cookies_taken_back_on_the_way(requests, session, at):
    response = session.get(f"{A}/1", cookies={"x": "y"})
    return session.cookies.get_dict(), [each.cookies.get_dict() for each in response.history]
