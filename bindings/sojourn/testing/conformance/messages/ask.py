"""One request of a case, and what its driver tells of the response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sojourn_core.messages.request import Request
from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sojourn_core.call.call import Call
    from sojourn_core.messages.response import Response
    from sojourn_core.session.session import Session

_OF_THE_CALL = ("timeout", "stream", "verify", "cert", "proxies")


class OfTheUserError(OSError):
    """Raised by the content of a request, and to be told from an error of the network."""


class MessageAsk:
    """A request to be made. The driver puts ``with ask:`` around all that it does for it.

    Args:
        method: Its method.
        url: Its URL.
        arguments: Further arguments of ``Session.request``: ``headers``, ``data``, ``auth`` and
            others. Content is streamed (``stream``) in any case.
        options: Arguments of the session's class; mostly none.
        stops_after: The number of pieces of content after which the caller closes the response;
            None to read all of it.
        on_piece: Called with each piece.

    Attributes:
        response: What ``head`` was told.
        content: The pieces so far.
        ended: The content has ended.
        error: The error of the call.
        fault: Another exception, which no driver should let out.
    """

    def __init__(
        self,
        method: str,
        url: str,
        arguments: Mapping[str, Any],
        options: Mapping[str, Any],
        *,
        stops_after: int | None = None,
        on_piece: Callable[[], object] | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.arguments = dict(arguments)
        self.options = dict(options)
        self.response: Response | None = None
        self.content = b""
        self.ended = False
        self.error: BaseException | None = None
        self.fault: BaseException | None = None
        self._pieces = 0
        self._stops_after = stops_after
        self._on_piece = on_piece

    def call(self, session: Session) -> Call:
        """Make the call of this request, for who drives calls by hand; its content is streamed."""
        arguments = dict(self.arguments)
        given = {name: arguments.pop(name) for name in _OF_THE_CALL if name in arguments}
        follows = arguments.pop("allow_redirects", True)
        retries = arguments.pop("retries", None)
        settings = session.settings_for(**{"stream": True, **given})
        request = Request(self.method, self.url, **arguments)
        call = session.call(request, settings=settings, allow_redirects=follows)
        if retries is not None:
            call.retry_by(retries)
        return call

    def head(self, response: Any) -> None:
        """Tell of the response, before any of its content."""
        self.response = response

    def wants(self, piece: bytes) -> bool:
        """Tell of a piece of its content; False says to close the response and read no more."""
        self.content += piece
        self._pieces += 1
        if self._on_piece is not None:
            self._on_piece()
        return self._stops_after is None or self._pieces < self._stops_after

    def end(self) -> None:
        """Tell that the content has ended."""
        self.ended = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            return False
        if isinstance(error, (RequestException, OfTheUserError)):
            self.error = error
        elif isinstance(error, Exception):
            self.fault = error
        else:
            return False
        return True
