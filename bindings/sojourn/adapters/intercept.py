"""A handler in the place of the network: under every session, for as long as a block runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sojourn.shared.awaited.adapter import AwaitedAdapter
from sojourn.shared.awaited.pieces import within
from sojourn.shared.pieces import Patience
from sojourn.sync.adapter import HTTPAdapter
from sojourn_core.values.content.content import Content

from . import async_mock, mock
from .incoming import with_content
from .reply import PASS_THROUGH
from .router import UnexpectedRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sojourn.sync.response import Response
    from sojourn_core.commands import Send
    from sojourn_core.messages.request import PreparedRequest


@contextmanager
def intercepting(handler: Callable[[PreparedRequest], Any]) -> Generator[None]:
    """Have a handler answer what ``HTTPAdapter`` and its awaited twins would send.

    Args:
        handler: As ``MockAdapter`` takes it; what it lets pass is sent.
    """
    awaited: type[AwaitedAdapter[Any]] = AwaitedAdapter
    send, asend = HTTPAdapter.carry, awaited.carry

    def carry(self: HTTPAdapter, command: Send) -> Response:
        request, patience = command.request, Patience.of(command)
        answer = handler(with_content(request, mock.read_whole(request.content)))
        if answer is PASS_THROUGH:
            _rewind(request)
            return send(self, command)
        response = mock.response_of(answer, request, patience, self.limits)
        response.connection = self
        return response

    async def acarry(self: AwaitedAdapter[Any], command: Send) -> Any:
        request, patience = command.request, Patience.of(command)
        content = await async_mock.read_whole(request.content)
        asked = async_mock.answer_of(handler, with_content(request, content))
        answer: Any = await within(self.backend, asked, patience, content=False)
        if answer is PASS_THROUGH:
            _rewind(request)
            return await asend(self, command)
        response = await async_mock.response_of(
            answer, request, patience, self.limits, self.response_class
        )
        response.connection = self
        return response

    HTTPAdapter.carry, awaited.carry = carry, acarry  # type: ignore[method-assign]
    try:
        yield
    finally:
        HTTPAdapter.carry, awaited.carry = send, asend  # type: ignore[method-assign]


def refuse(request: PreparedRequest) -> Any:
    """Refuse a request: a handler for tests that must not use the network.

    Raises:
        UnexpectedRequest: Whatever is asked.
    """
    origin = request.parsed_url.origin
    raise UnexpectedRequest(f"a request to {origin} while the network is closed to this test")


def _rewind(request: PreparedRequest) -> None:
    if isinstance(request.content, Content):
        request.content.rewind()
