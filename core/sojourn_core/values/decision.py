"""A decision: one rule that changed what is sent, kept or refused, with its reason.

``response.decisions`` shows them, ``response.explain()`` prints them, and properties are stated on
them. They name fields, cookies and origins; they never carry the value of
a credential or of a cookie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .record import record
from .value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable


@record()
class Decision(Value):
    """One decision. A value: it is not changed, and not frozen only because that takes much longer.

    Where each hop makes one, its facts are given by position: a class that is called with names
    has a dictionary made of them, which takes twice as long as all the rest.

    Attributes:
        code: Stable and dotted, for programs: ``redirect.method.rewritten``.
        subject: The thing decided on: a field name, a cookie's name, an origin, a method.
        reason: Why, in one sentence without a full stop.
        section: The text that says so, such as ``RFC 9110 15.4.4``; empty if the rule is
            Sojourn's own.
        before: The value before, if that is not a secret.
        after: The value now, if that is not a secret.
        hop: The request of the call that it belongs to: 0 for the first, 1 after one redirect.
    """

    code: str
    subject: str
    reason: str
    section: str = ""
    before: str | None = None
    after: str | None = None
    hop: int = 0

    def at(self, hop: int) -> Decision:
        """Return the same decision as one of another request of the call."""
        return Decision(
            self.code, self.subject, self.reason, self.section, self.before, self.after, hop
        )

    def __str__(self) -> str:
        change = ""
        if self.before is not None and self.after is not None:
            change = f" ({self.before} -> {self.after})"
        source = f" [{self.section}]" if self.section else ""
        return f"{self.code}: {self.subject}{change}: {self.reason}{source}"


def explain(decisions: Iterable[Decision]) -> str:
    """Write the decisions of a call as text, one line each, under the hop that they belong to."""
    lines: list[str] = []
    hop = -1
    for decision in decisions:
        if decision.hop != hop:
            hop = decision.hop
            lines.append(f"request {hop + 1}")
        lines.append(f"  {decision}")
    return "\n".join(lines)
