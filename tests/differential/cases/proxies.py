"""Proxies: which is chosen, what it is asked, and what it may say."""

from tests.differential.model import A8, A_TLS, PROXY, PROXY2, WWW, A, B, Reply, call, case, ok, to

WITH_USER = "http://us%40er:pa%20ss@proxy.test:3128"
ENV = {"http_proxy": PROXY}
DENIED = ok(b"no", ("Proxy-Authenticate", 'Basic realm="p"'), status=407)


def of_session(proxies):
    """Set the session's proxies first."""

    def before(session):
        session.proxies = dict(proxies)

    return before


for title, proxies in {
    "by scheme": {"http": PROXY},
    "by host": {"http://a.test": PROXY},
    "host before scheme": {"http": PROXY2, "http://a.test": PROXY},
    "all": {"all": PROXY},
    "scheme before all": {"all": PROXY2, "http": PROXY},
    "all for the host": {"all://a.test": PROXY},
    "all for the host before all": {"all": PROXY2, "all://a.test": PROXY},
    "scheme before all for the host": {"all://a.test": PROXY2, "http": PROXY},
    "of another scheme": {"https": PROXY},
    "of another host": {"http://b.test": PROXY},
    "none": {"http": None},
    "no scheme in the proxy's URL": {"http": "proxy.test:3128"},
    "a path in the proxy's URL": {"http": f"{PROXY}/ignored"},
    "user info": {"http": WITH_USER},
    "no_proxy": {"http": PROXY, "no_proxy": "a.test"},
}.items():
    call(f"proxy: {title}", "S3 S46", "GET", f"{A}/x?y=1#z", {"proxies": proxies})
    call(
        f"proxy: of the session, {title}",
        "S3 S46",
        "GET",
        f"{A}/x?y=1#z",
        before=of_session(proxies),
    )

call("proxy: another port", "S3", "GET", f"{A8}/x", {"proxies": {"http": PROXY}})
call("proxy: with content", "S3", "POST", f"{A}/", {"proxies": {"http": PROXY}, "data": b"content"})
call(
    "proxy: with credentials for the origin",
    "S3",
    "GET",
    f"{A}/",
    {"proxies": {"http": WITH_USER}, "auth": ("user", "pass")},
)
call(
    "proxy: with a Host by hand",
    "S3",
    "GET",
    f"{A}/",
    {"proxies": {"http": PROXY}, "headers": {"Host": "other.test"}},
    ordered=False,
)
call(
    "proxy: that wants credentials",
    "S3",
    "GET",
    f"{A}/",
    {"proxies": {"http": PROXY}},
    replies={f"GET {A}/": DENIED},
)
call(
    "proxy: HTTPProxyAuth",
    "S3 S2",
    "GET",
    f"{A}/",
    {"proxies": {"http": PROXY}, "headers": {"Proxy-Authorization": "Basic eA=="}},
)
call(
    "proxy: no host",
    "S3",
    "GET",
    f"{A}/",
    {"proxies": {"http": "http://"}},
    raises="InvalidProxyURL",
)
call(
    "proxy: that refuses connections",
    "S3 Q28",
    "GET",
    f"{A}/",
    {"proxies": {"http": "http://refused.test:3128"}},
    raises="ProxyError",
)
call(
    "proxy: that has no address",
    "S3 Q28",
    "GET",
    f"{A}/",
    {"proxies": {"http": "http://nowhere.invalid:3128"}},
    raises="ProxyError",
)

# tunnels
call(
    "tunnel: https",
    "S3 S7",
    "GET",
    f"{A_TLS}/x",
    lambda at: {"proxies": {"https": PROXY}, "verify": at.ca},
)
call(
    "tunnel: with user info",
    "S3",
    "GET",
    f"{A_TLS}/x",
    lambda at: {"proxies": {"https": WITH_USER}, "verify": at.ca},
)
call(
    "tunnel: with credentials and fields",
    "S3",
    "POST",
    f"{A_TLS}/x",
    lambda at: {
        "proxies": {"https": WITH_USER},
        "verify": at.ca,
        "data": b"x",
        "auth": ("user", "pass"),
        "headers": {"X-One": "1"},
    },
)
call(
    "tunnel: refused with 407",
    "S3 Q28",
    "GET",
    f"{A_TLS}/",
    lambda at: {"proxies": {"https": PROXY}, "verify": at.ca},
    replies={f"{PROXY}/a.test:443": DENIED},
    raises="ProxyError",
)
call(
    "tunnel: refused with 403",
    "S3 Q28",
    "GET",
    f"{A_TLS}/",
    lambda at: {"proxies": {"https": PROXY}, "verify": at.ca},
    replies={f"{PROXY}/a.test:443": ok(b"no", status=403)},
    raises="ProxyError",
)
call(
    "tunnel: cut",
    "S3 Q28",
    "GET",
    f"{A_TLS}/",
    lambda at: {"proxies": {"https": PROXY}, "verify": at.ca},
    replies={f"{PROXY}/a.test:443": Reply(b"", "close")},
    raises="ConnectionError",
)
call(
    "tunnel: an origin nobody vouches for",
    "S3 S7",
    "GET",
    f"{A_TLS}/",
    {"proxies": {"https": PROXY}},
    raises="SSLError",
)

# the environment
for title, url, env in (
    ("http_proxy", f"{A}/", {"http_proxy": PROXY}),
    ("HTTP_PROXY", f"{A}/", {"HTTP_PROXY": PROXY}),
    ("lower case first", f"{A}/", {"http_proxy": PROXY, "HTTP_PROXY": PROXY2}),
    ("all_proxy", f"{A}/", {"all_proxy": PROXY}),
    ("ALL_PROXY", f"{A}/", {"ALL_PROXY": PROXY}),
    ("scheme before all", f"{A}/", {"http_proxy": PROXY, "all_proxy": PROXY2}),
    ("of another scheme", f"{A}/", {"https_proxy": PROXY}),
    ("no scheme", f"{A}/", {"http_proxy": "proxy.test:3128"}),
    ("user info", f"{A}/", {"http_proxy": WITH_USER}),
    ("in a CGI script", f"{A}/", {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}),
    ("empty", f"{A}/", {"http_proxy": "", "HTTP_PROXY": PROXY}),
    ("no_proxy by name", f"{A}/", {**ENV, "no_proxy": "a.test"}),
    ("NO_PROXY", f"{A}/", {**ENV, "NO_PROXY": "a.test"}),
    ("no_proxy by suffix", f"{WWW}/", {**ENV, "no_proxy": "a.test"}),
    ("no_proxy with a dot", f"{WWW}/", {**ENV, "no_proxy": ".a.test"}),
    ("no_proxy with a dot for the name", f"{A}/", {**ENV, "no_proxy": ".a.test"}),
    ("no_proxy for another", f"{A}/", {**ENV, "no_proxy": "b.test,c.test"}),
    ("no_proxy in a list", f"{A}/", {**ENV, "no_proxy": "b.test, a.test"}),
    ("no_proxy star", f"{A}/", {**ENV, "no_proxy": "*"}),
    ("no_proxy with the port", f"{A8}/", {**ENV, "no_proxy": "a.test:8080"}),
    ("no_proxy with another port", f"{A8}/", {**ENV, "no_proxy": "a.test:80"}),
    ("no_proxy in the middle of a label", "http://ba.test/", {**ENV, "no_proxy": "a.test"}),
    ("no_proxy by address", "http://127.0.0.1/", {**ENV, "no_proxy": "127.0.0.1"}),
    ("no_proxy by network", "http://127.0.0.1/", {**ENV, "no_proxy": "127.0.0.0/8"}),
    ("no_proxy by another network", "http://127.0.0.1/", {**ENV, "no_proxy": "10.0.0.0/8"}),
    ("no_proxy by another case", f"{A}/", {**ENV, "no_proxy": "A.TEST"}),
):
    call(f"environment: {title}", "S42 S44 S10", "GET", url, env=env)

for title, of_request, session_proxies in (
    ("beats the session's proxy", None, {"http": PROXY2}),
    ("is beaten by the request's proxy", {"http": PROXY2}, None),
    ("fills in beside the request's proxy", {"https": PROXY2}, None),
    ("and all", {"all": PROXY2}, None),
):
    call(
        f"environment: {title}",
        "S43 S30 Q4",
        "GET",
        f"{A}/",
        {"proxies": of_request},
        env=ENV,
        before=of_session(session_proxies or {}),
        **(
            {"session": "Q4-session-before-environment"}
            if session_proxies or title == "and all"
            else {}
        ),
    )
call(
    "environment: request, session, and it",
    "S43 Q4",
    "GET",
    f"{A}/",
    {"proxies": {"http": "http://proxy3.test:3128"}},
    env=ENV,
    before=of_session({"http": PROXY2}),
)
call(
    "environment: no_proxy of the request",
    "S44",
    "GET",
    f"{A}/",
    {"proxies": {"no_proxy": "a.test"}},
    env=ENV,
)


@case("S10 S42", env=ENV)
def environment_without_trust(requests, session, at):
    session.trust_env = False
    return session.get(f"{A}/")


@case(
    "Q18 S30",
    env={**ENV, "https_proxy": PROXY2},
    compat="Q18-proxies-copied",
    session="Q18-proxies-copied",
)
def proxies_of_the_caller(requests, session, at):
    proxies = {"ftp": "http://proxy9.test"}
    session.get(f"{A}/", proxies=proxies)
    return proxies


@case(
    "S35 S3",
    replies={f"{A}/": to(f"{B}/")},
    compat="proxy-fields-to-proxies",
    session="proxy-fields-to-proxies",
)
def proxies_on_a_redirect(requests, session, at):
    return session.get(f"{A}/", proxies={"http": WITH_USER, "http://b.test": PROXY2})


@case(
    "S35 S44",
    replies={f"{A}/": to(f"{B}/")},
    env={**ENV, "no_proxy": "b.test"},
    session="no-proxy-on-each-hop",
)
def a_redirect_to_a_host_without_a_proxy(requests, session, at):
    return session.get(f"{A}/")


@case("S35 S44", replies={f"{B}/": to(f"{A}/")}, env={**ENV, "no_proxy": "b.test"})
def a_redirect_to_a_host_with_a_proxy(requests, session, at):
    return session.get(f"{B}/")


@case("S35 S33", replies={f"{A}/": to(f"{A_TLS}/")})
def proxy_credentials_do_not_enter_the_tunnel(requests, session, at):
    return session.get(f"{A}/", proxies={"http": WITH_USER, "https": WITH_USER}, verify=at.ca)


@case("S35", replies={f"{A}/": to(f"{B}/")})
def proxy_credentials_do_not_reach_an_origin(requests, session, at):
    return session.get(f"{A}/", proxies={"http://a.test": WITH_USER})


@case("S3 S11", replies={f"{A}/": ok(b"", ("Set-Cookie", "c=1; Path=/"))})
def cookies_by_a_proxy(requests, session, at):
    session.proxies = {"http": PROXY}
    session.get(f"{A}/")
    return [session.get(f"{A}/x"), session.cookies]
