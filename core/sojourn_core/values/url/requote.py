"""Quoting as Requests and urllib3 do it: of a whole text, all of it changed by one bad escape."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from sojourn_core.values.errors import InvalidURL

UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SUB_DELIMS: Final = "!$&'()*+,;="
IN_PATH: Final = f"{SUB_DELIMS}:@/"
IN_QUERY: Final = f"{IN_PATH}?"

# The reserved characters of RFC 3986 section 2.2, and "~", which quote() keeps anyway.
_RESERVED: Final = "!#$&'()*+,/:;=?@[]~"
_ESCAPE: Final = re.compile(r"%([^\W_]{2})")
_HEX_ESCAPE: Final = re.compile("%[0-9A-Fa-f]{2}")


def unquote_unreserved(uri: str) -> str:
    """Decode the escapes of unreserved characters in a URI, and no others.

    Raises:
        InvalidURL: An escape is malformed.
    """
    return _ESCAPE.sub(_unescaped, uri)


def _unescaped(match: re.Match[str]) -> str:
    try:
        char = chr(int(match[1], 16))
    except ValueError:
        raise InvalidURL(f"invalid percent-escape sequence: {match[1]!r}") from None
    return char if char in UNRESERVED else match[0]


def requote(uri: str) -> str:
    """Escape exactly the characters of a URI that must be escaped.

    If one of its escapes is malformed, each ``%`` counts as a character.
    """
    try:
        return quote(unquote_unreserved(uri), safe=f"%{_RESERVED}")
    except InvalidURL:
        return quote(uri, safe=_RESERVED)


def escape_part(text: str, kept: str) -> str:
    """Escape a part of a URL, with its escapes in upper case, which stay if every ``%`` begins one.

    Args:
        text: A path, a query, a fragment or a userinfo.
        kept: The characters that stay, beside the unreserved ones.
    """
    text, escapes = _HEX_ESCAPE.subn(lambda match: match[0].upper(), text)
    safe = f"%{kept}" if escapes == text.count("%") else kept
    return quote(text, safe=safe, errors="surrogatepass")


def without_dots(path: str) -> str:
    """Remove the dot segments of a path as urllib3 does, and an empty first segment with them."""
    if "." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if path.startswith("/") and (not kept or kept[0]):
        kept.insert(0, "")
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/".join(kept)
