"""The hedge of one request, if it has one; else why it is sent once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.hedge import DRIVER, Hedge, Hedges, refused

if TYPE_CHECKING:
    from sojourn_core.commands import Send
    from sojourn_core.values.decision import Decision


def hedge_for(
    command: Send, hedges: Hedges, *, can_hedge: bool = True
) -> tuple[Hedge | None, tuple[Decision, ...]]:
    """Return the hedge for a request; or None, and the decision not to send it a second time.

    Args:
        command: What is sent.
        hedges: Those of its settings.
        can_hedge: The driver can have two exchanges under way at the same time.
    """
    request = command.request
    method, origin = request.method or "", request.parsed_url.origin
    code = hedges.refusal(
        method,
        at_hand=request.content is None or isinstance(request.content, bytes),
        one_by_one=isinstance(request.auth, AuthFlow),
    )
    if code is None and not can_hedge:
        code = DRIVER
    if code is None:
        return Hedge(hedges, origin), ()
    return None, (refused(code, str(origin), method),)
