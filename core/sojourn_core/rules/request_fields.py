"""The fields of a request as they are about to go out, whoever set them.

Preparing checks what it is given. Afterwards anybody may set a field on the prepared request: the
caller, an override, a hook, an authentication. So they are looked at once more before a connection
is asked for, but for those that are still as the session had them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import InvalidContent, InvalidHeader
from sojourn_core.values.fields import check_field, cut, is_field
from sojourn_core.values.url.authority import parse_authority

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.values.fields import Fields

# A recipient that reads the first of two, and one that reads the last, act on two requests.
_SINGLE: Final = ("Host", "Authorization", "Content-Length", "Transfer-Encoding")
_LENGTH_DIGITS_MAX: Final = 20  # As h11 has it; 2 to the power of 64 has as many.


def check_fields(fields: Fields, known: Mapping[str, str]) -> bool:
    """Refuse field lines that must not be sent.

    Args:
        fields: All lines of a request.
        known: Joined values by names in lower case that were checked before; one that is still the
            same is not checked again.

    Returns:
        True if they can be sent, but for blanks at the end of a value.

    Raises:
        InvalidHeader: A line cannot be sent (RFC 9110 section 5); a field that may occur once does
            more often; Host is no host with or without a port (RFC 9110 section 7.2);
            Content-Length is no number (section 8.6); Transfer-Encoding is not ``chunked``, the
            only coding that is sent (RFC 9112 section 6.1).
        InvalidContent: There are both a Content-Length and a Transfer-Encoding (RFC 9112 section
            6.2).
    """
    names, lines = fields.by_name(), fields.lines
    plain = len(names) == len(lines)  # Joined values do not show where each of them ends.
    for name, value in names.items():
        if (name not in known or known[name] != value) and not is_field(name, value):
            plain = False
    trailing = not plain and [check_field(*line) for line in lines] != lines
    if len(names) != len(lines):
        for name in _SINGLE:
            if fields.repeats(name):
                raise InvalidHeader(f"field {name!r} occurs more than once")
    if "host" in names:
        check_host(names["host"])
    if "content-length" in names or "transfer-encoding" in names:
        _check_framing(names.get("content-length"), names.get("transfer-encoding"))
    return trailing


def check_host(value: str) -> None:
    """Refuse a value of Host that this library's own URLs could not have as host and port.

    Raises:
        InvalidHeader: It has a path, user info, blanks, several hosts, or is empty.
    """
    reason = "it is not ASCII"
    if value.isascii():
        try:
            authority = parse_authority(value)
        except ValueError as error:
            reason = str(error)
        else:
            if "@" not in value and authority.zone is None:
                return
            reason = "user info and zones have no place there"
    raise InvalidHeader(f"Host {cut(value)} is not a host with or without a port: {reason}")


def _check_framing(length: str | None, coding: str | None) -> None:
    if length is not None and coding is not None:
        raise InvalidContent("Content-Length and Transfer-Encoding exclude each other")
    if coding is not None and coding.lower() != "chunked":
        raise InvalidHeader(f"Transfer-Encoding {cut(coding)} is not 'chunked'")
    if length is not None and not (
        length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS_MAX
    ):
        raise InvalidHeader(f"Content-Length {cut(length)} is not a number of bytes")
