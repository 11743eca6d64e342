"""The transport of blocking sessions: exchanges over pooled sockets."""

from __future__ import annotations

import threading
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.local.tls_contexts import context_for
from sojourn.shared.effects import carry_out
from sojourn_core import commands as c
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.failures import unspoken_switch
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.exchange.pool import Pool, PoolLimits
from sojourn_core.messages.adapter_send import send_of
from sojourn_core.values.content.content import Content
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .exchange_driver import ExchangeDriver
from .response import Response

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.settings import SendSettings


class BaseAdapter:
    """What a transport must have to be mounted on a ``Session``: Requests' interface."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        """Send a prepared request and return its response."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is held."""
        raise NotImplementedError


class HTTPAdapter(BaseAdapter):
    """The transport that is mounted for http and https.

    Args:
        pool: How many connections are kept.
        limits: What a peer may send.
    """

    def __init__(self, *, pool: PoolLimits | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.pool = Pool(pool, threading.Lock())

    def carries(self, settings: SendSettings) -> bool:
        """Whether ``carry`` is all there is: nobody has overridden ``send``, or given it more."""
        return (
            type(self).send is _SEND
            and "send" not in self.__dict__
            and not settings.adapter_arguments
        )

    def carry(self, command: c.Send) -> Response:
        """Carry out a ``Send``: the response, its content not yet read.

        Raises:
            RequestException: If there is none.
        """
        request, settings = command.request, command.settings
        secure = request.parsed_url.scheme == "https"
        context = context_for(settings.verify, settings.cert) if secure else None
        plan = plan_exchange(command, limits=self.limits, tls_context=context)
        if isinstance(plan.content, Content):
            plan.content.refuse_if_async()  # Before anybody is connected to.
        exchange = Exchange(plan, self.pool)
        driver = ExchangeDriver(exchange, self)
        try:
            first = exchange.start(clock())
            effects = exchange.take_effects()
            if effects is not None:
                carry_out(effects)
            handed = driver.run(first)
            while isinstance(handed, c.Inform):
                handed = driver.run(exchange.proceed(clock()))
        finally:
            # Unless it was not begun: then it may be sent again, on another connection.
            if isinstance(plan.content, Content) and plan.content.touched:
                plan.content.close()  # The user's iterator, if the upload was cut short.
        if not isinstance(handed, c.Head):
            driver.abandon()
            raise unspoken_switch(plan)
        response = Response(handed.head, request, self.limits, driver)
        response.connection = self
        return response

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
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
        return self.carry(
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

    def close(self) -> None:
        """Close idle connections; those in use are closed when their response has ended."""
        carry_out(self.pool.close())

    def __getstate__(self) -> dict[str, Any]:
        return {"pool": self.pool.limits, "limits": self.limits}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # A subclass that takes other arguments has its own.

    def __del__(self) -> None:
        pool: Pool | None = getattr(self, "pool", None)
        if pool is not None:
            carry_out(pool.close())


_SEND: Final = HTTPAdapter.send  # As it is here, whoever puts another in its place later.
