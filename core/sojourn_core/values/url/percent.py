"""Percent-encoding of text of any kind (RFC 3986 section 2).

An escape that is valid stays as it is, its digits in their own case, unless it stands for an
unreserved character, which is then written as itself (section 6.2.2.2). A signature is made over
text: what two spellings have in common is for comparing, and not for sending. Everything else that
may not stand in a component is escaped as its bytes in UTF-8, a ``%`` without two digits after it
included. Encoding twice is the same as encoding once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.expressions import expression

if TYPE_CHECKING:
    import re

_UNRESERVED: Final = r"A-Za-z0-9._~\-"
_SUB_DELIMS: Final = "!$&'()*+,;="


def _unfit(allowed: str) -> re.Pattern[str]:
    """Build the pattern of what has to change where only ``allowed`` and unreserved may stand.

    Args:
        allowed: The inside of a character class.
    """
    return expression(f"%([0-9A-Fa-f]{{2}})|[^{_UNRESERVED}{allowed}%]+|%")


_PATH: Final = _unfit(_SUB_DELIMS + ":@/")
_QUERY: Final = _unfit(_SUB_DELIMS + ":@/?")
_USERINFO: Final = _unfit(_SUB_DELIMS + ":")
_REFERENCE: Final = _unfit(_SUB_DELIMS + r":@/?#\[\]")
_HIGH_OCTETS: Final = expression("[\x80-\xff]+")
_NON_ASCII: Final = expression("[^\x00-\x7f]+")

_ESCAPE: Final = expression("%[0-9A-Fa-f]{2}")
_IS_UNRESERVED: Final = expression(f"[{_UNRESERVED}]")
_ESCAPES_OF_UNRESERVED: Final = {
    f"{octet:02X}": chr(octet) for octet in range(128) if _IS_UNRESERVED.match(chr(octet))
}


def _escaped(match: re.Match[str]) -> str:
    """Write one match of such a pattern as it has to be."""
    digits = match[1]
    if digits is not None:
        return _ESCAPES_OF_UNRESERVED.get(digits.upper(), match[0])
    return _as_utf8(match)


def _as_utf8(match: re.Match[str]) -> str:
    return "".join([f"%{octet:02X}" for octet in match[0].encode()])


def encode_path(text: str) -> str:
    """Encode a path.

    Raises:
        UnicodeEncodeError: There is a lone surrogate; so for every function of this module.
    """
    return _PATH.sub(_escaped, text)


def encode_query(text: str) -> str:
    """Encode a query or a fragment; both admit the same characters."""
    return _QUERY.sub(_escaped, text)


def encode_userinfo(text: str) -> str:
    """Encode a userinfo; ``:`` stays, since the first one ends the user."""
    return _USERINFO.sub(_escaped, text)


def encode_reference(text: str) -> str:
    """Encode a whole reference; every delimiter stays as it is."""
    return _REFERENCE.sub(_escaped, text)


def encode_octets(text: str) -> str:
    """Escape each byte from 0x80 on; ``text`` has one code point for each byte."""
    return _HIGH_OCTETS.sub(lambda match: "".join([f"%{ord(c):02X}" for c in match[0]]), text)


def encode_non_ascii(text: str) -> str:
    """Escape each character outside ASCII, as its bytes in UTF-8, and nothing else."""
    return text if text.isascii() else _NON_ASCII.sub(_as_utf8, text)


def comparable(text: str) -> str:
    """Return encoded text with all escapes in upper case: equal for what is equivalent.

    RFC 3986 section 6.2.2.1. It is never sent.
    """
    return _ESCAPE.sub(lambda match: match[0].upper(), text) if "%" in text else text
