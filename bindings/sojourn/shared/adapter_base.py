"""The transport that is mounted for http and https, without its waiting."""

from __future__ import annotations

import threading
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from weakref import ref

from sojourn.local.tls_contexts import context_for
from sojourn_core.exchange.codec import HTTP_1_1
from sojourn_core.exchange.pool import Pool, PoolLimits
from sojourn_core.exchange.precedent import Precedent
from sojourn_core.messages.adapter_send import send_of
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits
from sojourn_core.values.record import replace

from .forking import watch

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sojourn_core.commands import Send
    from sojourn_core.exchange.codec import Codecs
    from sojourn_core.exchange.handshake import MakeHandshake
    from sojourn_core.values.route import SocketSettings

    from .addresses import Resolver
    from .clock import Clock

    Means = tuple[Send, ssl.SSLContext | None, MakeHandshake | None, ssl.SSLContext | None]

Answer_co = TypeVar("Answer_co", covariant=True)


class AdapterInterface(Generic[Answer_co]):
    """The ``send`` that a session asks of a transport, as Requests has it.

    The arguments are Any, so that an override may name the types that it takes.
    """

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Answer_co:
        """Send a prepared request and return its response."""
        raise NotImplementedError

    def close(self) -> Any:
        """Let go of what is held."""
        raise NotImplementedError


class AdapterBase(Generic[Answer_co]):
    """The settings of a transport, its pool, and its ``send`` as Requests has it.

    Args:
        pool: How many connections are kept.
        limits: What a peer may send.
        codecs: What reads and writes messages, by its name in ALPN (RFC 7301): there must be one
            for "http/1.1". None for those of ``plan_exchange``.
        resolver: Where names lead: a mapping of hosts, or of "host:port", to numeric addresses, or
            a function of host and port that returns some. What it has no answer for, None, is left
            to the system. The asyncio transport takes a coroutine function too.
        proxy_verify: What https proxies are trusted by, in any of the forms of ``verify``; None to
            trust what the request trusts.
        socket: How its sockets are set up: options, a local address, or a Unix socket.

    Raises:
        ValueError: If no codec is for HTTP/1.1.

    Attributes:
        codecs: As given; a class may have others for all of its transports.
        precedent: The parts of its plans that are mostly the same.
        clock: Monotonic seconds, which deadlines are times of.
        knows_system: As ``verify``, "system" is no path.
    """

    codecs: Codecs | None = None
    clock: Clock = monotonic
    resolver: Resolver | None = None
    proxy_verify: Any = None
    socket: SocketSettings | None = None
    knows_system: ClassVar[bool] = True

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
        if codecs is not None and HTTP_1_1 not in codecs:
            raise ValueError(f"there is no codec for {HTTP_1_1!r} among {list(codecs)}")
        if codecs is not None:
            self.codecs = codecs
        if resolver is not None:
            self.resolver = resolver
        if proxy_verify is not None:
            self.proxy_verify = proxy_verify
        if socket is not None:
            self.socket = socket
        self.limits = limits
        self.precedent = Precedent()
        self.pool = Pool(pool, self._make_guard())
        self.pool.on_idle = partial(_look_after, ref(self))
        watch(self)

    def _make_guard(self) -> AbstractContextManager[Any]:
        """Make the lock of the pool's steps.

        Where one thread takes them all, it costs less than a context that does nothing: it is C.
        It is reentrant: a step that is interrupted as it lets go must not lock its own thread out.
        """
        return threading.RLock()

    def begin_anew(self) -> None:
        """Begin with an empty pool, as a process does that was forked.

        The connections are the parent's: nothing is sent on them.
        """
        raise NotImplementedError

    def _means(self, command: Send, *, secure: bool) -> Means:
        """Return what it takes to speak to the origin of a command, and to its proxy.

        Args:
            command: What is sent.
            secure: By TLS.

        Returns:
            The command, which says what the proxy is trusted by; the TLS context for the origin,
            the handshake with the proxy, and the TLS context for the proxy; None for each of these
            that is not needed.
        """
        context, settings, own = None, command.settings, self.knows_system
        if secure:
            context = context_for(
                settings.verify,
                settings.cert,
                knows_system=own,
                given=settings.context,
                key_log=settings.key_log,
            )
        if command.route.proxy is None:
            return command, context, None, None
        from .proxies import proxy_handshake, proxy_tls_context  # Most requests go without.

        if self.proxy_verify is not None and settings.proxy_verify is None:
            settings = replace(settings, proxy_verify=self.proxy_verify)
            command = replace(command, settings=settings)
        proxy_context = proxy_tls_context(command, knows_system=own)
        return command, context, proxy_handshake(command), proxy_context

    def look_after(self) -> None:
        """Have idle connections closed when their time is over, though nobody asks for one.

        Called as one becomes idle, unless somebody looks after them already. Here it does nothing:
        they are closed when the transport is used again.
        """

    def carry(self, command: Send) -> Answer_co:
        """Carry out a ``Send``: the response, its content not yet read.

        Raises:
            RequestException: If there is none.
        """
        raise NotImplementedError

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Answer_co:
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

        def command() -> Send:
            return send_of(
                request,
                self.clock(),
                stream=stream,
                timeout=timeout,
                verify=verify,
                cert=cert,
                proxies=proxies,
            )

        return self._carry_out(command)

    _own_send: ClassVar[Any] = send  # As it is here, whoever puts another in its place later.

    def _carry_out(self, make: Callable[[], Send]) -> Answer_co:
        """Carry out the command that a function makes, which is called when it is time to."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        return {
            "pool": self.pool.limits,
            "limits": self.limits,
            "codecs": self.__dict__.get("codecs"),
            "resolver": self.__dict__.get("resolver"),
            "proxy_verify": self.__dict__.get("proxy_verify"),
            **({"socket": self.__dict__["socket"]} if "socket" in self.__dict__ else {}),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # A subclass that takes other arguments has its own.


def _look_after(transport: ref[AdapterBase[Any]]) -> None:
    found = transport()
    if found is not None:
        found.look_after()
