"""Verbs, their arguments and their redirect defaults."""

from tests.differential.model import A, add, call, case, ok, to

MOVED = {f"{A}/old": to("/new", content=b"moved")}
ROWS = {
    "get": "S18",
    "options": "S19",
    "head": "S20",
    "post": "S21",
    "put": "S22",
    "patch": "S23",
    "delete": "S24",
}

for verb, row in ROWS.items():
    add(
        f"verb: {verb}",
        row,
        lambda requests, session, at, verb=verb: getattr(session, verb)(f"{A}/x"),
    )
    add(
        f"verb: {verb} is redirected as it is by default",
        f"{row} S25",
        lambda requests, session, at, verb=verb: getattr(session, verb)(f"{A}/old"),
        replies=MOVED,
    )
    add(
        f"verb: {verb} with redirects",
        row,
        lambda requests, session, at, verb=verb: getattr(session, verb)(
            f"{A}/old", allow_redirects=True
        ),
        replies=MOVED,
    )
    add(
        f"verb: {verb} without redirects",
        row,
        lambda requests, session, at, verb=verb: getattr(session, verb)(
            f"{A}/old", allow_redirects=False
        ),
        replies=MOVED,
    )
    add(
        f"verb: requests.{verb}",
        row,
        lambda requests, session, at, verb=verb: getattr(requests, verb)(f"{A}/x"),
    )

add(
    "verb: post with data by position",
    "S21",
    lambda requests, session, at: session.post(f"{A}/", {"a": "1"}),
)
add(
    "verb: post with json by position",
    "S21",
    lambda requests, session, at: session.post(f"{A}/", None, {"a": 1}),
)
add(
    "verb: put with data by position",
    "S22",
    lambda requests, session, at: session.put(f"{A}/", b"octets"),
)
add(
    "verb: patch with data by position",
    "S23",
    lambda requests, session, at: session.patch(f"{A}/", b"octets"),
)
add(
    "verb: delete with content",
    "S24",
    lambda requests, session, at: session.delete(f"{A}/", data=b"octets"),
)
add(
    "verb: get with content",
    "S18",
    lambda requests, session, at: session.get(f"{A}/", data={"a": "1"}),
)
add("verb: get with json", "S18", lambda requests, session, at: session.get(f"{A}/", json={"a": 1}))
add(
    "verb: head has no content",
    "S20",
    lambda requests, session, at: session.head(f"{A}/"),
    replies={f"{A}/": ok(b"12345")},
)
add(
    "verb: requests.request",
    "S25",
    lambda requests, session, at: requests.request("put", f"{A}/", data=b"x"),
)
call("verb: in lower case", "S25", "get", f"{A}/")
call("verb: of one's own", "S25", "PROPFIND", f"{A}/")
call("verb: of one's own in lower case", "S25", "mkcol", f"{A}/", {"data": b"x"})
call("verb: trace", "S25", "TRACE", f"{A}/")
call("verb: query", "S25 Q35", "QUERY", f"{A}/", {"data": b"select"})


@case("S25")
def arguments_by_position(requests, session, at):
    return session.request(
        "POST", f"{A}/", {"p": "1"}, {"d": "2"}, {"X-H": "3"}, {"c": "4"}, None, ("user", "pass"),
        5, False, {}, {}, False, True, None, None,
    )  # fmt: skip


@case("S25", raises="builtins.TypeError")
def an_argument_that_there_is_not(requests, session, at):
    return session.get(f"{A}/", nonsense=True)


@case(
    "S25",
    raises="builtins.AttributeError",
    compat="Q28-own-errors",
    session="Q28-own-errors",
)
def a_method_that_is_no_text(requests, session, at):
    return session.request(None, f"{A}/")


@case("S25", compat="framed-one-way", session="framed-one-way")
def a_method_that_is_empty(requests, session, at):
    return session.request("", f"{A}/")
