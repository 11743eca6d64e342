"""Credentials of one's own: a callable on the prepared request."""

import sojourn


class TokenAuth(sojourn.AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, r: sojourn.PreparedRequest) -> sojourn.PreparedRequest:
        r.headers["Authorization"] = f"Token {self.token}"
        return r


class Logged(sojourn.HTTPBasicAuth):
    calls = 0

    def __call__(self, r: sojourn.PreparedRequest) -> sojourn.PreparedRequest:
        self.calls += 1
        return super().__call__(r)


def signed(request: sojourn.PreparedRequest) -> sojourn.PreparedRequest:
    request.headers["X-Signed"] = str(len(request.url or ""))
    return request


def ask(url: str) -> None:
    sojourn.get(url, auth=TokenAuth("abc"))
    sojourn.get(url, auth=Logged("user", "secret"))
    sojourn.get(url, auth=signed)
    sojourn.get(url, auth=("user", "secret"))
    sojourn.get(url, auth=sojourn.HTTPDigestAuth("user", "secret"))
    sojourn.get(url, auth=sojourn.BearerAuth("abc"))
    with sojourn.Session() as session:
        session.auth = TokenAuth("abc")
        session.auth = ("user", "secret")
        session.auth = signed
        session.auth = None
