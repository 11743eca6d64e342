"""The transport of asyncio sessions: exchanges over pooled transports."""

from __future__ import annotations

import asyncio
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.local.tls_contexts import context_for
from sojourn.shared.effects import carry_out
from sojourn_core import commands as c
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.exchange.pool import Pool, PoolLimits
from sojourn_core.messages.adapter_send import send_of
from sojourn_core.values.errors import LocalProtocolError
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .exchange_driver import ExchangeDriver
from .response import AsyncResponse
from .stream import BUFFER_SIZE

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.settings import SendSettings

FILLS_AT_ONCE: Final = ("asyncio.unix_events", "asyncio.selector_events", "uvloop")


class AsyncHTTPAdapter:
    """The transport that is mounted for http and https.

    It belongs to the event loop that it is first used on, as its connections do.

    Args:
        pool: How many connections are kept.
        limits: What a peer may send.
    """

    def __init__(self, *, pool: PoolLimits | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.pool = Pool(pool)
        self.buffer: memoryview | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def _join(self) -> None:
        """Belong to the running loop from the first use on.

        Raises:
            LocalProtocolError: On another loop than the first.
        """
        running = asyncio.get_running_loop()
        known = self._loop
        if known is None:
            self._loop = running
            if type(running).__module__.startswith(FILLS_AT_ONCE):
                self.buffer = memoryview(bytearray(BUFFER_SIZE))
        elif known is not running:
            raise LocalProtocolError(
                "this AsyncSession belongs to another event loop; make one for each loop"
            )

    def carries(self, settings: SendSettings) -> bool:
        """Return whether nobody has overridden ``send``, or given it more than ``carry`` takes."""
        return (
            type(self).send is _SEND
            and "send" not in self.__dict__
            and not settings.adapter_arguments
        )

    async def carry(self, command: c.Send) -> AsyncResponse:
        """Carry out a ``Send``: the response, its content not yet read.

        Raises:
            RequestException: If there is none.
        """
        self._join()
        request, settings = command.request, command.settings
        secure = request.parsed_url.scheme == "https"
        context = context_for(settings.verify, settings.cert) if secure else None
        plan = plan_exchange(command, limits=self.limits, tls_context=context)
        exchange = Exchange(plan, self.pool)
        driver = ExchangeDriver(exchange, self)
        handed = await driver.run(exchange.start(clock()))
        assert isinstance(handed, c.Head), "the plan asks for nothing else"
        response = AsyncResponse(handed.head, request, self.limits, driver)
        response.connection = self
        return response

    async def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> AsyncResponse:
        """Send a prepared request, as Requests' adapters do.

        Args:
            request: A prepared request.
            stream: Whether the content is read later.
            timeout: In any of the forms that a call takes.
            verify: What is trusted.
            cert: A client certificate.
            proxies: Proxy URLs by scheme: the one that fits the URL best is asked for help, and
                shown the user info of its URL.
        """
        return await self.carry(
            send_of(
                request,
                clock(),
                stream=stream,
                timeout=timeout,
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
        )

    def tidy_soon(self) -> None:
        """Have the pool look after responses that nobody holds. Called by finalizers."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._tidy)

    def _tidy(self) -> None:
        carry_out(self.pool.expire(clock()))

    async def close(self) -> None:
        """Close idle connections; those in use are closed when their response has ended."""
        effects = self.pool.close()
        if effects is not None:
            carry_out(effects)
            await asyncio.sleep(0)  # Transports let go of their sockets in the next turn.

    def __getstate__(self) -> dict[str, Any]:
        return {"pool": self.pool.limits, "limits": self.limits}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # A subclass that takes other arguments has its own.

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {self.pool.open_count} connections>"


_SEND: Final = AsyncHTTPAdapter.send  # As it is here, whoever puts another in its place later.
