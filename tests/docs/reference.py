"""The page on the codes of decisions, made of the table that the tests of the core run.

    python -m tests.docs.reference

writes it anew, between its two marks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.core.decision_codes import CODES

from .pages import TOP
from .policies import write

if TYPE_CHECKING:
    from sojourn_core import Decision

PAGE: Final = TOP / "docs" / "decisions-reference.md"
AREAS: Final = {
    "auth": "Credentials",
    "content": "Content",
    "cookie": "Cookies",
    "expect": "Content that waits for 100",
    "field": "Fields of a request",
    "head": "Heads that are not quite valid",
    "hedge": "Requests that are sent a second time",
    "netrc": "netrc",
    "policy": "Places that a policy closes",
    "proxy": "Proxies",
    "rate": "Limits on the rate of requests",
    "redirect": "Redirects",
    "retry": "Requests that are sent again",
    "trailer": "Trailer sections",
}


def example(code: str) -> Decision:
    """The first decision of a code that its row leads to."""
    return next(decision for decision in CODES[code].make() if decision.code == code)


def table() -> str:
    """All codes: what each says, the section that it rests on, and a decision as it is printed."""
    lines: list[str] = []
    for area, heading in AREAS.items():
        lines += ["", f"### {heading}", "", "| code | what it says | section | example |"]
        lines.append("|---|---|---|---|")
        for code, row in CODES.items():
            if code.partition(".")[0] == area:
                made = example(code)
                shown = str(made).removeprefix(f"{code}: ")
                shown = shown.removesuffix(f" [{made.section}]").replace("|", "\\|")
                cells = [f"`{code}`", row.meaning, made.section, f"`{shown}`"]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines).strip("\n")


def main() -> None:
    """Write the page anew."""
    write(PAGE, "codes", table())


if __name__ == "__main__":
    main()
