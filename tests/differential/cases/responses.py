"""What a response tells: content, text, JSON, lines, links, fields."""

import gzip
import zlib

from tests.differential.model import A, Reply, add, bare, call, case, ok

LINES = b"one\ntwo\r\nthree\rfour\n\nsix"


def typed(kind, content):
    """Write a response of a media type."""
    return {f"{A}/": ok(content, ("Content-Type", kind))}


for title, kind, content, *reason in (
    ("a charset", "text/plain; charset=utf-8", "café €".encode()),
    ("a charset in quotes", 'text/plain; charset="utf-8"', "café €".encode()),
    ("latin-1 by name", "text/plain; charset=ISO-8859-1", "caf\xe9".encode("latin-1")),
    ("windows-1252", "text/plain; charset=windows-1252", "€".encode("cp1252")),
    ("an unknown charset", "text/plain; charset=nonsense", b"plain"),
    ("octets that do not fit", "text/plain; charset=utf-8", b"caf\xe9"),
    ("text without a charset", "text/html", b"plain ASCII", "Q26-text-charset"),
    ("text without a charset, outside ASCII", "text/html", "café".encode(), "Q26-text-charset"),
    ("JSON without a charset", "application/json", '{"a": "é"}'.encode(), "Q26-text-charset"),
    ("octets without a charset", "application/octet-stream", b"plain"),
    ("no content", "text/plain; charset=utf-8", b""),
    ("a mark", "text/plain; charset=utf-8", b"\xef\xbb\xbfcaf\xc3\xa9", "mark-is-no-text"),
    ("a mark of UTF-16", "text/plain; charset=utf-16be", b"\xfe\xff\0a", "mark-is-no-text"),
    ("little text", "application/x-unknown", b"/~user", "utf-8-before-guesses"),
):

    def act(requests, session, at):
        response = session.get(f"{A}/")
        return [response.text, response.encoding]

    add(
        f"text: {title}",
        "S18 Q26",
        act,
        replies=typed(kind, content),
        **({"session": reason[0]} if reason else {}),
    )


@case("Q26", replies={f"{A}/": bare("café et thé à la crème, déjà vu".encode())})
def text_without_a_type(requests, session, at):
    response = session.get(f"{A}/")
    return [response.encoding, response.text, response.apparent_encoding]


@case("S18", replies=typed("text/plain", "café".encode("cp1252")))
def text_with_an_encoding_by_hand(requests, session, at):
    response = session.get(f"{A}/")
    response.encoding = "cp1252"
    return [response.text, response.encoding]


for title, content, arguments in (
    ("an object", b'{"a": [1, 2.5, null]}', {}),
    ("UTF-8 with a mark", b'\xef\xbb\xbf{"a": 1}', {}),
    ("UTF-16", '{"a": "é"}'.encode("utf-16"), {}),
    ("UTF-32", '{"a": "é"}'.encode("utf-32-le"), {}),
    ("arguments", b'{"a": 1.5}', {"parse_float": str}),
):
    add(
        f"json: of a response: {title}",
        "S18",
        lambda requests, session, at, arguments=arguments: session.get(f"{A}/").json(**arguments),
        replies=typed("application/x-json", content),
    )
for title, kind, content in (
    ("latin-1 and its name", "application/json; charset=iso-8859-1", b'"\xe9"'),
    ("UTF-8 that is called latin-1", "application/json; charset=iso-8859-1", '"é"'.encode()),
    ("UTF-16 that is called UTF-8", "application/json; charset=utf-8", '"é"'.encode("utf-16")),
    ("a mark, and UTF-8 by name", "application/json; charset=utf-8", b"\xef\xbb\xbf[1]"),
):
    add(
        f"json: of a response: {title}",
        "S18",
        lambda requests, session, at: session.get(f"{A}/").json(),
        replies=typed(kind, content),
        **({} if title == "latin-1 and its name" else {"session": "json-shows-its-charset"}),
        **({"raises": "JSONDecodeError"} if title.endswith(("by name", "called UTF-8")) else {}),
    )
for title, content in (
    ("what is none", b"<html>"),
    ("nothing", b""),
    ("half an object", b'{"a": '),
    ("a mark", b'\xef\xbb\xbf{"a": 1}'),
):
    add(
        f"json: of a response: {title}",
        "S18",
        lambda requests, session, at: session.get(f"{A}/").json(),
        replies=typed("application/json", content),
        raises="JSONDecodeError",
        **({"session": "Q26-text-charset"} if title == "a mark" else {}),
    )


@case("S18", replies=typed("application/json", b"no"))
def json_errors_are_both(requests, session, at):
    import json

    error = at.caught(lambda: session.get(f"{A}/").json())
    return [
        isinstance(error, json.JSONDecodeError),
        isinstance(error, ValueError),
        error.doc,
        error.pos,
    ]


GZIP = gzip.compress(b"content " * 50, mtime=0)
for title, coding, content in (
    ("gzip", "gzip", GZIP),
    ("deflate", "deflate", zlib.compress(b"content")),
    ("raw deflate", "deflate", zlib.compress(b"content")[2:-4]),
    ("identity", "identity", b"content"),
    ("two gzips", "gzip", GZIP + GZIP),
    ("an unknown one", "nonsense", b"content"),
    ("several", "deflate, gzip", gzip.compress(zlib.compress(b"content"), mtime=0)),
    ("upper case", "GZIP", GZIP),
    ("x-gzip", "x-gzip", GZIP),
    ("no content", "gzip", b""),
    ("gzip and a line break", "gzip", GZIP + b"\r\n"),
    ("gzip and zeros", "gzip", GZIP + bytes(9)),
    ("gzip and junk", "gzip", GZIP + b"<html>" * 9),
    ("deflate and a line break", "deflate", zlib.compress(b"content") + b"\r\n"),
    ("deflate and junk", "deflate", zlib.compress(b"content") + b"<html>" * 9),
    ("raw deflate and junk", "deflate", zlib.compress(b"content")[2:-4] + b"<html>" * 9),
    ("twenty gzips", "gzip", GZIP * 20),
):
    call(
        f"coding: {title}",
        "S6",
        "GET",
        f"{A}/",
        replies={f"{A}/": ok(content, ("Content-Encoding", coding))},
    )
call(
    "coding: broken",
    "Q28",
    "GET",
    f"{A}/",
    replies={f"{A}/": ok(b"no gzip", ("Content-Encoding", "gzip"))},
    raises="ContentDecodingError",
)
call(
    "coding: HEAD",
    "S20",
    "HEAD",
    f"{A}/",
    replies={f"{A}/": ok(GZIP, ("Content-Encoding", "gzip"))},
)

for title, chunk_size, unicode in (
    ("one by one", 1, False),
    ("by three", 3, False),
    ("by a thousand", 1000, False),
    ("text", 4, True),
):

    def pieces(requests, session, at, chunk_size=chunk_size, unicode=unicode):
        response = session.get(f"{A}/", stream=True)
        return list(response.iter_content(chunk_size, decode_unicode=unicode))

    add(
        f"pieces: {title}",
        "S6",
        pieces,
        replies=typed("text/plain; charset=utf-8", "café €!".encode()),
    )

for title, arguments in (
    ("octets", {}),
    ("text", {"decode_unicode": True}),
    ("by a delimiter", {"delimiter": b"t"}),
    ("in large chunks", {"chunk_size": 1000}),
):
    add(
        f"lines: {title}",
        "Q25",
        lambda requests, session, at, arguments=arguments: list(
            session.get(f"{A}/", stream=True).iter_lines(**arguments)
        ),
        replies=typed("text/plain; charset=utf-8", LINES),
    )
for title, content, arguments in (
    (
        "text at what ends lines for str",
        "a\u2028b\u2029c\x85d\ve\ff\x1cg",
        {"decode_unicode": True},
    ),
    ("octets at what ends lines for str", "a\u2028b\u2029c\x85d\ve\ff\x1cg\n", {}),
):
    add(
        f"lines: {title}",
        "S6",
        lambda requests, session, at, arguments=arguments: list(
            session.get(f"{A}/", stream=True).iter_lines(**arguments)
        ),
        replies=typed("text/plain; charset=utf-8", content.encode()),
        **({"session": "lines-as-whatwg"} if arguments else {}),
    )
for size in (1, 2, 3, 5):
    add(
        f"lines: a delimiter, and chunks of {size}",
        "Q25",
        lambda requests, session, at, size=size: list(
            session.get(f"{A}/", stream=True).iter_lines(size, delimiter=b"||")
        ),
        replies=typed("text/plain", b"one||two||||four||"),
        session="Q25-lines-across-chunks",
    )
for title, kind, content, reason in (
    ("JSON", "application/json", '{"a": "é"}'.encode(), None),
    ("JSON lines", "application/x-ndjson", '"é"\n'.encode(), "text-where-text-is-asked-for"),
    ("events", "text/event-stream", "data: é\n\n".encode(), "Q26-text-charset"),
    ("a mark", "text/plain; charset=utf-8", b"\xef\xbb\xbfa", "mark-is-no-text"),
):
    add(
        f"pieces: text of {title}",
        "S6",
        lambda requests, session, at: list(
            session.get(f"{A}/", stream=True).iter_content(None, decode_unicode=True)
        ),
        replies=typed(kind, content),
        **({} if reason is None else {"session": reason}),
    )
add(
    "lines: CR LF across chunks",
    "Q25",
    lambda requests, session, at: list(session.get(f"{A}/", stream=True).iter_lines(chunk_size=4)),
    replies=typed("text/plain", b"one\r\ntwo\r\n"),
    session="Q25-lines-across-chunks",
)


@case("S6", replies=typed("text/plain", b"content"))
def pieces_of_content_that_was_read(requests, session, at):
    response = session.get(f"{A}/")
    return [list(response.iter_content(3)), list(response), response.content]


@case("S6", replies=typed("text/plain", b"content"))
def content_after_its_pieces(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    pieces = list(response.iter_content(3))
    return [
        pieces,
        at.name_of(lambda: response.content),
        at.name_of(lambda: list(response.iter_content(3))),
    ]


@case("S6", raises="builtins.TypeError")
def pieces_of_no_size(requests, session, at):
    return list(session.get(f"{A}/", stream=True).iter_content("3"))


@case("S6 S14")
def a_streamed_response_closes_with_its_block(requests, session, at):
    with session.get(f"{A}/", stream=True) as response:
        return response.content


@case("S6")
def a_streamed_response_is_closed_unread(requests, session, at):
    session.get(f"{A}/", stream=True).close()
    return session.get(f"{A}/again")


@case(
    "Q24",
    replies={
        f"{A}/": ok(b"", ("X-A", "1"), ("x-a", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    },
)
def repeated_fields_are_joined(requests, session, at):
    headers = session.get(f"{A}/").headers
    return [headers["x-a"], headers["Set-Cookie"], headers.get("nope"), "X-a" in headers]


for title, link in {
    "two": '<http://a.test/2>; rel="next", <http://a.test/9>; rel="last"; title="The end"',
    "without rel": "<http://a.test/2>",
    "without quotes": "<http://a.test/2>; rel=next",
    "relative": '</2>; rel="next"',
    "the same twice": '</1>; rel="next", </2>; rel="next"',
}.items():
    add(
        f"links: {title}",
        "Q33",
        lambda requests, session, at: session.get(f"{A}/").links,
        replies={f"{A}/": ok(b"", ("Link", link))},
    )
add(
    "links: a semicolon in quotes",
    "Q33",
    lambda requests, session, at: session.get(f"{A}/").links,
    replies={f"{A}/": ok(b"", ("Link", '</2>; rel="next"; title="a;b=c"'))},
    compat="Q33-links",
    session="Q33-links",
)

for status in (200, 204, 304, 399, 400, 404, 418, 499, 500, 503, 599):

    def raising(requests, session, at):
        response = session.get(f"{A}/")
        error = at.name_of(response.raise_for_status)
        text = "" if error == "none" else str(at.caught(response.raise_for_status))
        return [response.ok, bool(response), error, text, response.reason]

    add(
        f"status: {status}",
        "S18",
        raising,
        replies={f"{A}/": ok(b"" if status in {204, 304} else b"x", status=status)},
    )


@case(
    "S18",
    replies={f"{A}/": Reply(b"HTTP/1.1 404 Nicht \xc3\xa4hnlich\r\nContent-Length: 0\r\n\r\n")},
)
def a_reason_of_octets(requests, session, at):
    return str(at.caught(session.get(f"{A}/").raise_for_status))


@case("S18", replies={f"{A}/": ok(b"", status=404)})
def http_errors_know_their_response(requests, session, at):
    response = session.get(f"{A}/")
    error = at.caught(response.raise_for_status)
    return [
        at.same(error.response, response),
        error.request is response.request,
        error.response.status_code,
    ]


# Where Requests reads a message otherwise than RFC 9110 and RFC 9112 have it.
BY_THE_BOOK = {
    "an interim response": "interim-responses",
    "many blanks": "blanks-around-values",
}

for title, data in {
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "to the end": b"HTTP/1.0 200 OK\r\n\r\nto the end",
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nok\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
    "an interim response": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "many blanks": b"HTTP/1.1 200 OK\r\nX-A:  1  \r\nX-B:2\r\nContent-Length: 2\r\n\r\nok",
    "a folded line": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n  2\r\nContent-Length: 2\r\n\r\nok",
    "latin-1 in a field": b"HTTP/1.1 200 OK\r\nX-A: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
}.items():
    call(
        f"response: {title}",
        "S18 S27",
        "GET",
        f"{A}/",
        replies={f"{A}/": Reply(data, "close")},
        **(
            {"compat": BY_THE_BOOK[title], "session": BY_THE_BOOK[title]}
            if title in BY_THE_BOOK
            else {}
        ),
    )
