"""The session for blocking code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from sojourn.shared.session_methods import SessionMethods
from sojourn_core.messages.adapter_send import Lent

from .adapter import BaseAdapter, HTTPAdapter
from .call_driver import WAYS
from .response import Response

if TYPE_CHECKING:
    from sojourn_core.commands import Send
    from sojourn_core.messages.request import Request


class Session(SessionMethods[Response, Iterator[Response], Response]):
    """Requests that share settings, cookies and connections.

    It may be used from several threads. The arguments are settings that can be given at once; see
    the core's ``Session`` for the attributes.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time; the policy's if it is not given.
        pool: How many connections are kept.
        resolver: Where names lead: numeric addresses by host or "host:port", or a function of host
            and port that gives them; None, also as an answer, leaves it to the system.
        retries: How often, or by which ``RetryPolicy``, a request that fails is sent again.
        socket: How sockets are set up: options, a local address, or a Unix socket.
        limit: The most requests to one origin in a time: "10/s", "100/min", or a ``RateLimit``;
            "server" heeds what the server says, and sets none.
        hedge: When a request is sent a second time, for the answer that comes first: seconds, or a
            ``HedgePolicy``.
    """

    adapter_class = HTTPAdapter
    _ways = WAYS

    def _prepare_and_send(self, request: Request, asked: tuple[Any, ...], **sent: Any) -> Response:
        prepared, settings = self.prepare_call(request, *asked)
        return self.send(prepared, **sent, **settings)

    def _lend(self, adapter: Any, command: Send) -> Response:
        with Lent(command) as lent:
            response: Response = lent.named(adapter.send(lent.copy, **command.settings.given()))
        return response

    def close(self) -> None:
        """Close idle connections. Responses in use can be read on; theirs are closed after."""
        for adapter in self.adapters.values():
            adapter.close()

    if TYPE_CHECKING:

        def mount(self, prefix: str, adapter: BaseAdapter) -> None: ...
        def get_adapter(self, url: str) -> BaseAdapter: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


Session.remember_methods()
