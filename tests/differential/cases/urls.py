"""URLs and the parameters of their queries."""

from tests.differential.model import A8, A, add, call, case

for title, params in {
    "a mapping": {"a": "1", "b": "2"},
    "a list as a value": {"a": ["1", "2"], "b": "3"},
    "a tuple as a value": {"a": ("1", "2")},
    "none as a value": {"a": None, "b": "2"},
    "an empty mapping": {},
    "an empty list as a value": {"a": [], "b": "2"},
    "numbers": {"a": 1, "b": 2.5, "c": True},
    "pairs": [("b", "1"), ("a", "2"), ("b", "3")],
    "pairs with a list": [("a", ["1", "2"])],
    "text": "a=1&b=2 3",
    "text that is encoded": "a=%20&b=c+d",
    "octets": b"a=1&b=2",
    "octets as keys and values": {b"a": b"1"},
    "blanks and signs": {"a b": "c&d=e+f/g?h#i"},
    "outside ASCII": {"é": "ü", "q": "日本"},
    "an empty value": {"a": ""},
    "brackets": {"a[]": ["1", "2"]},
    "percent": {"a": "100%", "b": "%20"},
    "a tilde and stars": {"a": "~*-._"},
}.items():
    call(f"params: {title}", "S5 S18", "GET", f"{A}/path", {"params": params})

call("params: added to a query", "S5", "GET", f"{A}/path?x=1", {"params": {"a": "1"}})
call("params: before a fragment", "S5 S55", "GET", f"{A}/path?x=1#part", {"params": {"a": "1"}})
call("params: text added to a query", "S5", "GET", f"{A}/?x=1", {"params": "y=2"})
call("params: of the wrong kind", "S5", "GET", f"{A}/", {"params": 5}, raises="builtins.TypeError")


def with_params(params):
    """Set parameters of the session first."""

    def before(session):
        session.params = params

    return before


for title, of_session, of_request in (
    ("merged", {"a": "1", "b": "2"}, {"b": "3", "c": "4"}),
    ("the session's alone", {"a": "1"}, None),
    ("none removes the session's", {"a": "1", "b": "2"}, {"a": None}),
    ("pairs of the request drop the session's", {"a": "1"}, [("b", "2")]),
    ("text of the request drops the session's", {"a": "1"}, "b=2"),
    ("pairs of the session", [("a", "1"), ("a", "2")], None),
):
    call(
        f"params: {title}",
        "S5 S37",
        "GET",
        f"{A}/",
        {"params": of_request},
        before=with_params(of_session),
    )

OTHERWISE = {"percent escapes": {"session": "escapes-as-given"}}

for title, url in {
    "no path": A,
    "upper case": "HTTP://A.TEST/Path",
    "the default port": "http://a.test:80/",
    "another port": f"{A8}/x",
    "dot segments": f"{A}/a/b/../c/./d",
    "blanks": f"{A}/a b?c d",
    "outside ASCII": f"{A}/é?ü=ö#ä",
    "percent escapes": f"{A}/%7Euser/%41%2f%e9?%7E=%41",
    "a broken escape": f"{A}/100%?x=%zz",
    "a fragment": f"{A}/x#part",
    "a query without a path": f"{A}?x=1",
    "octets": f"{A}/octets".encode(),
    "blanks before": f"  {A}/x",
    "two slashes": f"{A}//x//y",
    "semicolons": f"{A}/a;b=1;c?d;e",
    "brackets and bars": f"{A}/[a]|{{b}}^?[c]|{{d}}^",
    "quotes": f"{A}/\"'<>?\"'<>",
    "signs that stay": f"{A}/!$&'()*+,;=:@-._~?!$&'()*+,;=:@/?",
    "an international name": "http://bücher.test/",
    "an IPv4 address": "http://127.0.0.1/x",
}.items():
    call(f"url: {title}", "S25 S18", "GET", url, **OTHERWISE.get(title, {}))

call(
    "url: an empty query",
    "S25 S18",
    "GET",
    f"{A}/x?",
    session="empty-query",
)

for title, url, error in (
    ("no scheme", "a.test/x", "MissingSchema"),
    ("nothing", "", "MissingSchema"),
    ("a path", "/x", "MissingSchema"),
    ("no host", "http:///x", "InvalidURL"),
    ("only a scheme", "http://", "InvalidURL"),
    ("another scheme", "ftp://a.test/", "InvalidSchema"),
    ("a scheme nobody knows", "foo://a.test/", "InvalidSchema"),
    ("mailto", "mailto:user@a.test", "InvalidSchema"),
    ("a port that is no number", "http://a.test:x/", "InvalidURL"),
    ("a port too large", "http://a.test:99999/", "InvalidURL"),
    ("a star as a host", "http://*/", "InvalidURL"),
    ("a host that begins with a star", "http://*.test/", "InvalidURL"),
    ("a host that begins with a dot", "http://.test/", "InvalidURL"),
    ("half an IPv6 address", "http://[::1/", "InvalidURL"),
):
    call(f"url: {title}", "S28 S25", "GET", url, raises=error)


call(
    "url: a label too long",
    "S25 Q28",
    "GET",
    f"http://{'x' * 64}.test/",
    raises="urllib3.exceptions.LocationParseError",
    compat="Q28-own-errors",
    session="Q28-own-errors",
)


@case("S25")
def url_of_an_object_with_str(requests, session, at):
    class Place:
        def __str__(self):
            return f"{A}/object"

    return session.get(Place())


@case("S18 S5")
def params_by_position(requests, session, at):
    return session.get(f"{A}/", {"a": "1"})


@case("S5 S26")
def params_of_a_prepared_url(requests, session, at):
    prepared = requests.Request("GET", f"{A}/x?a=1", params={"b": ["2", "3"]}).prepare()
    return [prepared.url, prepared.path_url]


@case("S25")
def path_url_of_a_bare_host(requests, session, at):
    return [
        requests.Request("GET", url).prepare().path_url for url in (A, f"{A}?x=1", f"{A}/#part")
    ]


add(
    "url: of another scheme is prepared as it is",
    "S26",
    lambda requests, session, at: (
        requests.Request("GET", "foo:bar baz", params={"a": "1"}).prepare().url
    ),
)
add(
    "url: none",
    "S26",
    lambda requests, session, at: requests.Request("GET", None).prepare(),
    raises="MissingSchema",
)
