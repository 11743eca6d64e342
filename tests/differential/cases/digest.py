"""Digest, from the challenge on."""

from tests.differential.model import A, B, add, case, ok, to


def challenge(value, status=401, **fields):
    """Write a response that asks for credentials."""
    return ok(b"who?", ("WWW-Authenticate", value), *fields.items(), status=status)


def guarded(value):
    """Ask once for credentials, then be content."""
    return lambda seen: (
        ok(b"in") if (seen.value("authorization") or "").startswith("Digest") else challenge(value)
    )


PLAIN = 'Digest realm="r", nonce="n0nce", qop="auth"'
FORMS = {
    "qop auth": PLAIN,
    "MD5 by name": f"{PLAIN}, algorithm=MD5",
    "SHA-256": f"{PLAIN}, algorithm=SHA-256",
    "SHA-512": f"{PLAIN}, algorithm=SHA-512",
    "opaque": f'{PLAIN}, opaque="0paque"',
    "no qop": 'Digest realm="r", nonce="n0nce"',
    "auth and auth-int": 'Digest realm="r", nonce="n0nce", qop="auth,auth-int"',
    "an empty realm": 'Digest realm="", nonce="n0nce", qop="auth"',
    "its scheme in lower case": 'digest realm="r", nonce="n0nce", qop="auth"',
    "stale": f"{PLAIN}, stale=false",
}


def digest(requests, user="user", password="pass"):
    """Make the credentials."""
    return requests.auth.HTTPDigestAuth(user, password)


for title, form in FORMS.items():
    add(
        f"digest: {title}",
        "Q31 S2",
        lambda requests, session, at: session.get(f"{A}/x?y=1", auth=digest(requests)),
        replies={f"{A}/x": guarded(form)},
        **({} if title == "no qop" else {"session": "Q31-digest-form"}),
    )


@case(
    "Q31",
    replies={f"{A}/": guarded('Digest REALM="r", Nonce="n0nce", QOP="auth"')},
    raises="builtins.KeyError",
    compat="Q31-challenges",
    session="Q31-challenges",
)
def digest_with_parameters_in_upper_case(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests))


@case("Q31", replies={f"{A}/": guarded(PLAIN)}, session="Q31-digest-form")
def digest_with_content(requests, session, at):
    return session.post(f"{A}/", data=b"content", auth=digest(requests))


@case("Q31 S54", replies={f"{A}/": guarded(PLAIN)}, session="Q31-digest-form")
def digest_with_a_file(requests, session, at):
    return session.post(f"{A}/", data=at.file(b"content"), auth=digest(requests))


@case("Q31 S49", replies={f"{A}/": challenge(PLAIN)}, session="Q31-digest-form")
def digest_with_a_wrong_password(requests, session, at):
    response = session.get(f"{A}/", auth=digest(requests, "user", "wrong"))
    return [response, [each.status_code for each in response.history]]


@case("Q31", replies={f"{A}/1": guarded(PLAIN)}, session="Q31-digest-form")
def digest_goes_first_the_second_time(requests, session, at):
    session.auth = digest(requests)
    return [session.get(f"{A}/1"), session.get(f"{A}/2")]


@case("Q31", replies={f"{A}/": challenge('Basic realm="r"')})
def digest_asked_for_basic(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests))


@case("Q31", replies={f"{A}/": challenge(f'Basic realm="b", {PLAIN}')}, session="Q31-digest-form")
def digest_beside_basic(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests))


@case("Q31", replies={f"{A}/": ok(b"free")})
def digest_that_nobody_asks_for(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests))


@case(
    "Q31",
    replies={f"{A}/": challenge(f"{PLAIN}, algorithm=NONSENSE")},
    compat="Q31-nothing-to-answer",
    session="Q31-nothing-to-answer",
)
def digest_of_an_unknown_algorithm(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests)).status_code


@case(
    "Q31 S11",
    replies={f"{A}/": (challenge(PLAIN, **{"Set-Cookie": "c=1"}), ok(b"in"))},
    session="Q31-digest-form",
)
def digest_with_a_cookie_in_the_challenge(requests, session, at):
    return [session.get(f"{A}/", auth=digest(requests)), session.cookies]


@case(
    "Q31 S36",
    replies={f"{A}/": guarded(PLAIN), f"{A}/old": to("/")},
    session="Q31-digest-form",
)
def digest_after_a_redirect(requests, session, at):
    return session.get(f"{A}/old", auth=digest(requests))


@case(
    "Q31 S36",
    replies={f"{A}/": (challenge(PLAIN), to("/next")), f"{A}/next": guarded(PLAIN)},
    compat="digest-in-its-space",
    session="digest-in-its-space",
)
def digest_before_a_redirect(requests, session, at):
    last = session.get(f"{A}/", auth=digest(requests))
    return [last, [[each.status_code for each in one.history] for one in (*last.history, last)]]


@case("Q31 S36", replies={f"{A}/": (challenge(PLAIN), to("/next"))}, session="Q31-digest-form")
def digest_before_a_redirect_that_is_not_followed(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests), allow_redirects=False)


@case(
    "Q31 S32",
    replies={f"{A}/": to(f"{B}/"), f"{B}/": guarded(PLAIN)},
    compat="digest-in-its-space",
    session="digest-in-its-space",
)
def digest_at_another_origin(requests, session, at):
    return session.get(f"{A}/", auth=digest(requests))


@case("Q31 S48", replies={f"{A}/": guarded(PLAIN)}, session="Q31-digest-form")
def digest_and_a_hook(requests, session, at):
    statuses = []

    def hook(response, **settings):
        statuses.append(response.status_code)

    return [session.get(f"{A}/", auth=digest(requests), hooks={"response": hook}), statuses]


@case("Q31")
def digest_objects_are_compared(requests, session, at):
    one, same, other = digest(requests), digest(requests), digest(requests, "other")
    return [one == same, one != same, one == other]
