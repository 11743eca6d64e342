"""Credentials that are renewed after a 401, for blocking code."""

import sojourn


class Renewing(sojourn.AuthFlow):
    def __init__(self, token: str) -> None:
        self.token = token
        self.tried = False

    def begin(self) -> "Renewing":
        return Renewing(self.token)

    def __call__(self, request: sojourn.PreparedRequest) -> sojourn.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def respond(
        self, request: sojourn.PreparedRequest, response: sojourn.Response
    ) -> sojourn.PreparedRequest | None:
        if response.status_code != 401 or self.tried:
            return None
        self.tried = True
        self.token = response.headers.get("X-Next-Token", "")
        return self(request)


class Patient(sojourn.HTTPDigestAuth):
    answers = 0

    def respond(
        self, request: sojourn.PreparedRequest, response: sojourn.Response
    ) -> sojourn.PreparedRequest | None:
        self.answers += 1
        return super().respond(request, response)


def ask(session: sojourn.Session, url: str) -> int:
    session.auth = Renewing("abc")
    return session.get(url, auth=Patient("user", "secret")).status_code
