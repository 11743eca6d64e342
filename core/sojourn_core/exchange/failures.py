"""The error for what went wrong on the wire, by what was under way when it did.

A driver reports that a transfer failed or that a deadline passed, and nothing more. Which error
that is, and so who is to blame for it, follows from how far the exchange had got.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConnectionError,
    ConnectTimeout,
    DeadlineExceeded,
    InvalidContent,
    NameResolutionError,
    PoolTimeout,
    ProxyError,
    ReadTimeout,
    RemoteProtocolError,
    SSLError,
    StalledContent,
    WriteTimeout,
)

from .commands import Read
from .phase import Phase

if TYPE_CHECKING:
    from sojourn_core.values.errors import RequestException

    from .codec import Message
    from .commands import ExchangeCommand
    from .connection import Connection
    from .plan import ExchangePlan

# In these, no byte of the request was written.
UNSENT_PHASES: Final = frozenset(
    {
        Phase.NEW,
        Phase.CHECKING_OUT,
        Phase.PROBING,
        Phase.CLOSING_STALE,
        Phase.RESOLVING,
        Phase.CONNECTING,
        Phase.SECURING_PROXY,
        Phase.TUNNELING,
        Phase.CLOSING_REFUSED,
        Phase.SECURING,
    }
)
# In these, the proxy was not reached yet, if there is one.
_REACHING_PHASES: Final = frozenset({Phase.RESOLVING, Phase.CONNECTING})
_CONNECTED_PHASES: Final = frozenset({Phase.SECURING_PROXY, Phase.TUNNELING, Phase.SECURING})


def blamed(
    error: RequestException,
    upload_error: RequestException | None,
    message: Message,
    plan: ExchangePlan,
) -> RequestException:
    """Return the error to tell: a broken upload explains best why no response came."""
    told = isinstance(error, SSLError)  # An alert says why the peer took no more.
    if upload_error is not None and message.head is None and not told:
        return upload_error
    if isinstance(error, RemoteProtocolError):
        error.args = (f"{plan.place}: {error}",)
    return error


def refuse_cut(message: Message) -> None:
    """Refuse an end without close_notify: the stream may have been cut by anybody.

    Raises:
        ChunkedEncodingError: If nothing but that end tells where the content ends.
    """
    if message.head is not None and message.until_close:
        raise ChunkedEncodingError(
            "the content of the response was cut: the TLS connection ended without close_notify"
        )


def is_end_of_tls(
    command: ExchangeCommand,
    error: BaseException,
    connection: Connection | None,
    plan: ExchangePlan,
) -> bool:
    """Tell whether a failure to read is the end of a TLS connection, as one without close_notify.

    OpenSSL reads a reset of the connection below it as its end, and programs that take the one end
    for the content's take the other as well.
    """
    return (
        not plan.needs_close_notify
        and isinstance(command, Read)
        and connection is not None
        and connection.tls is not None
        and isinstance(error, ConnectionResetError)
    )


def network_error(
    error: BaseException, plan: ExchangePlan, phase: Phase, *, tried: str = ""
) -> RequestException:
    """Return the error for a network that failed with ``error``, which becomes the cause.

    Args:
        error: Tells how it failed.
        plan: What was asked for.
        phase: What was under way.
        tried: The addresses that were tried, as the end of the message.
    """
    said = str(error) or type(error).__name__
    proxy = plan.proxy
    raised: RequestException
    if proxy is not None and phase in _REACHING_PHASES:
        raised = ProxyError(f"the proxy {proxy} cannot be reached: {said}{tried}")
    elif phase is Phase.SECURING_PROXY:
        raised = ProxyError(f"the proxy {proxy} was lost in the TLS handshake with it: {said}")
    elif phase is Phase.TUNNELING:
        raised = ProxyError(f"the proxy {proxy} was lost before there was a tunnel: {said}")
    elif phase is Phase.RESOLVING:
        raised = unresolved(plan.host, said)
    elif phase is Phase.CONNECTING:
        raised = ConnectionError(f"cannot connect to {plan.place}: {said}{tried}")
    elif phase is Phase.RECEIVING:
        raised = ChunkedEncodingError(
            f"the connection to {plan.place} was lost within the content: {said}"
        )
    else:
        raised = ConnectionError(f"the connection to {plan.place} was lost: {said}")
    raised.__cause__ = error
    return raised


def unresolved(host: str, said: str) -> NameResolutionError:
    """Return the error for a host whose name leads nowhere."""
    return NameResolutionError(f"host {host!r} cannot be resolved: {said}")


def content_error(error: BaseException) -> InvalidContent:
    """Return the error for content of the request that could not be read."""
    raised = InvalidContent(f"the content of the request could not be read: {error}")
    raised.__cause__ = error
    return raised


def timeout_error(
    plan: ExchangePlan, phase: Phase, now: float, *, writing: bool = False, tried: str = ""
) -> RequestException:
    """Return the error for a deadline that has passed: that of the call, or of one transfer."""
    timeouts = plan.timeouts
    if now >= plan.deadline:
        return DeadlineExceeded(f"the call to {plan.place} took longer than it may in all")
    if phase is Phase.CHECKING_OUT:
        return PoolTimeout(f"no connection to {plan.place} became free in {timeouts.pool} s")
    if phase in UNSENT_PHASES:
        error = ConnectTimeout(f"no connection to {plan.place} in {timeouts.connect} s{tried}")
        error.connected = phase in _CONNECTED_PHASES
        return error
    if writing:
        return WriteTimeout(f"{plan.place} took in nothing for {timeouts.write} s")
    if phase is Phase.RECEIVING:
        return StalledContent(f"{plan.place} was silent for {timeouts.read} s within the content")
    return ReadTimeout(f"no answer from {plan.place} in {timeouts.read} s")


def unspoken_switch(plan: ExchangePlan) -> RequestException:
    """Return the error for a 101 that nobody asked for."""
    return ConnectionError(
        f"{plan.place} switched to another protocol, which this transport does not speak",
        maybe_sent=True,
    )
