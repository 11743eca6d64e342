"""Credentials that answer the challenges of origins (401), within one call.

A flow (``AuthFlow``) is shown each response of the hops that it is for and answers with the next
request. The call counts the rounds; nothing of one call is kept on the flow that calls share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.auth.credentials import AuthFlow


class OriginAuth:
    """The flow of one call that answers origins.

    Args:
        flow: A machine of the call's own.

    Attributes:
        reads_content: Whether responses are read whole before they are shown.
    """

    __slots__ = ("_flow", "_is_flows", "reads_content")

    def __init__(self, flow: AuthFlow) -> None:
        self._flow = flow
        self._is_flows = False  # The request is the flow's own, which may go anywhere then.
        self.reads_content = flow.reads_content

    def begin_hop(self, request: PreparedRequest, *, belongs: bool) -> PreparedRequest:
        """Set what is known already, before a hop is sent first.

        Args:
            request: The request of the hop, to be changed.
            belongs: Whether it goes where the credentials are for.
        """
        self._is_flows = False
        if belongs:
            request = self._flow(request)
        return request

    def answer(
        self, request: PreparedRequest, response: Response, *, belongs: bool
    ) -> PreparedRequest | None:
        """Return the request that answers a response; None to hand the response over."""
        if not (belongs or self._is_flows):
            return None
        answer: PreparedRequest | None = self._flow.respond(request.copy(), response)
        if answer is not None:
            self._is_flows = True
        return answer
