"""History, the next request, and the end of patience."""

from tests.differential.model import A, B, add, case, ok, to

CHAIN = {
    f"{A}/1": to("/2", content=b"one"),
    f"{A}/2": to("/3", 301, content=b"two"),
    f"{A}/3": to("/4", 303),
}
LOOP = {f"{A}/loop": to("/loop", content=b"again")}


@case("S49", replies=CHAIN)
def history_of_a_chain(requests, session, at):
    response = session.get(f"{A}/1")
    return [
        response,
        [[each.status_code for each in hop.history] for hop in response.history],
        [each.content for each in response.history],
        [each.is_redirect for each in [*response.history, response]],
        [each.is_permanent_redirect for each in response.history],
        [each.request.url for each in response.history],
        response.request.url,
        any(each is response for each in response.history),
    ]


@case("S49")
def history_of_one_response(requests, session, at):
    return session.get(f"{A}/").history


@case("S53", replies=CHAIN)
def elapsed_is_a_timedelta(requests, session, at):
    response = session.get(f"{A}/1")
    return [response.elapsed, response.history[0].elapsed, response.elapsed.total_seconds() >= 0]


@case("S50", replies=CHAIN)
def next_of_a_redirect(requests, session, at):
    response = session.post(f"{A}/1", data=b"x", allow_redirects=False)
    return [response, response.next, response.next.method]


@case("S50")
def next_of_a_response(requests, session, at):
    return [session.get(f"{A}/").next, session.get(f"{A}/", allow_redirects=False).next]


@case("S50", replies=CHAIN)
def next_by_next(requests, session, at):
    response = session.get(f"{A}/1", allow_redirects=False)
    urls = [response.url]
    while response.next is not None:
        response = session.send(response.next, allow_redirects=False)
        urls.append(response.url)
    return urls


@case("S50", replies={f"{A}/": to("/next")})
def next_can_be_sent_with_redirects(requests, session, at):
    return session.send(session.get(f"{A}/", allow_redirects=False).next)


@case(
    "Q2 S50",
    replies={f"{A}/": to("/next", content=b"unread")},
    compat="Q2-unread",
    session="Q2-unread",
)
def content_of_a_streamed_redirect_is_unread(requests, session, at):
    response = session.get(f"{A}/", allow_redirects=False, stream=True)
    return [bool(response._content_consumed), response.content]


@case(
    "Q2 S50",
    replies={f"{A}/": to("/next", content=b"unread")},
    compat="Q2-unread",
    session="Q2-unread",
)
def content_of_a_streamed_redirect_in_pieces(requests, session, at):
    response = session.get(f"{A}/", allow_redirects=False, stream=True)
    return [response._content is False, b"".join(response.iter_content(3))]


@case("S9 S51", replies=LOOP, raises="TooManyRedirects")
def thirty_redirects(requests, session, at):
    return session.get(f"{A}/loop")


@case("S9", replies=LOOP)
def thirty_requests_and_one(requests, session, at):
    return [at.name_of(lambda: session.get(f"{A}/loop")), len(at.seen)]


@case("S9 S51", replies=LOOP)
def too_many_redirects_knows_its_response(requests, session, at):
    session.max_redirects = 2
    error = at.caught(lambda: session.get(f"{A}/loop"))
    response = error.response
    return [
        error,
        str(error),
        response.status_code,
        response.url,
        response.content,
        error.request.url,
        [each.status_code for each in response.history],
    ]


for limit in (0, 1, 2, 3):

    def act(requests, session, at, limit=limit):
        session.max_redirects = limit
        error = at.name_of(lambda: session.get(f"{A}/1"))
        return [error, len(at.seen)]

    add(f"max_redirects: {limit} of three", "S9", act, replies=CHAIN)


@case(
    "Q1 S9",
    replies=CHAIN,
    raises="TooManyRedirects",
    compat="Q1-no-redirects",
    session="Q1-no-redirects",
)
def no_redirects_allowed_twice(requests, session, at):
    session.max_redirects = 0
    return session.get(f"{A}/1", allow_redirects=False)


@case("S9")
def no_redirects_and_none_needed(requests, session, at):
    session.max_redirects = 0
    return session.get(f"{A}/")


@case("Q32 S52", replies={f"{A}/": to("/next", content=b"x" * 300_000)})
def a_redirect_with_much_content(requests, session, at):
    response = session.get(f"{A}/")
    return [response.status_code, response.history[0].status_code]


@case(
    "Q32 S52",
    replies={f"{A}/": to("/next", content=b"x" * 300_000)},
    compat="Q32-redirect-content",
    session="Q32-redirect-content",
)
def the_content_of_a_redirect_can_be_read(requests, session, at):
    return len(session.get(f"{A}/").history[0].content)


@case("S52", replies={f"{A}/": to("/next", content=b"short")})
def the_short_content_of_a_redirect_can_be_read(requests, session, at):
    return session.get(f"{A}/").history[0].content


@case("S52", replies={f"{A}/": to("/next", 302, ("Content-Encoding", "gzip"), content=b"no gzip")})
def a_redirect_with_broken_content(requests, session, at):
    return session.get(f"{A}/")


@case(
    "S36 S11",
    replies={
        f"{A}/": to(f"{B}/", 302, ("Set-Cookie", "a=1; Path=/")),
        f"{B}/": ok(b"", ("Set-Cookie", "b=1; Path=/")),
    },
)
def cookies_of_every_hop_are_kept(requests, session, at):
    response = session.get(f"{A}/")
    return [session.cookies, response.cookies, response.history[0].cookies]


@case("S6 S36", replies={f"{A}/": to("/next", content=b"first")})
def a_streamed_chain(requests, session, at):
    response = session.get(f"{A}/", stream=True)
    unread = response._content is False
    return [unread, response.content, response.history[0].content]
