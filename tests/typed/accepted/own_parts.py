"""The parts that users write: an adapter, an auth flow, a rule, a strategy, a mock transport."""

from typing import Any, assert_type

from hypothesis.strategies import SearchStrategy, builds, just

import sojourn
from sojourn.adapters import MockAdapter, Reply
from sojourn.testing import Answer
from sojourn.testing.strategies import hosts


class Canned(sojourn.BaseAdapter):
    """An adapter."""

    def send(
        self,
        request: sojourn.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> sojourn.Response:
        return sojourn.Response.of(200, {"X-A": "1"}, b"canned", request=request)

    def close(self) -> None:
        pass


class Refreshing(sojourn.AuthFlow):
    """An auth flow."""

    def __call__(self, request: sojourn.PreparedRequest) -> sojourn.PreparedRequest:
        request.headers["Authorization"] = "Bearer token"
        return request

    def respond(
        self, request: sojourn.PreparedRequest, response: sojourn.Response
    ) -> sojourn.PreparedRequest | None:
        return None if response.ok else self(request)


def within(hop: sojourn.RedirectHop) -> sojourn.RedirectVerdict:
    """A rule for redirects."""
    assert_type(hop.url, sojourn.URL)
    inside = hop.url.host.endswith(".corp.test")
    return sojourn.RedirectVerdict.FOLLOW if inside else sojourn.RedirectVerdict.STOP


def answers() -> SearchStrategy[Answer]:
    """A strategy."""
    return builds(Answer.to, hosts().map("https://{}/".format) | just("/"))


def handler(request: sojourn.PreparedRequest) -> Reply:
    """A mock transport."""
    assert_type(request.headers, sojourn.Fields)
    return Reply(200, content=b"tea")


def run(url: str) -> bytes:
    policy = sojourn.Policy(on_redirect=within)
    with sojourn.Session(policy=policy) as session:
        session.mount("canned://", Canned())
        session.mount("https://", MockAdapter(handler))
        session.auth = Refreshing()
        response = session.get(url)
        assert_type(response, sojourn.Response)
        return response.content
