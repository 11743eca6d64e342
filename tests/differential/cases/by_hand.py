"""The steps of a request, done by hand: preparing, sending, resolving redirects."""

from tests.differential.model import PROXY, PROXY2, A, B, add, case, ok, to

CHAIN = {f"{A}/1": to("/2"), f"{A}/2": to("/3"), f"{B}/1": to(f"{A}/3")}


@case("S26 S27")
def prepare_and_send(requests, session, at):
    session.headers["X-Session"] = "1"
    session.params = {"s": "1"}
    session.auth = ("user", "pass")
    session.cookies.set("c", "1")
    request = requests.Request(
        "post", f"{A}/", data={"a": "1"}, params={"p": "2"}, headers={"X-R": "2"}
    )
    prepared = session.prepare_request(request)
    return [prepared, session.send(prepared)]


@case(
    "S26 S27",
    transport=True,
    session="no-fields-of-its-own",
)
def a_bare_request_is_sent_as_it_is(requests, session, at):
    session.headers["X-Session"] = "1"
    session.auth = ("user", "pass")
    session.cookies.set("c", "1")
    return session.send(requests.Request("GET", f"{A}/").prepare())


@case("S26")
def a_prepared_request_by_its_steps(requests, session, at):
    prepared = requests.PreparedRequest()
    prepared.prepare_method("post")
    prepared.prepare_url(f"{A}/x", {"a": "1"})
    prepared.prepare_headers({"X-One": "1"})
    prepared.prepare_cookies({"c": "1"})
    prepared.prepare_body({"b": "2"}, None)
    prepared.prepare_auth(("user", "pass"))
    prepared.prepare_hooks({})
    return [prepared, session.send(prepared)]


@case("S26")
def a_prepared_request_at_once(requests, session, at):
    prepared = requests.PreparedRequest()
    prepared.prepare(
        method="PUT", url=f"{A}/", data=b"x", headers={}, hooks=None, auth=("user", "pass")
    )
    return session.send(prepared)


@case("S26")
def a_copy_is_another_request(requests, session, at):
    prepared = session.prepare_request(
        requests.Request("POST", f"{A}/1", data=b"x", cookies={"c": "1"})
    )
    copied = prepared.copy()
    copied.url = f"{A}/2"
    copied.headers["X-Copy"] = "1"
    return [prepared, copied, session.send(copied)]


@case("S26")
def a_request_has_a_repr(requests, session, at):
    request = requests.Request("GET", f"{A}/")
    return [repr(request), repr(request.prepare()), repr(session.get(f"{A}/")).replace("Async", "")]


@case("S27", raises="builtins.ValueError")
def a_request_that_was_not_prepared(requests, session, at):
    return session.send(requests.Request("GET", f"{A}/"))


@case("S27", replies=CHAIN)
def send_follows_redirects(requests, session, at):
    return session.send(session.prepare_request(requests.Request("GET", f"{A}/1")))


@case("S27", replies=CHAIN)
def send_without_redirects(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/1"))
    return session.send(prepared, allow_redirects=False)


@case("S27 S6")
def send_with_the_sessions_stream(requests, session, at):
    session.stream = True
    response = session.send(session.prepare_request(requests.Request("GET", f"{A}/")))
    return [response._content is False, response]


@case("S27 S11", replies={f"{A}/": ok(b"", ("Set-Cookie", "c=1"))})
def send_keeps_cookies(requests, session, at):
    session.send(requests.Request("GET", f"{A}/").prepare())
    return session.cookies


@case("S27 S43 S10", env={"http_proxy": PROXY})
def send_takes_the_proxy_of_the_environment(requests, session, at):
    return session.send(requests.Request("GET", f"{A}/").prepare())


@case("S27 S43 S10", env={"http_proxy": PROXY})
def send_takes_the_proxy_of_the_session_first(requests, session, at):
    session.proxies = {"http": PROXY2}
    return session.send(requests.Request("GET", f"{A}/").prepare())


@case("S27 S45 S7", env={"REQUESTS_CA_BUNDLE": "{ca}"}, raises="SSLError")
def send_does_not_read_the_authorities_of_the_environment(requests, session, at):
    return session.send(requests.Request("GET", "https://a.test/").prepare())


@case("S26 S25")
def a_prepared_method_of_octets(requests, session, at):
    return requests.Request("get", f"{A}/").prepare().method


@case("S26", raises="MissingSchema")
def a_request_without_anything(requests, session, at):
    return requests.Request().prepare()


# merge_environment_settings


@case(
    "S30 S10",
    env={"http_proxy": PROXY, "no_proxy": "b.test", "REQUESTS_CA_BUNDLE": "{ca}"},
    session="Q4-exceptions-apart",
)
def merging_the_environment(requests, session, at):
    merge = session.merge_environment_settings
    return [
        dict(
            merge(f"{A}/", {}, None, None, None),
            proxies=dict(merge(f"{A}/", {}, None, None, None)["proxies"]),
        ),
        dict(merge(f"{B}/", {}, None, None, None)["proxies"]),
        dict(merge(f"{A}/", {"http": PROXY2}, True, False, "cert.pem")["proxies"]),
        merge(f"{A}/", {}, True, False, "cert.pem")["cert"],
        merge(f"{A}/", {}, None, False, None)["verify"],
        merge(f"{A}/", {}, None, "mine.pem", None)["verify"],
        merge(f"{A}/", {}, True, None, None)["stream"],
    ]


@case("S30 S10", env={"http_proxy": PROXY, "REQUESTS_CA_BUNDLE": "{ca}"})
def merging_without_the_environment(requests, session, at):
    session.trust_env = False
    merged = session.merge_environment_settings(f"{A}/", {}, None, None, None)
    return [dict(merged["proxies"]), merged["stream"], merged["verify"], merged["cert"]]


@case("S30", env={"CURL_CA_BUNDLE": "{ca}"})
def merging_the_authorities_of_curl(requests, session, at):
    return session.merge_environment_settings(f"{A}/", {}, None, True, None)["verify"]


@case("S30")
def merging_with_what_the_session_has(requests, session, at):
    session.verify, session.cert, session.stream = "mine.pem", ("a.pem", "b.pem"), True
    session.proxies = {"http": PROXY}
    merged = session.merge_environment_settings(f"{A}/", {"https": PROXY2}, None, None, None)
    return [dict(merged["proxies"]), merged["stream"], merged["verify"], merged["cert"]]


@case("S30 S27", env={"REQUESTS_CA_BUNDLE": "{ca}"})
def merged_settings_are_for_send(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", "https://a.test/"))
    settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
    return session.send(prepared, **settings)


# resolve_redirects


@case("S36", replies=CHAIN, session="history-of-each-hop")
def redirects_resolved_by_hand(requests, session, at):
    first = session.get(f"{A}/1", allow_redirects=False)
    hops = list(session.resolve_redirects(first, first.request))
    return [[hop.status_code, hop.url, [each.url for each in hop.history]] for hop in hops]


@case("S36", replies=CHAIN)
def requests_of_redirects_resolved_by_hand(requests, session, at):
    first = session.post(f"{B}/1", data=b"x", auth=("user", "pass"), allow_redirects=False)
    return [
        next(session.resolve_redirects(first, first.request, yield_requests=True)),
        len(at.seen),
    ]


@case("S36", replies=CHAIN)
def redirects_resolved_one_by_one(requests, session, at):
    first = session.get(f"{A}/1", allow_redirects=False)
    hops = session.resolve_redirects(first, first.request)
    return [next(hops).url, len(at.seen), next(hops).url, len(at.seen)]


@case("S36")
def redirects_of_a_response_that_is_none(requests, session, at):
    first = session.get(f"{A}/", allow_redirects=False)
    return list(session.resolve_redirects(first, first.request))


@case("S36 S6", replies=CHAIN)
def redirects_resolved_and_streamed(requests, session, at):
    first = session.get(f"{A}/1", allow_redirects=False, stream=True)
    *_, last = session.resolve_redirects(first, first.request, stream=True)
    return [last._content is False, last.content]


@case("S36 S51", replies={f"{A}/loop": to("/loop")}, raises="TooManyRedirects")
def redirects_resolved_without_an_end(requests, session, at):
    session.max_redirects = 3
    first = session.send(requests.Request("GET", f"{A}/loop").prepare(), allow_redirects=False)
    return list(session.resolve_redirects(first, first.request))


# the rebuilding methods


@case("S34")
def rebuild_method_by_hand(requests, session, at):
    found = {}
    for status in (301, 302, 303, 307, 308):
        for method in ("GET", "HEAD", "POST"):
            prepared = requests.Request(method, f"{A}/").prepare()
            session.rebuild_method(prepared, at.response(status))
            found[f"{status} {method}"] = prepared.method
    return found


@case("S33")
def rebuild_auth_by_hand(requests, session, at):
    def after(url):
        before = requests.Request("GET", f"{A}/", auth=("user", "pass")).prepare()
        prepared = before.copy()
        prepared.url = url
        session.rebuild_auth(prepared, at.response(302, request=before, url=before.url))
        return "Authorization" in prepared.headers

    return [
        after(f"{A}/x"),
        after(f"{B}/x"),
        after("https://a.test/x"),
        after("http://a.test:8080/"),
    ]


@case("S35", env={"http_proxy": PROXY, "no_proxy": "b.test"})
def rebuild_proxies_by_hand(requests, session, at):
    def after(url, proxies):
        prepared = requests.Request(
            "GET", url, headers={"Proxy-Authorization": "Basic eA=="}
        ).prepare()
        return dict(session.rebuild_proxies(prepared, proxies)), prepared.headers.get(
            "Proxy-Authorization"
        )

    return [
        after(f"{A}/", {}),
        after(f"{B}/", {}),
        after(f"{A}/", None),
        after(f"{A}/", {"http": "http://user:pass@proxy2.test:3128"}),
        after("https://a.test/", {"https": "http://user:pass@proxy2.test:3128"}),
    ]


add(
    "send: twice the same",
    "S27",
    lambda requests, session, at: [
        session.send(prepared).content
        for prepared in [requests.Request("GET", f"{A}/").prepare()] * 2
    ],
)
