"""Response hooks: whose run, in which order, with what, and what they change."""

from tests.differential.model import A, add, case, ok, setting, to

CHAIN = {f"{A}/1": to("/2"), f"{A}/2": to("/3")}


def noting(notes, name):
    """Make a hook that notes its name."""

    def hook(response, *args, **kwargs):
        notes.append(f"{name} {response.status_code}")

    return hook


@case("S4")
def the_hooks_of_a_new_session(requests, session, at):
    return session.hooks


for title, of_session, of_request in (
    ("of the request", (), ("r",)),
    ("of the session", ("s",), ()),
    ("of both", ("s",), ("r",)),
    ("several, in order", (), ("r1", "r2", "r3")),
):

    def act(requests, session, at, of_session=of_session, of_request=of_request):
        notes = []
        session.hooks["response"] = [noting(notes, name) for name in of_session]
        hooks = {"response": [noting(notes, name) for name in of_request]}
        return [session.get(f"{A}/", hooks=hooks), notes]

    add(
        f"hooks: {title}",
        "S4 S38 S48 Q19",
        act,
        **({"session": "Q19-hooks-of-both"} if title == "of both" else {}),
    )


@case("S4")
def a_hook_that_is_no_list(requests, session, at):
    notes = []
    session.get(f"{A}/", hooks={"response": noting(notes, "one")})
    return notes


@case("S4")
def a_hook_of_the_session_that_is_no_list(requests, session, at):
    notes = []
    session.hooks = {"response": noting(notes, "one")}
    session.get(f"{A}/")
    return notes


@case("S48", replies=CHAIN)
def hooks_see_every_hop(requests, session, at):
    notes = []
    session.get(f"{A}/1", hooks={"response": noting(notes, "hook")})
    return notes


@case("S48")
def hooks_get_the_settings(requests, session, at):
    given = []

    def hook(response, **settings):
        given.append(settings)

    session.get(f"{A}/", hooks={"response": hook}, timeout=7, verify=False, stream=False, cert=None)
    return [
        sorted(given[0]),
        given[0]["timeout"],
        given[0]["verify"],
        given[0]["stream"],
        given[0]["cert"],
    ]


@case("S48", replies={f"{A}/": setting("c=1")})
def hooks_come_before_the_cookies_are_kept(requests, session, at):
    kept = []

    def hook(response, **settings):
        kept.append([len(session.cookies), sorted(response.cookies.keys())])

    session.get(f"{A}/", hooks={"response": hook})
    return [kept, len(session.cookies)]


@case("S48")
def hooks_may_read_the_content(requests, session, at):
    found = []

    def hook(response, **settings):
        found.append(response.content)

    return [session.get(f"{A}/", hooks={"response": hook}), found]


@case("S48")
def a_hook_may_change_the_response(requests, session, at):
    def hook(response, **settings):
        response.status_code = 299
        response.encoding = "latin-1"

    return session.get(f"{A}/", hooks={"response": hook})


@case("S48")
def a_hook_may_replace_the_response(requests, session, at):
    seen = []

    def replace(response, **settings):
        return at.response(
            202, b"replaced", url=response.url, request=response.request, raw=response.raw
        )

    def see(response, **settings):
        seen.append(response.status_code)

    response = session.get(f"{A}/", hooks={"response": [replace, see]})
    return [response.status_code, response.content, seen]


@case("S48", raises="builtins.KeyError")
def a_hook_may_fail(requests, session, at):
    def hook(response, **settings):
        raise KeyError("mine")

    return session.get(f"{A}/", hooks={"response": hook})


@case("S48 S4", replies={f"{A}/": ok(b"no", status=500)}, raises="HTTPError")
def a_hook_may_raise_for_status(requests, session, at):
    def hook(response, **settings):
        response.raise_for_status()

    return session.get(f"{A}/", hooks={"response": hook})


def raise_for_status(response, **settings):
    """Be a hook that many programs have."""
    response.raise_for_status()


@case("S48 S4", replies={f"{A}/": ok(b"why not", status=500)})
def what_a_hook_raises_for_can_be_read(requests, session, at):
    session.hooks["response"] = [raise_for_status]
    error = at.caught(lambda: session.get(f"{A}/"))
    return [error.response.status_code, error.response.text]


@case("S48", replies={f"{A}/": ok(b"why not", status=500)})
def what_a_hook_raises_for_in_its_own_way_can_be_read(requests, session, at):
    class Refused(Exception):
        pass

    def hook(response, **settings):
        raise Refused(response)

    [response] = at.caught(lambda: session.get(f"{A}/", hooks={"response": hook})).args
    return [response.status_code, response.text]


@case("S48", replies={f"{A}/": ok(b"no", status=401)})
def a_hook_may_send_once_more(requests, session, at):
    def hook(response, **settings):
        if response.status_code == 401 and "X-Again" not in response.request.headers:
            again = response.request.copy()
            again.headers["X-Again"] = "1"
            return session.send(again)
        return None

    return session.get(f"{A}/", hooks={"response": hook}).status_code


@case("S4", raises="builtins.ValueError")
def a_hook_for_an_event_that_there_is_not(requests, session, at):
    return session.get(f"{A}/", hooks={"nonsense": print})


@case("S4")
def hooks_registered_and_taken_back(requests, session, at):
    notes = []
    one, two = noting(notes, "one"), noting(notes, "two")
    request = requests.Request("GET", f"{A}/")
    request.register_hook("response", one)
    request.register_hook("response", [two])
    taken = [request.deregister_hook("response", one), request.deregister_hook("response", print)]
    return [taken, len(request.hooks["response"])]


@case("S4 S27")
def hooks_of_a_prepared_request(requests, session, at):
    notes = []
    session.hooks["response"] = [noting(notes, "session")]
    session.send(
        requests.Request("GET", f"{A}/", hooks={"response": [noting(notes, "bare")]}).prepare()
    )
    return notes


@case("S4 S27")
def a_bare_prepared_request_has_no_hooks_of_the_session(requests, session, at):
    notes = []
    session.hooks["response"] = [noting(notes, "session")]
    session.send(requests.Request("GET", f"{A}/").prepare())
    return notes


@case("S38")
def merging_hooks(requests, session, at):
    merge = requests.sessions.merge_hooks
    one, none = {"response": [1]}, {"response": []}
    return [
        merge(None, one),
        merge(one, None),
        merge(none, one),
        merge(one, none),
        dict(merge({"response": [2]}, one)),
    ]
