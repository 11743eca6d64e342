"""References and their resolution (RFC 3986 section 5), and a second reading by rfc3986.

The library rfc3986 normalises what it resolves: it writes escapes in upper case, loses an authority
that is empty or that it cannot read, and loses a leading empty segment. So resolution is done here,
and rfc3986 is asked whether it reads the same URL. No other module imports it, because it has no
types.
"""

from __future__ import annotations

import re
from typing import Any, Final, cast

from sojourn_core.values.errors import InvalidURL
from sojourn_core.values.expressions import expression
from sojourn_core.values.fields import cut
from sojourn_core.values.named_tuple import NamedTuple

from .percent import comparable, encode_reference

# RFC 3986 appendix B, with the scheme of section 3.1.
_PARTS: Final = expression(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_SEGMENT: Final = expression(r"/[^/]*|[^/]+")
_LEADING_DOTS: Final = expression(r"(?:\.\.?/)+")


class Parts(NamedTuple):
    """The five components of a reference; None means absent, which is not the same as empty."""

    scheme: str | None
    authority: str | None
    path: str
    query: str | None
    fragment: str | None


def split_reference(text: str) -> Parts:
    """Split any text into components, as written; an authority ends at ``/``, ``?`` or ``#``."""
    match = _PARTS.fullmatch(text)
    assert match is not None, "every text is a reference"
    return Parts(*match.groups())


def remove_dot_segments(path: str) -> str:
    """Remove the ``.`` and ``..`` segments of a path, in one pass (RFC 3986 section 5.2.4)."""
    if "/." not in path and not path.startswith("."):
        return path
    leading = _LEADING_DOTS.match(path)
    rest = path[leading.end() :] if leading is not None else path
    if rest in {".", ".."}:
        return ""
    kept: list[str] = []
    for segment in _SEGMENT.findall(rest):
        if segment == "/..":
            del kept[-1:]
        elif segment != "/.":
            kept.append(segment)
    if rest.endswith(("/.", "/..")):
        kept.append("/")
    return "".join(kept)


def resolve_parts(base: Parts, reference: Parts) -> Parts:
    """Resolve a reference (RFC 3986 section 5.2.2, strict).

    Nothing is encoded or decoded, and the path of the base stays as it is where the reference has
    none. The fragment is the reference's own. The base has a scheme.
    """
    scheme, authority, path, query, fragment = reference
    if scheme is not None or authority is not None:
        path = remove_dot_segments(path)
        return Parts(scheme or base.scheme, authority, path, query, fragment)
    if not path:
        query = base.query if query is None else query
        return Parts(base.scheme, base.authority, base.path, query, fragment)
    if not path.startswith("/"):  # Section 5.2.3; a base like "urn:a" has no slash.
        path = base.path[: base.path.rfind("/") + 1] + path
        if base.authority is not None and not path.startswith("/"):
            path = f"/{path}"
    return Parts(base.scheme, base.authority, remove_dot_segments(path), query, fragment)


def join_parts(parts: Parts) -> str:
    """Put a reference together (RFC 3986 section 5.3)."""
    scheme, authority, path, query, fragment = parts
    text = f"{scheme}:" if scheme is not None else ""
    if authority is not None:
        text += f"//{authority}"
    elif path.startswith("//"):
        text += "/."  # So that the path is not read as an authority.
    text += path
    if query is not None:
        text += f"?{query}"
    if fragment is not None:
        text += f"#{fragment}"
    return text


def resolve_reference(base: str, reference: str) -> str:
    """Resolve a reference of any scheme, text against text (RFC 3986 section 5).

    Only what may not stand in a URI is percent-encoded, and dot segments are removed. Strict:
    ``http:g`` stays that, whatever the base.

    Raises:
        InvalidURL: The base has no scheme, or one of them has a lone surrogate.
    """
    try:
        start, given = (split_reference(encode_reference(text)) for text in (base, reference))
    except UnicodeEncodeError:
        raise InvalidURL("a reference has a lone surrogate") from None
    if start.scheme is None:
        raise InvalidURL(f"the base {cut(base)} has no scheme")
    start = start._replace(path=remove_dot_segments(start.path))
    return join_parts(resolve_parts(start, given))


def rfc3986_reads(text: str, scheme: str, prefix: str, target: str) -> bool:
    """Tell whether rfc3986 reads a URL as the parts that it was built of.

    No text is known for which it does not; the check is there for those that are not known.

    Args:
        text: The whole URL.
        scheme: Its scheme.
        prefix: All of it before the path.
        target: Its path and query.
    """
    from rfc3986 import URIReference  # It takes longer to load than all of the core.

    read: Any = cast("Any", URIReference).from_string(text).normalize()
    found = read.copy_with(path=None, query=None, fragment=None).unsplit()
    rest = read.copy_with(scheme=None, authority=None, fragment=None).unsplit()
    # Its normalising writes escapes in upper case.
    return (read.scheme, found, rest) == (scheme, comparable(prefix), comparable(target))
