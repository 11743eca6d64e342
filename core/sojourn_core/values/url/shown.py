"""URLs as people are shown them: in messages, in the text of errors, in decisions and logs.

What is secret in a URL stands in its user info, in the values of its query, and in its fragment
(where OAuth 2.0 puts tokens, RFC 6749 section 4.2.2). Its host, its path and the names of its query
tell which URL it is.
"""

from __future__ import annotations

from typing import Final

from sojourn_core.values.expressions import expression
from sojourn_core.values.fields import cut

SHOWN_MAX: Final = 256  # Characters of a URL in a message: more is not read.
_TAKEN_APART_MAX: Final = 4096  # A data: URL may have 100 MiB, of which no copy is made.

_BEFORE_SECRET: Final = expression(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?/*")
_FRONT: Final = expression(r"(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//)?(?P<after>[^?#]*)")
_AT_SIGNS: Final = "@\uff20\ufe6b"  # The last two are "@" under NFKC.


def shown_url(text: str) -> str:
    """Write a URL for people: user info is masked, values of the query are "…", no fragment.

    A part of the query without "=" may be a value, and is masked as a whole. A URL that was parsed
    has ``URL.shown``, which knows its parts.

    Args:
        text: It may be no URL at all: everything before the last "@" is taken for user info,
            wherever its author took that to end.
    """
    front = _FRONT.match(text)
    assert front is not None, "it matches nothing at least"
    rest = text[front.end() :]
    if ":" in front["after"] and any(char in rest for char in _AT_SIGNS):
        # Either a password with a "?" in it, or an "@" in the query: who can tell?
        return mask_userinfo(front[0] + "@") + "…"
    before, mark, query = rest.partition("#")[0].partition("?")
    return mask_userinfo(front[0]) + before + mark + shown_query(query)


def shown_query(query: str) -> str:
    """Write a query for people: its names, and "…" for each value."""
    return "&".join(_name(part) for part in query.split("&"))


def shown_text(text: str) -> str:
    """Write a URL as ``shown_url`` does, with quotes and escapes, and not too long."""
    if len(text) > _TAKEN_APART_MAX:
        if any(text.rfind(char) >= _TAKEN_APART_MAX for char in _AT_SIGNS):
            # All that stands before that "@" may be user info, or all may be a query.
            return cut(mask_userinfo(text[:_TAKEN_APART_MAX] + "@") + "…", SHOWN_MAX)
        text = text[:_TAKEN_APART_MAX]
    return cut(shown_url(text), SHOWN_MAX)


def mask_userinfo(text: str) -> str:
    """Return text that may be a URL with "***" for what may be its user info."""
    end = max(text.rfind(char) for char in _AT_SIGNS)
    if end < 0:
        return text
    start = _BEFORE_SECRET.match(text, 0, end)
    assert start is not None, "it matches nothing at least"
    return f"{start[0]}***@{text[end + 1 :]}"


def _name(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}=…" if equals else part and "…"
