"""The transport of blocking sessions: exchanges over pooled sockets."""

from __future__ import annotations

import threading
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, ClassVar

from sojourn.shared.adapter_base import AdapterBase, AdapterInterface
from sojourn.shared.effects import carry_out
from sojourn.shared.file_sending import HAS_SENDFILE
from sojourn_core import commands as c
from sojourn_core.exchange.exchange import Exchange
from sojourn_core.exchange.plan import plan_exchange

from .exchange_driver import ExchangeDriver
from .response import Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sojourn_core.exchange.pool import Pool
    from sojourn_core.values.decision import Decision

    from .idling import Watcher


class BaseAdapter(AdapterInterface["Response"]):
    """The interface of a transport that is mounted on a ``Session``, as Requests has it."""


class HTTPAdapter(AdapterBase["Response"], BaseAdapter):
    """The transport that is mounted for http and https.

    Args:
        pool: How many connections are kept.
        limits: What a peer may send.
        codecs: What reads and writes messages, by its name in ALPN; None for the usual ones.
        resolver: Where names lead: addresses by host, or a function that gives them; None for the
            system's resolver.
        proxy_verify: What https proxies are trusted by; None to trust what the request trusts.
        socket: How its sockets are set up: options, a local address, or a Unix socket. A transport
            that is mounted for ``http+unix://`` takes the path of that from the URL.

    Attributes:
        hands_over: A stream that switches protocols becomes ``response.upgraded``; else it is read
            and written by the response's ``raw``, and only after a 101.
        looks_after_idle: A thread closes idle connections when their time is over, or when their
            peers have ended them: one for the process, which is there only while some are
            idle. If False, that is done when the session is used again.
    """

    hands_over: ClassVar[bool] = True
    looks_after_idle: bool = True
    _watcher: Watcher | None = None

    def _make_guard(self) -> AbstractContextManager[Any]:
        self.handing_over: AbstractContextManager[Any] = threading.RLock()
        return super()._make_guard()

    def begin_anew(self) -> None:
        for stream in self.pool.begin_anew(self._make_guard()):
            stream.close()  # That is this process's descriptor; the parent has its own.

    def look_after(self) -> None:
        if self.looks_after_idle:
            from .idling import watcher  # A thread, which the start of a program goes without.

            self._watcher = watcher
            watcher.look_after(self)

    def carry(self, command: c.Send) -> Response:  # noqa: C901 - calls would cost each request
        request, settings = command.request, command.settings
        scheme = (request.url or "")[:6].lower()
        secure, sent = scheme == "https:", command
        if self.socket is not None or scheme == "http+u":
            from sojourn.shared.socket_routes import by_socket  # Few choose their socket.

            sent = by_socket(command, self.socket)
        context = handshake = proxy_context = None
        if secure or sent.route.proxy is not None:
            sent, context, handshake, proxy_context = self._means(sent, secure=secure)
        plan = plan_exchange(
            sent,
            limits=self.limits,
            tls_context=context,
            codecs=self.codecs,
            informs="informational" in request.hooks,
            switches=self.hands_over or "upgrade" in request.headers,
            writes_files=HAS_SENDFILE,
            races=True,
            proxy_tls_context=proxy_context,
            handshake=handshake,
            precedent=self.precedent,
        )
        if plan.content is not None and not isinstance(plan.content, bytes):
            plan.content.refuse_if_async()  # Before anybody is connected to.
        exchange = Exchange(plan, self.pool)
        driver = ExchangeDriver(self, exchange)
        told: tuple[Decision, ...] = ()
        try:
            if settings.hedges is None:
                handed = driver.run(exchange.start(clock()))
            else:
                from .hedging import run_hedged  # Few sessions have any.

                driver, handed, told = run_hedged(driver, command, settings.hedges)
            while type(handed) is c.Inform:
                from sojourn.shared.informing import informed  # Few requests ask.

                for _ in informed(Response, handed.head, request):
                    pass
                handed = driver.proceed()
        except BaseException:
            # An interrupt in the line of a nested ``try`` is not seen by the one around it
            # (CPython 3.11): so the driver gives up once more, which does nothing twice.
            driver.abandon()
            raise
        assert isinstance(handed, (c.Head, c.Switch)), "the plan asks for nothing else"
        response = Response(handed.head, request, self.limits, driver)
        response.connection = self
        if secure:
            response.note_tls()
        if type(handed) is c.Switch and self.hands_over:
            from .upgraded import UpgradedStream  # Few responses switch protocols.

            response.switch(UpgradedStream(driver))
        if told:
            response.left_out = (*response.left_out, *told)
        return response

    def _carry_out(self, make: Callable[[], c.Send]) -> Response:
        response = self.carry(make())
        response.entrust()
        return response

    def close(self) -> None:
        """Close idle connections; those in use are closed when their response has ended."""
        carry_out(self.pool.close())
        if self._watcher is not None:
            self._watcher.look()

    def __del__(self) -> None:
        pool: Pool | None = getattr(self, "pool", None)
        if pool is not None:
            carry_out(pool.close())
