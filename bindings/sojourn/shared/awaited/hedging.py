"""A request that may be sent a second time, for the answer that comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.shared.hedging import hedge_for

from .exchange_driver import ExchangeDriver

if TYPE_CHECKING:
    from sojourn_core import commands as c
    from sojourn_core.rules.hedge import Hedges

    from .exchange_driver import LoopTransport


async def send_hedged(adapter: LoopTransport, command: c.Send, hedges: Hedges) -> Any:
    """Carry out a ``Send`` with ``hedges``: by two exchanges if the first is slow."""
    hedge, told = hedge_for(command, hedges)
    if hedge is None:
        response = await ExchangeDriver(adapter).run(command)
    else:
        number, response = await adapter.backend.hedge(
            hedge, lambda: ExchangeDriver(adapter).run(command)
        )
        told = hedge.answered(number, str(command.request.parsed_url.origin))
    response.left_out = (*response.left_out, *told)
    return response
