"""A call each hop of which is sent by a call of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.messages.request import PreparedRequest

from .hop import Hop

if TYPE_CHECKING:
    from sojourn_core.messages.response import Response
    from sojourn_core.values.decision import Decision


def take_over(hop: Hop, decisions: list[Decision], response: Response) -> Hop:
    """Take a response that a call of its own has brought: its hooks and cookies are done.

    Args:
        hop: The hop that it answers.
        decisions: Those of the outer call, which take in the inner one's.
        response: The response.

    Returns:
        The hop under way: another, if the response names another request.
    """
    decisions.extend(response.decisions)
    response.decisions = decisions
    request = response.request
    if request is None:  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
        response.request = hop.request
    elif request is not hop.request and isinstance(request, PreparedRequest):  # pyright: ignore[reportUnnecessaryIsInstance] - a transport of somebody's
        return Hop(request, request.parsed_url, hop.home)
    return hop
