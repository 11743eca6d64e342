"""Sojourn's core: the HTTP session as a state machine, without I/O.

``Session.call`` gives a ``Call``, which decides what one logical request takes; an ``Exchange``
carries one request over one connection. Both answer each reply with the next command. See
``commands`` for the two contracts, and ``docs/protocol.md`` for how to drive them.
"""

from .address import PRIVATE_NETWORKS
from .auth import AuthBase, AuthFlow, BearerAuth, HTTPBasicAuth, HTTPProxyAuth
from .call import Call
from .content import Content
from .cookies import Cookie, CookieConflictError, CookieJar
from .decision import Decision, explain
from .digest_auth import HTTPDigestAuth, HTTPProxyDigestAuth
from .environment import Environment
from .errors import RequestException
from .exchange import Exchange
from .fields import Fields
from .head import ResponseHead
from .limits import Limits
from .methods import Methods
from .netrc import Netrc
from .plan import ExchangePlan, plan_exchange
from .policy import Policy
from .pool import Effects, Pool, PoolLimits, Slot, Ticket
from .redirect import DELIVER, Follow, Refuse, decide_redirect
from .redirect_rule import RedirectHop, RedirectVerdict, Rewrite
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
    "PRIVATE_NETWORKS",
    "UNSET",
    "URL",
    "AuthBase",
    "AuthFlow",
    "BearerAuth",
    "Call",
    "Content",
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
    "Limits",
    "Methods",
    "Netrc",
    "Origin",
    "Policy",
    "Pool",
    "PoolKey",
    "PoolLimits",
    "PreparedRequest",
    "Proxy",
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
    "__version__",
    "decide_redirect",
    "explain",
    "parse_url",
    "plan_exchange",
]
