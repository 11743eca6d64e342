"""Every public name of a response, one by one, on responses of several kinds."""

import copy
import gzip
import pickle
from datetime import timedelta

from tests.differential.model import A, B, add, bare, case, ok, to

REPLIES = {
    f"{A}/json": ok(b'{"a": [1]}', ("Content-Type", "application/json"), ("Set-Cookie", "c=1")),
    f"{A}/text": ok("café\n€".encode(), ("Content-Type", "text/plain; charset=utf-8")),
    f"{A}/latin": ok(b"caf\xe9", ("Content-Type", "text/html")),
    f"{A}/bare": bare(b"bare"),
    f"{A}/gzip": ok(gzip.compress(b"packed", mtime=0), ("Content-Encoding", "gzip")),
    f"{A}/empty": bare(b"", status=204),
    f"{A}/missing": ok(b"none", status=404),
    f"{A}/broken": ok(b"oh", status=500),
    f"{A}/moved": to("/text", 301, ("Link", '</next>; rel="next"'), content=b"moved"),
    f"{A}/kept": to(f"{B}/", 308),
    f"{A}/choices": to("/text", 300),
    f"{A}/nowhere": bare(b"", status=302),
    f"{A}/proxied": ok(b"", status=305),
}
# The state of a response when it is pickled; ours has more.
STATE = {
    "_content",
    "cookies",
    "elapsed",
    "encoding",
    "headers",
    "history",
    "reason",
    "request",
    "status_code",
    "url",
}
# What a program reads of a response, by the name that it reads.
NAMES = {
    "apparent_encoding": lambda r: r.apparent_encoding.lower(),
    "close": lambda r: r.close(),
    "connection": lambda r: hasattr(r.connection, "send"),
    "content": lambda r: r.content,
    "cookies": lambda r: r.cookies.get_dict(),
    "elapsed": lambda r: 0 < r.elapsed.total_seconds() < 60,
    "encoding": lambda r: r.encoding,
    "headers": lambda r: sorted(r.headers.items()),
    "history": lambda r: [each.status_code for each in r.history],
    "is_permanent_redirect": lambda r: r.is_permanent_redirect,
    "is_redirect": lambda r: r.is_redirect,
    "iter_content": lambda r: [*r.iter_content(3)],
    "iter_lines": lambda r: [*r.iter_lines(decode_unicode=True)],
    "json": lambda r: r.json(),
    "links": lambda r: r.links,
    "next": lambda r: r.next and (r.next.method, r.next.url),
    "ok": lambda r: r.ok,
    "raise_for_status": lambda r: r.raise_for_status(),
    "raw": lambda r: (r.raw.status, r.raw.reason, r.raw.read(2, decode_content=True)),
    "reason": lambda r: r.reason,
    "request": lambda r: (r.request.method, r.request.url),
    "status_code": lambda r: r.status_code,
    "text": lambda r: r.text,
    "url": lambda r: r.url,
    "__attrs__": lambda r: set(r.__attrs__) >= STATE,
    "__bool__": bool,
    "__enter__": lambda r: r.__enter__() is r,
    "__exit__": lambda r: r.__exit__(),
    "__getstate__": lambda r: set(r.__getstate__()) >= STATE,
    "__iter__": lambda r: [*r],
    "__nonzero__": lambda r: r.__nonzero__(),
    "__repr__": repr,
    "pickled": lambda r: (pickle.loads(pickle.dumps(r)).content, len(pickle.dumps(r)) > 0),
    "copied": lambda r: copy.copy(r).status_code,
    "_content": lambda r: r._content,
    "_content_consumed": lambda r: r._content_consumed,
    "_next": lambda r: r._next and r._next.url,
}


def read(at, program, response):
    """What a program reads, or the error that it meets and its text."""
    told = []
    name = at.name_of(lambda: told.append(program(response)))
    return told[0] if told else name


for path in [url.removeprefix(A) for url in REPLIES]:

    def names(requests, session, at, path=path):
        told = {}
        for name, program in NAMES.items():
            # A redirect that is streamed, and not followed, is read by Requests (Q2).
            for stream in (False, True)[: 1 if path in {"/moved", "/kept"} else 2]:
                response = session.get(f"{A}{path}", stream=stream, allow_redirects=False)
                told[f"{name} {stream}"] = read(at, program, response)
        return told

    add(f"response names: {path}", "S18", names, replies=REPLIES, native=False, watched=False)


@case("S18", native=False)
def every_public_name_of_a_response_is_there(requests, session, at):
    import requests as measure

    known = {name for name in NAMES if not name.startswith("_")}
    public = {name for name in dir(measure.Response()) if not name.startswith("_")}
    return [public - known, public - set(dir(session.get(f"{A}/")))]


# Without a status or a raw response Requests fails here, and says of what.
WITHOUT_A_STATUS = {
    *("apparent_encoding", "close", "connection", "copied", "elapsed", "ok", "pickled", "raw"),
    *("raise_for_status", "request", "__bool__", "__exit__", "__nonzero__"),
}


@case("S18", native=False)
def names_of_a_response_made_by_hand(requests, session, at):
    told = {}
    for name, program in NAMES.items():
        if name not in WITHOUT_A_STATUS:
            told[name] = read(at, program, requests.Response())
    return told


@case("S18", native=False)
def names_of_a_response_that_can_be_set(requests, session, at):
    response = session.get(f"{A}/")
    told = []
    for name, value in {
        "status_code": 418,
        "url": f"{B}/",
        "encoding": "utf-16",
        "reason": "Teapot",
        "history": [1],
        "headers": {"a": "b"},
        "_content": b"mine",
        "_content_consumed": True,
        "_next": 5,
        "connection": 7,
        "request": 8,
        "elapsed": timedelta(seconds=9),
        "raw": 10,
        "cookies": 11,
        "mine": 12,
    }.items():
        setattr(response, name, value)
        told.append([name, getattr(response, name)])
    return told


@case("S18", replies=REPLIES, native=False)
def texts_of_errors_for_a_status(requests, session, at):
    told = []
    for path in ("/missing", "/broken", "/text"):
        response = session.get(f"{A}{path}?a=1")
        response.reason = "Because" if path == "/missing" else b"caf\xc3\xa9"
        try:
            response.raise_for_status()
        except requests.HTTPError as error:
            told.append([str(error), error.response is response, error.request is response.request])
    return told


@case("S18", replies=REPLIES, native=False)
def the_next_of_a_redirect(requests, session, at):
    response = session.get(f"{A}/moved", allow_redirects=False)
    followed = session.get(f"{A}/moved")
    return [response._next.url, response.next is response._next, followed._next, followed.next]


class Repeating(dict):
    """A mapping that repeats names, as CIMultiDict and urllib3's HTTPHeaderDict do."""

    def items(self):
        return [(name, value) for name, values in super().items() for value in values]


@case("S46", native=False)
def fields_of_a_mapping_that_repeats_names(requests, session, at):
    response = session.get(f"{A}/")
    response.headers = Repeating({"X-One": ["1", "2"], "Content-Type": ["text/html"]})
    return list(response.headers.items()), response.is_redirect
