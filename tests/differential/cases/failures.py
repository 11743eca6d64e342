"""What goes wrong: connections, framing, time; and how timeouts are said."""

from tests.differential.model import A, Reply, add, call, case, ok

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

for title, url, error in (
    ("a refused connection", "http://refused.test/", "ConnectionError"),
    ("a host without an address", "http://nowhere.invalid/", "ConnectionError"),
):
    call(f"failure: {title}", "Q28 S27", "GET", url, raises=error)

for title, reply, error, *reason in (
    ("closed without an answer", Reply(b"", "close"), "ConnectionError"),
    ("reset without an answer", Reply(b"", "reset"), "ConnectionError"),
    ("cut in the head", Reply(HEAD, "close"), "", "whole-heads"),
    ("no HTTP", Reply(b"SSH-2.0-nonsense\r\n\r\n", "close"), "ConnectionError"),
    ("a status that is no number", Reply(b"HTTP/1.1 abc OK\r\n\r\n", "close"), "ConnectionError"),
    (
        "content cut short",
        Reply(HEAD + b"Content-Length: 9\r\n\r\nshort", "close"),
        "ChunkedEncodingError",
    ),
    (
        "chunks cut short",
        Reply(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort", "close"),
        "ChunkedEncodingError",
    ),
    (
        "chunks without an end",
        Reply(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "close"),
        "ChunkedEncodingError",
    ),
    (
        "a chunk of a size that is none",
        Reply(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n", "close"),
        "ChunkedEncodingError",
    ),
    (
        "gzip cut short",
        Reply(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"),
        "",
        "whole-codings",
    ),
    ("no gzip", ok(b"no gzip at all", ("Content-Encoding", "gzip")), "ContentDecodingError"),
):
    call(
        f"failure: {title}",
        "Q28 S27",
        "GET",
        f"{A}/",
        replies={f"{A}/": reply},
        raises=error or None,
        **({"compat": reason[0], "session": reason[0]} if reason else {}),
    )


def streaming(requests, session, at):
    """Read content that breaks off."""
    response = session.get(f"{A}/", stream=True)
    pieces = []
    error = at.name_of(lambda: pieces.extend(response.iter_content(2)))
    return [response.status_code, error]


for title, data in {
    "cut short": HEAD + b"Content-Length: 9\r\n\r\nshort",
    "a bad chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n",
    "no gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip",
}.items():
    add(f"streaming failure: {title}", "Q28 S6", streaming, replies={f"{A}/": Reply(data, "close")})


@case("Q28", replies={f"{A}/": Reply(b"", "close")})
def errors_know_their_request(requests, session, at):
    error = at.caught(lambda: session.get(f"{A}/"))
    return [error, error.request.url, error.request.method, error.response]


@case("Q28")
def errors_of_urls_know_nothing(requests, session, at):
    error = at.caught(lambda: session.get("nonsense"))
    return [error, isinstance(error, ValueError), error.response]


@case("Q28")
def the_tree_of_errors(requests, session, at):
    names = (
        "RequestException",
        "InvalidJSONError",
        "JSONDecodeError",
        "HTTPError",
        "ConnectionError",
        "ProxyError",
        "SSLError",
        "Timeout",
        "ConnectTimeout",
        "ReadTimeout",
        "URLRequired",
        "TooManyRedirects",
        "MissingSchema",
        "InvalidSchema",
        "InvalidURL",
        "InvalidHeader",
        "InvalidProxyURL",
        "ChunkedEncodingError",
        "ContentDecodingError",
        "StreamConsumedError",
        "RetryError",
        "UnrewindableBodyError",
    )
    classes = {name: getattr(requests.exceptions, name) for name in names}
    return {
        name: [other for other, base in classes.items() if issubclass(each, base)]
        + [issubclass(each, ValueError)]
        for name, each in classes.items()
    }


# time

HELD = {f"{A}/": Reply(b"", "hold")}
BUSY = 0.6  # Seconds within which the beginning of a response comes from a machine that is busy.
STALLED = {f"{A}/": Reply(HEAD + b"Content-Length: 9\r\n\r\nshort", "hold")}
call(
    "timeout: no answer",
    "Q29 S25",
    "GET",
    f"{A}/",
    {"timeout": 0.2},
    replies=HELD,
    raises="ReadTimeout",
)
call(
    "timeout: no answer, as a pair",
    "Q29 S25",
    "GET",
    f"{A}/",
    {"timeout": (5, 0.05)},
    replies=HELD,
    raises="ReadTimeout",
)
call(
    "timeout: silence in the content",
    "Q29 Q28",
    "GET",
    f"{A}/",
    {"timeout": BUSY},
    replies=STALLED,
    raises="ConnectionError",
)
call(
    "timeout: silence in the content of a stream",
    "Q29 S6",
    "GET",
    f"{A}/",
    {"timeout": BUSY, "stream": True},
    replies=STALLED,
)
for title, timeout in {
    "seconds": 5,
    "a fraction": 5.5,
    "a pair": (5, 6),
    "none": None,
    "none to connect": (None, 5),
    "none to read": (5, None),
    "none twice": (None, None),
}.items():
    call(f"timeout: {title}", "Q29 S25", "GET", f"{A}/", {"timeout": timeout})
for title, timeout in {
    "zero": 0,
    "below zero": -1,
    "three": (1, 2, 3),
    "one in a tuple": (1,),
    "text": "soon",
    "a boolean": True,
}.items():
    call(
        f"timeout: {title}",
        "Q29 S25",
        "GET",
        f"{A}/",
        {"timeout": timeout},
        raises="builtins.ValueError",
    )


@case("Q29", replies=HELD)
def timeouts_are_timeouts(requests, session, at):
    error = at.caught(lambda: session.get(f"{A}/", timeout=0.2))
    kinds = ("Timeout", "ReadTimeout", "ConnectTimeout", "ConnectionError")
    return [
        error,
        [isinstance(error, getattr(requests.exceptions, kind)) for kind in kinds],
        error.request.url,
    ]


@case("Q29 S27", replies=HELD)
def send_has_no_timeout_of_its_own(requests, session, at):
    prepared = requests.Request("GET", f"{A}/").prepare()
    return at.name_of(lambda: session.send(prepared, timeout=0.2))
