"""The limits on a rate that servers tell of, read from the fields of their responses.

There are three generations of them. A field of today is a List of Structured Fields (RFC 9651),
``RateLimit: "default";r=0;t=30`` (draft-ietf-httpapi-ratelimit-headers-08 and later); one that does
not parse counts as not given (RFC 9651 section 4.2). Drafts 03 to 07 had a Dictionary, and those
before them a field for each number, as RateLimit-Remaining and RateLimit-Reset. X-RateLimit-* is
what these were made of; its reset is a number of seconds, or the time of day.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGITS_MAX: Final = 12
_TIME_OF_DAY: Final = 1_000_000_000  # From here on, no number of seconds to wait is meant.
_BARE: Final = r"""(?:"(?:[ !\x23-\x5b\x5d-\x7e]|\\["\\])*"|[^\s",;=]+=*)"""
_KEY: Final = r"[a-z*][a-z0-9_\-.*]*"
_ITEM: Final = re.compile(rf"({_BARE})((?:[ ]*;[ ]*{_KEY}(?:={_BARE})?)*)[ \t]*(,[ \t]*|$)")
_MEMBER: Final = re.compile(rf"({_KEY})=({_BARE})(?:;[^,]*)?[ \t]*(,[ \t]*|$)")
_PARAMETER: Final = re.compile(rf";[ ]*({_KEY})(?:=({_BARE}))?")


def seconds_held(fields: Mapping[str, str], wall: float) -> float | None:
    """Return for how many seconds a server has no request left; 0 if it has, None if it is silent.

    Of several limits, the one that lasts longest counts. RateLimit-Policy says what a limit is, and
    nothing of what is left of it, so it is not asked.

    Args:
        fields: Those of a response, by names in lower case.
        wall: Seconds since 1970 as it came.
    """
    said = fields.get("ratelimit")
    if said is not None:
        held = [_held_by(each) for each in _limits_in(said)]
        return max((each for each in held if each is not None), default=None)
    for prefix in ("ratelimit-", "x-ratelimit-"):
        left, reset = fields.get(f"{prefix}remaining"), fields.get(f"{prefix}reset")
        if left is not None and reset is not None:
            until = _held_by({"r": left.strip(), "t": reset.strip()})
            if until is not None and until >= _TIME_OF_DAY:
                return max(until - wall, 0.0)
            return until
    return None


def _held_by(limit: Mapping[str, str]) -> float | None:
    """Return the seconds until a limit has a request again: 0 if it has one, None if unknown."""
    left, reset = _count(limit.get("r", "")), _count(limit.get("t", ""))
    if left is None:
        return None
    return 0.0 if left else None if reset is None else float(reset)


def _count(text: str) -> int | None:
    """Read a number that is whole and not below 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None


def _limits_in(text: str) -> list[dict[str, str]]:
    """Return the parameters of each limit of a RateLimit field; none if it does not parse."""
    text = text.strip(" \t")
    members = _all(_MEMBER, text)
    if members is not None:  # A Dictionary, with "remaining" and "reset".
        found = {match[1]: match[2] for match in members}
        return [{"r": found.get("remaining", ""), "t": found.get("reset", "")}]
    items = _all(_ITEM, text)
    return [dict(_PARAMETER.findall(match[2])) for match in items or ()]


def _all(member: re.Pattern[str], text: str) -> list[re.Match[str]] | None:
    """Return the members that a text consists of; None if it does not, or ends with a comma."""
    found, at = list[re.Match[str]](), 0
    while at < len(text):
        match = member.match(text, at)
        if match is None:
            return None
        found.append(match)
        at = match.end()
    return found if found and not found[-1][found[-1].re.groups] else None
