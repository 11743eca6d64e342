"""The way of a ``Send`` through a transport that has Requests' ``send``, and no more.

The arguments of that ``send`` say less than a call does. So a mounted transport is handed a copy of
the request, on which stands what the call insists on (``Constraints``): closed networks, the
deadline of the whole, a fresh connection, and what a proxy is told. A transport that makes a
``Send`` of its arguments again finds it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from sojourn_core.rules.policy import DEFAULT_POLICY
from sojourn_core.rules.request_fields import check_fields
from sojourn_core.values.errors import RequestException, unsent
from sojourn_core.values.fields import Fields
from sojourn_core.values.record import replace
from sojourn_core.values.route import DIRECT, Route
from sojourn_core.values.timeouts import NO_TIMEOUTS, deadline_at, timeouts_from

from .send import Send
from .settings import SendSettings

if TYPE_CHECKING:
    from .request import PreparedRequest


def send_of(
    request: PreparedRequest,
    now: float,
    *,
    stream: bool,
    timeout: Any,
    verify: Any,
    cert: Any,
    proxies: Any,
) -> Send:
    """Build a ``Send`` from the arguments of a Requests-style adapter.

    Args:
        request: A prepared request.
        now: Monotonic seconds.
        stream: Whether the content is read later.
        timeout: In any of the forms that a call takes; None waits for ever.
        verify: What is trusted.
        cert: A client certificate.
        proxies: Proxy URLs by scheme: the one that fits the URL best is asked for help, and shown
            the user info of its URL.

    Raises:
        ValueError: For a timeout in none of the forms that there are.
        InvalidProxyURL: For a proxy that is none.
        InvalidHeader, InvalidContent: For fields that must not be sent; see ``check_fields``.
    """
    timeouts = timeouts_from(timeout, NO_TIMEOUTS)
    settings = SendSettings(
        timeouts=timeouts,
        timeout=timeout,
        stream=stream,
        verify=verify,
        cert=cert,
        proxies=proxies or {},
    )
    deadline = deadline_at(now, timeouts.total)
    send = Send(request, DIRECT, settings, deadline)
    if settings.proxies:
        from sojourn_core.rules.proxies import choose_proxy, proxy_authorization

        proxy, _ = choose_proxy(request.parsed_url, settings.proxies)
        if proxy is not None:
            send.route = Route(proxy)
            send.proxy_authorization = proxy_authorization(proxy, DEFAULT_POLICY.basic_charset)
    return on_behalf(request, send)


def on_behalf(request: PreparedRequest, send: Send) -> Send:
    """Add to a transport's own command what the call that it works for insists on.

    Args:
        request: What the transport was given.
        send: What it makes of it.

    Raises:
        InvalidHeader, InvalidContent: For fields that must not be sent; see ``check_fields``.
    """
    headers: Any = request.headers
    if isinstance(headers, Fields) and headers.by_name() != request.preparation.checked:
        try:
            if check_fields(headers, request.preparation.checked):
                send.request = request.trimmed()
        except RequestException as error:
            unsent(error, request)
            raise
    asked = request.constraints
    if asked is None:
        return send
    send.deadline = min(send.deadline, asked.deadline)
    send.fresh = asked.fresh
    said = (asked.refused_networks, asked.lenient_heads, asked.needs_close_notify)
    known = send.settings
    if said != (known.refused_networks, known.lenient_heads, known.needs_close_notify):
        send.settings = replace(
            known, refused_networks=said[0], lenient_heads=said[1], needs_close_notify=said[2]
        )
    proxy, told = send.route.proxy, asked.proxy_authorization
    if proxy is not None and proxy == asked.route.proxy and told is not None:
        from sojourn_core.rules.proxies import proxy_authorization

        usual = proxy_authorization(proxy, request.preparation.policy.basic_charset)
        if send.proxy_authorization in (None, usual):  # Else the transport has its own reasons.
            send.proxy_authorization = told
    if proxy is not None and proxy == asked.route.proxy and asked.route.tunnels:
        send.route = send.route._replace(tunnels=True)
    return send


class Lent:
    """The copy of a request that a transport of somebody's own is handed, and what it did to it.

    The transport may change what it is given, as in Requests: the copy shares fields, cookies and
    content with the request, and what is set on it is carried back. Only the constraints of the
    call are the copy's own, so one prepared request may be sent by two calls at a time::

        with Lent(command) as lent:
            return lent.named(adapter.send(lent.copy, **command.settings.given()))

    Args:
        command: What the transport is to send.

    Attributes:
        copy: What the transport is handed.
    """

    __slots__ = ("_before", "_request", "copy")

    def __init__(self, command: Send) -> None:
        request = self._request = command.request
        self._before = dict(request.__dict__)
        copy = self.copy = type(request).__new__(type(request))
        copy.__dict__.update(self._before)
        from .constraints import Constraints  # Most sessions have transports of their own kind.

        copy.constraints = Constraints(
            refused_networks=command.settings.refused_networks,
            lenient_heads=command.settings.lenient_heads,
            needs_close_notify=command.settings.needs_close_notify,
            deadline=command.deadline,
            fresh=command.fresh,
            route=command.route,
            proxy_authorization=command.proxy_authorization,
        )

    def named(self, response: Any) -> Any:
        """Name the caller's request wherever a response, or an error, names the copy."""
        for each in (response, *(getattr(response, "history", None) or ())):
            if getattr(each, "request", None) is self.copy:
                each.request = self._request
        return response

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        copy, request = self.copy, self._request
        copy.constraints = None
        for name, value in copy.__dict__.items():
            if name != "constraints" and value is not self._before.get(name, _UNSET):
                setattr(request, name, value)
        if error is not None:
            self.named(error)
            self.named(getattr(error, "response", None))


_UNSET: Final = object()
