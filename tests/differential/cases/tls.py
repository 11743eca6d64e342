"""TLS: who is trusted, by whom this was said, and client certificates."""

import ssl
import warnings

from tests.differential.model import A_TLS, B_TLS, PROXY, WWW, A, Reply, call, case, to

CA = {"REQUESTS_CA_BUNDLE": "{ca}"}


def verified_by(verify):
    """Set the session's verify first."""

    def before(session):
        session.verify = verify

    return before


call("verify: the authority's path", "S7", "GET", f"{A_TLS}/", lambda at: {"verify": at.ca})
call("verify: by default", "S7", "GET", f"{A_TLS}/", raises="SSLError")
call("verify: true", "S7", "GET", f"{A_TLS}/", {"verify": True}, raises="SSLError")
call("verify: false", "S7", "GET", f"{A_TLS}/", {"verify": False})
call("verify: false by the session", "S7", "GET", f"{A_TLS}/", before=verified_by(False))
call(
    "verify: none is the session's",
    "S7",
    "GET",
    f"{A_TLS}/",
    {"verify": None},
    before=verified_by(False),
)
call(
    "verify: true before the session's false",
    "S7 S37",
    "GET",
    f"{A_TLS}/",
    {"verify": True},
    before=verified_by(False),
    raises="SSLError",
)
call(
    "verify: another name",
    "S7",
    "GET",
    f"{WWW.replace('http', 'https')}/",
    lambda at: {"verify": at.ca},
    raises="SSLError",
)
call(
    "verify: another name, unverified",
    "S7",
    "GET",
    f"{WWW.replace('http', 'https')}/",
    {"verify": False},
)
call(
    "verify: a path that is not there",
    "S7",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": str(at.folder / "nowhere.pem")},
    raises="builtins.OSError",
)
call(
    "verify: an empty folder",
    "S7",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": str(at.folder)},
    raises="SSLError",
)
call("verify: plain http does not care", "S7", "GET", f"{A}/", {"verify": "/nowhere.pem"})
call("cert: none", "S8", "GET", f"{A_TLS}/", lambda at: {"verify": at.ca, "cert": None})
call(
    "cert: one file",
    "S8",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": at.ca, "cert": at.client_certificate},
)
call(
    "cert: two files",
    "S8",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": at.ca, "cert": (at.client_certificate, at.client_certificate)},
)
call(
    "cert: that is not there",
    "S8",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": at.ca, "cert": "/nowhere.pem"},
    raises="builtins.OSError",
)
call(
    "cert: a key that is not there",
    "S8",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": at.ca, "cert": (at.client_certificate, "/nowhere.pem")},
    raises="builtins.OSError",
)
call(
    "tls: an origin that speaks none",
    "S7 Q28",
    "GET",
    "https://a.test:8080/",
    {"verify": False},
    raises="SSLError",
)
call(
    "tls: cut in the middle of a head",
    "S7 Q28",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": at.ca},
    replies={f"{A_TLS}/": Reply(b"HTTP/1.1 200 OK\r\nContent-", "close")},
    compat="whole-heads",
    session="whole-heads",
)

for title, env in {
    "REQUESTS_CA_BUNDLE": CA,
    "CURL_CA_BUNDLE": {"CURL_CA_BUNDLE": "{ca}"},
    "the first of both": {"REQUESTS_CA_BUNDLE": "{ca}", "CURL_CA_BUNDLE": "/nowhere.pem"},
    "the second if the first is empty": {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "{ca}"},
}.items():
    call(f"authorities: {title}", "S45 S10", "GET", f"{A_TLS}/", env=env)

call(
    "authorities: of the environment and verify true",
    "S45",
    "GET",
    f"{A_TLS}/",
    {"verify": True},
    env=CA,
)
call(
    "authorities: of the environment and verify false",
    "S45",
    "GET",
    f"{A_TLS}/",
    {"verify": False},
    env={"REQUESTS_CA_BUNDLE": "/nowhere.pem"},
)
call(
    "authorities: of the environment and a path",
    "S45",
    "GET",
    f"{A_TLS}/",
    lambda at: {"verify": at.ca},
    env={"REQUESTS_CA_BUNDLE": "/nowhere.pem"},
)
call(
    "authorities: the environment beats the session's false",
    "S45 Q5",
    "GET",
    f"{A_TLS}/",
    before=verified_by(False),
    env={"REQUESTS_CA_BUNDLE": "/nowhere.pem"},
    raises="builtins.OSError",
    session="Q5-session-before-environment",
)
call(
    "authorities: a path of the environment that is not there",
    "S45",
    "GET",
    f"{A_TLS}/",
    env={"REQUESTS_CA_BUNDLE": "/nowhere.pem"},
    raises="builtins.OSError",
)


@case(
    "S45 Q5",
    env={"REQUESTS_CA_BUNDLE": "/nowhere.pem"},
    raises="builtins.OSError",
    session="Q5-session-before-environment",
)
def authorities_of_the_environment_beat_the_sessions_path(requests, session, at):
    session.verify = at.ca
    return session.get(f"{A_TLS}/")


@case("S45 S10", env=CA, raises="SSLError")
def authorities_without_trust_in_the_environment(requests, session, at):
    session.trust_env = False
    return session.get(f"{A_TLS}/")


@case("S7")
def verify_of_the_session_as_a_path(requests, session, at):
    session.verify = at.ca
    return session.get(f"{A_TLS}/")


@case("S7 S36", replies={f"{A_TLS}/": to(f"{B_TLS}/")})
def verify_holds_for_every_hop(requests, session, at):
    return session.get(f"{A_TLS}/", verify=at.ca)


@case("S7")
def verify_is_not_remembered(requests, session, at):
    session.get(f"{A_TLS}/", verify=False)
    return at.name_of(lambda: session.get(f"{A_TLS}/"))


@case("S8")
def cert_of_the_session(requests, session, at):
    session.cert = at.client_certificate
    return session.get(f"{A_TLS}/", verify=at.ca)


# --- warnings -------------------------------------------------------------------------------------


def warned(program):
    """Give the warnings of a program: their classes, and what they say of a host."""
    from urllib3.exceptions import InsecureRequestWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        program()
    return [
        [issubclass(each.category, InsecureRequestWarning), str(each.message).partition(". ")[0]]
        for each in caught
    ]


@case("S7", native=False)
def unverified_requests_are_warned_of(requests, session, at):
    return warned(
        lambda: [
            session.get(f"{A_TLS}/", verify=False),
            session.get(f"{A_TLS}/again", verify=False),
            session.get(f"{B_TLS}/", verify=False),
        ]
    )


@case("S7", native=False)
def verified_requests_are_not_warned_of(requests, session, at):
    return warned(
        lambda: [session.get(f"{A_TLS}/", verify=at.ca), session.get(f"{A}/", verify=False)]
    )


@case("S7", replies={f"{A_TLS}/": to("/next"), f"{A}/": to(f"{A_TLS}/next")}, native=False)
def unverified_redirects_are_warned_of(requests, session, at):
    session.verify = False
    return warned(lambda: [session.get(f"{A_TLS}/"), session.get(f"{A}/")])


@case("S7 S12", native=False)
def lax_contexts_are_warned_of(requests, session, at):
    class Own(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args, **kwargs):
            lax = ssl.create_default_context()
            lax.check_hostname = False
            lax.verify_mode = ssl.CERT_NONE
            super().init_poolmanager(*args, **kwargs, ssl_context=lax)

        def cert_verify(self, conn, url, verify, cert):
            pass

    session.mount("https://", Own())
    return warned(lambda: session.get(f"{A_TLS}/", verify=False))


@case("S7", native=False)
def unverified_requests_of_a_tunnel_are_warned_of(requests, session, at):
    proxies = {"https": PROXY}
    return [
        each[0] for each in warned(lambda: session.get(f"{A_TLS}/", verify=False, proxies=proxies))
    ]


@case("S7", native=False)
def warnings_are_disabled(requests, session, at):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        requests.packages.urllib3.disable_warnings()
        session.get(f"{A_TLS}/", verify=False)
    return len(caught)


@case("S7", native=False)
def warnings_of_a_class_are_disabled(requests, session, at):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kind = requests.packages.urllib3.exceptions.InsecureRequestWarning
        requests.packages.urllib3.disable_warnings(kind)
        session.get(f"{A_TLS}/", verify=False)
    return len(caught)


@case("S7", native=False)
def warnings_of_the_module_are_filtered(requests, session, at):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module="urllib3")
        session.get(f"{A_TLS}/", verify=False)
    return len(caught)


@case("S7", native=False)
def warnings_that_are_errors(requests, session, at):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return at.name_of(lambda: session.get(f"{A_TLS}/", verify=False))


@case("S50", replies={f"{A_TLS}/": Reply(b"HTTP/1.1 200 OK\r\n\r\nabc", "reset")}, native=False)
def content_until_close_that_is_reset(requests, session, at):
    found = []
    for size in (None, 1, 3, 10):
        response = session.get(f"{A_TLS}/", stream=True, verify=at.ca)
        try:
            found.append([*response.iter_content(size)])
        except requests.RequestException as error:
            found.append([type(error).__name__, str(error)])
    return found
