"""URLs and Locations byte for byte: what Requests makes of them, and what it sends."""

from tests.differential.model import A8, A, B, add, call, echo, to

BY_PARTS = "urls-by-their-parts"
ONE_HOST = "one-host-alone"

# --- what is prepared -----------------------------------------------------------------------------

NATIVELY = {
    "an empty query": "empty-query",
    "an empty query and fragment": "empty-query",
    "an empty fragment": "empty-query",
    "lower-case escapes": "escapes-as-given",
    "a broken escape among good ones": BY_PARTS,
    "a broken escape in the query": BY_PARTS,
    "blanks behind": BY_PARTS,
    "a backslash after the host": ONE_HOST,
    "a backslash and a host": ONE_HOST,
    "an at sign in the password": ONE_HOST,
    "two colons and an at sign": ONE_HOST,
    "an escape in the host": ONE_HOST,
    "no port after the colon and user info": BY_PARTS,
    "port zero": ONE_HOST,
    "a number of four parts at most": ONE_HOST,
    "characters of no host": ONE_HOST,
    "dots and an empty segment": BY_PARTS,
    "brackets in params": BY_PARTS,
    "a hash in params": BY_PARTS,
    "a user alone": "user-without-password",
    "user info outside ASCII": "basic-in-utf-8",
    "escaped dots": BY_PARTS,
    "an address and a port": "no-scheme-no-url",
    "a scheme with a sign of equality": "no-scheme-no-url",
}
for title, url in {
    "an empty query": f"{A}/x?",
    "an empty fragment": f"{A}/x#",
    "an empty query and fragment": f"{A}/x?#",
    "lower-case escapes": f"{A}/%2f%c3%a4?sig=a%2bb%3d&x=%2f",
    "escapes of unreserved characters": f"{A}/%7e%41?%2d%5f",
    "a broken escape among good ones": f"{A}/%3F%",
    "a broken escape in the query": f"{A}/%7e?a=%zz&b=%41%2f",
    "blanks before": f" \t{A}/x",
    "blanks behind": f"{A}/x ",
    "a backslash": f"{A}/a\\b?c\\d",
    "a backslash after the host": "http://a.test\\x",
    "a backslash and a host": "http://a.test\\@b.test/x",
    "an at sign in the password": "http://user:p@ss@a.test/x",
    "two colons and an at sign": "http://u:p:q@r@a.test/x",
    "a user alone": "http://user@a.test/x",
    "an empty user": "http://:pass@a.test/x",
    "an at sign alone": "http://@a.test/x",
    "user info outside ASCII": "http://ü:ß@a.test/x",
    "upper case": "HTTP://A.Test/X",
    "a dot at the end of the host": "http://a.test./x",
    "an escape in the host": "http://%61.test/x",
    "no port after the colon": "http://a.test:/x",
    "no port after the colon and user info": "http://u@a.test:?x",
    "a port with zeros": "http://a.test:0080/x",
    "port zero": "http://a.test:0/x",
    "the port of another scheme": "http://a.test:443/x",
    "a number of four parts at most": "http://127.1/x",
    "characters of no host": "http://a!b.test/x",
    "dots and an empty segment": f"{A}/..//x/./y/..",
    "dots in the query": f"{A}/x?/../y",
    "escaped dots": f"{A}/a/%2e%2e/b",
    "a tab and a line break": f"{A}/a\tb\nc",
    "a semicolon at the end": f"{A}/x;?y;#z;",
    "a question mark in the query": f"{A}/x??y",
    "two hashes": f"{A}/x#y#z",
    "an address of IPv6": "http://[2001:DB8::1]/x",
    "a zone": "http://[fe80::1%25en0]/x",
    "a scheme that begins like http": "httpx://A.test/a b?%7e",
    "a path of a socket": "http+unix://%2Frun%2fx/a%7E/../š#f",
    "an address and a port": "10.0.0.1:3128/",
    "a name and a port": "localhost:8080/x",
    "a scheme with a sign of equality": "scheme=foo+bar-BAZ.123://bah",
}.items():
    differs = {"session": NATIVELY[title]} if title in NATIVELY else {}

    def prepare(requests, session, at, url=url):
        prepared = requests.Request("GET", url).prepare()
        return [prepared.url, prepared.path_url, prepared.headers.get("Authorization")]

    add(f"url prepared: {title}", "S25", prepare, **differs)

for title, params in {
    "brackets": "x[]=1&y=[2]",
    "a hash": "x=1#y",
    "lower-case escapes": "x=%2f%7e",
    "octets": b"x=%7e",
}.items():

    def prepare_params(requests, session, at, params=params):
        return requests.Request("GET", f"{A}/x?a=%7e", params=params).prepare().url

    differs = {"session": BY_PARTS} if title in {"brackets", "a hash"} else {}
    add(f"url prepared: params, {title}", "S5", prepare_params, **differs)

# --- what is sent ---------------------------------------------------------------------------------

for title, url, differs in (
    ("lower-case escapes", f"{A}/%2f?sig=a%2bb%3d", {"session": "escapes-as-given"}),
    ("a broken escape", f"{A}/%3F%", {"session": BY_PARTS}),
    ("an empty query", f"{A}/x?#", {"session": "empty-query"}),
    ("a backslash", f"{A}/a\\b", {}),
    ("an at sign in the password", "http://u:p@ss@a.test/x", {"session": ONE_HOST}),
    ("a dot at the end of the host", "http://one.test./x", {"session": "root-stays-in-host"}),
    ("a dot before the port", "http://a.test.:8080/x", {"session": "root-stays-in-host"}),
    ("a character of no host", "http://a!b.test/x", {"compat": ONE_HOST, "session": ONE_HOST}),
    ("two slashes", f"{A}//x", {}),
):
    call(f"url sent: {title}", "S25", "GET", url, **differs)

for title, url, error in (
    ("an address and a port", "10.0.0.1:3128/", "InvalidSchema"),
    ("a scheme with a sign of equality", "scheme=foo+bar-BAZ.123://bah", "InvalidSchema"),
    ("no scheme", "a.test/x", "MissingSchema"),
    ("a label that is none", "*.test/x", "MissingSchema"),
    ("a host that is none", "http://:80/x", "InvalidURL"),
):
    natively = {"session": "no-scheme-no-url"} if error == "InvalidSchema" else {}
    call(f"url refused: {title}", "S28", "GET", url, raises=error, **natively)

    def request_of(requests, session, at, url=url):
        return at.caught(lambda: session.get(url)).request is None

    if error != "InvalidSchema":
        key = {"session": "errors-know-their-request"}
        add(f"url refused: the request of {title}", "S28", request_of, **key)

for title, url, natively in (
    ("dots", f"{A}/a/../b", None),
    ("lower-case escapes", f"{A}/%2f?%2b", "escapes-as-given"),
    ("upper case", "http://A.test/x", None),
    ("an empty query", f"{A}/x?", "urls-as-set"),
    ("no path", A, None),
    ("blanks", f"{A}/a b?c d", "urls-as-set"),
    ("quotes", f'{A}/"a"?<b>', "urls-as-set"),
    ("no scheme", "a.test/x", "no-scheme-no-url"),
    ("one slash", "http:/a.test/x", "no-scheme-no-url"),
):

    def send_set(requests, session, at, url=url):
        prepared = requests.Request("GET", f"{A}/").prepare()
        prepared.url = url
        response = session.send(prepared)
        return [response.url, prepared.url, prepared.path_url]

    raises = "InvalidSchema" if title in {"no scheme", "one slash"} else None
    differs = {"session": natively} if natively else {}
    add(f"url set by hand: {title}", "S26", send_set, raises=raises, **differs)


# --- where a Location leads -----------------------------------------------------------------------

START = "http://user:pass@a.test/dir/page?q=1#part"
STRICTLY = "location-read-strictly"
for title, location, natively in (
    ("three slashes after the scheme", "http:///path", STRICTLY),
    ("the scheme and a path", "http:/path", STRICTLY),
    ("the scheme alone", "http:path", STRICTLY),
    ("a host without a path", "http://b.test", STRICTLY),
    ("a host and a query", "http://b.test?x", STRICTLY),
    ("a host in upper case", "http://B.Test/X", STRICTLY),
    ("lower-case escapes", f"{B}/%2f%7e?%2b", STRICTLY),
    ("a broken escape", f"{B}/%3F%", STRICTLY),
    ("dots after a host", f"{B}/a/../b", STRICTLY),
    ("an empty query", f"{B}/x?", "empty-query"),
    ("an empty query of a path", "/x?", "empty-query"),
    ("an empty fragment", "/x#", "empty-fragment"),
    ("a backslash", "\\x\\y", STRICTLY),
    ("a tab", f"{B}/a\tb", STRICTLY),
    ("an at sign in the password", "http://u:p@ss@b.test/x", STRICTLY),
    ("a user alone", "http://u@b.test/x", "Q22-location-user-info"),
    ("the default port", "http://b.test:80/x", None),
    ("no port after the colon", "http://b.test:/x", STRICTLY),
    ("a dot at the end of the host", "http://b.test./x", "root-stays-in-host"),
    ("a star for a host", "http://*.test/x", STRICTLY),
    ("a host outside ASCII", "http://b\xc3\xbc.test/x", STRICTLY),
    ("brackets", "/[x]?[y]", STRICTLY),
    ("a relative one", "next", "Q22-location-user-info"),
):
    key = "compat" if title in {"a star for a host", "a host outside ASCII"} else "session"
    differs = ({"session": natively} if natively else {}) | (
        {"compat": ONE_HOST} if key == "compat" else {}
    )
    call(
        f"location byte for byte: {title}",
        "S31 S55",
        "GET",
        START,
        replies={f"{A}/dir/page": (to(location), echo)},
        **differs,
    )

add(
    "location byte for byte: as get_redirect_target gives it",
    "S31",
    lambda requests, session, at: session.get_redirect_target(
        session.get(f"{A}/", allow_redirects=False)
    ),
    replies={f"{A}/": to("/caf\xc3\xa9?%2f")},
    session="location-as-received",
)
add(
    "location byte for byte: a proxy is told of it",
    "S31 S3",
    lambda requests, session, at: (
        session.get(f"{A8}/x", proxies={"http": "http://proxy.test:3128"}).url
    ),
    replies={f"{A8}/x": to("http://B.test:80/a/../b?%2f")},
    session=STRICTLY,
)

for given in ("/a", "a", "//b", "a.test/x", "?q"):

    def told(requests, session, at, given=given):
        return str(at.caught(lambda: session.get(given)))

    add(f"url told: {given}", "S8", told, native=False)
