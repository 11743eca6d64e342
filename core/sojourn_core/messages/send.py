"""The command to send a request: where the message level and the byte level meet."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from sojourn_core.values.brief import Brief
from sojourn_core.values.record import field, record
from sojourn_core.values.url.shown import shown_text
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sojourn_core.values.route import Route

    from .request import PreparedRequest
    from .settings import SendSettings


@record()
class Send(Brief, Value):
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

    request: PreparedRequest = field(repr=False)
    route: Route
    settings: SendSettings
    deadline: float = inf
    fresh: bool = False
    proxy_authorization: str | None = field(default=None, repr=False)

    def _shown(self) -> Iterable[str]:
        yield f"{self.request.method} {shown_text(self.request.url or '')}"
        yield from Brief._shown(self)  # A dataclass with slots is another class than this one.
