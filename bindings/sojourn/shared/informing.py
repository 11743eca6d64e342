"""Informational (1xx) responses, for hooks that ask for them (RFC 9110 section 15.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.hooks import hooks_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.values.head import ResponseHead


def informed(
    kind: Callable[[ResponseHead, PreparedRequest], Response],
    head: ResponseHead,
    request: PreparedRequest,
) -> Iterator[Any]:
    """Show an informational response to each hook that asks, as the iterator goes on.

    Args:
        kind: Makes a response of the binding, which no driver belongs to.
        head: The head of this one, which has no content.
        request: The request that it answers.

    Yields:
        What each hook has returned, which may be something to await.
    """
    response: Any = kind(head, request)
    response._content = b""
    response._content_consumed = True
    for hook in hooks_for("informational", request.hooks):
        yield hook(response)
