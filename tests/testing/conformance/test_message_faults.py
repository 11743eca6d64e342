"""The kit has teeth at message level: each of these faults fails the case that is about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

import sojourn
from sojourn.exceptions import ConnectionError, RequestException
from sojourn.testing.conformance.messages import MessageAsk, check_messages, message_cases
from sojourn_core import Fields
from tests.testing.conformance.message_drivers import HttpClient, Sync, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.commands import Send


class Transport(sojourn.HTTPAdapter):
    """The usual transport, which leaves the rest to a fault."""

    def __init__(self, before: Any, after: Any, failed: Any) -> None:
        super().__init__()
        self._before, self._after, self._failed = before, after, failed

    def carry(self, command: Send) -> sojourn.Response:
        command.request = command.request.copy()
        self._before(command)
        try:
            response = super().carry(command)
        except Exception as error:
            raise self._failed(error) or error from error
        return self._after(self, command, response) or response


def does_nothing(*_: Any) -> None:
    """Do what a driver does that is right."""


def follows_by_itself(transport: Transport, command: Send, response: Any) -> Any:
    while response.is_redirect:
        command.request.url = urljoin(response.url, response.headers["location"])
        response = sojourn.HTTPAdapter.carry(transport, command)
    return response


def loses_lines(transport: Transport, command: Send, response: Any) -> None:
    response.headers = Fields(dict(response.headers))


def keeps_codings(transport: Transport, command: Send, response: Any) -> None:
    response.headers.discard("content-encoding")


def reads_ahead(transport: Transport, command: Send, response: Any) -> None:
    _ = response.content


def cuts_content(transport: Transport, command: Send, response: Any) -> None:
    response.set_content(response.content[:-1], None)


def adds_a_field(command: Send) -> None:
    command.request.headers["X-Added"] = "by me"


def has_a_jar(command: Send) -> None:
    command.request.headers["Cookie"] = "a=1"


def has_credentials(command: Send) -> None:
    command.request.headers["Authorization"] = "Bearer mine"


def loses_content(command: Send) -> None:
    command.request.body = None
    command.request.headers["Content-Length"] = "0"


def changes_the_target(command: Send) -> None:
    command.request.url = command.request.url.replace("%2F", "/")


def wraps_errors(error: Exception) -> Exception:
    return ConnectionError(f"the network: {error}")


def says_that_it_was_sent(error: Exception) -> None:
    if isinstance(error, RequestException):
        error.maybe_sent = True


FAULTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "a chain of five": ("after", follows_by_itself),
    "each line of a field that repeats": ("after", loses_lines),
    "a content coding is removed once": ("after", keeps_codings),
    "content is there piece by piece": ("after", reads_ahead),
    "large content": ("after", cuts_content),
    "the fields of the session go out once, and no others": ("before", adds_a_field),
    "cookies go to no other host": ("before", has_a_jar),
    "credentials do not go to another origin": ("before", has_credentials),
    "content as bytes": ("before", loses_content),
    "the target goes out as it is": ("before", changes_the_target),
    "the error of an iterator is raised as it is": ("failed", wraps_errors),
    "nobody listens": ("failed", says_that_it_was_sent),
}


class Faulty(Sync):
    """A driver with one fault in its transport."""

    def __init__(self, **fault: Any) -> None:
        super().__init__()
        self._fault = dict.fromkeys(("before", "after", "failed"), does_nothing) | fault

    def mount(self, session: sojourn.Session, limits: sojourn.Limits) -> None:
        session.mount("http://", Transport(**self._fault))


def fails(name: str, make: Callable[[], Any]) -> bool:
    (case,) = [each for each in message_cases(Faulty.offers) if each.name == name]
    try:
        check_messages(case, make)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_its_case(name: str) -> None:
    where, fault = FAULTS[name]
    assert not fails(name, Faulty)
    assert fails(name, lambda: Faulty(**{where: fault}))


def test_what_is_left_open_is_a_fault() -> None:
    class Careless(Sync):
        kept: list[Any] = []  # noqa: RUF012 - that it is never emptied is the fault

        def fetch(self, ask: MessageAsk) -> None:
            with ask:
                session = self.session_for(ask.options)
                response = session.request(ask.method, ask.url, stream=True, **ask.arguments)
                pieces = response.iter_content(None)
                self.kept.append((response, pieces))
                ask.head(response)
                for piece in pieces:
                    if not ask.wants(piece):
                        return
                ask.end()

    assert fails("a response that is closed early, and another request", Careless)
    for response, _ in Careless.kept:
        response.close()


def test_an_error_that_no_driver_lets_out_is_a_fault() -> None:
    class Raising(Sync):
        def fetch(self, ask: MessageAsk) -> None:
            raise KeyError("a bug")

    assert fails("the method GET", Raising)


def test_a_pause_that_is_not_waited_for_is_a_fault() -> None:
    class Hasty(HttpClient):
        def fetch(self, ask: MessageAsk) -> None:
            client = client_of(self.name)(**ask.options)
            client.sleep_until = does_nothing
            self._made, self._options = [client], ask.options
            super().fetch(ask)

    name = "a request is sent again when its time has come, and not before"
    assert not fails(name, HttpClient)
    assert fails(name, Hasty)
