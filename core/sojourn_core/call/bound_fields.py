"""Fields that a policy binds to origins: on a request where they may go, and off it elsewhere.

The lines are kept beside the request, in its ``preparation``, so that a chain of redirects has them
again when it comes to one of their origins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.decision import Decision
from sojourn_core.values.record import replace

if TYPE_CHECKING:
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.rules.policy import Policy


def with_bound_fields(
    request: PreparedRequest, policy: Policy, decisions: list[Decision]
) -> PreparedRequest:
    """Return a request with exactly those bound fields that may go to its origin.

    A line that somebody has set on the request takes the place of the lines of its name that were
    kept.

    Args:
        request: The request, which may be the caller's own: a copy is changed.
        policy: Its ``field_origins``.
        decisions: Takes a decision for each name that is taken off or put back.
    """
    bindings, known = policy.field_origins, request.preparation
    there = [line for line in request.headers.lines if line[0].lower() in bindings]
    if not there and not known.bound:
        return request
    names = {name.lower() for name, _ in there}
    bound = (*there, *(line for line in known.bound if line[0].lower() not in names))
    origin = request.parsed_url.origin
    wanted = [line for line in bound if origin in bindings.get(line[0].lower(), ())]
    if bound == known.bound and wanted == there:
        return request
    for name in dict.fromkeys(name for name, _ in bound):
        goes = origin in bindings.get(name.lower(), ())
        if goes != (name.lower() in names):
            code = "field.returned.origin" if goes else "field.dropped.origin"
            said = "the policy binds it to" if goes else "the policy does not let it go to"
            decisions.append(Decision(code=code, subject=name, reason=f"{said} {origin}"))
    made = request.copy()
    others = [line for line in request.headers.lines if line[0].lower() not in bindings]
    made.headers = made.fields_class.from_lines([*others, *wanted])
    made.preparation = replace(known, bound=bound)
    return made
