"""Errors as programs meet them: who catches them, what they say, and what ``args`` hold."""

import gzip
import re

from tests.differential.model import A_TLS, PROXY, A, Reply, add, call, ok, to

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n"
HELD = Reply(b"", "hold")
BUSY = 0.6  # Seconds within which the beginning of a response comes from a machine that is busy.
PATIENT = 20  # Seconds that do not pass.
PLACES = re.compile(r" at 0x[0-9a-f]+| \(_ssl\.c:\d+\)")
CALLED = re.compile(r"Connect call failed \('127\.0\.0\.1', \d+\)")  # As asyncio says it.


def tree(error):
    """The classes of an error's arguments, and of theirs."""
    return [
        [type(each).__name__, tree(each)] for each in error.args if isinstance(each, BaseException)
    ]


def telling(ask, up_to=None):
    """A program that shows an error and the causes in it, or only its text up to a word."""

    def act(requests, session, at):
        error = at.caught(lambda: ask(session, at))
        (first, *_) = error.args
        reason = getattr(first, "reason", None)
        said = CALLED.sub("Connection refused", PLACES.sub("", str(error)))
        if up_to is not None:
            return [up_to in said, said.partition(up_to)[0].lstrip("('\"")]
        return [said, tree(error), type(reason).__name__]

    return act


def getting(url=f"{A}/a?q=1", **arguments):
    """Ask for a URL."""

    def ask(session, at):
        made = {name: at.ca if value == "{ca}" else value for name, value in arguments.items()}
        return session.get(url, **made)

    return ask


def failing(title, error, ask, replies=None, *, up_to=None, alike=False, **options):
    """Two cases of one failure: what catches it, and what it says."""

    def act(requests, session, at):
        return ask(session, at)

    told = {} if alike else {"session": "errors-in-own-words"}
    add(f"error: {title}", "Q28 S27", act, replies=replies or {}, raises=error, **options)
    add(f"told: {title}", "Q28 S27", telling(ask, up_to), replies=replies or {}, **told)


def answered(data, then="close"):
    """Answer the usual request."""
    return {f"{A}/a": Reply(data, then)}


ROUTE = {"http": PROXY, "https": PROXY}
CONNECT = f"CONNECT {PROXY}/a.test:443"

# --- no answer ----------------------------------------------------------------------------------

for title, url in (
    ("refused", "http://refused.test/a?q=1#f"),
    ("refused, with a port", "http://refused.test:8080/"),
    ("refused, with a user", "http://user:pass@refused.test/a"),
    ("refused, by https", "https://refused.test/a"),
    ("no such host", "http://nowhere.invalid/a"),
    ("no such host, by https", "https://nowhere.invalid/"),
):
    failing(title, "ConnectionError", getting(url))
failing(
    "refused, where a redirect leads",
    "ConnectionError",
    getting(),
    {f"{A}/a": to("http://refused.test/b?c")},
)
for title, data, then in (
    ("closed", b"", "close"),
    ("reset", b"", "reset"),
):
    failing(title, "ConnectionError", getting(), answered(data, then))
for title, up_to, data in (
    ("no HTTP", "BadStatusLine", b"SSH-2.0-nonsense\r\n\r\n"),
    ("a status that is none", "BadStatusLine", b"HTTP/1.1 abc OK\r\n\r\n"),
    ("half a status line", "(", b"HTTP/1.1 20"),
    ("a line without an end", "aborted", OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n"),
    ("too many lines", "HTTPException", OK + b"X: 1\r\n" * 300 + b"\r\n"),
):
    failing(title, "ConnectionError", getting(), answered(data), up_to=up_to)
failing(
    "two lengths",
    "InvalidHeader",
    getting(),
    answered(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    up_to="values (",
)
for title, line in (
    ("after a length", b"Content-Length: 5\r\n"),
    ("within a line after a length", b"Content-Length: 5\r\nX"),
    ("after a coding", b"Transfer-Encoding: chunked\r\n"),
):
    failing(f"a head that ends {title}", "ChunkedEncodingError", getting(), answered(OK + line))

# --- time ---------------------------------------------------------------------------------------

for title, timeout in (("seconds", 0.2), ("a pair", (5, 0.05))):
    failing(f"no answer in {title}", "ReadTimeout", getting(timeout=timeout), answered(b"", "hold"))
failing(
    "silence within a head",
    "ReadTimeout",
    getting(timeout=0.2),
    answered(OK, "hold"),
)
failing(
    "silence within content",
    "ConnectionError",
    getting(timeout=BUSY),
    answered(OK + b"Content-Length: 9\r\n\r\nabcd", "hold"),
)
failing(
    "silence within a chunk",
    "ConnectionError",
    getting(timeout=BUSY),
    answered(CHUNKED + b"9\r\nabcd", "hold"),
)

# --- content ------------------------------------------------------------------------------------

WHOLE = gzip.compress(b"content")
CONTENT = {
    "short content": (OK + b"Content-Length: 9\r\n\r\nabcd", "ChunkedEncodingError"),
    "no content": (OK + b"Content-Length: 9\r\n\r\n", "ChunkedEncodingError"),
    "a short chunk": (CHUNKED + b"9\r\nabcd", "ChunkedEncodingError"),
    "no chunk": (CHUNKED, "ChunkedEncodingError"),
    "no last chunk": (CHUNKED + b"4\r\nabcd\r\n", "ChunkedEncodingError"),
    "no gzip": (GZIP + b"Content-Length: 7\r\n\r\nno gzip", "ContentDecodingError"),
    "no gzip in chunks": (
        GZIP + b"Transfer-Encoding: chunked\r\n\r\n7\r\nno gzip\r\n0\r\n\r\n",
        "ContentDecodingError",
    ),
    "no deflate": (
        OK + b"Content-Encoding: deflate\r\nContent-Length: 7\r\n\r\nno gzip",
        "ContentDecodingError",
    ),
    "short gzip": (
        GZIP + b"Content-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE[:12],
        "ChunkedEncodingError",
    ),
}
for title, (data, error) in CONTENT.items():
    failing(title, error, getting(), answered(data))
failing(
    "a chunk of no size",
    "ChunkedEncodingError",
    getting(),
    answered(CHUNKED + b"4\r\nabcd\r\nzz\r\n"),
    up_to="broken",
)


def reading(how, known, timeout=PATIENT):
    """A program that reads a stream, and says which of these classes catches its error."""

    def act(requests, session, at):
        import urllib3.exceptions

        response = session.get(f"{A}/a", stream=True, timeout=timeout)

        def read():
            if how == "raw.stream":
                list(response.raw.stream(3, decode_content=True))
            elif how == "lines":
                list(response.iter_lines())
            else:
                list(response.iter_content(3))

        error = at.caught(read)
        response.close()
        if how.startswith("raw"):
            return [isinstance(error, getattr(urllib3.exceptions, name)) for name in known]
        return [isinstance(error, getattr(requests.exceptions, name)) for name in known] + [
            isinstance(error, urllib3.exceptions.HTTPError) or "ChunkedEncodingError" in known
        ]

    return act


for title, (data, error) in CONTENT.items():
    theirs = "ProtocolError" if error == "ChunkedEncodingError" else "DecodeError"
    for how in ("raw.stream", "lines", "content"):
        known = (theirs, "HTTPError") if how.startswith("raw") else (error, "RequestException")
        no_one_else = how.startswith("raw") or error == "ContentDecodingError"
        add(
            f"caught: {title}, by {how}",
            "Q28 S6",
            reading(how, known),
            replies=answered(data),
            **({"session": "no-errors-of-urllib3"} if no_one_else else {}),
        )
add(
    "caught: silence, by raw.stream",
    "Q28 S6",
    reading("raw.stream", ("ReadTimeoutError", "TimeoutError", "HTTPError"), BUSY),
    replies=answered(OK + b"Content-Length: 9\r\n\r\nabcd", "hold"),
    session="no-errors-of-urllib3",
)

# --- TLS ----------------------------------------------------------------------------------------

failing("an authority that is not trusted", "SSLError", getting(f"{A_TLS}/a?q=1"))
failing("TLS where there is none", "SSLError", getting("https://a.test:8080/", verify="{ca}"))
for title, data, error in (
    ("closed, by https", b"", "ConnectionError"),
    ("short content by https", OK + b"Content-Length: 9\r\n\r\nabcd", "ChunkedEncodingError"),
    ("a short chunk by https", CHUNKED + b"9\r\nabcd", "ChunkedEncodingError"),
):
    failing(
        title,
        error,
        getting(f"{A_TLS}/a", verify="{ca}"),
        {f"{A_TLS}/a": Reply(data, "close")},
    )
failing(
    "no answer, by https",
    "ReadTimeout",
    getting(f"{A_TLS}/a", verify="{ca}", timeout=BUSY),
    {f"{A_TLS}/a": HELD},
)

# --- proxies ------------------------------------------------------------------------------------

for scheme in ("http", "https"):
    for title, proxy in (
        ("refused", "http://refused.test:3128"),
        ("without an address", "http://nowhere.invalid:3128"),
    ):
        failing(
            f"a proxy {title}, for {scheme}",
            "ProxyError",
            getting(f"{scheme}://a.test/a?q=1", proxies={scheme: proxy}),
        )
for title, data, then in (
    ("closes", b"", "close"),
    ("resets", b"", "reset"),
):
    failing(
        f"a proxy that {title}",
        "ProxyError",
        getting(proxies=ROUTE),
        answered(data, then),
        session="proxies-that-were-reached",
    )
failing(
    "a proxy that is silent",
    "ReadTimeout",
    getting(proxies=ROUTE, timeout=0.1),
    answered(b"", "hold"),
)
for status in (b"403 Forbidden", b"407 Proxy Authentication Required", b"502 Bad Gateway"):
    failing(
        f"a tunnel that is answered {status.decode()}",
        "ProxyError",
        getting(f"{A_TLS}/a", proxies=ROUTE, verify="{ca}"),
        {CONNECT: Reply(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n", "close")},
    )
for title, data, then, error, up_to in (
    ("closes", b"", "close", "ConnectionError", None),
    ("resets", b"", "reset", "ConnectionError", None),
    ("is silent", b"", "hold", "ReadTimeout", None),
    ("speaks no HTTP", b"SSH-2.0\r\n\r\n", "close", "ConnectionError", "BadStatusLine"),
):
    options = {"session": "tunnels-are-connected-to"} if then == "hold" else {}
    timeout = 0.2 if then == "hold" else PATIENT
    failing(
        f"a proxy that {title} when it is asked for a tunnel",
        error,
        getting(f"{A_TLS}/a", proxies=ROUTE, verify="{ca}", timeout=timeout),
        {CONNECT: Reply(data, then)},
        up_to=up_to,
        **options,
    )

# --- responses, and arguments that can be none ---------------------------------------------------

for status in (400, 404, 418, 500, 503):
    failing(
        f"raise_for_status of {status}",
        "HTTPError",
        lambda session, at: session.get(f"{A}/a?q=1").raise_for_status(),
        {f"{A}/a": ok(b"no", status=status)},
    )
failing(
    "a redirect to another scheme",
    "InvalidSchema",
    getting(),
    {f"{A}/a": to("ftp://a.test/b")},
    session="Q21-http-only",
)
failing("too many redirects", "TooManyRedirects", getting(), {f"{A}/a": to("/a")}, alike=True)
for title, url, error in (
    ("no scheme", "a.test/a", "MissingSchema"),
    ("a scheme that nobody speaks", "foo://a.test/", "InvalidSchema"),
    ("no host", "http://", "InvalidURL"),
    ("no host but a port", "http://:80/", "InvalidURL"),
    ("a port that is none", "http://a.test:x/", "InvalidURL"),
    ("a host that begins with a star", "http://*.a.test/", "InvalidURL"),
):
    call(f"error: {title}", "Q28 S27", "GET", url, raises=error)
for title, headers in {
    "a line break in a value": {"a": "b\nc"},
    "a line break in a name": {"a\n": "b"},
    "a blank before a value": {"a": " b"},
    "a number as a value": {"a": 5},
}.items():
    call(f"error: {title}", "Q28 S27", "GET", f"{A}/", {"headers": headers}, raises="InvalidHeader")
for title, chunk in {"a number": 5, "a mapping of nothing": {1: 2}}.items():
    call(
        f"error: a chunk of content that is {title}",
        "Q28 S8",
        "POST",
        f"{A}/",
        lambda at, chunk=chunk: {"data": iter([chunk])},
        raises="builtins.TypeError",
        watched=False,
    )
