"""Where the pieces of content end, and what a raw response gives."""

import gzip
import io
import zlib
from functools import partial

from tests.differential.model import A_TLS, A, Reply, add, case, ok, to


def chunked(*chunks, fields=b""):
    """Write a response of these chunks."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks)
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + fields
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + framed
        + b"0\r\n\r\n"
    )


def until_close(content, fields=b""):
    """Write a response that ends with its connection."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n" + fields + b"\r\n"
    return Reply(head + content, "close")


GZIP = b"Content-Encoding: gzip\r\n"
TEXT = b"one\r\ntwo\rthree\n\nfour\r\n"
PACKED = gzip.compress(TEXT * 20, mtime=0)
LONG = zlib.compress(b"x" * 5000)
FRAMINGS = {
    "a length": ok(TEXT, ("Content-Type", "text/plain; charset=utf-8")),
    "chunks": chunked(b"one\r", b"\ntwo\rthr", b"ee\n", b"\nfour\r\n"),
    "chunks that cut characters": chunked("aé".encode()[:2], "é€".encode()[1:3], b"\xac\n"),
    "its connection": until_close(TEXT),
    "a length, packed": ok(PACKED, ("Content-Encoding", "gzip")),
    "chunks, packed": chunked(PACKED[:7], PACKED[7:30], PACKED[30:], fields=GZIP),
    "its connection, packed": until_close(PACKED, GZIP),
    "chunks, much packed": chunked(
        LONG[:9], LONG[9:15], LONG[15:], fields=b"Content-Encoding: deflate\r\n"
    ),
    "nothing": ok(b""),
    "no chunks": chunked(),
}
for framing, answer in FRAMINGS.items():
    # Few bytes of what is packed come as zlib lets go of them.
    sizes = (300, 512, None) if "packed" in framing else (1, 2, 3, 7, 512, None)

    def pieces(requests, session, at, sizes=sizes):
        return [[*session.get(f"{A}/", stream=True).iter_content(size)] for size in sizes]

    def lines(requests, session, at):
        return [
            [*session.get(f"{A}/", stream=True).iter_lines(size, decode_unicode=as_text)]
            for size in (1, 4, 512, None)
            for as_text in (False, True)
        ]

    def raw_pieces(requests, session, at, sizes=sizes):
        return [
            [*session.get(f"{A}/", stream=True).raw.stream(size, decode_content=decoded)]
            for size in sizes
            for decoded in (False, True)
        ]

    add(f"boundaries: pieces of {framing}", "S6", pieces, replies={f"{A}/": answer}, native=False)
    add(f"boundaries: lines of {framing}", "Q25", lines, replies={f"{A}/": answer}, native=False)
    add(f"boundaries: raw, {framing}", "S6", raw_pieces, replies={f"{A}/": answer}, native=False)


@case("S6", replies={f"{A}/": chunked(b"abc", b"defgh", b"i")}, native=False)
def a_second_iteration_goes_on(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    pieces = response.iter_content(2)
    return [next(pieces), [*response.iter_content(3)], response.raw.read()]


@case("S6", replies={f"{A}/": chunked(b"abc", b"defgh", b"i")}, native=False)
def chunks_after_a_read(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    return [response.raw.read(4), response.raw.read(2), response.raw.read()]


@case("S6", replies={f"{A}/": ok(b"content")})
def sizes_of_pieces_that_are_none(requests, session, at):
    def pieces(size):
        return [*session.get(f"{A}/", stream=True).iter_content(size)]

    return [at.name_of(lambda: pieces("3")), at.name_of(lambda: pieces(3.0))]


@case("S6", replies={f"{A}/": ok(b"content")}, native=False)
def sizes_of_pieces_at_the_edge(requests, session, at):
    read = session.get(f"{A}/")
    return [
        [[*session.get(f"{A}/", stream=True).iter_content(size)] for size in (0, -1, True)],
        [[*read.iter_content(size)] for size in (0, -1, 3, None)],
    ]


class Text(io.StringIO):
    """A file of text that is read as urllib3's are."""

    def read(self, size=None, decode_content=None):
        return super().read(size)


def by_hand(requests, raw, encoding=None):
    """Make a response around a file."""
    response = requests.Response()
    response.status_code = 200
    response.raw = raw
    response.encoding = encoding
    return response


@case("S18", native=False)
def pieces_of_a_raw_of_text(requests, session, at):
    return [
        [*by_hand(requests, Text("abcdef")).iter_content(4)],
        next(iter(by_hand(requests, Text("abc")))),
        [*by_hand(requests, Text("ab\ncd")).iter_lines()],
        [*by_hand(requests, Text("abcd"), "utf-8").iter_content(3)],
    ]


@case("S18", native=False)
def content_of_a_raw_of_text(requests, session, at):
    return [
        at.name_of(lambda: by_hand(requests, Text("abc")).content),
        at.name_of(lambda: by_hand(requests, Text("abc")).text),
        [*by_hand(requests, Text("")).iter_content(4)],
    ]


PLAIN = {f"{A}/": ok(b'{"a": 1}', ("Content-Type", "application/json"))}
CUT = {f"{A}/": chunked(PACKED[:7], PACKED[7:], fields=GZIP)}


@case("S18", replies=CUT, native=False)
def raw_data_is_as_it_was_sent(requests, session, at):
    raw = session.get(f"{A}/", stream=True).raw
    return [raw.data == PACKED, raw.data == PACKED, raw.read()]


@case("S18", replies=PLAIN, native=False)
def raw_data_after_the_content(requests, session, at):
    response = session.get(f"{A}/")
    return [response.raw.data, response.raw.read(), response.raw.read(3), response.raw.closed]


@case("S18", replies=PLAIN, native=False)
def raw_json(requests, session, at):
    return session.get(f"{A}/", stream=True).raw.json()


@case("S18", replies={f"{A}/x": ok(b"content")}, native=False)
def raw_names_of_urllib3(requests, session, at):
    raw = session.get(f"{A}/x?y=1#z", stream=True).raw
    return [
        raw.url,
        raw.geturl(),
        raw._request_url,
        raw.chunked,
        raw.chunk_left,
        raw.length_remaining,
        raw.supports_chunked_reads(),
        raw.msg,
        raw.version,
        raw.version_string,
        raw.status,
        raw.reason,
        raw.tell(),
        raw.read(3),
        raw.tell(),
        raw.length_remaining,
        raw.closed,
        raw.isclosed(),
        raw.readable(),
        raw.get_redirect_location(),
        raw.retries.history,
        raw.retries.total,
        raw.enforce_content_length,
        raw.auto_close,
        raw.decode_content,
    ]


@case("S18", replies={f"{A}/": chunked(b"abc", b"defgh")}, native=False)
def raw_file_of_http_client(requests, session, at):
    raw = session.get(f"{A}/", stream=True).raw
    file = raw._fp
    first = [file.version, file.status, file.reason, file.chunked, file.length, file.chunk_left]
    seen = [raw.read(1), file.chunk_left, raw.read(2), file.chunk_left, raw.read(1), raw.read(9)]
    rest = [raw.read(1), file.fp, file.isclosed(), raw.chunked, raw.length_remaining]
    return [first, seen, rest, file.msg["transfer-encoding"], file.getheader("content-type")]


@case("S18", replies={f"{A}/": ok(b"content")}, native=False)
def raw_file_of_a_length(requests, session, at):
    raw = session.get(f"{A}/", stream=True).raw
    file = raw._fp
    return [file.chunked, file.length, raw.read(3), file.length, file.isclosed(), file.will_close]


@case(
    "S18",
    replies={f"{A}/": ok(b"", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-A", "1"))},
    native=False,
)
def raw_fields_are_lines(requests, session, at):
    headers = session.get(f"{A}/", stream=True).raw.headers
    return [
        [pair for pair in headers.items() if pair[0] != "Content-Type"],
        [pair for pair in headers.iteritems() if pair[0] != "Content-Type"],
        dict(headers)["Set-Cookie"],
        headers["set-cookie"],
        headers.getlist("set-cookie"),
        headers.get_all("x-a"),
        headers.getlist("none"),
        sorted(headers),
        len(headers),
        "SET-COOKIE" in headers,
        dict(headers.itermerged())["Set-Cookie"],
    ]


@case("S18", replies={f"{A}/": chunked(b"abc", b"defgh")}, native=False)
def raw_chunks(requests, session, at):
    return [
        [*session.get(f"{A}/", stream=True).raw.read_chunked(size)] for size in (None, 2, 3, 100)
    ]


@case("S18", replies={f"{A}/": chunked(b"abc", b"defgh")}, native=False)
def a_raw_response_is_a_file(requests, session, at):
    with session.get(f"{A}/", stream=True).raw as raw:
        return [io.BufferedReader(raw, 4).read(6), raw.closed]


UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"


@case("S18", replies={f"{A}/": Reply(UPGRADE, "hold")}, native=False)
def a_switch_that_was_asked_for(requests, session, at):
    response = session.get(
        f"{A}/", headers={"Connection": "Upgrade", "Upgrade": "echo"}, stream=True
    )
    sock = response.raw._fp.fp.raw._sock
    sock.settimeout(3)
    told = [response.status_code, response.headers["upgrade"], sock.gettimeout(), sock.fileno() > 0]
    response.close()
    return told


@case("S18", replies={f"{A}/": Reply(UPGRADE, "hold")}, native=False)
def a_switch_has_no_content(requests, session, at):
    response = session.get(f"{A}/", headers={"Connection": "Upgrade", "Upgrade": "echo"})
    return [response.status_code, response.content, response.ok, response.is_redirect]


@case("S18", replies={f"{A}/": ok(b"x" * 100_000)}, native=False)
def the_connection_of_a_raw_response(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    sock = response.raw.connection.sock
    told = [sock.getpeername()[0], response.raw.connection.host, sock.gettimeout()]
    told.append(response.raw._connection is not None)
    told.append(response.raw._fp.fp.raw._sock.getpeername()[0])
    told.append(response.raw._original_response.fp.raw._sock.getpeername()[0])
    response.close()
    return told


SHORT = {
    "a length": ok(b"content"),
    "chunks": chunked(b"abc", b"defgh"),
    "its connection": until_close(b"content"),
    "a length, packed": ok(gzip.compress(b"content", mtime=0), ("Content-Encoding", "gzip")),
}
for framing, answer in SHORT.items():

    def closed_first(requests, session, at):
        response = session.get(f"{A}/", stream=True)
        response.close()
        return [response.content, response.text, [*response.iter_content(3)], response.raw.read()]

    def iterated_after_it_was_closed(requests, session, at):
        response = session.get(f"{A}/", stream=True)
        response.close()
        lines = [*response.iter_lines()]
        return [lines, at.name_of(lambda: response.content)]

    def closed_by_with(requests, session, at):
        with session.get(f"{A}/", stream=True) as response:
            pass
        return [response.content, response.ok]

    for name, act in {
        "closed, then read": closed_first,
        "closed, then iterated over": iterated_after_it_was_closed,
        "closed by with": closed_by_with,
    }.items():
        add(f"{name}: {framing}", "S18", act, replies={f"{A}/": answer}, native=False)


@case("S18", replies={f"{A}/": ok(b"content" * 100_000)}, native=False)
def closed_in_the_middle(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    pieces = response.iter_content(3)
    first = next(pieces)
    response.close()
    return [first, [*pieces], at.name_of(lambda: response.content)]


@case("S18", replies={f"{A}/": to("/next", content=b"x" * 200_000)}, native=False)
def a_redirect_closed_by_a_hook(requests, session, at):
    def hook(response, *args, **kwargs):
        response.close()

    response = session.get(f"{A}/", hooks={"response": hook}, stream=True)
    return [response.status_code, response.history[0].content, response.content]


def raises_runtime_error(act):
    """Tell whether a program fails as one that reads what was decoded undecoded does."""
    try:
        act()
    except RuntimeError:
        return True
    return False


PACKED_REPLY = ok(PACKED, ("Content-Encoding", "gzip"))
for title, read in {
    "read": lambda raw: raw.read(4, decode_content=False),
    "read by the attribute": lambda raw: raw.read(4),
    "streamed": lambda raw: [*raw.stream(4, decode_content=False)],
}.items():

    def undecoded(requests, session, at, read=read):
        raw = session.get(f"{A}/", stream=True).raw
        first = raw.read(4, decode_content=True)
        return [first, raises_runtime_error(lambda: read(raw))]

    add(
        f"undecoded after decoded: {title}",
        "S18",
        undecoded,
        replies={f"{A}/": PACKED_REPLY},
        native=False,
    )


@case("S18", replies={f"{A}/": PACKED_REPLY}, native=False)
def undecoded_after_pieces(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    pieces = response.iter_content(4)
    return [next(pieces), raises_runtime_error(response.raw.read)]


@case("S18", replies={f"{A}/": ok(b"content")}, native=False)
def undecoded_after_decoded_where_there_is_no_coding(requests, session, at):
    raw = session.get(f"{A}/", stream=True).raw
    return [raw.read(3, decode_content=True), raw.read(2, decode_content=False), raw.read()]


@case("S18", native=False)
def the_connection_of_a_short_response(requests, session, at):
    raw = session.get(f"{A}/", stream=True).raw
    sockets = [
        raw.connection.sock,
        raw._connection.sock,
        raw._fp.fp.raw._sock,
        raw._original_response.fp.raw._sock,
    ]
    return [[sock.getpeername()[0], sock.getsockname()[0]] for sock in sockets]


@case("S18", native=False)
def a_short_response_has_a_connection_until_it_was_read(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    before = response.raw._connection is not None
    return [before, response.content, response.raw._connection, response.raw._fp.fp]


@case("S7 S18", native=False)
def the_certificate_of_a_short_response(requests, session, at):
    response = session.get(f"{A_TLS}/", stream=True, verify=at.ca)
    sock = response.raw._connection.sock
    names = sock.getpeercert()["subjectAltName"]
    return [names[0][0], len(sock.getpeercert(True)) > 100, sock.version()[:3], len(sock.cipher())]


@case("S7 S12 S18", native=False)
def an_adapter_that_keeps_the_certificate(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def build_response(self, request, raw):
            response = super().build_response(request, raw)
            response.certificate = raw._connection.sock.getpeercert()
            return response

    session.mount("https://", Own())
    return [*session.get(f"{A_TLS}/", verify=at.ca).certificate]


@case("S18", replies={f"{A}/": ok(b"content", ("X-A", "1"), ("X-A", "2"))}, native=False)
def lines_of_http_client(requests, session, at):
    raw = session.get(f"{A}/", stream=True).raw
    return [raw._fp.getheaders(), raw._original_response.getheaders()]


def after(read, *, times=4):
    """What so many reads give, one after the other; of an error, its text and that of its cause."""
    found = []
    for _ in range(times):
        try:
            found.append(read())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
            below = error.args[0] if isinstance(error.args[0], Exception) else error
            found.append([str(below), repr(below.args[-1])])
    return found


SHORT = {
    "a length": Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "close"),
    "chunks": Reply(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n8\r\nabcd", "close"
    ),
    "a length, packed": Reply(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 400\r\n\r\n" + PACKED,
        "close",
    ),
}
for framing, answer in SHORT.items():

    def reads_of_short_content(requests, session, at):
        found = []
        for decodes in (None, True):
            for size in (1, 2, 3, 4, 5, 10, 20, None):
                raw = session.get(f"{A}/", stream=True).raw
                found.append(after(partial(raw.read, size, decode_content=decodes)))
        return found

    add(
        f"reads of short content, with {framing}",
        "S50",
        reads_of_short_content,
        replies={f"{A}/": answer},
        native=False,
    )


@case("S50", native=False, replies={f"{A}/": SHORT["a length"]})
def small_reads_of_short_content(requests, session, at):
    found = []
    for size in (2, 3, 10):
        raw = session.get(f"{A}/", stream=True).raw
        found.append(after(partial(raw.read1, size)))
    return found


for framing in ("a length", "chunks", "its connection", "a length, packed"):

    def reads_after_a_close(requests, session, at):
        found = []
        for begun in (0, 3, 1000):
            for size in (0, 1, None):
                for close in ("response", "raw"):
                    response = session.get(f"{A}/", stream=True)
                    raw = response.raw
                    raw.read(begun)
                    (response if close == "response" else raw).close()
                    found.append([*after(partial(raw.read, size), times=2), raw.closed, raw.tell()])
                    found.append([*after(partial(raw.read1, 1), times=1), [*raw.stream(2)]])
                    found.append([[*response.iter_content(2)] if not begun else "", raw.data])
        return found

    add(
        f"reads after a close, with {framing}",
        "S50",
        reads_after_a_close,
        replies={f"{A}/": FRAMINGS[framing]},
        native=False,
    )


@case(
    "S50",
    native=False,
    replies={f"{A}/": ok(b"ab\n", ("Content-Type", "text/plain; charset=nope"))},
)
def text_in_pieces_of_an_unknown_charset(requests, session, at):
    found = [session.get(f"{A}/").text]
    for read in ("iter_content", "iter_lines"):
        response = session.get(f"{A}/", stream=True)
        try:
            found.append([*getattr(response, read)(2, decode_unicode=True)])
        except LookupError as error:
            found.append(str(error))
    return found
