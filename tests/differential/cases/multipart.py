"""Multipart content: ``files=`` in all its forms."""

import io

from tests.differential.model import A, add, call, case

for title, files in {
    "octets": {"f": b"content"},
    "text": {"f": "content €"},
    "name and octets": {"f": ("name.txt", b"content")},
    "name, octets and type": {"f": ("name.txt", b"content", "text/plain")},
    "name, octets, type and fields": {
        "f": ("name.txt", b"content", "text/plain", {"Expires": "0", "X-Part": "1"})
    },
    "no name": {"f": (None, b"content")},
    "no name, and a type": {"f": (None, "{}", "application/json")},
    "an empty name": {"f": ("", b"content")},
    "several": {"f": ("a.txt", b"1"), "g": ("b.txt", b"2")},
    "pairs": [("f", ("a.txt", b"1")), ("f", ("b.txt", b"2"))],
    "quotes in a name": {'f"g': ('a"b.txt', b"1")},
    "a line break in a name": {"f": ("a\r\nb.txt", b"1")},
    "names outside ASCII": {"fé": ("ü€.txt", b"1")},
    "a backslash in a name": {"f": ("a\\b.txt", b"1")},
    "empty content": {"f": ("a.txt", b"")},
    "no content": {"f": ("a.txt", None)},
    "nothing": {},
    "an empty list": [],
}.items():
    call(f"files: {title}", "S21 Q30", "POST", f"{A}/", {"files": files})

for title, data in {
    "a form": {"a": "1", "b": ["2", "3"], "c": 4, "d": None, "é": "ü"},
    "pairs": [("a", "1"), ("a", "2")],
    "octets in a form": {b"a": b"\xff"},
}.items():
    call(
        f"files: beside {title}",
        "S21 Q30",
        "POST",
        f"{A}/",
        {"data": data, "files": {"f": ("a.txt", b"1")}},
    )

call(
    "files: an open file",
    "S21 Q30",
    "POST",
    f"{A}/",
    lambda at: {"files": {"f": at.file(b"content", "upload.txt")}},
)
call(
    "files: an open file with a name",
    "S21 Q30",
    "POST",
    f"{A}/",
    lambda at: {"files": {"f": ("other.txt", at.file())}},
)
call(
    "files: a BytesIO",
    "S21 Q30",
    "POST",
    f"{A}/",
    lambda at: {"files": {"f": io.BytesIO(b"memory")}},
)
call(
    "files: a StringIO",
    "S21 Q30",
    "POST",
    f"{A}/",
    lambda at: {"files": {"f": ("a.txt", io.StringIO("text €"))}},
)
call(
    "files: beside text",
    "S21 Q30",
    "POST",
    f"{A}/",
    {"data": "text", "files": {"f": b"1"}},
    raises="builtins.ValueError",
)
call(
    "files: beside json",
    "S21 Q30",
    "POST",
    f"{A}/",
    {"json": {"a": 1}, "files": {"f": ("a.txt", b"1")}},
)
for title, kind, *mark in (
    ("Content-Type", "multipart/x", "boundary-as-given"),
    ("boundary", "multipart/form-data; boundary=MINE", "boundary-as-given"),
    ("boundary that is none", "multipart/form-data; boundary=a*b", "boundary-as-given"),
    ("Content-Type of another kind", "text/plain; boundary=MINE"),
):
    call(
        f"files: with a {title} by hand",
        "S21 Q30",
        "POST",
        f"{A}/",
        {"files": {"f": ("a.txt", b"1")}, "headers": {"Content-Type": kind}},
        **({"session": mark[0]} if mark else {}),
    )
call("files: by PUT", "S22 Q30", "PUT", f"{A}/", {"files": {"f": ("a.txt", b"1")}})


@case("S26 Q30")
def files_of_a_prepared_request_have_a_length(requests, session, at):
    prepared = requests.Request("POST", f"{A}/", files={"f": ("a.txt", b"12345")}).prepare()
    kind = prepared.headers["Content-Type"].partition(";")[0]
    return [kind, prepared.headers["Content-Length"]]


@case("S54 Q30")
def files_are_sent_from_where_they_are(requests, session, at):
    file = at.file(b"content of a file")
    file.seek(8)
    return session.post(f"{A}/", files={"f": file})


STREAMS = {
    "a file in memory": lambda: io.BytesIO(b"a"),
    "an iterator": lambda: iter([b"a"]),
    "a bytearray": lambda: bytearray(b"a"),
    "a memoryview": lambda: memoryview(b"a"),
    "a set": lambda: {"a"},
}
for title, make in STREAMS.items():

    def beside(requests, session, at, make=make):
        try:
            requests.Request("POST", f"{A}/", data=make(), files={"f": b"x"}).prepare()
        except NotImplementedError:
            return "not implemented"

    add(f"files: beside {title}", "S21", beside, native=False)

for title, data, expected in (
    ("text", "text", ValueError),
    ("octets", b"octets", ValueError),
    ("a number", 5, ValueError),
    ("an object", object(), TypeError),
):

    def beside_no_form(requests, session, at, data=data, expected=expected):
        try:
            requests.Request("POST", f"{A}/", data=data, files={"f": b"x"}).prepare()
        except expected as error:
            return isinstance(error, expected)

    add(f"files: beside {title}, prepared", "S21", beside_no_form, native=False)
