"""Link fields, as ``response.links`` shows them (RFC 8288 section 3)."""

from __future__ import annotations

import re
from typing import Final

from .expressions import expression

_SEPARATORS: Final = expression(r"[\s,]*+")
# A parameter with the semicolon before it. Possessive quantifiers never give anything back, so each
# value costs one pass; a quoted string without its end takes the rest.
_PARAMETER: Final = expression(
    r"""
    \s*+ ; [\s;]*+
    (?P<name> [^\s=;,"]*+ ) \s*+
    (?: = \s*+ (?: "(?P<quoted> (?: [^"\\] | \\. )*+ )"? | (?P<token> [^;,]*+ ) ) )?
    [^;,]*+
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = expression(r"\\(.)", re.DOTALL)


def parse_links(value: str) -> dict[str, dict[str, str]]:
    """Parse the value of a Link field; links are found by their relation to the response.

    Args:
        value: The value of the Link field, several lines of it joined with commas.

    Returns:
        For each link a mapping of its parameters (names in lower case) and of ``url``, which is
        the target as it was sent. The key is the relation type; a link with several has several
        keys, one without any is found under its URL. Relation types are compared without case
        (RFC 8288 section 2.1), so keys are in lower case. The later of two links with one key
        wins, as in Requests; of two parameters with one name the first does (section 3.3).

    Nothing that a peer sends makes this raise: text that is not a link is passed over.
    """
    links: dict[str, dict[str, str]] = {}
    position = 0
    while True:
        position = _end_of(_SEPARATORS, value, position)
        if not value.startswith("<", position):
            position = value.find(",", position)
            if position < 0:
                return links
            continue
        end = value.find(">", position)
        if end < 0:
            return links
        link = {"url": value[position + 1 : end].strip()}
        position = _read_parameters(value, end + 1, link)
        for key in link.get("rel", "").lower().split() or [link["url"]]:
            links[key] = link
        position = value.find(",", position)
        if position < 0:
            return links


def _read_parameters(value: str, position: int, link: dict[str, str]) -> int:
    """Add the parameters from ``position`` on to ``link``; return the position after the last."""
    while (match := _PARAMETER.match(value, position)) is not None:
        position = match.end()
        if name := match["name"].lower():
            # A parameter named "url" does not replace the target: that has its name already.
            link.setdefault(name, _value_of(match))
    return position


def _value_of(parameter: re.Match[str]) -> str:
    quoted = parameter["quoted"]
    if quoted is not None:
        return _ESCAPED.sub(r"\1", quoted)
    # Single quotes are not quotes in HTTP, but Requests takes them off and servers send them.
    return (parameter["token"] or "").strip().strip("'")


def _end_of(pattern: re.Pattern[str], value: str, position: int) -> int:
    match = pattern.match(value, position)
    assert match is not None, "the pattern matches nothing as well"
    return match.end()
