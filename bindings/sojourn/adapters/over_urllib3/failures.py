"""Errors of urllib3 as errors of the session, with how far the request had got."""

from __future__ import annotations

import re
from http import client
from socket import gaierror
from typing import TYPE_CHECKING, Any, Final

from urllib3 import exceptions as theirs

from sojourn_core.exchange.failures import UNSENT_PHASES, network_error, timeout_error, unresolved
from sojourn_core.exchange.phase import Phase
from sojourn_core.messages.given import head_of
from sojourn_core.values.errors import (
    ChunkedEncodingError,
    ConflictingLengths,
    ConnectionError,
    InvalidURL,
    Progress,
    ProxyError,
    RemoteProtocolError,
    RequestException,
    SSLError,
)

if TYPE_CHECKING:
    from sojourn_core.exchange.plan import ExchangePlan

    from .noted import Attempt

_REFUSED: Final = re.compile(r"Tunnel connection failed: ([1-9][0-9]{2}) ?(.*)")


def error_of_sending(
    error: BaseException, plan: ExchangePlan, attempt: Attempt, now: float
) -> RequestException | None:
    """Return the error for a request that was not answered; None for one that is raised as it is.

    Args:
        error: What urllib3 raised.
        plan: Of the request.
        attempt: How far it got.
        now: Monotonic seconds.
    """
    secure = plan.tls_context is not None
    phase = Phase.SECURING if secure and not attempt.secured else Phase.SENDING
    raised = _raised(error, plan, phase, now)
    if raised is None:
        return None
    told, phase = raised
    unsent = phase in UNSENT_PHASES
    told.maybe_sent = not unsent
    told.progress = Progress(
        reused=attempt.reused,
        octets_written=0 if unsent else _head_size(plan) + attempt.written,
        octets_received=1 if isinstance(told, RemoteProtocolError) else 0,  # Some, at any rate.
        content_touched=attempt.touched,
    )
    return told


def _head_size(plan: ExchangePlan) -> int:
    request = plan.request
    lines = sum(len(name) + len(value) + 4 for name, value in request.lines)
    return len(request.method) + len(request.target) + len("  HTTP/1.1\r\n\r\n") + lines


def _raised(
    error: BaseException, plan: ExchangePlan, phase: Phase, now: float
) -> tuple[RequestException, Phase] | None:
    """Return the error, and the phase of the exchange in which it came."""
    if isinstance(error, theirs.ProxyError):
        return _of_proxy(error.original_error, plan, now)
    if isinstance(error, theirs.ProtocolError) and len(error.args) > 1:
        return _of_connection(error.args[1], plan, phase, now), phase
    found = _PHASES.get(type(error), phase)
    told: RequestException | None = None
    proxy = plan.key.route.proxy
    if isinstance(error, theirs.NewConnectionError) and proxy is not None and proxy.is_socks:
        return _of_socks(error, plan)
    if isinstance(error, theirs.NewConnectionError):
        told = network_error(_below(error), plan, found)
    elif isinstance(error, (theirs.TimeoutError, theirs.EmptyPoolError)):
        told = timeout_error(plan, found, now)
    elif isinstance(error, (theirs.SSLError, theirs.InvalidHeader)):
        told = _of_peer(error, plan)
    elif isinstance(error, theirs.LocationValueError):
        told = InvalidURL(f"urllib3 cannot ask {plan.place}: {error}")
    elif isinstance(error, (theirs.HTTPError, client.HTTPException, OSError)):
        told = ConnectionError(f"the connection to {plan.place} was lost: {error}")
    return None if told is None else (told, found)


_PHASES: Final[dict[type[BaseException], Phase]] = {
    theirs.NameResolutionError: Phase.RESOLVING,
    theirs.NewConnectionError: Phase.CONNECTING,
    theirs.ConnectTimeoutError: Phase.CONNECTING,
    theirs.EmptyPoolError: Phase.CHECKING_OUT,
    theirs.ClosedPoolError: Phase.CHECKING_OUT,
    theirs.LocationValueError: Phase.NEW,
    theirs.LocationParseError: Phase.NEW,
}


def _below(error: BaseException) -> BaseException:
    """Return the error of the system that urllib3's was made of."""
    return error.__cause__ if isinstance(error.__cause__, OSError) else error


def _of_proxy(
    error: BaseException, plan: ExchangePlan, now: float
) -> tuple[RequestException, Phase]:
    """Return the error for a proxy that was not reached, or gave no tunnel."""
    refused = _REFUSED.match(str(error))
    if refused is not None:
        return plan.refusal(head_of(int(refused[1]), None, refused[2].strip())), Phase.TUNNELING
    phase = _PHASES.get(type(error), Phase.TUNNELING)
    if isinstance(error, theirs.TimeoutError) and not isinstance(error, theirs.NewConnectionError):
        return timeout_error(plan, phase, now), phase
    return network_error(_below(error), plan, phase), phase


def _of_socks(
    error: theirs.NewConnectionError, plan: ExchangePlan
) -> tuple[RequestException, Phase]:
    """Return the error for a SOCKS proxy that was not reached, or opened no tunnel.

    urllib3 keeps the text of PySocks' error alone, and that error has the one of the system.
    """
    raised = error.__cause__ or error.__context__
    below: Any = getattr(raised, "socket_err", None) or raised or error
    if isinstance(below, gaierror):
        return unresolved(plan.origin.host, str(below)), Phase.RESOLVING
    if type(below).__module__ == "socks":
        said = f"the proxy {plan.proxy} opens no tunnel to {plan.origin}: {below}"
        return ProxyError(said), Phase.TUNNELING
    return network_error(below, plan, Phase.CONNECTING), Phase.CONNECTING


def _of_connection(error: Any, plan: ExchangePlan, phase: Phase, now: float) -> RequestException:
    """Return the error for a connection that broke before there was a head."""
    if isinstance(error, TimeoutError):  # Of the time to read, urllib3 has an error of its own.
        return timeout_error(plan, phase, now, writing=True)
    if isinstance(error, OSError):  # So is an end where the head should be.
        return network_error(error, plan, phase)
    said = str(error) or type(error).__name__
    return RemoteProtocolError(f"the response is not valid HTTP: {said}")


def _of_peer(error: theirs.HTTPError, plan: ExchangePlan) -> RequestException:
    if isinstance(error, theirs.InvalidHeader):
        return ConflictingLengths(str(error))
    below = error.args[0] if error.args else error
    reason = getattr(below, "reason", None) or below
    return SSLError(f"no TLS connection to {plan.place}: {reason}")


def error_of_content(
    error: BaseException, plan: ExchangePlan, now: float
) -> RequestException | None:
    """Return the error for content that broke off; None for one that is raised as it is.

    Args:
        error: What urllib3 raised.
        plan: Of the request.
        now: Monotonic seconds.
    """
    if isinstance(error, theirs.TimeoutError):
        return timeout_error(plan, Phase.RECEIVING, now)
    if isinstance(error, theirs.SSLError):
        return ChunkedEncodingError(f"the content of the response was cut: {error}")
    if not isinstance(error, theirs.HTTPError):
        return None
    below = error.args[1] if len(error.args) > 1 else error
    if isinstance(below, OSError):
        return network_error(below, plan, Phase.RECEIVING)
    told = ChunkedEncodingError(f"the content of the response ended early: {error}")
    if isinstance(below, client.IncompleteRead):
        told.missing = below.expected
    return told
