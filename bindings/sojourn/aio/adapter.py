"""The transport of asyncio sessions: exchanges over pooled transports."""

from __future__ import annotations

from collections.abc import Coroutine
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, ClassVar

from sojourn.local.tls_contexts import context_for
from sojourn.shared.adapter_base import AdapterBase, AdapterInterface
from sojourn.shared.effects import carry_out
from sojourn_core import commands as c
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .backend import AsyncioBackend, Backend
from .exchange_driver import ExchangeDriver
from .marked import know_as_coroutines
from .response import AsyncResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.shared.addresses import Resolver
    from sojourn_core.exchange.codec import Codecs
    from sojourn_core.exchange.pool import PoolLimits


class AsyncBaseAdapter(AdapterInterface[Coroutine[Any, Any, AsyncResponse]]):
    """The interface of a transport that is mounted on an ``AsyncSession``.

    It is ``BaseAdapter``, both methods awaited.
    """


class AsyncHTTPAdapter(AdapterBase[Coroutine[Any, Any, AsyncResponse]]):
    """The transport that is mounted on a session of asyncio for http and https.

    It belongs to the event loop that it is first used on, as its connections do. Its arguments are
    those of ``HTTPAdapter``.

    Attributes:
        backend: The event loop, as much of it as is needed; a class makes it for each transport.
    """

    backend_class: ClassVar[type[Backend]] = AsyncioBackend

    def __init__(
        self,
        *,
        pool: PoolLimits | None = None,
        limits: Limits = DEFAULT_LIMITS,
        codecs: Codecs | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        super().__init__(pool=pool, limits=limits, codecs=codecs, resolver=resolver)
        self.backend = self.backend_class()

    def begin_anew(self) -> None:
        self.pool.begin_anew(self._make_guard())  # Its transports belong to the parent's loop.
        self.backend = self.backend_class()

    async def carry(self, command: c.Send) -> AsyncResponse:
        self.backend.join()
        request, settings = command.request, command.settings
        secure = (request.url or "")[:6].lower() == "https:"
        own, trusted = self.knows_system, settings.verify
        context = None
        if secure:
            context = context_for(trusted, settings.cert, knows_system=own, given=settings.context)
        plan = plan_exchange(
            command,
            limits=self.limits,
            tls_context=context,
            codecs=self.codecs,
            writes_files=self.backend.sends_files,
            races=self.backend.races,
        )
        exchange = Exchange(plan, self.pool)
        driver = ExchangeDriver(exchange, self)
        handed = await driver.run(exchange.start(clock()))
        assert isinstance(handed, c.Head), "the plan asks for nothing else"
        response = AsyncResponse(handed.head, request, self.limits, driver)
        response.connection = self
        return response

    async def _carry_out(self, make: Callable[[], c.Send]) -> AsyncResponse:
        response = await self.carry(make())
        response.entrust()
        return response

    def tidy_soon(self) -> None:
        """Have the pool look after responses that nobody holds. Called by finalizers."""
        self.backend.call_soon(self._tidy)

    def _tidy(self) -> None:
        carry_out(self.pool.expire(clock()))

    async def close(self) -> None:
        """Close idle connections; those in use are closed when their response has ended.

        Raises:
            LocalProtocolError: On another event loop, if any are open; nothing was touched.
        """
        if self.pool.open_count:
            self.backend.check()
        effects = self.pool.close()
        if effects is not None:
            carry_out(effects)
            await self.backend.sleep(0)  # Transports let go of their sockets in the next turn.

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {self.pool.open_count} connections>"


know_as_coroutines(AsyncHTTPAdapter, "send")
AsyncHTTPAdapter._own_send = AsyncHTTPAdapter.send  # pyright: ignore[reportPrivateUsage] - of its own base
