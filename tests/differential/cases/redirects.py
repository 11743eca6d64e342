"""What becomes of method, content and fields at a redirect, for each status and method."""

from tests.differential.model import A, B, add, call, case, ok, to

STATUSES = (301, 302, 303, 307, 308)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")
CONTENT = {"data": b"content", "headers": {"Content-Type": "text/x", "Content-Language": "en"}}
# Where the default policy keeps the method, or with it the content.
KEPT = {(301, method) for method in ("PUT", "PATCH", "DELETE", "OPTIONS")}
QUERY = {(301, "QUERY"), (302, "QUERY")}
# RFC 9110 section 15.4 takes away all that speaks of content that is gone; Requests three fields.

for status in STATUSES:
    for method in METHODS:
        reason = {}
        if method not in {"GET", "HEAD"}:
            if (status, method) in KEPT:
                reason = {"session": "Q3-content-kept"}
            elif (status, method) in QUERY:
                reason = {"session": "Q35-query-repeated"}
            elif status not in {307, 308}:
                reason = {"session": "content-fields"}
        elif method == "GET" and status == 303:
            pass
        arguments = CONTENT if method not in {"GET", "HEAD"} else {}
        call(
            f"redirect: {status} {method}",
            "S34 S41 S36" + (" Q35" if method == "QUERY" else " Q3" if reason else ""),
            method,
            f"{A}/",
            arguments,
            replies={f"{A}/": to("/next", status)},
            **reason,
        )

for status in (300, 304, 305, 306):
    call(
        f"redirect: {status} is not followed",
        "S31",
        "GET",
        f"{A}/",
        replies={f"{A}/": to("/next", status)},
    )
call(
    "redirect: 201 is not followed",
    "S31",
    "POST",
    f"{A}/",
    {"data": b"x"},
    replies={f"{A}/": to("/next", 201)},
)
call("redirect: no Location", "S31", "GET", f"{A}/", replies={f"{A}/": ok(b"no way", status=302)})
call(
    "redirect: content is read and left",
    "S52",
    "GET",
    f"{A}/",
    replies={f"{A}/": to("/next", content=b"x" * 1000)},
)
call(
    "redirect: a form by POST becomes GET",
    "S41",
    "POST",
    f"{A}/",
    {"data": {"a": "1"}},
    replies={f"{A}/": to("/next")},
)
call(
    "redirect: json by 307",
    "S41",
    "POST",
    f"{A}/",
    {"json": {"a": 1}},
    replies={f"{A}/": to("/next", 307)},
)
call(
    "redirect: parameters are not repeated",
    "S36 S5",
    "GET",
    f"{A}/?x=1",
    {"params": {"a": "1"}},
    replies={f"{A}/": to("/next")},
)
call(
    "redirect: fields of the caller go along",
    "S41",
    "GET",
    f"{A}/",
    {"headers": {"X-One": "1", "Referer": f"{A}/from", "Origin": A, "Accept": "text/x"}},
    replies={f"{A}/": to("/next")},
)
call(
    "redirect: a removed field stays away",
    "S41 S1",
    "GET",
    f"{A}/",
    {"headers": {"Accept": None}},
    replies={f"{A}/": to("/next")},
)
call(
    "redirect: of POST without content", "S34", "POST", f"{A}/", replies={f"{A}/": to("/next", 302)}
)
call(
    "redirect: of POST without content by 307",
    "S34",
    "POST",
    f"{A}/",
    replies={f"{A}/": to("/next", 307)},
)
call(
    "redirect: three in a row",
    "S36 S49",
    "POST",
    f"{A}/1",
    {"data": b"x"},
    replies={f"{A}/1": to("/2", 307), f"{A}/2": to("/3", 302), f"{A}/3": to("/4", 301)},
)
call(
    "redirect: of a generator by 302",
    "S54",
    "POST",
    f"{A}/",
    lambda at: {"data": iter([b"one", b"two"])},
    replies={f"{A}/": to("/next", 302)},
)
call(
    "redirect: of a generator by 307",
    "Q13 S54",
    "POST",
    f"{A}/",
    lambda at: {"data": (each for each in [b"one", b"two"])},
    replies={f"{A}/": to("/next", 307)},
    compat="Q13-consumed-content",
    session="Q13-consumed-content",
)
call(
    "redirect: of a file by 307",
    "S54",
    "POST",
    f"{A}/",
    lambda at: {"data": at.file(b"content of a file")},
    replies={f"{A}/": to("/next", 307)},
)
call(
    "redirect: of a file to another host by 308",
    "S54",
    "PUT",
    f"{A}/",
    lambda at: {"data": at.file(b"content")},
    replies={f"{A}/": to(f"{B}/", 308)},
)
call(
    "redirect: of files by 307",
    "S54 Q30",
    "POST",
    f"{A}/",
    lambda at: {"files": {"f": at.file(b"content", "a.txt")}},
    replies={f"{A}/": to("/next", 307)},
)
call(
    "redirect: of a file by 302",
    "S54",
    "POST",
    f"{A}/",
    lambda at: {"data": at.file(b"content")},
    replies={f"{A}/": to("/next", 302)},
)


@case("S54", replies={f"{A}/": to("/next", 307)})
def a_file_is_rewound_to_where_it_was(requests, session, at):
    file = at.file(b"content of a file")
    file.seek(8)
    return session.post(f"{A}/", data=file)


@case("S54", replies={f"{A}/": to("/next", 307)}, raises="UnrewindableBodyError")
def a_stream_that_cannot_be_rewound(requests, session, at):
    class Unseekable:
        def __init__(self):
            self.left = [b"content"]

        def read(self, size=-1):
            return self.left.pop() if self.left else b""

        def __iter__(self):
            return iter(self.left)

        def tell(self):
            raise OSError("not here")

    return session.post(f"{A}/", data=Unseekable())


@case("S54")
def a_position_is_recorded(requests, session, at):
    file = at.file(b"content")
    file.seek(3)
    return requests.Request("POST", f"{A}/", data=file).prepare()._body_position


add(
    "redirect: get_redirect_target",
    "S31",
    lambda requests, session, at: [
        session.get_redirect_target(session.get(f"{A}/{status}", allow_redirects=False))
        for status in (200, 302, 304)
    ],
    replies={f"{A}/302": to("/next"), f"{A}/304": to("/next", 304)},
)
