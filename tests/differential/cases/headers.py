"""Field lines of a request: merging, removal, spelling, order, and what cannot be sent."""

from tests.differential.model import A, add, call, case

NONE = None


def of_session(**fields):
    """Set fields of the session first."""

    def before(session):
        session.headers.update({name.replace("_", "-"): value for name, value in fields.items()})

    return before


call("headers: the defaults", "S1 S13 S18", "GET", f"{A}/")
call("headers: one more", "S1 S25", "GET", f"{A}/", {"headers": {"X-One": "1"}})
call(
    "headers: several keep their order",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"X-B": "2", "X-A": "1", "X-C": "3"}},
)
call("headers: a value of octets", "S1", "GET", f"{A}/", {"headers": {"X-One": b"1"}})
call("headers: a name of octets", "S1", "GET", f"{A}/", {"headers": {b"X-One": b"1"}})
call("headers: an empty value", "S1", "GET", f"{A}/", {"headers": {"X-Empty": ""}})
call("headers: latin-1", "S1", "GET", f"{A}/", {"headers": {"X-Latin": "caf\xe9"}})
call("headers: octets of UTF-8", "S1", "GET", f"{A}/", {"headers": {"X-Utf": "café €".encode()}})
call(
    "headers: blanks around a value",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"X-Blank": "a b "}},
)
call(
    "headers: the request replaces the session's",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"X-One": "request"}},
    before=of_session(X_One="session", X_Two="2"),
)
call(
    "headers: the last spelling is sent",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"x-ONE": "request"}},
    before=of_session(X_One="session"),
)
call(
    "headers: none removes the session's",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"X-One": NONE}},
    before=of_session(X_One="session", X_Two="2"),
)
call(
    "headers: none removes by another spelling",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"x-one": NONE}},
    before=of_session(X_One="session"),
)
call("headers: none removes Accept", "S1 S37", "GET", f"{A}/", {"headers": {"Accept": NONE}})
call(
    "headers: none removes Connection", "S1 S37", "GET", f"{A}/", {"headers": {"Connection": NONE}}
)
call(
    "headers: none removes User-Agent",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"User-Agent": NONE}},
    transport=True,
    session="no-fields-of-its-own",
)
call(
    "headers: none removes Accept-Encoding",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"Accept-Encoding": NONE}},
    transport=True,
    session="no-fields-of-its-own",
)
call(
    "headers: none removes what is not there",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"X-None": NONE}},
)
call(
    "headers: none in the session",
    "S1 S37",
    "GET",
    f"{A}/",
    {"headers": {"X-Two": "2"}},
    before=of_session(X_One=NONE),
)
call("headers: another User-Agent", "S1", "GET", f"{A}/", {"headers": {"User-Agent": "mine/1"}})
call(
    "headers: another Accept-Encoding",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"Accept-Encoding": "identity"}},
)
call("headers: Connection close", "S1", "GET", f"{A}/", {"headers": {"Connection": "close"}})
call(
    "headers: Host by hand",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"Host": "other.test"}},
    compat="host-first",
    session="host-first",
)
call(
    "headers: Host by hand in lower case",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"host": "other.test"}},
    compat="host-first",
    session="host-first",
)
call(
    "headers: pairs are a mapping's",
    "S1",
    "GET",
    f"{A}/",
    {"headers": [("X-One", "1")]},
    raises="builtins.AttributeError",
    compat="headers-as-pairs",
    session="headers-as-pairs",
)
call(
    "headers: Content-Type by hand for a form",
    "S1 S21",
    "POST",
    f"{A}/",
    {"data": {"a": "1"}, "headers": {"content-type": "text/x"}},
)
call(
    "headers: Transfer-Encoding by hand without content",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"X-One": "1", "TE": "trailers"}},
)

for title, name, value in (
    ("a line break in a value", "X-One", "1\r\nX-Two: 2"),
    ("a line feed in a value", "X-One", "1\n2"),
    ("a leading blank in a value", "X-One", " 1"),
    ("a number for a value", "X-One", 1),
    ("a line break in a name", "X-One\r\nX-Two", "1"),
    ("a colon in a name", "X:One", "1"),
    ("an empty name", "", "1"),
    ("a blank before a name", " X-One", "1"),
):
    call(
        f"headers: {title}",
        "S1 Q27",
        "GET",
        f"{A}/",
        {"headers": {name: value}},
        raises="InvalidHeader",
    )

call(
    "headers: a blank within a name",
    "Q27",
    "GET",
    f"{A}/",
    {"headers": {"X One": "1"}},
    compat="Q27-field-names",
    session="Q27-field-names",
)
call(
    "headers: a name outside ASCII",
    "Q27",
    "GET",
    f"{A}/",
    {"headers": {"X-\xe9": "1"}},
    raises="builtins.UnicodeEncodeError",
    compat="Q27-field-names",
    session="Q27-field-names",
)
for title, value in {"NUL": "a\0b", "VT": "a\x0bb", "DEL in bytes": b"a\x7fb"}.items():
    call(
        f"headers: {title} in a value",
        "Q27",
        "GET",
        f"{A}/",
        {"headers": {"X-One": value}},
        compat="Q27-field-names",
        session="Q27-field-names",
    )
call(
    "headers: a value outside latin-1",
    "S1",
    "GET",
    f"{A}/",
    {"headers": {"X-One": "€"}},
    raises="builtins.UnicodeEncodeError",
    compat="Q28-own-errors",
    session="Q28-own-errors",
)


@case("S1")
def headers_are_case_insensitive(requests, session, at):
    session.headers["X-Mixed"] = "1"
    found = [session.headers["x-mixed"], "X-MIXED" in session.headers, session.headers.get("nope")]
    del session.headers["x-MIXED"]
    return [*found, "X-Mixed" in session.headers, sorted(map(str.lower, session.headers))]


@case("S1")
def headers_set_anew_as_a_plain_dict(requests, session, at):
    session.headers = {"X-Only": "1"}
    return session.get(f"{A}/")


@case("S1 S26")
def headers_of_the_session_are_not_changed_by_a_request(requests, session, at):
    before = list(session.headers.items())
    session.get(f"{A}/", headers={"Accept": None, "X-One": "1"})
    return before == list(session.headers.items())


@case("S1 S26")
def headers_of_the_caller_are_not_changed(requests, session, at):
    given = {"X-One": "1", "X-Two": None}
    session.post(f"{A}/", headers=given, data={"a": "1"}, auth=("user", "pass"))
    return given


@case("Q27", raises="InvalidHeader", session="none-leaves-out")
def headers_none_on_a_bare_request(requests, session, at):
    return requests.Request("GET", f"{A}/", headers={"X-One": None}).prepare()


@case("S1", raises="InvalidHeader")
def headers_of_a_bare_request_are_checked(requests, session, at):
    return requests.Request("GET", f"{A}/", headers={"X-One": "1\n2"}).prepare()


@case("S1")
def headers_of_the_prepared_request_can_be_changed(requests, session, at):
    prepared = session.prepare_request(requests.Request("GET", f"{A}/"))
    prepared.headers["X-Late"] = "1"
    del prepared.headers["Accept"]
    return session.send(prepared)


@case("S37")
def merging_settings(requests, session, at):
    merge = requests.sessions.merge_setting
    return [
        merge(None, {"a": 1}),
        merge({"a": 1}, None),
        merge("text", {"a": 1}),
        merge({"a": 1}, "text"),
        dict(merge({"a": 1, "b": None}, {"b": 2, "c": None, "d": 4})),
        dict(merge({}, {"a": None})),
        merge(False, True),
    ]


add(
    "headers: two requests have the same",
    "S1",
    lambda requests, session, at: [session.get(f"{A}/1"), session.get(f"{A}/2")],
)

call(
    "headers: Expect without content",
    "S25 Q36",
    "GET",
    f"{A}/",
    {"headers": {"Expect": "100-continue"}},
    session="Q36-expect",
)
