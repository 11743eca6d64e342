"""The core's session: settings, preparing, credentials, and no I/O."""

from sojourn_core import (
    AuthBase,
    AuthFlow,
    CookieJar,
    Fields,
    HTTPBasicAuth,
    HTTPDigestAuth,
    PreparedRequest,
    Request,
    Response,
    Session,
    Timeouts,
)


class Token(AuthBase):
    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = "Token of-mine"
        return request


class Refreshing(AuthFlow):
    def begin(self) -> "Refreshing":
        return Refreshing()

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        return None if response.status_code != 401 else self(request)


class Counting(HTTPBasicAuth):
    count: int = 0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self.count += 1
        return super().__call__(request)


class Patient(HTTPDigestAuth):
    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        return super().respond(request, response)


def prepared(url: str) -> PreparedRequest:
    session = Session(timeout=Timeouts(read=3), entropy=bytes)
    session.headers = {"X-A": "1"}
    session.headers = Fields([("X-B", "1")])
    session.headers["X-C"] = "1"
    session.cookies = CookieJar()
    session.cookies.set("sid", "1")
    session.auth = Token()
    return session.prepare_request(Request("GET", url, auth=Refreshing()))


def by_hand() -> PreparedRequest:
    return HTTPBasicAuth("user", "secret")(Request("GET", "").prepare())
