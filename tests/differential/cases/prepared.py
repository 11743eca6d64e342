"""Prepared requests as programs see and change them: content, fields, and what the wire gets."""

import array
import hashlib
import importlib
import io
import mmap
import os
import pickle
import tempfile

from multidict import CIMultiDict
from urllib3 import HTTPHeaderDict
from urllib3.util import SKIP_HEADER

from tests.differential.model import PROXY, A, B, add, call, case, to


class Unmeasured:
    """Something that can be read, and nothing else."""

    def __init__(self, content):
        self.inner = io.BytesIO(content)

    def read(self, size=-1):
        return self.inner.read(size)


def text_file(at, content, read=0, **how):
    """Open a file as text, and read so many characters of it."""
    path = at.folder / "text.txt"
    path.write_bytes(content)
    file = path.open(encoding="utf-8", **how)
    file.read(read)
    return file


def mapped(at):
    """Map a file to memory."""
    return mmap.mmap(at.file(b"mapped").fileno(), 0, access=mmap.ACCESS_READ)


def temporary(mode, content, **how):
    """Have a temporary file."""
    file = tempfile.NamedTemporaryFile(mode, **how)  # noqa: SIM115 - the case ends with it
    file.write(content)
    file.seek(0)
    return file


def pipe():
    """Have the end of a pipe that is read."""
    reading, writing = os.pipe()
    os.write(writing, b"piped")
    os.close(writing)
    return os.fdopen(reading, "rb")


def at_place(file, place):
    """Go to a place in a file."""
    file.seek(place)
    return file


# --- content, when it is prepared and when it is sent ---------------------------------------------

KINDS = {
    "a bytearray": lambda at: bytearray(b"\x80 octets"),
    "a memoryview": lambda at: memoryview(b"\x80 octets"),
    "an array": lambda at: array.array("B", b"\x80 octets"),
    "a mapped file": mapped,
    "a text file": lambda at: text_file(at, "gr\u00fcn\n\u20ac".encode()),
    "a text file from the middle": lambda at: text_file(at, "gr\u00fcn\n\u20ac".encode(), 3),
    "a text file that keeps CRLF": lambda at: text_file(at, b"a\r\nb\r\n", newline=""),
    "an empty text file": lambda at: text_file(at, b""),
    "a text file in memory": lambda at: io.TextIOWrapper(io.BytesIO(b"wrapped"), "ascii"),
    "a temporary file": lambda at: temporary("w+b", b"octets"),
    "a temporary text file": lambda at: temporary("w+", "gr\u00fcn", encoding="utf-8"),
    "a BytesIO at its end": lambda at: at_place(io.BytesIO(b"abc"), 3),
    "a reader without a length": lambda at: Unmeasured(b"read"),
    "a pipe": lambda at: pipe(),
    "a form of nothing": lambda at: {"a": None},
}
OWN_WAYS = {
    "a bytearray": "content-is-octets",
    "a memoryview": "content-is-octets",
    "an array": "content-is-octets",
    "a mapped file": None,
    "an empty text file": "Q15-empty-file",
    "a BytesIO at its end": "Q15-empty-file",
    "a reader without a length": "framed-when-prepared",
    "a form of nothing": "framed-when-prepared",
}
SENT_OTHERWISE = {"Q15-empty-file", "framed-when-prepared"}


def seen_of(prepared):
    """What a program reads of prepared content."""
    body, fields = prepared.body, prepared.headers
    return [
        type(body).__name__,
        bytes(body) if isinstance(body, (bytearray, memoryview, array.array)) else body,
        fields.get("Content-Length"),
        fields.get("Transfer-Encoding"),
        fields.get("Content-Type"),
    ]


for title, make in KINDS.items():
    own = OWN_WAYS.get(title)
    add(
        f"prepared: {title}",
        "S21 S26 S54",
        lambda requests, session, at, make=make: seen_of(
            requests.Request("POST", f"{A}/", data=make(at)).prepare()
        ),
        **({"session": own} if own else {}),
    )
    sent = own if own in SENT_OTHERWISE and title != "a reader without a length" else None
    call(
        f"prepared and sent: {title}",
        "S21 S54",
        "POST",
        f"{A}/",
        lambda at, make=make: {"data": make(at)},
        ordered=False,
        **({"session": sent} if sent else {}),
    )


@case("S26", session="content-is-octets")
def an_empty_bytearray_is_sent_in_chunks(requests, session, at):
    prepared = requests.Request("POST", f"{A}/", data=bytearray()).prepare()
    return [seen_of(prepared), session.send(prepared)]


@case("S26", session="no-positions")
def positions_of_content(requests, session, at):
    def position(data):
        found = requests.Request("POST", f"{A}/", data=data).prepare()._body_position
        return found if found is None or isinstance(found, int) else "unknown"

    return [
        position(at_place(io.BytesIO(b"abc"), 2)),
        position(text_file(at, b"abc", 1)),
        position(pipe()),
        position(mapped(at)),
        position(bytearray(b"x")),
        position(iter([b"x"])),
        position({"a": "1"}),
    ]


@case("S21 S54")
def text_that_is_sent_again(requests, session, at):
    prepared = session.prepare_request(
        requests.Request("PUT", f"{A}/1", data=text_file(at, b"0123", 1))
    )
    at.seen.clear()
    return session.send(prepared)


add(
    "prepared: text that a redirect takes along",
    "S21 S54",
    lambda requests, session, at: session.post(f"{A}/1", data=text_file(at, b"0123456", 2)),
    replies={f"{A}/1": to("/2", 307)},
)
add(
    "prepared: a bytearray that a redirect takes along",
    "S21 S54",
    lambda requests, session, at: session.post(f"{A}/1", data=bytearray(b"\x80")),
    replies={f"{A}/1": to("/2", 307)},
)


# --- files ----------------------------------------------------------------------------------------


@case("S26 Q30", session="Q30-streamed")
def files_are_octets_when_they_are_prepared(requests, session, at):
    prepared = requests.Request("POST", f"{A}/", files={"f": at.file(b"12345")}).prepare()
    length = prepared.headers["Content-Length"]
    return [type(prepared.body).__name__, length, len(prepared.body) == int(length)]


@case("S26 S54 Q30", watched=False, session="Q30-streamed")
def files_may_be_closed_once_they_are_prepared(requests, session, at):
    file = at.file(b"content of a file")
    prepared = session.prepare_request(requests.Request("POST", f"{A}/", files={"f": file}))
    file.close()
    return at.name_of(lambda: session.send(prepared))


@case("S26 Q30", session="Q30-streamed")
def files_are_hashed_by_an_authentication(requests, session, at):
    def signed(request):
        request.headers["X-Digest"] = hashlib.sha256(request.body).hexdigest()
        return request

    response = session.post(f"{A}/", files={"f": at.file()}, auth=signed)
    told = response.request.headers["X-Digest"]
    del at.seen[:]
    return told == hashlib.sha256(response.request.body).hexdigest()


@case("S26 S55 Q30", session="Q30-streamed")
def files_of_a_request_that_was_pickled(requests, session, at):
    prepared = session.prepare_request(
        requests.Request("POST", f"{A}/", files={"f": at.file(b"content")})
    )
    again = pickle.loads(pickle.dumps(prepared))
    return [type(again) is type(prepared), session.send(again)]


@case("S26 Q30")
def files_are_sent_twice(requests, session, at):
    prepared = session.prepare_request(
        requests.Request("POST", f"{A}/", files={"f": at.file(b"content")})
    )
    return [session.send(prepared).status_code, session.send(prepared).status_code]


for title, make, own in (
    ("a text file", lambda at: text_file(at, "gr\u00fcn\n".encode()), None),
    ("a text file with CRLF", lambda at: text_file(at, b"a\r\nb"), "text-files-as-octets"),
    ("a reader without a length", lambda at: ("name", Unmeasured(b"read")), "Q30-streamed"),
    ("a bytearray", lambda at: bytearray(b"\x80"), None),
    ("a memoryview", lambda at: memoryview(b"\x80"), None),
    ("an array", lambda at: array.array("B", b"\x80"), None),
    ("a mapped file", lambda at: ("name", mapped(at)), None),
    ("a number", lambda at: 5, None),
    (
        "blanks around the fields of a part",
        lambda at: ("name", b"x", "text/plain ", {"X-A": "1 ", "X-B": " 1", "X-C": "1\t"}),
        None,
    ),
):
    call(
        f"files: {title}, prepared",
        "S21 Q30",
        "POST",
        f"{A}/",
        lambda at, make=make: {"files": {"f": make(at)}},
        **({"session": own} if own else {}),
    )


# --- content that is set by hand ------------------------------------------------------------------


def by_hand(name, body, method="GET", fields=None, own="framed-when-prepared"):
    """Add a case of content that a program puts on a prepared request."""

    def act(requests, session, at):
        prepared = session.prepare_request(requests.Request(method, f"{A}/"))
        prepared.body = body()
        prepared.headers.pop("Content-Length", None)
        prepared.headers.update(fields or {})
        return session.send(prepared)

    add(f"by hand: {name}", "S26", act, **({"session": own} if own else {}))


by_hand("octets without a length", lambda: b"octets")
by_hand("octets and their length", lambda: b"octets", "PUT", {"Content-Length": "6"}, None)
by_hand("text without a length", lambda: "text \u20ac")
by_hand("text and its length", lambda: "text", "PUT", {"Content-Length": "4"}, None)
by_hand("a generator", lambda: iter([b"one", b"two"]), "POST")
by_hand(
    "a bytearray and its length", lambda: bytearray(b"\x80"), "PUT", {"Content-Length": "1"}, None
)
by_hand("an array without a length", lambda: array.array("B", b"\x80"), "PUT")
by_hand("no octets", lambda: b"")
by_hand("nothing any more", lambda: None, "POST")
by_hand(
    "a number for its length", lambda: b"octets", "PUT", {"Content-Length": 6}, "values-are-text"
)


@case("S26")
def content_prepared_anew(requests, session, at):
    prepared = requests.Request("POST", f"{A}/", data=b"before").prepare()
    prepared.prepare_body({"a": "1"}, None)
    first = [list(prepared.headers.items()), prepared.body]
    prepared.prepare_body(None, None, json=[1])
    return [first[0], list(prepared.headers.items()), prepared.body]


@case("S26")
def content_that_is_none(requests, session, at):
    found = []
    for method in ("POST", "GET", None):
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_headers({})
        prepared.prepare_body(None, None)
        found.append([prepared.body, dict(prepared.headers)])
    return found


@case("S26", session="framed-when-prepared")
def lengths_of_content(requests, session, at):
    def length(body):
        prepared = requests.Request("GET", f"{A}/").prepare()
        prepared.prepare_content_length(body)
        return dict(prepared.headers)

    return [
        length(body)
        for body in (b"abc", "h\u00e9", "", b"", io.BytesIO(b"xyz"), iter([b"x"]), bytearray(b"ab"))
    ]


@case("S26 S14")
def an_authentication_that_sets_content(requests, session, at):
    def sets(request):
        request.body = b"longer than it was"
        return request

    return session.post(f"{A}/", data=b"short", auth=sets)


@case("S26 S14", session="framed-when-prepared")
def an_authentication_that_removes_the_length(requests, session, at):
    def removes(request):
        del request.headers["Content-Length"]
        return request

    return session.post(f"{A}/", data=b"content", auth=removes)


# --- fields of the transport ----------------------------------------------------------------------

TRANSPORT = {"transport": True, "session": "no-fields-of-its-own"}

add(
    "transport: a bare form",
    "S26 S27",
    lambda requests, session, at: session.send(
        requests.Request("POST", f"{A}/", data={"a": "1"}).prepare()
    ),
    **TRANSPORT,
)
add(
    "transport: a bare generator",
    "S26 S27",
    lambda requests, session, at: session.send(
        requests.Request("POST", f"{A}/", data=iter([b"x"])).prepare()
    ),
    **TRANSPORT,
)
add(
    "transport: bare, by a proxy",
    "S26 S27 S10",
    lambda requests, session, at: session.send(
        requests.Request("GET", f"{A}/").prepare(), proxies={"http": PROXY}
    ),
    **TRANSPORT,
)
call(
    "transport: none removes both",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"Accept-Encoding": None, "User-Agent": None}},
    **TRANSPORT,
)
call(
    "transport: none removes both, on each hop",
    "S1 S37",
    "GET",
    f"{A}/1",
    {"headers": {"Accept-Encoding": None, "User-Agent": None}},
    replies={f"{A}/1": to("/2"), f"{A}/2": to(f"{B}/3")},
    **TRANSPORT,
)
call(
    "transport: a session without fields",
    "S1",
    "POST",
    f"{A}/",
    {"json": {}},
    before=lambda session: session.headers.clear(),
    **TRANSPORT,
)
call(
    "transport: an empty value is one",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"Accept-Encoding": "", "User-Agent": ""}},
    transport=True,
)
for name in ("Accept-Encoding", "User-Agent"):
    call(
        f"transport: {name} is skipped",
        "S1",
        "GET",
        f"{A}/",
        {"headers": {name: SKIP_HEADER}},
        transport=True,
        session="skip-header-is-text",
    )
call(
    "transport: both are skipped, by the session",
    "S1",
    "GET",
    f"{A}/",
    before=lambda session: session.headers.update(
        {"User-Agent": SKIP_HEADER, "Accept-Encoding": SKIP_HEADER}
    ),
    transport=True,
    session="skip-header-is-text",
)
call(
    "transport: another field cannot be skipped",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"Accept": SKIP_HEADER}},
    raises="builtins.ValueError",
    session="skip-header-is-text",
)


# --- values of fields -----------------------------------------------------------------------------


@case("S1 S26", session="values-are-text")
def values_of_octets_stay_octets(requests, session, at):
    session.headers["X-Session"] = b"1"
    prepared = session.prepare_request(
        requests.Request("GET", f"{A}/", headers={b"X-Name": b"\xff", "X-Text": "t"})
    )
    fields = prepared.headers
    return [
        [type(name).__name__ for name in fields],
        [fields["x-session"], fields["X-NAME"], fields.get("x-text")],
        list(fields.items()) == list(fields.copy().items()),
        pickle.loads(pickle.dumps(fields))["X-Name"],
        fields == {"x-session": b"1"},
        session.send(prepared),
    ]


@case("S14 S26", session="values-are-text")
def an_authentication_in_octets(requests, session, at):
    def sets(request):
        request.headers["Authorization"] = b"Basic eA=="
        return request

    response = session.get(f"{A}/", auth=sets)
    return [response.request.headers["Authorization"], response]


@case("S14 S26")
def an_authentication_in_octets_on_redirects(requests, session, at):
    def sets(request):
        request.headers["Authorization"] = b"Basic eA=="
        return request

    return session.get(f"{A}/1", auth=sets)


@case("S9 S26")
def a_cookie_field_in_octets(requests, session, at):
    session.cookies.set("z", "1")
    return session.get(f"{A}/", headers={"Cookie": b"a=1"})


@case("S1 S26", session="values-are-text")
def numbers_are_values_when_set_by_hand(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    prepared.headers["X-Number"] = 5
    return [session.send(prepared), prepared.headers["X-Number"]]


for title, fields in {
    "a blank after the value": {"Accept-Encoding": "gzip, ", "X-Tab": "1\t"},
    "a blank after a cookie": {"Cookie": "a=1; "},
    "a blank after credentials": {"Authorization": "Bearer x "},
    "a blank after octets": {"X-Octets": b"1 \t"},
}.items():
    call(f"values: {title}", "S1", "GET", f"{A}/", {"headers": fields})
for title, value in {"a blank": " 1", "a tab": "\t1", "a blank in octets": b" 1"}.items():
    call(
        f"values: {title} before the value",
        "S1",
        "GET",
        f"{A}/",
        {"headers": {"X-Blank": value}},
        raises="InvalidHeader",
    )


@case("S1 S26", session="blanks-around-values")
def blanks_around_a_value_that_is_set_by_hand(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    prepared.headers["X-Blank"] = " 1 "
    return [session.send(prepared), prepared.headers["X-Blank"]]


@case("S1 S26")
def blanks_after_a_value_that_is_set_by_hand(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    prepared.headers["X-Blank"] = "1 "
    return [session.send(prepared), prepared.headers["X-Blank"]]


# --- mappings of other kinds ----------------------------------------------------------------------

PAIRS = [("X-A", "1"), ("X-B", "b"), ("x-a", "2")]


for kind in (HTTPHeaderDict, CIMultiDict):

    def put(requests, session, at, kind=kind):
        prepared = session.prepare_request(requests.Request("GET", f"{A}/1"))
        prepared.headers = kind(PAIRS)
        return session.send(prepared).status_code

    add(f"mappings: {kind.__name__} put on a request", "S1 S26", put)
    add(
        f"mappings: {kind.__name__} put on a request that is redirected",
        "S1 S26",
        put,
        replies={f"{A}/1": to("/2")},
    )
    call(
        f"mappings: {kind.__name__} given",
        "S1",
        "GET",
        f"{A}/",
        lambda at, kind=kind: {"headers": kind(PAIRS)},
        session="each-pair-is-a-line",
    )
    call(
        f"mappings: {kind.__name__} of a session",
        "S1",
        "GET",
        f"{A}/",
        before=lambda session, kind=kind: setattr(session, "headers", kind(PAIRS)),
        session="each-pair-is-a-line",
    )


@case("S26", session="headers-are-fields")
def a_mapping_put_on_a_request_stays_there(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    mine = prepared.headers = HTTPHeaderDict(PAIRS)
    response = session.send(prepared)
    return [prepared.headers is mine, response.request is prepared, list(mine.items())]


@case("S26", session="headers-are-fields")
def a_request_of_plain_headers_by_its_steps(requests, session, at):
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url, prepared.headers = "POST", f"{A}/", {"X-A": "1"}
    prepared.prepare_cookies({"c": "1"})
    prepared.prepare_body({"a": "1"}, None)
    prepared.prepare_content_length(prepared.body)
    prepared.prepare_auth(("user", "pass"))
    return [type(prepared.headers).__name__, prepared.headers, session.send(prepared)]


@case("S26", session="headers-are-fields")
def plain_headers_of_octets(requests, session, at):
    prepared = requests.Request("GET", f"{A}/").prepare()
    prepared.headers = {b"X-A": b"1", "X-B": "2"}
    return [session.send(prepared).status_code, list(prepared.headers.values())]


@case("S26", session="headers-are-fields")
def plain_headers_by_the_adapter_alone(requests, session, at):
    prepared = requests.Request("GET", f"{A}/").prepare()
    prepared.headers = {"X-A": "1", "x-a": "2"}
    return session.get_adapter(f"{A}/").send(prepared).status_code, prepared.headers


@case("S14 S26", session="headers-are-fields")
def an_authentication_that_replaces_the_headers(requests, session, at):
    def replaces(request):
        request.headers = {"Authorization": "Bearer x", "X-A": "1"}
        return request

    response = session.post(f"{A}/", data=b"abc", auth=replaces)
    return [type(response.request.headers).__name__, response.request.headers]


@case("S14 S26")
def an_authentication_that_repeats_a_field(requests, session, at):
    def replaces(request):
        request.headers = HTTPHeaderDict([("X-A", "1"), ("X-A", "2")])
        return request

    return session.post(f"{A}/", data=b"abc", auth=replaces).status_code


@case("S26", session="headers-are-fields")
def a_copy_has_the_same_kind_of_headers(requests, session, at):
    prepared = requests.Request("GET", f"{A}/").prepare()
    prepared.headers = {"X-A": "1"}
    copied = prepared.copy()
    copied.headers["X-B"] = "2"
    fresh = requests.PreparedRequest()
    return [type(copied.headers).__name__, prepared.headers, fresh.headers, fresh.copy().headers]


@case("S26 S55")
def a_request_of_a_class_of_its_own_is_pickled(requests, session, at):
    prepared = requests.Request("POST", f"{A}/", data={"a": "1"}, cookies={"c": "1"}).prepare()
    again = pickle.loads(pickle.dumps(prepared))
    return [type(again) is type(prepared), again, len(again._cookies), session.send(again)]


for title, files, raises in (
    ("a number with a point", {"f": 1.5}, "builtins.TypeError"),
    ("a mapping", {"f": {"a": 1}}, "builtins.TypeError"),
    ("a file of one member", {"f": ("name",)}, "builtins.ValueError"),
):
    call(
        f"files: {title}, refused", "S21 Q28 Q30", "POST", f"{A}/", {"files": files}, raises=raises
    )


@case("S26 Q30", raises="builtins.ValueError")
def a_closed_file_is_refused_when_it_is_prepared(requests, session, at):
    file = at.file()
    file.close()
    return requests.Request("POST", f"{A}/", files={"f": file}).prepare()


add(
    "prepared: content by hand that a redirect takes along",
    "S26",
    lambda requests, session, at: _sent_by_hand(requests, session),
    replies={f"{A}/1": to("/2", 307)},
    session="framed-when-prepared",
)


def _sent_by_hand(requests, session):
    prepared = session.prepare_request(requests.Request("PUT", f"{A}/1"))
    prepared.body = "by hand"
    del prepared.headers["Content-Length"]
    return session.send(prepared)


class Name(str):
    """A name of a class of its own."""

    __slots__ = ()


class Value(bytes):
    """A value of a class of its own."""


for title, headers in (
    ("a value", {"x-a": Value(b"v")}),
    ("a value with blanks after it", {"x-a": Value(b"v ")}),
    ("a name and a value", {Name("x-a"): Value(b"v")}),
    ("a name and a value of text", {Name("x-a"): Name("v")}),
):
    call(f"headers of subclasses: {title}", "S23", "GET", f"{A}/", {"headers": headers})


def _becomes(made):
    def auth(prepared):
        prepared.body = made()
        return prepared

    return auth


for title, auth, differs in (
    ("Basic", ("u", "p"), {"session": "framed-when-prepared"}),
    (
        "one that sets it again",
        _becomes(lambda: io.BytesIO(b"")),
        {"session": "framed-when-prepared"},
    ),
    ("one that sets an iterator", _becomes(lambda: iter([b"a"])), {}),
):
    add(
        f"an empty file is sent in chunks, after {title}",
        "S24 S26",
        lambda requests, session, at, auth=auth: dict(
            requests.Request("POST", f"{A}/", data=io.BytesIO(b""), auth=auth).prepare().headers
        ),
        **differs,
    )
# --- names in bytes, mappings, private names ------------------------------------------------------


@case("S14 S26", native=False)
def names_in_octets_set_by_an_authentication(requests, session, at):
    def sets(request):
        request.headers[b"X-Name"] = b"1"
        return request

    prepared = session.prepare_request(requests.Request("GET", f"{A}/", auth=sets))
    fields = prepared.headers
    told = [fields[b"X-Name"], b"x-name" in fields, "x-name" in fields]
    return [told, session.get(f"{A}/", auth=sets), session.send(prepared)]


@case("S14 S26", native=False)
def names_in_octets_by_the_adapter_alone(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    prepared.headers[b"X-Name"] = b"1"
    return session.get_adapter(prepared.url).send(prepared)


@case("S1 S26", native=False)
def names_in_octets_of_a_session(requests, session, at):
    session.headers[b"X-Session"] = b"1"
    session.headers[b"X-Out"] = "2"
    del session.headers[b"X-Out"]
    response = session.get(f"{A}/", headers={b"X-Mine": "3", "x-none": None})
    return [response, [value for name, value in response.request.headers.items()][-2:]]


for title, given in {
    "an empty type": {"Content-Type": ""},
    "a type in its usual case": {"Content-Type": "a/b"},
    "a type in lower case": {"content-type": "a/b"},
}.items():

    def plain_type(requests, session, at, given=given):
        prepared = requests.PreparedRequest()
        prepared.headers = dict(given)
        prepared.prepare_body({"a": "b"}, None)
        form = dict(prepared.headers)
        prepared.prepare_body(b"c", None)
        octets = dict(prepared.headers)
        prepared.prepare_body({}, {"f": ("n", b"d")})
        return [form, octets, [value[:19] for value in prepared.headers.values()]]

    add(f"plain headers: {title}", "S26", plain_type, native=False)


@case("S1", native=False)
def ascii_forms_of_hosts(requests, session, at):
    encode = requests.PreparedRequest._get_idna_encoded_host

    def refused(host):
        try:
            encode(host)
        except UnicodeError:
            return True

    return [encode("bücher.test"), encode("BÜCHER.test"), refused("ü*"), refused("⒈.test")]


@case("S26", native=False)
def private_functions_that_programs_import(requests, session, at):
    module = importlib.import_module(f"{requests.__name__}._internal_utils")
    names, values = module.HEADER_VALIDATORS[str]
    octets = module.HEADER_VALIDATORS[bytes][1]
    texts = ("a", "", " a", "a b", "a\r\nb", "a:b")
    return [
        module.to_native_string(b"a"),
        module.unicode_is_ascii("a"),
        module.unicode_is_ascii("ä"),
        [[bool(pattern.match(text)) for text in texts] for pattern in (names, values)],
        [bool(octets.match(text.encode())) for text in texts],
    ]


call(
    "transport: Host cannot be skipped",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"Host": SKIP_HEADER}},
    compat="host-is-a-host",
    session="host-is-a-host",
)


@case("S26", native=False)
def the_order_of_a_mapping_put_on_a_request(requests, session, at):
    given = {"User-Agent": "u", "X-One": "1"}
    prepared = session.prepare_request(requests.Request("POST", f"{A}/", headers=given, data="x"))
    fields = CIMultiDict(prepared.headers)
    for name in given:
        fields.popall(name)
        fields.add(name, "again")
    prepared.headers = fields
    return [list(prepared.headers), session.send(prepared)]
