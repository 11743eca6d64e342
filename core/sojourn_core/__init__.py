"""Sojourn's core: the HTTP session as a state machine, without I/O.

``Session.call`` gives a ``Call``, which decides what one logical request takes; an ``Exchange``
carries one request over one connection. Both answer each reply with the next command. See
``commands`` for the two contracts, and ``docs/protocol.md`` for how to drive them.
"""

from .auth import AuthBase, BearerAuth, HTTPBasicAuth, HTTPProxyAuth
from .call import Call
from .content import Content
from .cookies import Cookie, CookieConflictError, CookieJar
from .decision import Decision, explain
from .errors import RequestException
from .exchange import Exchange
from .fields import Fields
from .head import ResponseHead
from .limits import Limits
from .plan import ExchangePlan, plan_exchange
from .policy import Methods, Policy
from .pool import Effects, Pool, PoolLimits, Slot, Ticket
from .redirect import DELIVER, Follow, Refuse, decide_redirect
from .request import PreparedRequest, Request
from .response import Response
from .route import DIRECT, PoolKey, Proxy, Route
from .session import Session
from .settings import SendSettings
from .timeouts import DEFAULT_TIMEOUTS, NO_TIMEOUTS, UNSET, Timeouts
from .url import URL, Origin, parse_url
from .version import __version__

__all__ = [
    "DEFAULT_TIMEOUTS",
    "DELIVER",
    "DIRECT",
    "NO_TIMEOUTS",
    "UNSET",
    "URL",
    "AuthBase",
    "BearerAuth",
    "Call",
    "Content",
    "Cookie",
    "CookieConflictError",
    "CookieJar",
    "Decision",
    "Effects",
    "Exchange",
    "ExchangePlan",
    "Fields",
    "Follow",
    "HTTPBasicAuth",
    "HTTPProxyAuth",
    "Limits",
    "Methods",
    "Origin",
    "Policy",
    "Pool",
    "PoolKey",
    "PoolLimits",
    "PreparedRequest",
    "Proxy",
    "Refuse",
    "Request",
    "RequestException",
    "Response",
    "ResponseHead",
    "Route",
    "SendSettings",
    "Session",
    "Slot",
    "Ticket",
    "Timeouts",
    "__version__",
    "decide_redirect",
    "explain",
    "parse_url",
    "plan_exchange",
]
