"""A request that may be sent a second time, for the answer that comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.hedge import Hedge, Hedges, refused

from .exchange_driver import ExchangeDriver

if TYPE_CHECKING:
    from sojourn_core import commands as c
    from sojourn_core.values.decision import Decision

    from .exchange_driver import LoopTransport


async def send_hedged(adapter: LoopTransport, command: c.Send, hedges: Hedges) -> Any:
    """Carry out a ``Send``, by two exchanges if the first is slow; return its response.

    Args:
        adapter: The transport.
        command: What is sent.
        hedges: Those of the session.
    """
    request = command.request
    method, origin = request.method or "", str(request.parsed_url.origin)
    code = hedges.refusal(
        method,
        at_hand=request.content is None or isinstance(request.content, bytes),
        one_by_one=isinstance(request.auth, AuthFlow),
    )
    if code is not None:
        response = await ExchangeDriver(adapter).run(command)
        told: tuple[Decision, ...] = (refused(code, origin, method),)
    else:
        hedge = Hedge(hedges)
        number, response = await adapter.backend.hedge(
            hedge, lambda: ExchangeDriver(adapter).run(command)
        )
        told = hedge.answered(number, origin)
    response.left_out = (*response.left_out, *told)
    return response
