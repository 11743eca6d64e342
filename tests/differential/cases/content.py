"""Content of a request: forms, octets, files, streams, JSON, and how it is framed."""

import io
from array import array

from tests.differential.model import A, Reply, add, call, case, ok

for title, data in {
    "a form": {"a": "1", "b": "2"},
    "a form with lists": {"a": ["1", "2"], "b": ("3",)},
    "a form with none": {"a": None, "b": "2"},
    "a form with numbers": {"a": 1, "b": 2.5},
    "a form with octets": {b"a": b"\xff", "b": b"x y"},
    "a form outside ASCII": {"é": "ü €"},
    "a form of signs": {"a&b": "c=d+e f%20"},
    "pairs": [("a", "1"), ("b", "2"), ("a", "3")],
    "a tuple of pairs": (("a", "1"), ("a", "2")),
    "text": "plain text",
    "text outside ASCII": "café €",
    "octets": b"\x00\xff octets",
    "an empty mapping": {},
    "empty text": "",
    "empty octets": b"",
    "an empty list": [],
}.items():
    for method in ("POST", "PUT"):
        call(f"data: {method} {title}", "S21 S22", method, f"{A}/", {"data": data})

call("data: a bytearray", "S21", "POST", f"{A}/", lambda at: {"data": bytearray(b"octets")})
call("data: none", "S21", "POST", f"{A}/", {"data": None})
for method in ("PATCH", "DELETE", "OPTIONS", "GET", "HEAD", "QUERY"):
    call(f"data: {method} without content", "S23 S24 S19", method, f"{A}/")

for title, value in {
    "an object": {"a": [1, 2.5, None, True], "b": {"c": "é"}},
    "a list": [1, 2],
    "an empty object": {},
    "zero": 0,
    "an empty list": [],
    "empty text": "",
    "text": "text €",
    "false": False,
    "a number": 1.5,
}.items():
    call(f"json: {title}", "S21 S25", "POST", f"{A}/", {"json": value})

call("json: beside data", "S21", "POST", f"{A}/", {"json": {"a": 1}, "data": {"b": "2"}})
call("json: beside empty data", "S21", "POST", f"{A}/", {"json": {"a": 1}, "data": {}})
call(
    "json: with a Content-Type by hand",
    "S21",
    "POST",
    f"{A}/",
    {"json": {"a": 1}, "headers": {"Content-Type": "application/x+json"}},
)
call(
    "json: not a number",
    "S21",
    "POST",
    f"{A}/",
    {"json": {"a": float("nan")}},
    raises="InvalidJSONError",
)
call(
    "json: what is not JSON",
    "S21",
    "POST",
    f"{A}/",
    {"json": {"a": {1, 2}}},
    raises="builtins.TypeError",
)


def pieces(*values):
    """Give pieces, once."""
    yield from values


class Sized:
    """An iterator that knows its length."""

    def __init__(self, values):
        self.values = iter(values)
        self.length = sum(map(len, values))

    def __len__(self):
        return self.length

    def __iter__(self):
        return self.values


class Measured(io.BytesIO):
    """A file that says its length by an attribute."""

    @property
    def len(self):
        return len(self.getvalue())


class Unmeasured:
    """Something that can be read, and nothing else."""

    def __init__(self, content):
        self.inner = io.BytesIO(content)

    def read(self, size=-1):
        return self.inner.read(size)

    def __iter__(self):
        return iter(self.inner)


def from_the_middle(file, start):
    """Have read some of it."""
    file.seek(start)
    return file


for title, make in {
    "a file": lambda at: at.file(b"content of a file"),
    "a file from the middle": lambda at: from_the_middle(at.file(b"content of a file"), 8),
    "a BytesIO": lambda at: io.BytesIO(b"content in memory"),
    "a BytesIO from the middle": lambda at: from_the_middle(io.BytesIO(b"content in memory"), 8),
    "a StringIO": lambda at: io.StringIO("text in memory"),
    "a file of the length it says": lambda at: Measured(b"measured"),
    "a file of no known length": lambda at: Unmeasured(b"lines\nof octets\n"),
    "a generator": lambda at: pieces(b"one", b"two", b"three"),
    "a generator of text": lambda at: pieces("one", "two"),
    "a generator with an empty piece": lambda at: pieces(b"one", b"", b"two"),
    "an empty generator": lambda at: pieces(),
    "an iterator with a length": lambda at: Sized([b"one", b"two"]),
    "an iterator of a list": lambda at: iter([b"one", b"two"]),
}.items():
    call(f"data: {title}", "S21 S54", "POST", f"{A}/", lambda at, make=make: {"data": make(at)})

call(
    "data: a StringIO outside ASCII",
    "S21 S54",
    "POST",
    f"{A}/",
    lambda at: {"data": io.StringIO("text €")},
    compat="lengths-in-bytes",
    session="lengths-in-bytes",
)
call(
    "data: an array of numbers of two bytes",
    "S21 S54",
    "POST",
    f"{A}/",
    {"data": array("H", [300, 4])},
    replies={f"{A}/": Reply(ok(b"ok"), "close")},
    compat="lengths-in-bytes",
    session="lengths-in-bytes",
)
call(
    "data: an empty file",
    "Q15",
    "POST",
    f"{A}/",
    lambda at: {"data": at.file(b"")},
    session="Q15-empty-file",
)
call(
    "data: an empty BytesIO",
    "Q15",
    "POST",
    f"{A}/",
    lambda at: {"data": io.BytesIO()},
    session="Q15-empty-file",
)
call(
    "data: a generator with a Content-Length",
    "Q14",
    "POST",
    f"{A}/",
    lambda at: {"data": pieces(b"one", b"two"), "headers": {"Content-Length": "6"}},
    compat="Q14-one-framing",
    session="Q14-one-framing",
)
call(
    "data: a right Content-Length by hand",
    "Q16",
    "POST",
    f"{A}/",
    {"data": b"one", "headers": {"Content-Length": "3"}},
)
call(
    "data: a wrong Content-Length by hand",
    "Q16",
    "POST",
    f"{A}/",
    {"data": b"one", "headers": {"Content-Length": "99"}},
    session="Q16-wrong-length",
)
call(
    "data: a Content-Type by hand",
    "S21",
    "POST",
    f"{A}/",
    {"data": "text", "headers": {"Content-Type": "text/x"}},
)
call(
    "data: a file with a Content-Type",
    "S21",
    "POST",
    f"{A}/",
    lambda at: {"data": at.file(b"<x/>"), "headers": {"Content-Type": "text/xml"}},
)
call(
    "data: of the wrong kind",
    "S21",
    "POST",
    f"{A}/",
    {"data": 5},
    raises="builtins.TypeError",
)
call(
    "data: pairs that are none",
    "S21",
    "POST",
    f"{A}/",
    {"data": ["a", "b"]},
    raises="builtins.ValueError",
)


@case("S21 S54", watched=False)
def a_generator_that_fails(requests, session, at):
    def failing():
        yield b"one"
        raise KeyError("mine")

    return at.name_of(lambda: session.post(f"{A}/", data=failing()))


@case("S26 S54", session="content-is-octets")
def prepared_content(requests, session, at):
    def prepared(**arguments):
        made = requests.Request("POST", f"{A}/", **arguments).prepare()
        return made.body, made.headers.get("Content-Length"), made.headers.get("Content-Type")

    return [
        prepared(data={"a": "1"}),
        prepared(data="text"),
        prepared(data=b"octets"),
        prepared(json={"a": "é"}),
        prepared(),
    ]


@case("S26")
def prepared_content_by_hand(requests, session, at):
    prepared = requests.Request("POST", f"{A}/").prepare()
    prepared.prepare_body({"a": "1"}, None)
    return session.send(prepared)


@case("S26")
def prepared_content_set_anew(requests, session, at):
    prepared = session.prepare_request(requests.Request("POST", f"{A}/", data=b"before"))
    prepared.body = b"afterwards"
    prepared.headers["Content-Length"] = "10"
    return session.send(prepared)


@case("S26")
def content_length_by_hand(requests, session, at):
    prepared = requests.Request("POST", f"{A}/").prepare()
    prepared.body = b"four"
    prepared.prepare_content_length(b"four")
    return session.send(prepared)


add(
    "data: twice the same octets",
    "S21",
    lambda requests, session, at: [session.post(f"{A}/", data=b"x").status_code for _ in "12"],
)


TWO_LETTERS = {
    "text": ["ab"],
    "texts": ["ab", "cd"],
    "a tuple": ("ab", ("c", "d")),
    "bytes": [b"ab"],
    "a list": [["a", "b"]],
    "numbers": [[1, 2]],
}
for kind, given in TWO_LETTERS.items():
    add(
        f"data of items of two: {kind}",
        "S22",
        lambda requests, session, at, given=given: session.post(f"{A}/", data=given),
        native=False,
    )
for kind in ("text", "a tuple"):
    add(
        f"params and files of items of two: {kind}",
        "S22",
        lambda requests, session, at, given=TWO_LETTERS[kind]: session.post(
            f"{A}/", params=given, files=given
        ),
        native=False,
    )
for kind, given in {"one": [b"a"], "three": [b"ab", b"abc"]}.items():
    add(
        f"data of bytes: {kind}",
        "S22",
        lambda requests, session, at, given=given: session.post(f"{A}/", data=given),
        native=False,
        raises="builtins.ValueError",
    )
