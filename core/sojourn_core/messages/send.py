"""The command to send a request: where the message level and the byte level meet."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from sojourn_core.values.record import dataclass, field

if TYPE_CHECKING:
    from sojourn_core.values.route import Route

    from .request import PreparedRequest
    from .settings import SendSettings


@dataclass(slots=True)
class Send:
    """Send the request, however you like, until the head of its response is there.

    Attributes:
        request: The complete request of this hop.
        route: How to get there: directly, or by which proxy.
        settings: What a mounted adapter is given: timeouts, verify, cert, stream, proxies.
        deadline: When the whole call must be over.
        fresh: Whether it must go out on a new connection: a resend after a stale one.
        proxy_authorization: The Proxy-Authorization field for the proxy of the route, or None. It
            goes with the request to a forward proxy, and with CONNECT to one that tunnels.
    """

    request: PreparedRequest
    route: Route
    settings: SendSettings
    deadline: float = inf
    fresh: bool = False
    proxy_authorization: str | None = field(default=None, repr=False)
