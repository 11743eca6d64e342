"""Field lines as bytes: cut out of a head, unfolded, and named in errors (RFC 9112 section 5)."""

from __future__ import annotations

from typing import Final

from sojourn_core.values.expressions import expression

NAME_SHOWN_MAX: Final = 64
# A field line without its end, as h11 reads it; control characters apart.
_FIELD: Final = expression(
    rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+:[ \t]*"
    rb"(?:[\x21-\x7e\x80-\xff]+(?:[ \t]+[\x21-\x7e\x80-\xff]+)*)?[ \t]*"
)


def field_lines(head: bytes) -> list[bytes]:
    """Cut a head into its lines, each with its end and with the lines that are folded to it."""
    lines: list[bytes] = []
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and len(lines) > 1:
            lines[-1] += line + b"\n"
        else:
            lines.append(line + b"\n")
    return lines[:-1]  # Nothing follows the last LF.


def unfolded(field: bytes) -> bytes:
    """Return a field line without its end, in one line with what was folded to it."""
    first, *folded = [part.removesuffix(b"\r") for part in field.split(b"\n")[:-1]]
    return b" ".join([first, *(part.lstrip(b" \t") for part in folded)])


def is_field_line(line: bytes) -> bool:
    """Return True if an unfolded line is a field line."""
    return _FIELD.fullmatch(line) is not None


def malformed_line(head: bytes) -> str | None:
    """Return the first line of a head that is no field line, as errors show it.

    A parser that refuses a head quotes the line, whose value may be a secret, or names nothing.

    Args:
        head: A whole head, its blank line included.

    Returns:
        The name; None if the line has none, or if each line below the first is a field line.
    """
    for field in field_lines(head)[1:-1]:
        if not is_field_line(unfolded(field)):
            return shown_name(field) if b":" in field else None
    return None


def shown_name(line: bytes) -> str:
    """Return the name of a field line as errors show it."""
    return repr(line.partition(b":")[0][:NAME_SHOWN_MAX].decode("latin-1"))
