"""Trails for people: in words, and as sequence diagrams.

Field names are shown and their values are not, since these may be secrets. URLs are shown as in
decisions, without user info, query and fragment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core import RequestException, resolve_location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core import URL

    from .trail import Sent, Trail
    from .web import Page


def as_text(trail: Trail) -> str:
    """Return a trail in words, a line for each event."""
    lines: list[str] = []
    for sent, answer in _steps(trail):
        carried = _carried(sent)
        lines.append(
            f"{sent.number + 1}. {sent.method} {sent.url.shown}"
            + (f" with {carried}" * bool(carried))
        )
        if answer is not None:
            lines.append(f"   answered: {_answered(answer, sent.url)}")
    if trail.error is not None:
        lines.append(f"   ended: {type(trail.error).__name__}")
    return "\n".join(lines)


def as_mermaid(trail: Trail) -> str:
    """Return a trail as a sequence diagram of Mermaid."""
    places = {str(sent.origin): f"o{number}" for number, sent in enumerate(trail.sent)}
    lines = ["sequenceDiagram", "    participant c as client"]
    lines += [f"    participant {alias} as {_escaped(place)}" for place, alias in places.items()]
    for sent, answer in _steps(trail):
        alias = places[str(sent.origin)]
        carried = _carried(sent)
        told = f"{sent.method} {sent.url.path}" + (f" ({carried})" * bool(carried))
        lines.append(f"    c->>{alias}: {_escaped(told)}")
        if answer is not None:
            lines.append(f"    {alias}-->>c: {_escaped(_answered(answer, sent.url))}")
    if trail.error is not None:
        lines.append(f"    note over c: {type(trail.error).__name__}")
    return "\n".join(lines)


def _steps(trail: Trail) -> Iterator[tuple[Sent, Page | None]]:
    for number, sent in enumerate(trail.sent):
        yield sent, trail.answers[number] if number < len(trail.answers) else None


def _carried(sent: Sent) -> str:
    """Return the names of the fields that tell something, and of the content."""
    names = [name for name in sent.fields.by_name() if name not in _ALWAYS]
    if sent.send.proxy_authorization is not None:
        names.append("proxy-authorization (for the proxy)")
    if sent.content is not None:
        names.append(f"{len(sent.content)} bytes of content")
    return ", ".join(names)


_ALWAYS = frozenset({"user-agent", "accept", "accept-encoding", "connection", "content-length"})


def _answered(answer: Page, base: URL) -> str:
    if isinstance(answer, Exception):
        return type(answer).__name__
    told = str(answer.status)
    if answer.location is not None:
        told += f" to {_shown(base, answer.location)}"
    cookies = sum(name.lower() == "set-cookie" for name, _ in answer.fields)
    return told + (f", {cookies} Set-Cookie" * bool(cookies))


def _shown(base: URL, location: str) -> str:
    try:
        return resolve_location(base, location).shown
    except RequestException:
        return "a Location that is none"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


# A semicolon ends a statement of Mermaid, and a number sign begins an entity.
_ESCAPES = str.maketrans({"#": "#35;", ";": "#59;"})
