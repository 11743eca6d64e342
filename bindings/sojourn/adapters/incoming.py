"""A request as a handler gets it, and the time that its answer may take."""

from __future__ import annotations

from time import monotonic as clock
from typing import TYPE_CHECKING, Any

from sojourn.shared.pieces import Patience
from sojourn_core.messages.adapter_send import send_of
from sojourn_core.values.errors import InvalidArgument

if TYPE_CHECKING:
    from sojourn_core.commands import Send
    from sojourn_core.messages.request import PreparedRequest


def received(request: Any, **settings: Any) -> tuple[Send, Patience]:
    """Read the arguments of an adapter's ``send``.

    Returns:
        The command, and the time that its answer may take.
    """
    command = send_of(request, clock(), **settings)
    return command, Patience.of(command)


def with_content(request: PreparedRequest, content: bytes | None) -> PreparedRequest:
    """Copy a request for a handler, with all of its content as bytes."""
    shown = request.copy()
    shown.constraints = None
    shown.body = content
    return shown


def no_answer(given: object) -> InvalidArgument:
    """Return the error for what a handler returned that is no answer."""
    return InvalidArgument(
        f"a handler must return a Reply or a response, not {type(given).__name__}"
    )
