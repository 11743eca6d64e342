"""Credentials of one's own name the classes that they are given."""

from __future__ import annotations

from sojourn_core import (
    AuthBase,
    AuthFlow,
    HTTPBasicAuth,
    HTTPDigestAuth,
    PreparedRequest,
    Request,
    Response,
)


class Token(AuthBase):
    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = "Token of-mine"
        return request


class Refreshing(AuthFlow):
    def begin(self) -> Refreshing:
        return Refreshing()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        if response.status_code != 401:
            return None
        request.headers["Authorization"] = "Token of-mine"
        return request


class Counting(HTTPBasicAuth):
    count: int = 0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self.count += 1
        super().__call__(request)
        return request


class Patient(HTTPDigestAuth):
    def respond(self, request: PreparedRequest, response: Response) -> PreparedRequest | None:
        answer: PreparedRequest | None = super().respond(request, response)
        return answer


def signed() -> PreparedRequest:
    """Credentials by hand, on a request that no session has prepared."""
    prepared: PreparedRequest = HTTPBasicAuth("user", "secret")(Request("GET", "").prepare())
    return prepared
