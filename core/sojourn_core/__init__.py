"""Sojourn's core: the HTTP session as a state machine, without I/O.

``Session.call`` gives a ``Call``, which decides what one logical request takes; an ``Exchange``
carries one request over one connection. Both answer each reply with the next command. See
``commands`` for the two contracts, and ``docs/protocol.md`` for how to drive them.

Each name is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING

from .values.lazy import loader
from .version import __version__

if TYPE_CHECKING:
    from .call.call import Call
    from .call.drive_call import AsyncMessenger, Messenger, drive_call, drive_call_async
    from .call.phase import CallPhase
    from .call.ports import Mode
    from .cookies import Cookie, CookieConflictError, CookieJar
    from .exchange.connection import Connection
    from .exchange.drive import carry_out, carry_out_async, drive, drive_async
    from .exchange.exchange import Exchange
    from .exchange.phase import Phase
    from .exchange.plan import ExchangePlan, plan_exchange
    from .exchange.pool import Pool, PoolLimits
    from .exchange.pool_key import PoolKey
    from .exchange.race import Race
    from .exchange.ticket import Slot, Ticket
    from .exchange.transport import AsyncTransport, Transport

    # Of credentials the same classes, which name the class of requests.
    from .messages.credentials import (
        AuthBase,
        AuthFlow,
        BearerAuth,
        HTTPBasicAuth,
        HTTPDigestAuth,
        HTTPProxyAuth,
        HTTPProxyDigestAuth,
    )
    from .messages.effects import Effects
    from .messages.given import ContentReceiver
    from .messages.request import PreparedRequest, Request
    from .messages.response import Response
    from .messages.settings import SendSettings
    from .rules.hedge import Hedge, HedgePolicy
    from .rules.policy import Policy
    from .rules.rate_limit import RateLimit
    from .rules.redirect import DELIVER, Answered, Follow, Ignore, Refuse, decide_redirect
    from .rules.redirect_rule import RedirectHop, RedirectVerdict, Rewrite
    from .rules.redirect_tables import Methods
    from .rules.retry_policy import TRANSIENT_STATUSES, Attempt, RetryPolicy
    from .session.explanation import Explanation, RequestPart
    from .session.session import Session
    from .values.content.content import Content
    from .values.content.pipeline import Pipeline
    from .values.content.shielded import ContentError, shielded, shielded_async
    from .values.content.trailing import WithTrailers
    from .values.decision import Decision, explain
    from .values.environment import Environment
    from .values.errors import Progress, RequestException
    from .values.fields import Fields
    from .values.head import ResponseHead
    from .values.limits import Limits
    from .values.netrc import Netrc
    from .values.route import DIRECT, Proxy, Route, SocketSettings
    from .values.timeouts import DEFAULT_TIMEOUTS, NO_TIMEOUTS, UNSET, Timeouts
    from .values.tls_info import TLSInfo
    from .values.tls_settings import TLSSettings
    from .values.url.address import PRIVATE_NETWORKS
    from .values.url.location import resolve_location
    from .values.url.url import URL, Origin, parse_url

__all__ = [
    "DEFAULT_TIMEOUTS",
    "DELIVER",
    "DIRECT",
    "NO_TIMEOUTS",
    "PRIVATE_NETWORKS",
    "TRANSIENT_STATUSES",
    "UNSET",
    "URL",
    "Answered",
    "AsyncMessenger",
    "AsyncTransport",
    "Attempt",
    "AuthBase",
    "AuthFlow",
    "BearerAuth",
    "Call",
    "CallPhase",
    "Connection",
    "Content",
    "ContentError",
    "ContentReceiver",
    "Cookie",
    "CookieConflictError",
    "CookieJar",
    "Decision",
    "Effects",
    "Environment",
    "Exchange",
    "ExchangePlan",
    "Explanation",
    "Fields",
    "Follow",
    "HTTPBasicAuth",
    "HTTPDigestAuth",
    "HTTPProxyAuth",
    "HTTPProxyDigestAuth",
    "Hedge",
    "HedgePolicy",
    "Ignore",
    "Limits",
    "Messenger",
    "Methods",
    "Mode",
    "Netrc",
    "Origin",
    "Phase",
    "Pipeline",
    "Policy",
    "Pool",
    "PoolKey",
    "PoolLimits",
    "PreparedRequest",
    "Progress",
    "Proxy",
    "Race",
    "RateLimit",
    "RedirectHop",
    "RedirectVerdict",
    "Refuse",
    "Request",
    "RequestException",
    "RequestPart",
    "Response",
    "ResponseHead",
    "RetryPolicy",
    "Rewrite",
    "Route",
    "SendSettings",
    "Session",
    "Slot",
    "SocketSettings",
    "TLSInfo",
    "TLSSettings",
    "Ticket",
    "Timeouts",
    "Transport",
    "WithTrailers",
    "__version__",
    "carry_out",
    "carry_out_async",
    "decide_redirect",
    "drive",
    "drive_async",
    "drive_call",
    "drive_call_async",
    "explain",
    "parse_url",
    "plan_exchange",
    "resolve_location",
    "shielded",
    "shielded_async",
]

# The modules of the public names.
_PLACES = {
    ".values.content.pipeline": ("Pipeline",),
    ".messages.given": ("ContentReceiver",),
    ".exchange.phase": ("Phase",),
    ".exchange.connection": ("Connection",),
    ".call.ports": ("Mode",),
    ".call.phase": ("CallPhase",),
    ".call.call": ("Call",),
    ".call.drive_call": (
        "AsyncMessenger",
        "Messenger",
        "drive_call",
        "drive_call_async",
    ),
    ".cookies": (
        "Cookie",
        "CookieConflictError",
        "CookieJar",
    ),
    ".exchange.drive": (
        "carry_out",
        "carry_out_async",
        "drive",
        "drive_async",
    ),
    ".exchange.exchange": ("Exchange",),
    ".exchange.plan": (
        "ExchangePlan",
        "plan_exchange",
    ),
    ".exchange.pool": (
        "Pool",
        "PoolLimits",
    ),
    ".exchange.pool_key": ("PoolKey",),
    ".exchange.race": ("Race",),
    ".exchange.ticket": (
        "Slot",
        "Ticket",
    ),
    ".exchange.transport": (
        "AsyncTransport",
        "Transport",
    ),
    ".messages.effects": ("Effects",),
    ".messages.request": (
        "PreparedRequest",
        "Request",
    ),
    ".messages.response": ("Response",),
    ".messages.settings": ("SendSettings",),
    ".rules.auth.credentials": (
        "AuthBase",
        "AuthFlow",
        "BearerAuth",
        "HTTPBasicAuth",
        "HTTPProxyAuth",
    ),
    ".rules.auth.digest_auth": (
        "HTTPDigestAuth",
        "HTTPProxyDigestAuth",
    ),
    ".rules.policy": ("Policy",),
    ".rules.hedge": ("Hedge", "HedgePolicy"),
    ".rules.rate_limit": ("RateLimit",),
    ".rules.redirect": (
        "DELIVER",
        "Answered",
        "Follow",
        "Ignore",
        "Refuse",
        "decide_redirect",
    ),
    ".rules.redirect_rule": (
        "RedirectHop",
        "RedirectVerdict",
        "Rewrite",
    ),
    ".rules.redirect_tables": ("Methods",),
    ".rules.retry_policy": (
        "TRANSIENT_STATUSES",
        "Attempt",
        "RetryPolicy",
    ),
    ".session.explanation": (
        "Explanation",
        "RequestPart",
    ),
    ".session.session": ("Session",),
    ".values.content.content": ("Content",),
    ".values.content.shielded": (
        "ContentError",
        "shielded",
        "shielded_async",
    ),
    ".values.content.trailing": ("WithTrailers",),
    ".values.decision": (
        "Decision",
        "explain",
    ),
    ".values.environment": ("Environment",),
    ".values.errors": (
        "Progress",
        "RequestException",
    ),
    ".values.fields": ("Fields",),
    ".values.head": ("ResponseHead",),
    ".values.limits": ("Limits",),
    ".values.netrc": ("Netrc",),
    ".values.route": (
        "DIRECT",
        "Proxy",
        "Route",
        "SocketSettings",
    ),
    ".values.timeouts": (
        "DEFAULT_TIMEOUTS",
        "NO_TIMEOUTS",
        "UNSET",
        "Timeouts",
    ),
    ".values.tls_info": ("TLSInfo",),
    ".values.tls_settings": ("TLSSettings",),
    ".values.url.address": ("PRIVATE_NETWORKS",),
    ".values.url.location": ("resolve_location",),
    ".values.url.url": (
        "URL",
        "Origin",
        "parse_url",
    ),
}

if not TYPE_CHECKING:  # A type checker knows the names, and refuses all others.
    __getattr__ = loader(__name__, _PLACES, ("commands", "cookies", "errors"))


def __dir__() -> list[str]:
    """Return the public names and modules, and no others: what completion should offer."""
    return sorted({*__all__, "commands", "cookies", "errors"})
