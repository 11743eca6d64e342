"""Location fields in all their forms."""

from typing import ClassVar

from tests.differential.model import A8, A_TLS, A, B, Reply, add, call, case, echo, to


def octets(location):
    """Write a location's octets as the characters of latin-1."""
    return location.decode("latin-1")


START = f"{A}/dir/page?q=1#part"
# A URL has one reading, and a Location is read as a URL of the caller's is.
READ_STRICTLY = {"session": "location-read-strictly"}
OF_ITS_OWN = {"session": "empty-fragment"}
STRICT = (
    *("a bare host", "percent escapes", "upper case"),
    *("semicolons and brackets", "three slashes", "blanks around"),
)
STRIPPED = {"compat": "blanks-around-values"}
DIFFERS = {
    **dict.fromkeys(STRICT, READ_STRICTLY),
    "an empty fragment": OF_ITS_OWN,
    "blanks around": READ_STRICTLY | STRIPPED,
}

for title, location in {
    "absolute": f"{A}/next",
    "a path": "/next",
    "relative": "next",
    "up": "../next",
    "up too far": "../../../next",
    "dots": "/a/./b/../c",
    "a query": "?q=2",
    "another host": f"{B}/next",
    "another host without a scheme": "//b.test/next",
    "another port": f"{A8}/next",
    "a bare host": B,
    "a fragment": "/next#other",
    "an empty fragment": "/next#",
    "blanks": "/a b?c d",
    "UTF-8": octets("/é?ü=ö".encode()),
    "percent escapes": "/%7Euser/%41%2f%e9",
    "a broken escape": "/100%?x=%zz",
    "upper case": "HTTP://A.TEST/Next",
    "the default port": "http://a.test:80/next",
    "https": f"{A_TLS}/next",
    "semicolons and brackets": "/a;b=[c]?d=[e]|{f}",
    "a name with a colon": "/a:b/c:d",
    "two slashes in the path": "/a//b",
    "plus and quotes": "/a+b'c(d)?e+f",
    "three slashes": "///next",
    "blanks around": "  /next  ",
}.items():
    call(
        f"location: {title}",
        "S31 S55 S36",
        "GET",
        START,
        lambda at: {"verify": at.ca},
        replies={f"{A}/dir/page": (to(location), echo)},
        **DIFFERS.get(title, {}),
    )

call("location: empty", "S31", "GET", START, replies={f"{A}/dir/page": to("")})
call(
    "location: only a fragment",
    "S55",
    "GET",
    START,
    {"allow_redirects": True},
    replies={f"{A}/dir/page": (to("#other"), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
)
call(
    "location: two fields",
    "S31",
    "GET",
    START,
    replies={f"{A}/dir/page": to("/one", 302, ("Location", "/two"))},
    compat="first-location",
    session="first-location",
)
call(
    "location: latin-1",
    "Q12",
    "GET",
    START,
    replies={f"{A}/dir/page": to("/caf\xe9")},
    raises="builtins.UnicodeDecodeError",
    compat="Q12-location-octets",
    session="Q12-location-octets",
)
call(
    "location: user info",
    "Q22",
    "GET",
    START,
    replies={f"{A}/dir/page": to("http://user:pass@b.test/next")},
    session="Q22-location-user-info",
)
call(
    "location: user info at the same host",
    "Q22",
    "GET",
    START,
    replies={f"{A}/dir/page": to("http://user:pass@a.test/next")},
    session="Q22-location-user-info",
)
call(
    "location: user info of the URL and a path",
    "Q22",
    "GET",
    "http://user:pass@a.test/dir",
    replies={f"{A}/dir": to("/next")},
    session="Q22-location-user-info",
)
for scheme in (
    "ftp://a.test/x",
    "mailto:user@a.test",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:,x",
):
    call(
        f"location: {scheme.partition(':')[0]}",
        "Q21",
        "GET",
        START,
        replies={f"{A}/dir/page": to(scheme)},
        raises="InvalidSchema",
        session="Q21-http-only",
    )
call(
    "location: a port that is no number",
    "S31",
    "GET",
    START,
    replies={f"{A}/dir/page": to("http://b.test:x/")},
    raises="InvalidURL",
)
call(
    "location: no host",
    "S31",
    "GET",
    START,
    replies={f"{A}/dir/page": (to("http://"), echo)},
    **READ_STRICTLY,
)


@case("Q21", replies={f"{A}/": to("mine://somewhere/x")}, session="Q21-http-only")
def location_of_a_scheme_that_is_mounted(requests, session, at):
    def send(request, **settings):
        return at.response(200, b"mine", url=request.url, request=request, raw=Raw())

    session.mount("mine://", at.adapter(send))
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


for title, chain in {
    "inherited": ("/2", "/3"),
    "replaced": ("/2#second", "/3"),
    "replaced twice": ("/2#second", "/3#third"),
    "inherited by another host": (f"{B}/2", "/3"),
}.items():
    add(
        f"fragment: {title}",
        "S55",
        lambda requests, session, at: session.get(f"{A}/1#first"),
        replies={f"{A}/1": to(chain[0]), f"{A}/2": to(chain[1]), f"{B}/2": to(chain[1])},
    )

add(
    "location: octets of UTF-8 on a response",
    "S31 S50",
    lambda requests, session, at: session.get(f"{A}/", allow_redirects=False).next.url,
    replies={
        f"{A}/": Reply(b"HTTP/1.1 302 Found\r\nLocation: /\xc3\xa9\r\nContent-Length: 0\r\n\r\n")
    },
)
