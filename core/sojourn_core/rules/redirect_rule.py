"""A rule of the caller's own for each redirect, the hop that it is shown, and its answers.

``Policy(on_redirect=rule)``: the rule is asked after the library's own checks and before anything
is sent. It is a function of values and may be tested without a connection.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.url.url import URL


@record(frozen=True, kw_only=True)
class RedirectHop(Value):
    """A redirect that would be followed.

    Attributes:
        status: Of the response that redirects.
        url: The URL that was asked.
        target: The URL that it leads to.
        method: The method of the request that was answered.
        method_after: The method of the next request.
        hops: How many redirects of this call were followed already.
    """

    status: int
    url: URL
    target: URL
    method: str
    method_after: str
    hops: int

    @property
    def same_origin(self) -> bool:
        """It stays within scheme, host and port (RFC 9110 section 4.3.1)."""
        return self.url.origin == self.target.origin

    @property
    def downgrade(self) -> bool:
        """It leaves https for http."""
        return self.url.scheme == "https" and self.target.scheme == "http"


class RedirectVerdict(Enum):
    """An answer of a rule; ``Rewrite`` is the other kind."""

    FOLLOW = "follow"
    STOP = "stop"  # Hand the redirect over as the response.
    REFUSE = "refuse"  # Fail the call with RedirectRefused.


@record(frozen=True)
class Rewrite(Value):
    """Follow, but to this URL; it passes the same checks."""

    url: str


RedirectRule: TypeAlias = "Callable[[RedirectHop], RedirectVerdict | Rewrite]"
