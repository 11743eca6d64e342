"""A hop: one request of a call, and the call's own records of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.route import DIRECT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.route import Route
    from sojourn_core.values.url.url import URL, Origin


class Hop:
    """One request of a call. Which of its fields were derived, its ``preparation`` says.

    Args:
        request: The request. That of the first hop is the caller's, and never changed.
        url: Its URL.
        home: The origin that the caller asked for.

    Attributes:
        request: The request.
        url: Its URL as it is asked.
        home: The origin that the caller asked for.
        route: How the request goes.
        sent_at: When it was sent last.
        resends: How often it was sent again after a stale connection.
        rounds: How many challenges were answered.
        named: The request that the response names, if a transport has put another there.
        fresh: Whether it must go out on a new connection.
        paced: Whether it has waited for its turn.
        expects: Whether its content may be announced with Expect.
        reached: Whether it was sent before, and that may have reached its server.
    """

    __slots__ = (
        "expects",
        "fresh",
        "home",
        "named",
        "paced",
        "reached",
        "request",
        "resends",
        "rounds",
        "route",
        "sent_at",
        "url",
    )

    def __init__(self, request: PreparedRequest, url: URL, home: Origin) -> None:
        self.request = request
        self.url = url
        self.home = home
        self.route: Route = DIRECT
        self.sent_at = 0.0
        self.resends = 0
        self.rounds = 0
        self.fresh = False
        self.paced = False
        self.expects = True
        self.reached = False
        self.named: Any = None

    def note_hedge(self, told: Iterable[Decision]) -> None:
        """Note that another exchange, which was given up, may have reached the server as well."""
        self.reached = self.reached or any(each.code == "hedge.sent" for each in told)

    def answered_by(self, response: Response) -> PreparedRequest:
        """Return the request that a response answers: a hook may have sent one of its own."""
        named = response.request
        return self.request if named is None or named is self.named else named  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be

    def answering(self, request: PreparedRequest, url: URL) -> Hop:
        """Return the hop with the answer to a challenge in place of its request."""
        made = Hop(request, url, self.home)
        made.route = self.route
        made.rounds = self.rounds
        made.expects = self.expects
        return made
