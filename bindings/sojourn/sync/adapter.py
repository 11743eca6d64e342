"""The transport of blocking sessions: exchanges over pooled sockets."""

from __future__ import annotations

import threading
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sojourn.local.tls_contexts import context_for
from sojourn.shared.effects import carry_out
from sojourn_core import commands as c
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.exchange.pool import Pool, PoolLimits
from sojourn_core.messages.adapter_send import send_of
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .exchange_driver import ExchangeDriver
from .response import Response

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.settings import SendSettings


class BaseAdapter:
    """The interface of a transport that is mounted on a ``Session``, as Requests has it."""

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

    knows_system: ClassVar[bool] = True  # "system" as ``verify`` is no path.

    def __init__(self, *, pool: PoolLimits | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.pool = Pool(pool, threading.Lock())

    def carries(self, settings: SendSettings) -> bool:
        """Return whether nobody has overridden ``send``, or given it more than ``carry`` takes."""
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
        own, trusted = self.knows_system, settings.verify
        context = context_for(trusted, settings.cert, knows_system=own) if secure else None
        plan = plan_exchange(command, limits=self.limits, tls_context=context)
        if plan.content is not None and not isinstance(plan.content, bytes):
            plan.content.refuse_if_async()  # Before anybody is connected to.
        exchange = Exchange(plan, self.pool)
        driver = ExchangeDriver(exchange, self)
        try:
            handed = driver.run(exchange.start(clock()))
        except BaseException:
            # An interrupt in the line of a nested ``try`` is not seen by the one around it
            # (CPython 3.11): so the driver gives up once more, which does nothing twice.
            driver.abandon()
            raise
        assert isinstance(handed, c.Head), "the plan asks for nothing else"
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
