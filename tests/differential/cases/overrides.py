"""Subclasses of the session: what they override is consulted."""

from tests.differential.model import PROXY, PROXY2, A, B, case, ok, to

TO_B = {f"{A}/": to(f"{B}/")}
CHAIN = {f"{A}/1": to("/2"), f"{A}/2": to("/3")}


@case("S31", replies={f"{A}/": ok(b"", ("X-Go", "/there"))})
def get_redirect_target_overridden(requests, session, at):
    class Own(requests.Session):
        def get_redirect_target(self, resp):
            return resp.headers.get("X-Go")

    return at.session(Own).get(f"{A}/")


@case("S31", replies=TO_B)
def get_redirect_target_that_refuses(requests, session, at):
    class Own(requests.Session):
        def get_redirect_target(self, resp):
            target = super().get_redirect_target(resp)
            return None if target is None or "b.test" in target else target

    return at.session(Own).get(f"{A}/")


@case("S32", replies=TO_B)
def should_strip_auth_overridden(requests, session, at):
    class Own(requests.Session):
        def should_strip_auth(self, old_url, new_url):
            return False

    return at.session(Own).get(f"{A}/", auth=("user", "pass"))


@case("S32", replies={f"{A}/": to("/next")})
def should_strip_auth_always(requests, session, at):
    class Own(requests.Session):
        def should_strip_auth(self, old_url, new_url):
            return True

    return at.session(Own).get(f"{A}/", auth=("user", "pass"))


@case("S33", replies=TO_B)
def rebuild_auth_overridden(requests, session, at):
    class Own(requests.Session):
        def rebuild_auth(self, prepared_request, response):
            prepared_request.headers["Authorization"] = f"after {response.status_code}"

    return at.session(Own).get(f"{A}/", auth=("user", "pass"))


@case("S33", replies=TO_B)
def rebuild_auth_that_does_nothing(requests, session, at):
    class Own(requests.Session):
        def rebuild_auth(self, prepared_request, response):
            pass

    return at.session(Own).get(f"{A}/", auth=("user", "pass"))


@case("S34", replies={f"{A}/": to("/next", 302)})
def rebuild_method_overridden(requests, session, at):
    class Own(requests.Session):
        def rebuild_method(self, prepared_request, response):
            prepared_request.method = "OPTIONS"

    return at.session(Own).get(f"{A}/")


@case("S34", replies={f"{A}/": to("/next", 303)})
def rebuild_method_that_calls_its_parent(requests, session, at):
    methods = []

    class Own(requests.Session):
        def rebuild_method(self, prepared_request, response):
            methods.append(prepared_request.method)
            super().rebuild_method(prepared_request, response)
            methods.append(prepared_request.method)

    return [at.session(Own).post(f"{A}/", data=b"x").content, methods]


@case("S34 S9", replies={f"{A}/loop": to("/loop")})
def rebuild_method_changes_a_status_until_rebuild_auth(requests, session, at):
    class Own(requests.Session):
        def rebuild_method(self, prepared_request, response):
            response.kept_status = response.status_code
            response.status_code = 308

        def rebuild_auth(self, prepared_request, response):
            response.status_code = response.kept_status

    own = at.session(Own)
    own.max_redirects = 2
    error = at.caught(lambda: own.get(f"{A}/loop"))
    return [error, error.response.status_code]


@case("S35", replies=TO_B)
def rebuild_proxies_overridden(requests, session, at):
    class Own(requests.Session):
        def rebuild_proxies(self, prepared_request, proxies):
            return {"http": PROXY2}

    return at.session(Own).get(f"{A}/", proxies={"http": PROXY})


@case("S27 S36", replies=CHAIN)
def send_overridden_sees_each_hop(requests, session, at):
    hops = []

    class Own(requests.Session):
        def send(self, request, **kwargs):
            hops.append((request.method, request.url, kwargs.get("allow_redirects")))
            return super().send(request, **kwargs)

    return [at.session(Own).get(f"{A}/1"), hops]


@case("S27")
def send_overridden_adds_a_field(requests, session, at):
    class Own(requests.Session):
        def send(self, request, **kwargs):
            request.headers["X-Sent"] = "1"
            return super().send(request, **kwargs)

    return at.session(Own).get(f"{A}/")


@case("S36", replies=CHAIN)
def resolve_redirects_overridden(requests, session, at):
    class Own(requests.Session):
        def resolve_redirects(self, *args, **kwargs):
            return at.iterator([])

    return at.session(Own).get(f"{A}/1")


@case("S25")
def request_overridden(requests, session, at):
    class Own(requests.Session):
        def request(self, method, url, **kwargs):
            return super().request(method, f"{A}{url}", **kwargs)

    return [at.session(Own).get("/x"), at.session(Own).post("/y", data=b"z")]


@case("S26")
def prepare_request_overridden(requests, session, at):
    class Own(requests.Session):
        def prepare_request(self, request):
            request.headers["X-Prepared"] = "1"
            return super().prepare_request(request)

    return at.session(Own).get(f"{A}/")


@case("S30")
def merge_environment_settings_overridden(requests, session, at):
    class Own(requests.Session):
        def merge_environment_settings(self, url, proxies, stream, verify, cert):
            merged = super().merge_environment_settings(url, proxies, stream, verify, cert)
            merged["proxies"] = {"http": PROXY}
            return merged

    return at.session(Own).get(f"{A}/")


@case("S28")
def get_adapter_overridden(requests, session, at):
    class Own(requests.Session):
        def get_adapter(self, url):
            return at.adapter(
                lambda request, **settings: at.response(
                    201, b"mine", url=request.url, request=request
                )
            )

    return at.session(Own).get(f"{A}/", allow_redirects=False).status_code


@case("S13")
def init_overridden(requests, session, at):
    class Own(requests.Session):
        def __init__(self):
            super().__init__()
            self.headers["X-Own"] = "1"
            self.max_redirects = 1

    return at.session(Own).get(f"{A}/")


@case("S31", native=False, replies={f"{A}/": to("/2", 303), f"{A}/2": to("/3", 307)})
def the_mixin_of_redirects_alone(requests, session, at):
    class Own(requests.sessions.SessionRedirectMixin):
        def __init__(self):
            self.cookies = requests.cookies.RequestsCookieJar()
            self.max_redirects = 30
            self.trust_env = False
            self.sent = []

        def send(self, request, **settings):
            self.sent.append((request.method, request.url, settings))
            return session.send(request, allow_redirects=False)

    own = Own()
    request = requests.Request("POST", f"{A}/", data="ab").prepare()
    first = own.send(request)
    found = [
        (each.status_code, each.request.method) for each in own.resolve_redirects(first, request)
    ]
    return found, own.sent
