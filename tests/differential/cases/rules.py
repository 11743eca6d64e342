"""What a rule of the core changes for the drop-in too: inputs that Requests believes."""

import gzip

from tests.differential.model import A, Reply, call, case, ok

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OF_CHUNKS = "chunks-by-their-grammar"

for title, content, differs in (
    ("a size in capitals", b"A\r\n0123456789\r\n0\r\n\r\n", False),
    ("zeros before a size", b"00002\r\nok\r\n0\r\n\r\n", False),
    ("an extension", b'2;a="b"\r\nok\r\n0\r\n\r\n', False),
    ("a line that ends with LF alone", b"2\nok\r\n0\r\n\r\n", True),
    ("a last line that ends with LF alone", b"2\r\nok\r\n0\n\r\n", True),
    ("a blank before the size", b" 2\r\nok\r\n0\r\n\r\n", True),
    ("a sign before the size", b"+2\r\nok\r\n0\r\n\r\n", True),
    ("an underscore in the size", b"0_2\r\nok\r\n0\r\n\r\n", True),
    ("a prefix of the size", b"0x2\r\nok\r\n0\r\n\r\n", True),
):
    call(
        f"chunks: {title}",
        "S7",
        "GET",
        f"{A}/",
        replies={f"{A}/": Reply(CHUNKED + content, "close")},
        **({"compat": OF_CHUNKS, "session": OF_CHUNKS} if differs else {}),
    )

A_HOST = "host-is-a-host"

for title, host, differs in (
    ("another name", "other.test", False),
    ("a port", "other.test:8080", False),
    ("an IPv6 address", "[::1]:80", False),
    ("a path", "a.test/x", True),
    ("a blank", "a b", True),
    ("user info", "user@a.test", True),
    ("two names", "a.test,b.test", True),
):
    call(
        f"host by hand: {title}",
        "S1",
        "GET",
        f"{A}/",
        {"headers": {"Host": host}},
        ordered=False,
        **({"compat": A_HOST, "session": A_HOST} if differs else {}),
    )

NO_CONTROLS = "cookies-without-controls"

for title, cookies, differs in (
    ("a control character in one of two", ("a=\x01", "b=2"), True),
    ("a tab", ("a=\tb",), False),
):
    call(
        f"cookie: {title}",
        "S12",
        "GET",
        f"{A}/",
        replies={f"{A}/": ok(b"ok", *(("Set-Cookie", each) for each in cookies))},
        **({"compat": NO_CONTROLS, "session": NO_CONTROLS} if differs else {}),
    )


@case("Q14 S4", compat="Q14-one-framing", session="Q14-one-framing")
def two_framings_set_by_hand(requests, session, at):
    prepared = session.prepare_request(requests.Request("POST", f"{A}/", data=b"content"))
    prepared.headers["Transfer-Encoding"] = "chunked"
    return session.send(prepared)


@case("Q28 S1", raises="builtins.ValueError")
def a_field_that_cannot_be_sent_set_by_hand(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    prepared.headers["X-One"] = "a\nb"
    return session.send(prepared)


@case(
    "Q16 S4",
    watched=False,
    raises="ReadTimeout",
    compat="content-as-declared",
    session="content-as-declared",
)
def content_shorter_than_it_says(requests, session, at):
    headers = {"Content-Length": "10"}
    return session.post(f"{A}/", data=iter([b"short"]), headers=headers, timeout=0.5)


@case(
    "Q16 S4",
    watched=False,
    raises="ReadTimeout",
    compat="content-as-declared",
    session="content-as-declared",
)
def a_file_that_is_shorter_than_it_says(requests, session, at):
    class Lying:
        def __init__(self):
            self._file = at.file(b"0123456789")

        def __len__(self):
            return 20

        def read(self, size=-1):
            return self._file.read(size)

    return session.post(f"{A}/", data=Lying(), timeout=0.5)


@case("S37")
def hooks_that_are_none(requests, session, at):
    session.hooks = None
    return session.get(f"{A}/")


@case(
    "S27",
    replies={f"{A}/": ok(b"first"), f"{A}/lost": (Reply(b"", "close"), ok(b"again"))},
    raises="ConnectionError",
    compat="lost-connections",
    session="lost-connections",
)
def a_kept_connection_that_is_closed(requests, session, at):
    session.get(f"{A}/")
    return session.get(f"{A}/lost")


@case(
    "S27",
    replies={f"{A}/": ok(b"first"), f"{A}/lost": Reply(b"", "close")},
    raises="ConnectionError",
)
def a_kept_connection_that_is_closed_while_a_post_is_sent(requests, session, at):
    session.get(f"{A}/")
    return session.post(f"{A}/lost", data=b"content")


OURS = "Q28-own-errors"

for title, arguments, error, differs in (
    ("cookies as text", {"cookies": "a=1"}, "builtins.TypeError", False),
    ("fields as a number", {"headers": 3}, "builtins.AttributeError", True),
    ("a certificate as a mapping", {"cert": {"a": 1}}, "builtins.TypeError", False),
    ("a timeout as text", {"timeout": "5"}, "builtins.ValueError", False),
    ("proxies as text", {"proxies": "http://p.test"}, "builtins.AttributeError", True),
):
    call(
        f"argument: {title}",
        "Q28",
        "GET",
        f"{A}/",
        arguments,
        raises=error,
        **({"compat": OURS, "session": OURS} if differs else {}),
    )


@case(
    "Q32 S10",
    replies={f"{A}/": ok(gzip.compress(bytes(2**25)), ("Content-Encoding", "gzip"))},
    compat="within-limits",
    session="within-limits",
)
def content_that_grows_a_thousand_times(requests, session, at):
    return len(session.get(f"{A}/").content)
