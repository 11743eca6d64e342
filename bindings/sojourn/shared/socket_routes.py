"""Requests that go by a socket of the caller's choice: bound to an address, or a Unix socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from sojourn_core.values.errors import InvalidURL
from sojourn_core.values.record import replace
from sojourn_core.values.route import Route, SocketSettings

if TYPE_CHECKING:
    from sojourn_core.commands import Send

UNIX_SCHEME: Final = "http+unix"


def by_socket(command: Send, settings: SocketSettings | None) -> Send:
    """Return a command with the socket that it is to go by; a Unix socket needs no proxy.

    A URL of ``http+unix`` has the path of a socket as its host, percent-encoded; what is asked for
    there is ``http://localhost``, as other clients do.

    Args:
        command: The command; settings of its own come first.
        settings: Those of the transport.

    Raises:
        InvalidURL: The URL names no socket.
    """
    route, request = command.route, command.request
    scheme, _, rest = (request.url or "").partition("://")
    if scheme.lower() == UNIX_SCHEME:
        host, slash, target = rest.partition("/")
        path = unquote(host)
        if not path or "\0" in path:
            raise InvalidURL("the URL names no Unix socket", maybe_sent=False)
        settings = (route.socket or settings or SocketSettings())._replace(unix_path=path)
        request = request.copy()
        request.url = f"http://localhost{slash or '/'}{target}"
    elif route.socket is not None:
        return command
    proxy = None if settings is None or settings.unix_path is not None else route.proxy
    return replace(command, request=request, route=Route(proxy, settings))
