"""The needs of a call: methods that may be overridden, a jar, and settings.

A session is one way to have them. A call keeps no session, and does not know the class.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Protocol

from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.auth.credentials import AuthFlow
    from sojourn_core.rules.policy import Policy
    from sojourn_core.rules.rate_limit import Turns
    from sojourn_core.rules.retry_policy import Retries
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.route import Proxy


class Mode(Enum):
    """The one who follows the redirects of a call."""

    WHOLE = "the call itself"
    ALONE = "nobody: they are handed over"
    NESTED = "the call, each hop of which is sent by a call of its own"
    DELEGATED = "the session's own method, which is overridden"


# Each call asks for them, and to read a member of an Enum by its class takes twenty times as long
# (up to Python 3.11).
WHOLE: Final = Mode.WHOLE
ALONE: Final = Mode.ALONE
NESTED: Final = Mode.NESTED
DELEGATED: Final = Mode.DELEGATED


@record(frozen=True, kw_only=True)
class CallSettings(Value):
    """The settings that a call takes from its session when it is made.

    Attributes:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        redirects_max: How many redirects are followed.
        proxy_flows: Credentials that answer challenges of proxies, counted for the whole session.
        environment: The environment, which is read once for a call.
        retries: The rule for retries and its budget; None if nothing is sent again by a rule.
        turns: The turns of requests; None if their rate has no limit.
    """

    policy: Policy
    limits: Limits
    redirects_max: int
    proxy_flows: dict[Proxy, AuthFlow]
    environment: Environment
    retries: Retries | None = None
    turns: Turns | None = None


class Overrides(Protocol):
    """The methods that a subclass of the session may override; see ``RedirectRules``."""

    def get_redirect_target(self, resp: Response) -> str | None:
        """Return the Location that a response redirects to, or None."""
        ...

    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Set the method of the request that follows a redirect."""
        ...

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        """Return whether Authorization must not go along from one URL to the other."""
        ...

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Drop, keep or set the Authorization of the next request."""
        ...

    def rebuild_proxies(
        self, prepared_request: PreparedRequest, proxies: dict[str, str] | None
    ) -> dict[str, str]:
        """Return the proxies of the next request, and set what their proxy is told."""
        ...


class Owner(Overrides, Protocol):
    """Whose call it is: overridable methods, credentials, the jar and the time of day.

    Attributes:
        auth: Credentials of the session; a dictionary has some for each of several origins.
        stores_elsewhere: The jar may find cookies elsewhere than in Set-Cookie lines.
        wall_offset: Seconds since 1970 at the monotonic time 0.
    """

    auth: Any
    stores_elsewhere: bool
    wall_offset: float

    def apply_auth(self, prepared: PreparedRequest, auth: Any, source: str) -> None:
        """Set credentials on a request, and note where they come from."""
        ...

    def apply_auth_of_origin(self, prepared: PreparedRequest) -> None:
        """Set the session's credentials for the origin that a redirect leads to, if it has some."""
        ...

    def store_cookies(
        self, request: PreparedRequest, response: Response, now: float, hop: int
    ) -> list[Decision]:
        """Keep the cookies that a response sets, and say what became of each."""
        ...

    def rebuild_cookies(
        self,
        old: PreparedRequest,
        request: PreparedRequest,
        response: Response,
        now: float,
        *,
        at_home: bool,
        same_origin: bool,
    ) -> None:
        """Set the Cookie field of the next request."""
        ...
