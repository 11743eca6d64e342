"""The settings of a call as urllib3 takes them, and those that it cannot keep to."""

from __future__ import annotations

from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi
from urllib3 import Timeout

from sojourn.local.borrowing import unverified
from sojourn.local.tls_contexts import SYSTEM, as_certificate, as_path, context_for
from sojourn.shared.proxies import proxy_tls_context
from sojourn_core.values.errors import InvalidArgument, InvalidSchema, PolicyRefused

if TYPE_CHECKING:
    from sojourn_core.commands import Send
    from sojourn_core.messages.settings import SendSettings


def refuse_what_cannot_be(command: Send) -> None:
    """Refuse what urllib3 cannot do, before anything is sent.

    Raises:
        PolicyRefused: There are networks that must not be connected to: urllib3 connects to
            whatever address a name has.
        InvalidArgument: The write timeout is shorter than the connect timeout, there is to be a
            tunnel for http, or a certificate is pinned: urllib3 compares one fingerprint, and in
            place of the name.
    """
    settings = command.settings
    if getattr(settings.verify, "fingerprints", ()):
        raise InvalidArgument(
            "Urllib3Adapter cannot keep to the fingerprints of TLSSettings", maybe_sent=False
        )
    if settings.refused_networks:
        raise PolicyRefused(
            "Urllib3Adapter cannot keep to refused_networks: urllib3 connects to any address",
            maybe_sent=False,
        )
    if command.route.tunnels and command.request.parsed_url.scheme == "http":
        raise InvalidArgument("urllib3 makes no tunnels for http: tunnel_http", maybe_sent=False)
    connect, write = settings.timeouts.connect, settings.timeouts.write
    if write is not None and (connect is None or connect > write):
        raise InvalidArgument(
            f"urllib3 has one timeout for connecting and for writing: {connect!r} s to connect"
            f" is longer than {write!r} s to write",
            maybe_sent=False,
        )


def proxy_settings(command: Send, verify: Any) -> dict[str, Any]:
    """Return what a manager takes for the proxy of a request, beside its URL.

    Args:
        command: What is sent.
        verify: What https proxies are trusted by; None to trust what the request trusts.

    Raises:
        InvalidSchema: The proxy speaks SOCKS, and PySocks is not installed.
        InvalidProxyURL: The credentials in the URL of a SOCKS proxy cannot be sent.
        InvalidArgument: The certificate of the proxy is pinned.
        OSError: A file is not there.
        SSLError: A file holds nothing of use.
    """
    proxy = command.route.proxy
    if proxy is not None and proxy.is_socks:
        if find_spec("socks") is None:
            raise InvalidSchema(
                "SOCKS proxies over urllib3 take PySocks: pip install 'urllib3[socks]'",
                maybe_sent=False,
            )
        userinfo = proxy.url.userinfo or (None, None)
        return {"username": userinfo[0] or None, "password": userinfo[1] or None}
    trusted = command.settings.proxy_verify if verify is None else verify
    if getattr(trusted, "fingerprints", ()):
        raise InvalidArgument(
            "Urllib3Adapter cannot keep to the fingerprints of proxy_verify", maybe_sent=False
        )
    context = proxy_tls_context(command, verify)
    return {} if context is None else {"proxy_ssl_context": context}


def timeouts_for(command: Send, now: float) -> tuple[Timeout, float | None]:
    """Return urllib3's timeouts for a request, and that of its pool; None waits for ever."""
    left = max(command.deadline - now, 0.001)
    timeouts = command.settings.timeouts
    connect, read, pool = (
        _least(seconds, left) for seconds in (timeouts.connect, timeouts.read, timeouts.pool)
    )
    return Timeout(connect=connect, read=read), pool


def _least(seconds: float | None, left: float) -> float | None:
    least = left if seconds is None else min(seconds, left)
    return None if least == inf else least


def pool_settings(command: Send) -> dict[str, Any]:
    """Return the settings of a connection: its TLS, and its socket.

    urllib3 makes the TLS context itself wherever it can, as it does for Requests: tools put one of
    theirs in its place.

    Raises:
        OSError: A file is not there, as Requests does.
        SSLError: A file holds nothing of use.
        InvalidArgument: ``verify`` or ``cert`` is of a kind that is not taken.
    """
    socket = command.route.socket
    found: dict[str, Any] = {}
    if socket is not None and socket.source_address is not None:
        found["source_address"] = socket.source_address
    if socket is not None and socket.options is not None:
        found["socket_options"] = list(socket.options)
    if command.request.parsed_url.scheme == "https":
        found.update(_tls_settings(command.settings))
    return found


def _tls_settings(settings: SendSettings) -> dict[str, Any]:
    verify, cert = as_path(settings.verify), as_certificate(settings.cert)
    found: dict[str, Any] = {"cert_reqs": "CERT_NONE" if verify is False else "CERT_REQUIRED"}
    if verify is False:
        if settings.context is not None and cert is None:
            found["ssl_context"] = unverified(settings.context)
    elif verify is True or verify is None:
        found["ca_certs"] = certifi.where()
    elif isinstance(verify, str) and verify != SYSTEM:
        found.update(_authorities(verify))
    else:
        found["ssl_context"] = context_for(verify, cert)
        if verify != SYSTEM:
            del found["cert_reqs"]  # A context that was given says it itself.
        return found
    if cert is not None:
        certificate, key = (cert, None) if isinstance(cert, str) else cert
        for what, path in (("certificate file", certificate), ("key file", key)):
            if path is not None and not Path(path).is_file():
                raise OSError(f"Could not find the TLS {what}, invalid path: {path}")
        found["cert_file"], found["key_file"] = certificate, key
    return found


def _authorities(path: str) -> dict[str, str]:
    where = Path(path)
    if not where.exists():
        raise OSError(f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}")
    return {"ca_cert_dir" if where.is_dir() else "ca_certs": path}
