"""What all runners do alike: set up a session, ask, and write down what came of it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sojourn.shared.socket_routes import UNIX_SCHEME, by_socket
from sojourn_core import SocketSettings
from tests.scenarios.model import Result
from tests.servers.steps import StartTLS

if TYPE_CHECKING:
    from sojourn_core import Call, RequestException, Response, Session, commands
    from tests.scenarios.model import Intent, Scenario, Script, Setup
    from tests.servers.authority import Authority

DEFAULT_PORTS = {"http": 80, "https": 443, "http+unix": 0}


def split_origin(origin: str) -> tuple[str, str, int]:
    """Scheme, host and port of an origin as text; for a Unix socket its path, and no port."""
    parts = urlsplit(origin)
    assert parts.hostname is not None
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]


def socket_settings(setup: Setup) -> SocketSettings | None:
    """Return how a scenario has its sockets set up."""
    return None if setup.socket is None else SocketSettings(unix_path=setup.socket)


def routed(send: commands.Send, setup: Setup) -> commands.Send:
    """Return a command with the socket that it goes by, as the transport of a binding does."""
    settings, url = socket_settings(setup), send.request.url or ""
    if settings is None and not url.startswith(f"{UNIX_SCHEME}:"):
        return send
    return by_socket(send, settings)


def scripts_of(scenario: Scenario, authority: Authority) -> dict[str, tuple[Script, ...]]:
    """Return the scripts of a scenario's peers, with certificates by the authority."""
    tls = StartTLS(authority.server_context())

    def settled(script: Script) -> Script:
        return tuple(tls if each == StartTLS() else each for each in script)

    return {
        origin: tuple(settled(each) for each in scripts)
        for origin, scripts in scenario.peers.items()
    }


def prepare_session(session: Session, setup: Setup, authority: Authority) -> None:
    """Set a new session as a scenario says; it trusts the authority of the test servers."""
    session.verify = str(authority.path)
    for name, value in setup.attributes.items():
        if name == "headers":
            session.headers.update(value)
        else:
            setattr(session, name, value)
    for name, value, place in setup.cookies:
        session.cookies.set(name, value, **place)


def ask(intent: Intent) -> tuple[dict[str, Any], Any]:
    """The arguments of an intent, and the content of its request, made anew."""
    arguments = dict(intent.arguments)
    data = arguments.pop("data", None)
    return arguments, data if intent.content is None else intent.content()


def result_of(response: Response, call: Call | None, data: Any) -> Result:
    """Write down a response that was read."""
    assert call is not None
    assert response.decisions == call.decisions
    assert response.request is call.request
    return Result(
        status=response.status_code,
        reason=response.reason,
        url=response.url,
        content=response.content,
        fields=tuple(response.raw_headers),
        trailers=tuple(response.trailers.lines) if response.trailers is not None else (),
        history=_history(response),
        cookies=tuple(response.cookies.items()),
        decisions=tuple(call.decisions),
        content_closed=_is_closed(data),
    )


def failure(error: RequestException, call: Call | None, data: Any) -> Result:
    """Write down an error."""
    response, request = error.response, error.request
    return Result(
        history=() if response is None else _history(response),
        decisions=() if call is None else tuple(call.decisions),
        error=type(error),
        maybe_sent=error.maybe_sent,
        asked=None if request is None else (request.method, str(request.url)),
        answered=None if response is None else response.status_code,
        partial=error.partial,
        content_closed=_is_closed(data),
        message=str(error),
    )


def _history(response: Response) -> tuple[tuple[int, str], ...]:
    return tuple((each.status_code or 0, each.url or "") for each in response.history)


def _is_closed(data: Any) -> bool | None:
    if inspect.isgenerator(data):
        return inspect.getgeneratorstate(data) == inspect.GEN_CLOSED
    return getattr(data, "closed", None)
