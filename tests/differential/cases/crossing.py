"""What goes along to another origin: credentials, Host, and fields of one's own."""

from tests.differential.model import A8, A_TLS, A_TLS8, B_TLS, WWW, A, B, add, call, case, to

USER = {"auth": ("user", "pass")}
ORIGINS = {
    "A": A,
    "A8": A8,
    "A_TLS": A_TLS,
    "A_TLS8": A_TLS8,
    "B": B,
    "WWW": WWW,
    "A80": "http://a.test:80",
    "ADOT": "http://a.test.",
}

for start, end in (
    ("A", "A"),
    ("A", "A8"),
    ("A", "A_TLS"),
    ("A", "A_TLS8"),
    ("A", "B"),
    ("A", "WWW"),
    ("A", "A80"),
    ("A8", "A_TLS"),
    ("A8", "A8"),
    ("A8", "A"),
    ("A_TLS", "A"),
    ("A_TLS", "A_TLS"),
    ("A_TLS", "A_TLS8"),
    ("WWW", "A"),
):
    first = ORIGINS[start]
    call(
        f"credentials: {start} to {end}",
        "S32 S33",
        "GET",
        f"{first}/start",
        lambda at: {**USER, "verify": at.ca},
        replies={f"{first}/start": to(f"{ORIGINS[end]}/end")},
    )

ORIGINS |= {"A443": "https://a.test:443", "UPPER": "http://A.TEST", "USER": "http://user@a.test"}


@case("S32")
def should_strip_auth_by_pairs(requests, session, at):
    return {
        f"{one} {other}": session.should_strip_auth(f"{ORIGINS[one]}/x", f"{ORIGINS[other]}/y")
        for one in ORIGINS
        for other in ORIGINS
    }


call(
    "credentials: of the session",
    "S33 S2",
    "GET",
    f"{A}/",
    before=lambda session: setattr(session, "auth", ("user", "pass")),
    replies={f"{A}/": to(f"{B}/")},
)
call(
    "credentials: a field by hand within the origin",
    "S33",
    "GET",
    f"{A}/",
    {"headers": {"Authorization": "Bearer x"}},
    replies={f"{A}/": to("/next")},
)
call(
    "credentials: a field by hand to another origin",
    "S33",
    "GET",
    f"{A}/",
    {"headers": {"Authorization": "Bearer x"}},
    replies={f"{A}/": to(f"{B}/")},
)
call(
    "credentials: there and back",
    "Q7 S33",
    "GET",
    f"{A}/",
    USER,
    replies={f"{A}/": to(f"{B}/"), f"{B}/": to(f"{A}/back")},
    session="Q7-credentials-at-home",
)
call(
    "credentials: of the session there and back",
    "Q7 S33",
    "GET",
    f"{A}/",
    before=lambda session: setattr(session, "auth", ("user", "pass")),
    replies={f"{A}/": to(f"{B}/"), f"{B}/": to(f"{A}/back")},
    session="Q7-credentials-at-home",
)
call(
    "credentials: user info of the URL, on a redirect",
    "S33",
    "GET",
    "http://user:pass@a.test/",
    replies={f"{A}/": to(f"{A}/next")},
)
call(
    "credentials: user info of the URL, to another origin",
    "S33",
    "GET",
    "http://user:pass@a.test/",
    replies={f"{A}/": to(f"{B}/next")},
)
call(
    "host: by hand within the origin",
    "Q10 S41",
    "GET",
    f"{A}/",
    {"headers": {"Host": "other.test"}},
    replies={f"{A}/": to(f"{A}/next")},
    ordered=False,
)
call(
    "host: by hand and a relative Location",
    "Q10 S41",
    "GET",
    f"{A}/",
    {"headers": {"Host": "other.test"}},
    replies={f"{A}/": to("/next")},
    ordered=False,
)
call(
    "host: by hand to another origin",
    "Q10 S41",
    "GET",
    f"{A}/",
    {"headers": {"Host": "other.test"}},
    replies={f"{A}/": to(f"{B}/")},
    session="Q10-host-at-home",
    ordered=False,
)

TO_PROXIES = {"compat": "proxy-fields-to-proxies", "session": "proxy-fields-to-proxies"}

for name in ("X-API-Key", "X-Auth-Token", "Referer", "Origin", "X-Custom", "Proxy-Authorization"):
    call(
        f"field: {name} within the origin",
        "Q11 S41",
        "GET",
        f"{A}/",
        {"headers": {name: "value"}},
        replies={f"{A}/": to("/next")},
        **(TO_PROXIES if name.startswith("Proxy") else {}),
    )
    call(
        f"field: {name} to another origin",
        "Q11 S41",
        "GET",
        f"{A}/",
        {"headers": {name: "value"}},
        replies={f"{A}/": to(f"{B}/")},
        **(TO_PROXIES if name.startswith("Proxy") else {"session": "Q11-fields-at-home"}),
    )
for name in (
    "Accept",
    "Accept-Language",
    "Range",
    "If-None-Match",
    "Cache-Control",
    "X-Requested-With",
    "DNT",
):
    call(
        f"field: harmless {name} to another origin",
        "Q11 S41",
        "GET",
        f"{A}/",
        {"headers": {name: "value"}},
        replies={f"{A}/": to(f"{B}/")},
    )

call(
    "field: of the session to another origin",
    "Q11",
    "GET",
    f"{A}/",
    before=lambda session: session.headers.update({"X-API-Key": "secret"}),
    replies={f"{A}/": to(f"{B}/")},
    session="Q11-fields-at-home",
)
call(
    "field: from https to http",
    "Q11",
    "GET",
    f"{A_TLS}/",
    lambda at: {"headers": {"X-API-Key": "secret"}, "verify": at.ca},
    replies={f"{A_TLS}/": to(f"{A}/")},
    session="Q11-fields-at-home",
)
call(
    "field: Content-Language with content to another origin",
    "Q11 S41",
    "POST",
    f"{A}/",
    {"data": b"x", "headers": {"Content-Language": "en", "Content-Type": "text/x"}},
    replies={f"{A}/": to(f"{B}/", 307)},
)
call(
    "credentials: between https origins",
    "S32",
    "GET",
    f"{A_TLS}/",
    lambda at: {**USER, "verify": at.ca},
    replies={f"{A_TLS}/": to(f"{B_TLS}/")},
)
add(
    "credentials: on a hop prepared by hand",
    "S33 S50",
    lambda requests, session, at: (
        session.get(f"{A}/", auth=("user", "pass"), allow_redirects=False).next
    ),
    replies={f"{A}/": to(f"{B}/")},
)
