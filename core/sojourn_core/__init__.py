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
    from .cookies import Cookie, CookieConflictError, CookieJar
    from .exchange.drive import carry_out, carry_out_async, drive, drive_async
    from .exchange.exchange import Exchange
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
    from .messages.request import PreparedRequest, Request
    from .messages.response import Response
    from .messages.settings import SendSettings
    from .rules.policy import Policy
    from .rules.redirect import DELIVER, Answered, Follow, Ignore, Refuse, decide_redirect
    from .rules.redirect_rule import RedirectHop, RedirectVerdict, Rewrite
    from .rules.redirect_tables import Methods
    from .session.session import Session
    from .values.content.content import Content
    from .values.content.shielded import ContentError, shielded, shielded_async
    from .values.decision import Decision, explain
    from .values.environment import Environment
    from .values.errors import RequestException
    from .values.fields import Fields
    from .values.head import ResponseHead
    from .values.limits import Limits
    from .values.netrc import Netrc
    from .values.route import DIRECT, Proxy, Route
    from .values.timeouts import DEFAULT_TIMEOUTS, NO_TIMEOUTS, UNSET, Timeouts
    from .values.url.address import PRIVATE_NETWORKS
    from .values.url.location import resolve_location
    from .values.url.url import URL, Origin, parse_url

__all__ = [
    "DEFAULT_TIMEOUTS",
    "DELIVER",
    "DIRECT",
    "NO_TIMEOUTS",
    "PRIVATE_NETWORKS",
    "UNSET",
    "URL",
    "Answered",
    "AsyncMessenger",
    "AsyncTransport",
    "AuthBase",
    "AuthFlow",
    "BearerAuth",
    "Call",
    "Content",
    "ContentError",
    "Cookie",
    "CookieConflictError",
    "CookieJar",
    "Decision",
    "Effects",
    "Environment",
    "Exchange",
    "ExchangePlan",
    "Fields",
    "Follow",
    "HTTPBasicAuth",
    "HTTPDigestAuth",
    "HTTPProxyAuth",
    "HTTPProxyDigestAuth",
    "Ignore",
    "Limits",
    "Messenger",
    "Methods",
    "Netrc",
    "Origin",
    "Policy",
    "Pool",
    "PoolKey",
    "PoolLimits",
    "PreparedRequest",
    "Proxy",
    "Race",
    "RedirectHop",
    "RedirectVerdict",
    "Refuse",
    "Request",
    "RequestException",
    "Response",
    "ResponseHead",
    "Rewrite",
    "Route",
    "SendSettings",
    "Session",
    "Slot",
    "Ticket",
    "Timeouts",
    "Transport",
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
    ".session.session": ("Session",),
    ".values.content.content": ("Content",),
    ".values.content.shielded": (
        "ContentError",
        "shielded",
        "shielded_async",
    ),
    ".values.decision": (
        "Decision",
        "explain",
    ),
    ".values.environment": ("Environment",),
    ".values.errors": ("RequestException",),
    ".values.fields": ("Fields",),
    ".values.head": ("ResponseHead",),
    ".values.limits": ("Limits",),
    ".values.netrc": ("Netrc",),
    ".values.route": (
        "DIRECT",
        "Proxy",
        "Route",
    ),
    ".values.timeouts": (
        "DEFAULT_TIMEOUTS",
        "NO_TIMEOUTS",
        "UNSET",
        "Timeouts",
    ),
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
