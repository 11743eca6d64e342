"""The means to speak to a proxy otherwise than by plain HTTP: TLS, and the handshake of SOCKS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn.local.tls_contexts import context_for
from sojourn_core.values.errors import InvalidSchema
from sojourn_core.values.record import replace
from sojourn_core.values.tls_settings import TLSSettings

if TYPE_CHECKING:
    import ssl

    from sojourn_core.commands import Send
    from sojourn_core.exchange.handshake import MakeHandshake


def proxy_tls_context(
    send: Send, verify: Any = None, *, knows_system: bool = True
) -> ssl.SSLContext | None:
    """Return the TLS context for the proxy of a request, as ``plan_exchange`` takes it.

    The client certificate is for the origin, and not for the proxy. So are pinned certificates of
    ``verify``: where they are all that counts there, the proxy is trusted by certifi's bundle.

    Args:
        send: The command that is carried out.
        verify: What proxies are trusted by, in any of the forms of ``verify``, where the settings
            of the request do not say; None to trust what the request trusts. Fingerprints are
            compared where the settings have them (``SendSettings.proxy_verify``).
        knows_system: False if "system" is a path as any other.

    Returns:
        None if there is no proxy, or none that speaks TLS.

    Raises:
        OSError: A file is not there.
        SSLError: A file holds nothing of use.
        InvalidArgument: The setting is none of those that there are.
    """
    proxy = send.route.proxy
    if proxy is None or proxy.url.scheme != "https":
        return None
    settings = send.settings
    trusted = settings.proxy_verify if settings.proxy_verify is not None else verify
    if trusted is None:
        trusted = settings.verify
        if isinstance(trusted, TLSSettings):
            pinned = trusted.trust is False and trusted.fingerprints
            trusted = replace(
                trusted,
                trust=True if pinned else trusted.trust,
                certificate=None,
                key=None,
                password=None,
                fingerprints=(),
            )
    return context_for(trusted, None, knows_system=knows_system)


def proxy_handshake(send: Send) -> MakeHandshake | None:
    """Return what opens tunnels at the proxy of a request, as ``plan_exchange`` takes it.

    Args:
        send: The command that is carried out.

    Returns:
        None if there is no proxy, or one that speaks HTTP.

    Raises:
        InvalidSchema: The proxy speaks SOCKS, and the extra ``socks`` is not installed.
        InvalidProxyURL: The credentials in its URL cannot be sent.
    """
    proxy = send.route.proxy
    if proxy is None or not proxy.is_socks:
        return None
    try:
        from .socks import credentials_of, socks_handshake
    except ImportError as error:
        raise InvalidSchema(
            "SOCKS proxies take the extra socks: pip install 'sojourn[socks]'", maybe_sent=False
        ) from error
    credentials_of(proxy)  # Before anybody is asked for anything.
    return socks_handshake
