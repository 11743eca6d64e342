"""What a transport sends that was asked by Requests' ``send`` of adapters, and not by a ``Send``.

Its arguments say less than a call does. While a session has a mounted transport send a request,
the request knows the command that it is sent by (``PreparedRequest.sending``), and what the call
insists on goes along: closed networks, the deadline of the whole, a fresh connection, and what a
proxy is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sojourn_core.rules.policy import DEFAULT_POLICY
from sojourn_core.rules.proxies import choose_proxy, proxy_authorization
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
    """The command that the arguments of an adapter's ``send`` stand for.

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
    proxy, _ = choose_proxy(request.parsed_url, settings.proxies)
    if proxy is None:
        return on_behalf(request, Send(request, DIRECT, settings, deadline))
    field = proxy_authorization(proxy, DEFAULT_POLICY.basic_charset)
    return on_behalf(
        request,
        Send(request, Route(proxy), settings, deadline, proxy_authorization=field),
    )


def on_behalf(request: PreparedRequest, send: Send) -> Send:
    """A transport's own command with what the call that it works for insists on.

    Args:
        request: What the transport was given.
        send: What it makes of it.
    """
    asked = request.sending
    if asked is None:
        return send
    send.deadline = min(send.deadline, asked.deadline)
    send.fresh = asked.fresh
    networks = asked.settings.refused_networks
    if networks:
        send.settings = replace(send.settings, refused_networks=networks)
    proxy, told = send.route.proxy, asked.proxy_authorization
    if proxy is not None and proxy == asked.route.proxy and told is not None:
        usual = proxy_authorization(proxy, request.policy.basic_charset)
        if send.proxy_authorization in (None, usual):  # Else the transport has its own reasons.
            send.proxy_authorization = told
    return send
