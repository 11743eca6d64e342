"""google-auth: its transport, and the session that refreshes its credentials."""

from __future__ import annotations

import copy
import os
import pickle
from typing import Any

import google.auth.transport.requests
import requests
from google.auth import exceptions, transport
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession, Request, TimeoutGuard
from google.oauth2.credentials import Credentials as UserCredentials

LIBRARIES = ("google",)


class Counted(Credentials):
    """Credentials whose token has the number of their refresh."""

    def __init__(self, page: str | None = None) -> None:
        super().__init__()
        self.token = "token-0"
        self.count = 0
        self._page = page

    @property
    def valid(self) -> bool:
        return True

    def refresh(self, request: Any) -> None:
        self.count += 1
        self.token = f"token-{self.count}"
        if self._page is not None:
            answer = request(self._page, method="POST", body=b"refresh", timeout=5)
            self.token = f"token-{answer.status}"


def error_of(program: Any) -> Any:
    try:
        program()
    except Exception as error:  # noqa: BLE001 - of whatever class it is
        return type(error).__name__
    return "none"


def requested(url: str, nobody: str, silent: str) -> Any:
    with requests.Session() as session:
        request = Request(session)
        answer = request(f"{url}/a", method="POST", body=b"text", headers={"X-Own": "own"})
        missing = request(f"{url}/status/404", timeout=5)
        refused = error_of(lambda: request(nobody))
        slow = error_of(lambda: request(silent, timeout=0.2))
        plain = Request()(f"{url}/gzip")
        return {
            "answer": [answer.status, answer.headers["content-type"], b'"text"' in answer.data],
            "missing": [missing.status, missing.data.decode()],
            "refused": [refused, slow],
            "plain": [plain.status, len(plain.data)],
            "is a": [
                isinstance(answer, transport.Response),
                isinstance(request, transport.Request),
            ],
        }


def refreshed(url: str) -> Any:
    """``/token/N`` is for the token of the refresh N."""
    found = {}
    with AuthorizedSession(Counted()) as session:
        for page, content in (("/token/0", None), ("/token/1", None), ("/token/2", b"text")):
            answer = session.post(f"{url}{page}", data=content, headers={"X-Own": "own"})
            found[page] = [answer.status_code, answer.text, session.credentials.count]
        never = session.get(f"{url}/token/9")
        found["/token/9"] = [never.status_code, session.credentials.count]
    with AuthorizedSession(Counted(f"{url}/status/201")) as session:
        by_page = session.get(f"{url}/token/201")
        found["by a page"] = [by_page.status_code, by_page.text]
    with AuthorizedSession(Counted(), refresh_status_codes=[418], max_refresh_attempts=1) as own:
        found["own code"] = [own.get(f"{url}/status/418").status_code, own.credentials.count]
    return found


def user(url: str) -> Any:
    """OAuth's refresh token, by a form; the answer of the page is JSON."""
    credentials = UserCredentials(
        None,
        refresh_token="refresh",
        token_uri=f"{url}/oauth",
        client_id="id",
        client_secret="secret",
    )
    with AuthorizedSession(credentials) as session:
        answer = session.get(f"{url}/token/7", params={"a": "b"}, stream=True)
        return [answer.status_code, answer.text, credentials.token, credentials.expiry is not None]


def timed(url: str, silent: str) -> Any:
    with AuthorizedSession(Counted()) as session:
        return [
            session.get(f"{url}/a", timeout=5).status_code,
            session.get(f"{url}/a", timeout=(5, 5), max_allowed_time=5).status_code,
            error_of(lambda: session.get(silent, timeout=0.2)),
            error_of(lambda: session.get(f"{url}/a", max_allowed_time=0)),
            error_of(lambda: guarded(-1)),
            error_of(lambda: guarded((5, 5))),
        ]


def guarded(seconds: Any) -> None:
    with TimeoutGuard(seconds):
        pass


def mutual(url: str, authority: str, certificate: str) -> Any:
    """A client certificate by the adapter that holds two contexts of its own."""
    os.environ["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = "true"
    with open(certificate, "rb") as file:
        pem = file.read()
    end = pem.index(b"-----BEGIN CERTIFICATE")
    with AuthorizedSession(Counted()) as session:
        session.configure_mtls_channel(lambda: (pem[end:], pem[:end]))
        adapter = session.get_adapter("https://a.test")
        untrusted = error_of(lambda: session.get(f"{url}/a"))
        with_client = [
            session.get(f"{url}/a", verify=verify).status_code for verify in (authority, False)
        ]
        bad = error_of(lambda: session.configure_mtls_channel(lambda: (b"no", b"pem")))
        copied = copy.deepcopy(adapter)
        kinds = [type(copied).__name__, type(pickle.loads(pickle.dumps(adapter))).__name__]
        return [session.is_mtls, type(adapter).__name__, untrusted, with_client, bad, kinds]


requests.packages.urllib3.disable_warnings()  # Of ``verify=False``.

assert issubclass(exceptions.TransportError, Exception)
assert google.auth.transport.requests.requests is requests
