"""The errors for what h11 refuses. They name the field that is the reason, and quote nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.errors import ConflictingLengths, RemoteProtocolError

from .field_lines import malformed_line

if TYPE_CHECKING:
    from sojourn_core.values.limits import Limits


def illegal(error: Exception, head: bytes) -> RemoteProtocolError:
    """Return the error for a head that h11 refuses; it names the field that is the reason."""
    said = without_quotes(error)
    if "_SWITCH_UPGRADE" in said:  # RFC 9110 section 7.8: it must not.
        return RemoteProtocolError(
            "the peer switches to another protocol (101), which no Upgrade has asked it for"
        )
    field = malformed_line(head)
    if field is not None:
        said = f"{said} {field}"
    kind = RemoteProtocolError if field or "conflicting" not in said else ConflictingLengths
    return kind(f"the response is not valid HTTP: {said}")


def without_quotes(error: Exception) -> str:
    """Return a complaint without the bytes that it quotes, which may be secret or hostile."""
    if isinstance(error, UnicodeEncodeError):
        return "a character is outside ISO-8859-1"
    text = str(error)
    for quote in ("b'", 'b"', "bytearray("):
        text = text.partition(quote)[0]
    return text.rstrip(" :(,")[:128] or type(error).__name__


def informed_too_much(limits: Limits) -> RemoteProtocolError:
    """Build the error for more informational responses than are let through."""
    return RemoteProtocolError(
        f"there are too many informational responses: over {limits.informational_heads_max} heads, "
        f"or over {limits.informational_size_max} bytes"
    )
