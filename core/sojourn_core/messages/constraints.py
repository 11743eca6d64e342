"""The constraints that a call sets, whatever transport sends its request."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from sojourn_core.values.record import field, record
from sojourn_core.values.route import DIRECT, Route
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from .settings import Network


@record(frozen=True, kw_only=True)
class Constraints(Value):
    """The constraints on a request that a transport of the user's own is handed.

    Attributes:
        refused_networks: Addresses that must not be connected to.
        lenient_heads: As in ``Policy``.
        needs_close_notify: As in ``Policy``.
        deadline: When the whole call must be over.
        fresh: Whether the request must go out on a new connection.
        route: How the call would have the request go.
        proxy_authorization: The Proxy-Authorization for the proxy of that route, or None.
    """

    refused_networks: tuple[Network, ...] = ()
    lenient_heads: bool = False
    needs_close_notify: bool = True
    deadline: float = inf
    fresh: bool = False
    route: Route = DIRECT
    proxy_authorization: str | None = field(default=None, repr=False)
