"""Redirects followed by hand: which lists there are, how long, in which order, and when."""

from tests.differential.model import A, B, add, case, ok, to

CHAIN = {
    f"{A}/1": to("/2", 302, ("Set-Cookie", "one=1"), content=b"one"),
    f"{A}/2": to("/3", 307, ("Set-Cookie", "two=2"), content=b"two"),
    f"{A}/3": to("/4", 303, content=b"three"),
    f"{A}/4": ok(b"end"),
    f"{A}/loop": to("/loop", content=b"again"),
}
OF_EACH = "history-of-each-hop"
ENDLESS = "a-preview-is-one-request"


def seen_at(response):
    """Tell a response, and the URLs of those before it, as they are now."""
    return [response.status_code, response.url, [each.url for each in response.history]]


def first_of(session, path="/1", **arguments):
    return session.get(f"{A}{path}", allow_redirects=False, **arguments)


@case("S36", replies=CHAIN, session=OF_EACH)
def each_hop_as_it_comes(requests, session, at):
    first, notes = first_of(session), []
    for hop in session.resolve_redirects(first, first.request):
        notes += [seen_at(hop), seen_at(first)]
    return notes


@case("S36", replies=CHAIN, session=OF_EACH)
def each_hop_when_all_have_come(requests, session, at):
    first = first_of(session)
    hops = list(session.resolve_redirects(first, first.request))
    return [seen_at(hop) for hop in [first, *hops]]


@case("S36", replies=CHAIN, session=OF_EACH)
def whose_responses_the_histories_have(requests, session, at):
    first = first_of(session)
    hops = [first, *session.resolve_redirects(first, first.request)]
    return [[[at.same(one, each) for each in hops] for one in hop.history] for hop in hops]


@case("S36", replies=CHAIN, session=OF_EACH)
def hops_left_in_the_middle(requests, session, at):
    first = first_of(session)
    hops = session.resolve_redirects(first, first.request)
    one = next(hops)
    hops.close()
    return [seen_at(one), seen_at(first), len(at.seen), session.get(f"{A}/4")]


@case("S36", replies=CHAIN, session=OF_EACH)
def hops_followed_twice(requests, session, at):
    first = first_of(session)
    return [
        [seen_at(hop) for hop in session.resolve_redirects(first, first.request)] for _ in range(2)
    ]


@case("S36", replies=CHAIN, session=OF_EACH)
def a_history_given_by_hand(requests, session, at):
    first = first_of(session)
    first.history = [first]
    hops = [seen_at(hop) for hop in session.resolve_redirects(first, first.request)]
    return [hops, first.history]


@case("S36 S9", replies=CHAIN, session=OF_EACH)
def too_many_hops_by_hand(requests, session, at):
    session.max_redirects, notes = 2, []
    first = first_of(session, "/loop")

    def follow():
        notes.extend(map(seen_at, session.resolve_redirects(first, first.request)))

    error = at.caught(follow)
    return [notes, type(error).__name__, str(error), seen_at(error.response)]


@case("S36")
def nothing_to_follow_or_to_preview(requests, session, at):
    first = first_of(session, "/4")
    return [
        list(session.resolve_redirects(first, first.request)),
        list(session.resolve_redirects(first, first.request, yield_requests=True)),
        first.history,
        first.next,
    ]


@case("S36", replies=CHAIN, session=ENDLESS)
def a_preview_asked_again(requests, session, at):
    first, notes = session.post(f"{A}/1", data=b"x", allow_redirects=False), []
    requests_of = session.resolve_redirects(first, first.request, yield_requests=True)
    for _ in range(3):
        notes += [next(requests_of), seen_at(first)]
    return [notes, len(at.seen)]


@case("S36 S9", replies=CHAIN, session=ENDLESS)
def a_preview_asked_too_often(requests, session, at):
    session.max_redirects = 2
    first = first_of(session)
    previews = session.resolve_redirects(first, first.request, yield_requests=True)
    error = at.caught(lambda: list(previews))
    return [type(error).__name__, str(error), seen_at(error.response)]


@case("S50", replies=CHAIN, session="next-is-made-when-asked")
def the_private_name_of_the_next_request(requests, session, at):
    response = first_of(session)
    return [response._next, response._next is response.next]


@case("S50", replies=CHAIN, session="next-is-made-when-asked")
def the_next_request_is_made_at_once(requests, session, at):
    response = first_of(session)
    session.cookies.set("later", "1", domain="a.test", path="/")
    return response.next


@case("S50", replies=CHAIN, session="next-is-made-when-asked")
def the_next_request_of_each_hop(requests, session, at):
    first, notes = first_of(session), []
    for hop in session.resolve_redirects(first, first.request):
        notes += [hop.next, first.next]
    return notes


@case("S50 S49", replies=CHAIN, session="next-is-made-when-asked")
def the_next_requests_of_a_history(requests, session, at):
    response = session.get(f"{A}/1")
    return [hop.next for hop in [*response.history, response]]


@case("S50", replies=CHAIN)
def the_next_request_of_a_post(requests, session, at):
    return [
        session.post(f"{A}{path}", data={"a": "b"}, allow_redirects=False).next
        for path in ("/1", "/2", "/3")
    ]


@case("S50", replies=CHAIN)
def the_next_request_of_a_head(requests, session, at):
    response = session.head(f"{A}/1")
    return [seen_at(response), response.next]


@case(
    "S50",
    replies={f"{A}/": to("http://[::1/x")},
    raises="builtins.ValueError",
    compat="Q28-own-errors",
    session="Q28-own-errors",
)
def no_next_request_to_a_url_that_is_none(requests, session, at):
    return session.get(f"{A}/", allow_redirects=False).url


@case("S48 S36", replies=CHAIN, session=OF_EACH)
def hooks_of_hops_by_hand(requests, session, at):
    notes = []

    def note(response, **settings):
        notes.append(["hook", *seen_at(response)])

    first = first_of(session, hooks={"response": note})
    notes.extend(map(seen_at, session.resolve_redirects(first, first.request)))
    return notes


@case("S48 S49", replies=CHAIN)
def two_hooks_for_each_hop(requests, session, at):
    notes = []
    session.hooks["response"] = [
        lambda response, **settings: notes.append(["a", response.url, len(response.history)]),
        lambda response, **settings: notes.append(["b", response.url, sorted(settings)]),
    ]
    response = session.get(f"{A}/1")
    return [notes, seen_at(response), [seen_at(hop) for hop in response.history]]


@case("S48", replies=CHAIN)
def a_hook_that_makes_a_redirect(requests, session, at):
    def lead(response, **settings):
        if response.url == f"{A}/4" and not notes:
            notes.append(response.status_code)
            response.status_code = 302
            response.headers["Location"] = "/3"

    notes = []
    response = session.get(f"{A}/4", hooks={"response": lead})
    return [seen_at(response), [seen_at(hop) for hop in response.history]]


@case("S38 S36", replies=CHAIN, session="one-call-for-all-hops")
def an_override_is_asked_for_previews_too(requests, session, at):
    notes = []

    class Noting(requests.Session):
        def resolve_redirects(self, *arguments, **settings):
            notes.append([len(arguments), sorted(settings)])
            return super().resolve_redirects(*arguments, **settings)

    response = at.session(Noting).get(f"{A}/1")
    return [notes, seen_at(response), [seen_at(hop) for hop in response.history]]


@case("S38 S50", replies=CHAIN, session="one-call-for-all-hops")
def an_override_is_asked_for_the_next_request(requests, session, at):
    notes = []

    class Noting(requests.Session):
        def resolve_redirects(self, *arguments, **settings):
            notes.append([len(arguments), settings.get("yield_requests")])
            return super().resolve_redirects(*arguments, **settings)

    return [at.session(Noting).get(f"{A}/1", allow_redirects=False).next, notes]


@case("S36 S11", replies=CHAIN)
def cookies_of_hops_by_hand(requests, session, at):
    first = first_of(session)
    return [
        [hop.request.headers.get("Cookie"), len(session.cookies)]
        for hop in session.resolve_redirects(first, first.request)
    ]


@case("S49", replies=CHAIN)
def histories_are_lists(requests, session, at):
    response = session.get(f"{A}/1")
    answers = [response, *response.history, session.get(f"{B}/"), first_of(session)]
    return [type(each.history).__name__ for each in answers]


# --- content that is nothing ----------------------------------------------------------------------

NOTHING = {
    "none": None,
    "an empty mapping": {},
    "an empty list": [],
    "an empty tuple": (),
    "empty text": "",
    "no octets": b"",
    "a mapping to none": {"a": None},
    "a pair with none": [("a", None)],
    "a mapping to nothing": {"a": []},
    "zero": 0,
}
ABSENT = {"a mapping to none", "a pair with none", "a mapping to nothing"}
for argument in ("data", "json"):
    for title, value in NOTHING.items():

        def prepare(requests, session, at, argument=argument, value=value):
            made = [
                requests.Request(method, f"{A}/", **{argument: value}) for method in ("POST", "GET")
            ]
            prepared = [*(each.prepare() for each in made), *map(session.prepare_request, made)]
            sent = [
                session.request(method, f"{A}/", **{argument: value}).status_code
                for method in ("POST", "GET")
            ]
            return [prepared, sent]

        differs = {"session": "length-of-nothing"} if argument == "data" and title in ABSENT else {}
        raises = "builtins.TypeError" if (argument, title) == ("json", "no octets") else None
        add(f"content of nothing: {argument}, {title}", "S26", prepare, raises=raises, **differs)
