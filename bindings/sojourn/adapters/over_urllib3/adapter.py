"""The transport: one request, sent by urllib3."""

from __future__ import annotations

import ssl
from time import monotonic as clock
from typing import TYPE_CHECKING, Any, Final

from sojourn.sync.adapter import BaseAdapter
from sojourn.sync.response import Response
from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.messages.adapter_send import send_of
from sojourn_core.values.content.shielded import ContentError
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

from .failures import error_of_sending
from .heads import head_of
from .noted import begin_attempt
from .outgoing import Outgoing
from .pools import Managers
from .received import Received, let_go
from .settings import pool_settings, proxy_settings, refuse_what_cannot_be, timeouts_for

if TYPE_CHECKING:
    from sojourn_core.commands import Send
    from sojourn_core.exchange.plan import ExchangePlan

# A plan of an https request has a context. This one is asked for its head; the TLS is urllib3's.
_UNUSED: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _unused(*_: Any) -> Any:
    """Stand for the handshake with a SOCKS proxy, which is PySocks'."""
    raise AssertionError("urllib3 makes the tunnel")


class Urllib3Adapter(BaseAdapter):
    """Sends each request by urllib3, which follows nothing, retries nothing and decodes nothing.

    Redirects, cookies, credentials, proxies and content codings are the session's. What urllib3
    cannot do as it is asked is an error, and nothing is sent: networks that are refused,
    certificates that are pinned, tunnels for http, and a write timeout shorter than the connect
    timeout, which urllib3 has for both. SOCKS proxies take PySocks. urllib3 looks up names
    without a timeout, and gives the connect timeout to each address of a host. ``http.client``
    loses trailer fields, and takes no head of more than 100 lines.

    Args:
        num_pools: Number of origins whose connections are kept.
        maxsize: Number of idle connections that are kept for each of them.
        block: Have no more connections to an origin than that, and wait for one.
        limits: What a response may hold.
        proxy_verify: What https proxies are trusted by; None to trust what the request trusts.
    """

    def __init__(
        self,
        *,
        num_pools: int = 10,
        maxsize: int = 10,
        block: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        proxy_verify: Any = None,
    ) -> None:
        self.limits = limits
        self.proxy_verify = proxy_verify
        self._sizes: dict[str, Any] = {"num_pools": num_pools, "maxsize": maxsize, "block": block}
        self._managers = Managers(**self._sizes)

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        """Send a request; see ``BaseAdapter``.

        Raises:
            InvalidArgument: urllib3 cannot do what the settings ask for.
            PolicyRefused: The same, of networks that must not be connected to.
            RequestException: There is no response; the error says how far the request got.
        """
        settings = {"timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
        command = send_of(request, clock(), stream=stream, **settings)
        refuse_what_cannot_be(command)
        secure = command.request.parsed_url.scheme == "https"
        plan = plan_exchange(
            command,
            limits=self.limits,
            tls_context=_UNUSED if secure else None,
            proxy_tls_context=_UNUSED,
            handshake=_unused,
        )
        raw = self._urlopen(command, plan)
        try:
            head = head_of(raw, plan, clock(), lenient=command.settings.lenient_heads)
        except BaseException:
            let_go(raw)
            raise
        response = Response(head, request, self.limits, Received(raw, command, plan))
        response.connection = self
        return response

    def _urlopen(self, command: Send, plan: ExchangePlan) -> Any:
        """Have urllib3 send the request, and return its response."""
        attempt = begin_attempt()
        outgoing = Outgoing(plan, attempt)
        by = proxy_settings(command, self.proxy_verify)
        pool = self._managers.pool_for(plan, pool_settings(command), by, fresh=command.fresh)
        timeouts, pool_timeout = timeouts_for(command, clock())
        raised: Exception | None
        try:
            return pool.urlopen(
                method=plan.request.method,
                url=plan.request.target,
                body=outgoing.body,
                headers=outgoing.fields(),
                redirect=False,
                retries=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
                timeout=timeouts,
                pool_timeout=pool_timeout,  # type: ignore[arg-type]  # Its annotation says int.
            )
        except ContentError as shown:
            raised = shown.error
        except Exception as error:
            raised = error_of_sending(error, plan, attempt, clock())
            if raised is None:
                raise
            raised.__cause__ = error
        finally:
            outgoing.release()
        try:
            raise raised
        finally:
            del raised  # It leads to this frame, which must not lead to it.

    def close(self) -> None:
        """Close idle connections; those in use are closed when their response has ended."""
        self._managers.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {**self._sizes, "limits": self.limits, "proxy_verify": self.proxy_verify}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]  # A subclass that takes others has its own.
