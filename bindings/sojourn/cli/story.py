"""A call as lines that people read: what was sent, what came back, what was decided and why.

Nothing here shows the value of a credential or of a cookie: a line names the field, the cookie or
the origin, and a decision knows no more. Of URLs, the values of the query, the fragment and the
user info are left out, where secrets travel too, unless they are asked for.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from sojourn_core.values.errors import RequestException
from sojourn_core.values.url.shown import shown_url
from sojourn_core.values.url.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sojourn_core import Decision, PreparedRequest
    from sojourn_core.messages.response import Response

# The outcome of a decision in a few words, by its code or by the longest start of it that is here.
PHRASES: Final = {
    "auth.added": "{subject} added",
    "auth.answered": "challenge of {subject} answered",
    "auth.kept": "{subject} kept",
    "auth.overridden": "{subject} changed by an override",
    "auth.stripped": "{subject} taken off",
    "content.surplus": "bytes after the end of {subject} left out",
    "cookie.deleted": "cookie {subject} deleted",
    "cookie.evicted": "cookie {subject} dropped from the jar",
    "cookie.expired": "cookie {subject} not stored",
    "cookie.overridden": "Cookie set by an override",
    "cookie.rejected": "cookie {subject} refused",
    "cookie.replaced": "cookie {subject} replaced",
    "cookie.sent": "Cookie sent",
    "cookie.skipped": "{subject} skipped",
    "cookie.stored": "cookie {subject} stored",
    "cookie.stripped": "Cookie taken off",
    "expect.added": "content announced",
    "expect.declined": "request sent again without Expect",
    "expect.dropped": "Expect left out",
    "field.dropped": "{subject} left out",
    "field.kept": "{subject} kept",
    "field.returned": "{subject} set again",
    "field.overridden": "{subject} changed by an override",
    "head.framing.read": "{subject} read as it was meant",
    "head.line.skipped": "{subject} skipped",
    "head.name": "{subject} read all the same",
    "hedge.refused": "sent once",
    "hedge.sent": "request sent a second time",
    "netrc.skipped": "{subject} skipped",
    "policy.refused": "{subject} refused by the policy",
    "proxy.chosen": "goes by way of {subject}",
    "proxy.next": "next address of {subject} told",
    "proxy.tunneled": "goes to {subject} by a tunnel",
    "proxy.unseen.address": "has the proxy look up {subject}, unseen by the refused networks",
    "rate.paused": "request waited for its turn",
    "rate.refused": "request not sent",
    "redirect.content.dropped": "content left out",
    "redirect.content.kept": "content sent again",
    "redirect.followed": "redirect followed",
    "redirect.fragment.inherited": "fragment carried over",
    "redirect.location.repeated": "first Location taken",
    "redirect.method": "{before} becomes {after}",
    "redirect.refused": "redirect refused",
    "redirect.rule.refused": "redirect refused by the policy's rule",
    "redirect.rule.rewritten": "redirect led elsewhere by the policy's rule",
    "redirect.rule.stopped": "redirect handed over by the policy's rule",
    "redirect.target.overridden": "Location judged by an override",
    "redirect.userinfo.dropped": "user info of the Location left out",
    "retry.connection": "request sent again",
    "retry.lost": "request sent again",
    "retry.refused": "request not sent again",
    "retry.stale-connection": "request sent once more",
    "retry.status": "request sent again",
    "trailer.dropped": "{subject} left out",
    "trailer.section.cut": "{subject} cut",
}

# Decisions on a response; all others are taken before the request that they belong to.
_ON_RESPONSE: Final = (
    "content.",
    "cookie.deleted",
    "cookie.evicted",
    "cookie.expired",
    "cookie.rejected",
    "cookie.replaced",
    "cookie.stored",
    "expect.declined",
    "head.",
    "redirect.refused",
    "redirect.rule.refused",
    "redirect.rule.stopped",
    "trailer.",
)
# Fields that are worth a mention; their values are nobody's business.
_TELLING_FIELDS: Final = ("authorization", "cookie", "proxy-authorization")


class Line(NamedTuple):
    """One line.

    Attributes:
        text: The text, indented.
        kind: The kind of thing that it tells, for its looks.
    """

    text: str
    kind: str = "text"


def tell(
    history: Sequence[Response],
    last: Response | None,
    request: PreparedRequest,
    decisions: Iterable[Decision],
    *,
    whole_urls: bool = False,
) -> Iterator[Line]:
    """Tell the story of one call, hop by hop.

    Args:
        history: The responses that redirected.
        last: The response that came last; None if there was none.
        request: The request that was sent last.
        decisions: All decisions of the call.
        whole_urls: Show queries and fragments as they are.
    """
    by_hop: dict[int, list[Decision]] = {}
    for decision in decisions:
        by_hop.setdefault(decision.hop, []).append(decision)
    responses: list[Response | None] = list(history)
    if not responses or responses[-1] is not last:  # A refused redirect may be the last of both.
        responses.append(last)
    for hop, response in enumerate(responses):
        sent = request if response is None or response.request is None else response.request  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
        decided = by_hop.get(hop, [])
        yield from _tell_request(hop, sent, whole_urls=whole_urls)
        yield from _tell_decisions(d for d in decided if not d.code.startswith(_ON_RESPONSE))
        if response is not None:
            yield _tell_response(response, whole_urls=whole_urls)
            yield from _tell_decisions(d for d in decided if d.code.startswith(_ON_RESPONSE))
    # A request that could not be made, for want of its content, has decisions all the same.
    yield from _tell_decisions(by_hop.get(len(responses), []))


def sentence(decision: Decision) -> str:
    """Write a decision in one line: its outcome, its reason, and the section that says so."""
    code = decision.code
    while code not in PHRASES and "." in code:
        code = code.rpartition(".")[0]
    phrase = PHRASES.get(code, decision.code + ": {subject}")
    done = phrase.format(
        subject=decision.subject, before=decision.before or "?", after=decision.after or "?"
    )
    section = f" ({decision.section})" if decision.section else ""
    return f"{done}: {decision.reason}{section}"


def shown_location(location: str) -> str:
    """Return a Location as it is shown to anybody: without what may be a secret in it."""
    try:
        return parse_url(location).shown
    except RequestException:  # It is relative, or none that can be followed.
        return shown_url(location)


def _tell_request(hop: int, request: PreparedRequest, *, whole_urls: bool) -> Iterator[Line]:
    url = request.parsed_url
    shown = url.without_userinfo().text if whole_urls else url.shown
    yield Line(f"{hop + 1}. {request.method} {shown}", "request")
    sent = [name for name, _ in request.headers.lines if name.lower() in _TELLING_FIELDS]
    if request.body is not None:
        length = request.headers.first("content-length")
        sent.append("content in chunks" if length is None else f"{length} bytes of content")
    if sent:
        yield Line(f"   sent with {', '.join(sent)}", "sent")


def _tell_response(response: Response, *, whole_urls: bool) -> Line:
    status = response.status_code or 0
    text = f"   -> {status} {response.reason or _phrase(status)}".rstrip()
    location = response.headers.first("location")
    if location is not None:
        text += f", Location: {location if whole_urls else shown_location(location)}"
    return Line(text, "response")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _tell_decisions(decisions: Iterable[Decision]) -> Iterator[Line]:
    for decision in decisions:
        yield Line(f"   * {sentence(decision)}", "decision")
