"""The transport of sessions whose calls are awaited: exchanges over pooled streams."""

from __future__ import annotations

from collections.abc import Coroutine
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sojourn.shared.adapter_base import AdapterBase
from sojourn.shared.effects import carry_out
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .exchange_driver import ExchangeDriver
from .idling import Idling
from .response import AwaitedResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.shared.addresses import Resolver
    from sojourn_core import commands as c
    from sojourn_core.exchange.codec import Codecs
    from sojourn_core.exchange.pool import PoolLimits
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.values.head import ResponseHead
    from sojourn_core.values.route import SocketSettings

    from .backend import Backend

Answered = TypeVar("Answered", bound=AwaitedResponse)


class AwaitedAdapter(AdapterBase[Coroutine[Any, Any, Answered]], Generic[Answered]):
    """A transport for http and https. Its arguments are those of ``HTTPAdapter``.

    It belongs to the event loop that it is first used on, as its connections do.

    Attributes:
        backend_class: Makes the event loop of each transport, as much of it as is needed.
        response_class: The class of its responses.
        backend: What ``backend_class`` has made.
    """

    backend_class: ClassVar[type[Backend]]
    response_class: ClassVar[type[AwaitedResponse]]

    def __init__(
        self,
        *,
        pool: PoolLimits | None = None,
        limits: Limits = DEFAULT_LIMITS,
        codecs: Codecs | None = None,
        resolver: Resolver | None = None,
        proxy_verify: Any = None,
        socket: SocketSettings | None = None,
    ) -> None:
        super().__init__(
            pool=pool,
            limits=limits,
            codecs=codecs,
            resolver=resolver,
            proxy_verify=proxy_verify,
            socket=socket,
        )
        self.backend = self.backend_class()
        self.idling = Idling(self, self.backend)
        self.backend.told = self.idling.soon
        self.clock = self.backend.now

    def begin_anew(self) -> None:
        self.pool.begin_anew(self._make_guard())  # Its streams belong to the parent's loop.
        self.backend = self.backend_class()
        self.idling = Idling(self, self.backend)
        self.backend.told = self.idling.soon

    def look_after(self) -> None:
        self.idling.begin(self)

    def carry(self, command: c.Send) -> Coroutine[Any, Any, Answered]:
        """Carry out a ``Send``; see ``AdapterBase``. What is returned is the driver's coroutine."""
        hedges = command.settings.hedges
        if hedges is None:
            return ExchangeDriver(self).run(command)
        from .hedging import send_hedged  # Few sessions have any.

        return send_hedged(self, command, hedges)

    def open(self, command: c.Send) -> Exchange:
        """Make the exchange that carries a ``Send`` out.

        Raises:
            LocalProtocolError: On another event loop.
        """
        self.backend.join()
        request = command.request
        scheme = (request.url or "")[:6].lower()
        secure = scheme == "https:"
        if self.socket is not None or scheme == "http+u":
            from sojourn.shared.socket_routes import by_socket  # Few choose their socket.

            command = by_socket(command, self.socket)
        context = handshake = proxy_context = None
        if secure or command.route.proxy is not None:
            command, context, handshake, proxy_context = self._means(command, secure=secure)
        plan = plan_exchange(
            command,
            limits=self.limits,
            tls_context=context,
            codecs=self.codecs,
            informs="informational" in request.hooks,
            switches=self.backend.hands_over,
            writes_files=self.backend.sends_files,
            races=self.backend.races,
            proxy_tls_context=proxy_context,
            handshake=handshake,
            precedent=self.precedent,
        )
        return Exchange(plan, self.pool)

    def answer(
        self, head: c.Head | c.Switch, request: PreparedRequest, driver: ExchangeDriver
    ) -> Any:
        """Make the response to a request, whose content the driver has still to read."""
        response: Any = self.response_class(head.head, request, self.limits, driver)
        response.connection = self
        if driver.exchange.plan.tls_context is not None:
            response.note_tls()
        return response

    def switch(self, switch: c.Switch, request: PreparedRequest, driver: ExchangeDriver) -> Any:
        """Make the response to a request whose stream was handed over."""
        from .upgraded import AwaitedUpgradedStream  # Few responses switch protocols.

        response = self.answer(switch, request, driver)
        response.switch(AwaitedUpgradedStream(driver))
        return response

    async def inform(self, head: ResponseHead, request: PreparedRequest) -> None:
        """Show an informational response to the hooks of its request, which may be awaited."""
        from sojourn.shared.informing import informed  # Few requests ask.

        for answered in informed(self.response_class, head, request):
            if isawaitable(answered):
                await answered

    async def _carry_out(self, make: Callable[[], c.Send]) -> Answered:
        response = await self.carry(make())
        response.entrust()
        return response

    def tidy_soon(self) -> None:
        """Have the pool look after responses that nobody holds. Called by finalizers."""
        self.backend.call_soon(self._tidy)

    def _tidy(self) -> None:
        carry_out(self.pool.expire(self.clock()))

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
            await self.backend.closed()
        if not self.pool.open_count:
            self.idling.end()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {self.pool.open_count} connections>"
