"""Credentials as Requests' users write them."""

import sojourn.compat as requests
from sojourn.compat.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth


class Token(AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Token {self.token}"
        return r


class Logged(HTTPBasicAuth):
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        print(r.method, r.url)
        return super().__call__(r)


class Digest(HTTPDigestAuth):
    def handle_401(self, r: requests.Response, **kwargs: object) -> requests.Response:
        return super().handle_401(r, **kwargs)


class Again(AuthBase):
    def again(self, r: requests.Response, **kwargs: object) -> requests.Response:
        if r.status_code != 401:
            return r
        request = r.request.copy()
        request.headers["Authorization"] = "Token again"
        answer = r.connection.send(request)
        answer.history.append(r)
        return answer

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.register_hook("response", self.again)
        return r


def signed(r: requests.PreparedRequest) -> requests.PreparedRequest:
    assert r.url is not None
    r.headers["X-Signed"] = r.url
    return r


def ask(url: str) -> None:
    for auth in (Token("a"), Logged("user", "secret"), Digest("user", "secret"), Again()):
        requests.get(url, auth=auth)
    requests.get(url, auth=signed)
    requests.Request("GET", url, auth=signed).prepare()
    with requests.Session() as session:
        session.auth = signed
