"""Content that is announced with Expect: 100-continue, and what a 417 leads to.

RFC 9110 section 10.1.1: a request without content must not have the field, and a 417 says of the
whole way that it does not know expectations, so that the request goes out again without it. Waiting
itself is the exchange's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.messages.expectation import CONTINUE, asks, content_size
from sojourn_core.values.content.content import Content
from sojourn_core.values.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy

    from .chain import Chain
    from .hop import Hop


def announce(hop: Hop, policy: Policy, decisions: list[Decision]) -> Mapping[str, str]:
    """Set Expect on the request of a hop whose content is to wait, and drop it without content.

    The request may be the caller's own, who may send it again: a copy is changed.

    Args:
        hop: The hop.
        policy: From which size on content is announced, and whether the field is heeded.
        decisions: Takes each decision.

    Returns:
        The fields of the request by their names, in lower case.
    """
    request, least = hop.request, policy.expects_from
    names: Mapping[str, str] = request.headers.by_name()
    if not policy.heeds_expect:
        return names
    size = content_size(request)
    if "expect" in names:
        if size == 0 and asks(names["expect"]):
            hop.request = _without(request)
            decisions.append(_decided("expect.dropped", "there is no content that could wait"))
    elif least is not None and hop.expects and size != 0 and (size is None or size >= least):
        hop.request = request.copy()
        hop.request.headers["Expect"] = CONTINUE
        many = "an unknown number of" if size is None else f"{size}"
        decisions.append(_decided("expect.added", f"{many} bytes of content wait for 100"))
    return hop.request.headers.by_name()


def decline(hop: Hop, chain: Chain) -> bool:
    """Prepare a hop that was answered with 417 to be sent again, once, without Expect.

    Returns:
        False if it had no expectation that was heeded, or if its content cannot be sent again.
    """
    request, content = hop.request, hop.request.content
    value = request.headers.by_name().get("expect", "")
    if not (request.preparation.policy.heeds_expect and asks(value)):
        return False
    if isinstance(content, Content) and content.touched and not content.rewindable:
        return False
    hop.request = _without(request)
    hop.expects = False
    chain.log((_decided("expect.declined", "the server takes no expectation: sent without"),))
    return True


def _without(request: PreparedRequest) -> PreparedRequest:
    bare = request.copy()
    headers: Any = bare.headers
    headers.discard("expect")
    return bare


def _decided(code: str, reason: str) -> Decision:
    return Decision(code=code, subject="Expect", reason=reason, section="RFC 9110 10.1.1")
