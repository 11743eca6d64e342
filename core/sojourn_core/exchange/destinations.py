"""The addresses of an origin, for a proxy that is told one of them.

A proxy that cannot reach an address may reach the next: the origin has several so that one is
enough. Whoever resolves the name here has to do what a client without a proxy does (``dial``), and
so the addresses are told one after another, each to a new connection to the proxy: after a refusal
it closes the one that it was asked on (RFC 1928 section 6).
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.route import Proxy
    from sojourn_core.values.url.url import Origin

    from .handshake import MakeHandshake, ProxyHandshake


class Destinations:
    """The hosts that a proxy is told, in their order, and the handshake for the one in turn.

    Args:
        make: Makes a handshake.
        proxy: Whom it is with.
        origin: Whose hosts they are.
        hosts: Addresses; or the name alone, for a proxy that resolves it.

    Attributes:
        told: Those that it was told so far.
        handshake: For the last of these.
        decisions: One for each host that the proxy has not reached.

    Raises:
        RequestException: There can be no handshake for the first of them.
    """

    __slots__ = ("_left", "_make", "_origin", "_proxy", "decisions", "handshake", "told")

    def __init__(
        self, make: MakeHandshake, proxy: Proxy, origin: Origin, hosts: tuple[str, ...]
    ) -> None:
        self._make = make
        self._proxy = proxy
        self._origin = origin
        self._left = hosts
        self.told: tuple[str, ...] = ()
        self.decisions: tuple[Decision, ...] = ()
        self.handshake: ProxyHandshake = self._next()

    def _next(self) -> ProxyHandshake:
        host, self._left = self._left[0], self._left[1:]
        self.told += (host,)
        return self._make(self._proxy, host, self._origin.port)

    @property
    def is_over(self) -> bool:
        """All of them were told."""
        return not self._left

    def share(self, now: float, deadline: float) -> float:
        """Return when to give the current one up: the time left is shared with the next ones."""
        if not self._left or deadline == inf:
            return deadline
        return now + (deadline - now) / (len(self._left) + 1)

    def go_on(self, error: RequestException) -> None:
        """Go on to the next one.

        Args:
            error: Why the current one was not reached.
        """
        reason = f"{error}; the next address is told"
        self.decisions += (
            Decision(
                code="proxy.next.address",
                subject=str(self._origin),
                reason=reason,
                section="RFC 1928 6",
            ),
        )
        self.handshake = self._next()
