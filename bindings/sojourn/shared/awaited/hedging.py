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

    def begin() -> Any:
        return ExchangeDriver(adapter).run(command)

    hedge, told = hedge_for(command, hedges)
    if hedge is not None:
        number, response = await adapter.backend.hedge(hedge, begin)
        try:
            told = hedge.answered(number, str(command.request.parsed_url.origin))
        except BaseException:  # Nobody else has the response yet.
            await response.close()
            raise
    else:
        response = await begin()
    response.left_out = (*response.left_out, *told)
    return response
