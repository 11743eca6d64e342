"""Mounted adapters: which is chosen, what it is given, and what it may return."""

from typing import ClassVar

from tests.differential.model import A, B, add, case, to


def answering(at, text, given=None):
    """Make an adapter that answers by itself."""

    def send(request, **settings):
        if given is not None:
            given.append(settings)
        return at.response(200, text, url=request.url, request=request, reason="OK")

    return at.adapter(send)


for title, prefixes, url in (
    ("the longest prefix", ("http://", "http://a.test/", "http://a.test/x/"), f"{A}/x/y"),
    ("a shorter prefix", ("http://a.test/x/", "http://a.test/"), f"{A}/y"),
    ("upper case in the prefix", ("HTTP://A.TEST/",), f"{A}/"),
    ("upper case in the URL", ("http://a.test/",), "HTTP://A.TEST/"),
    ("another host", ("http://b.test/",), f"{A}/"),
    ("another scheme", ("mine://",), "mine://host/x"),
    ("of equal length, the first", ("http://a.test/a", "http://a.test/b"), f"{A}/a"),
    ("all URLs", ("",), f"{A}/"),
    ("with a query", ("http://a.test/?x=1",), f"{A}/?x=1&y=2"),
    ("no slash at the end", ("http://a.test",), f"{A}.evil.test/"),
):

    def act(requests, session, at, prefixes=prefixes, url=url):
        for prefix in prefixes:
            session.mount(prefix, answering(at, prefix.encode()))
        return session.get(url).content

    add(f"mount: {title}", "S28 S29" + (" Q20" if "slash" in title else ""), act)


@case("S12 S29")
def the_order_of_mounts(requests, session, at):
    first = list(session.adapters)
    for prefix in ("http://a.test/", "http://", "http://b.test/", "http://a.test/longer/"):
        session.mount(prefix, answering(at, b""))
    return [first, list(session.adapters)]


@case("S29")
def a_mount_is_replaced(requests, session, at):
    session.mount("http://a.test/", answering(at, b"one"))
    session.mount("http://a.test/", answering(at, b"two"))
    return [session.get(f"{A}/").content, len(session.adapters)]


@case("S28", raises="InvalidSchema")
def no_adapter(requests, session, at):
    session.adapters.clear()
    return session.get(f"{A}/")


@case("S28")
def get_adapter_by_hand(requests, session, at):
    own = answering(at, b"")
    session.mount("http://a.test/", own)
    return [
        session.get_adapter(f"{A}/x") is own,
        session.get_adapter(f"{B}/") is own,
        at.name_of(lambda: session.get_adapter("ftp://a.test/")),
        at.name_of(lambda: session.get_adapter("a.test")),
    ]


@case("S12 S25")
def an_adapter_gets_the_settings(requests, session, at):
    given = []
    session.mount("http://a.test/", answering(at, b"", given))
    session.get(
        f"{A}/",
        timeout=(1, 2),
        verify="mine.pem",
        cert="cert.pem",
        proxies={"http": "http://p.test"},
        stream=True,
    )
    return {**given[0], "proxies": dict(given[0]["proxies"])}


@case("S12 S25 Q29", session="Q29-default-timeouts")
def an_adapter_gets_no_timeout(requests, session, at):
    given = []
    session.mount("http://a.test/", answering(at, b"", given))
    session.get(f"{A}/")
    return {**given[0], "proxies": dict(given[0]["proxies"])}


@case("S12 S36")
def an_adapter_that_redirects(requests, session, at):
    def send(request, **settings):
        response = at.response(302, b"", url=request.url, request=request)
        response.headers["Location"] = f"{B}/next"
        response.raw = Raw()
        return response

    session.mount("http://a.test/", at.adapter(send))
    return session.get(f"{A}/").content


class Raw:
    """A raw response without cookies."""

    _original_response = None
    headers: ClassVar[dict[str, str]] = {}

    def read(self, *args, **kwargs):
        return b""

    def release_conn(self):
        pass

    def close(self):
        pass


@case("S12", replies={f"{B}/": to(f"{A}/mine")})
def a_redirect_to_a_mounted_adapter(requests, session, at):
    session.mount("http://a.test/", answering(at, b"mine"))
    return session.get(f"{B}/").content


@case("S12", raises="ConnectionError")
def an_adapter_that_fails(requests, session, at):
    def send(request, **settings):
        raise requests.exceptions.ConnectionError("mine", request=request)

    session.mount("http://a.test/", at.adapter(send))
    return session.get(f"{A}/")


@case("S17 S14")
def closing_closes_adapters(requests, session, at):
    closed = []
    for name in ("one", "two"):
        session.mount(f"http://{name}/", at.adapter(None, lambda name=name: closed.append(name)))
    session.close()
    return sorted(closed)


@case("S17")
def an_adapter_mounted_twice_is_closed_twice(requests, session, at):
    closed = []
    own = at.adapter(None, lambda: closed.append(1))
    session.mount("http://one/", own)
    session.mount("http://two/", own)
    session.close()
    return len(closed)


@case("S12")
def a_fresh_http_adapter_is_mounted(requests, session, at):
    session.mount("http://", requests.adapters.HTTPAdapter())
    return session.get(f"{A}/")


@case("S12", session="native-adapter")
def an_http_adapter_with_numbers(requests, session, at):
    session.mount(
        "http://",
        requests.adapters.HTTPAdapter(
            pool_connections=1, pool_maxsize=2, max_retries=3, pool_block=True
        ),
    )
    return session.get(f"{A}/")


@case("S12", session="native-adapter")
def an_http_adapter_subclass_adds_a_field(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def add_headers(self, request, **kwargs):
            request.headers["X-Adapter"] = "1"

    session.mount("http://", Own())
    return session.get(f"{A}/")


@case("S12")
def an_http_adapter_subclass_that_sends(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def send(self, request, *args, **kwargs):
            request.headers["X-Adapter"] = "1"
            return super().send(request, *args, **kwargs)

    session.mount("http://", Own())
    return session.get(f"{A}/")


class Wrapped:
    """A request that a transport of somebody's tells more about."""

    query = "told"

    def __init__(self, request):
        self.request = request

    def __getattr__(self, name):
        return getattr(self.request, name)


def wrapping(at, location=None):
    """Make an adapter whose response names a wrapped request."""

    def send(request, **settings):
        status = 302 if location and request.url == f"{A}/" else 200
        response = at.response(status, b"", url=request.url, request=Wrapped(request), reason="OK")
        if status == 302:
            response.headers["Location"] = location
        response.raw = Raw()
        return response

    return at.adapter(send)


@case("S12 S15")
def the_request_that_an_adapter_names(requests, session, at):
    session.mount("http://a.test/", wrapping(at))
    return session.get(f"{A}/").request.query


@case("S12 S15")
def the_request_that_an_adapter_names_with_a_hook(requests, session, at):
    session.mount("http://a.test/", wrapping(at))
    seen = []
    session.get(
        f"{A}/", hooks={"response": lambda r, *args, **kwargs: seen.append(r.request.query)}
    )
    return seen


@case("S12 S15 S36")
def a_redirect_of_a_request_that_an_adapter_names(requests, session, at):
    session.mount("http://a.test/", wrapping(at, "/next"))
    response = session.get(f"{A}/", headers={"X-Mine": "1"})
    return [
        response.url,
        response.request.query,
        response.request.headers["X-Mine"],
        [each.request.query for each in response.history],
    ]


@case("S12 S15")
def an_adapter_that_sends_a_copy(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def send(self, request, *args, **kwargs):
            signed = request.copy()
            signed.headers["X-Signed"] = "1"
            return super().send(signed, *args, **kwargs)

    session.mount("http://", Own())
    response = session.get(f"{A}/")
    return response.request.headers["X-Signed"]


@case("S29")
def fields_of_a_response_that_repeat_a_name(requests, session, at):
    class Repeated(dict):
        def items(self):
            return [("X-A", "1"), ("Set-Cookie", "a=b"), ("X-A", "2"), ("Set-Cookie", "c=d")]

    def send(request, **settings):
        return at.response(200, b"ok", url=request.url, request=request, headers=Repeated())

    session.mount("http://", at.adapter(send))
    lines = list(session.get(f"{A}/").headers.items())
    return [
        ", ".join(value for each, value in lines if each == name) for name in ("X-A", "Set-Cookie")
    ]
