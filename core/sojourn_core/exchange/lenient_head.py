"""Heads that are not quite valid, read as Requests reads them (``Policy.lenient_heads``).

Some servers send a transfer coding twice, or a field line that is none. Urllib3 and http.client,
which Requests is made of, read such heads; here each is turned into a valid one before a parser
sees it, and the connection is not used again:

*   Transfer-Encoding: ``chunked`` counts once, however often it is said; ``identity`` and empty
    members say nothing.
*   Content-Length: a sign before a number is no part of it.
*   A field name may hold any visible ASCII character but the colon.
*   Blanks between a name and its colon are trimmed.
*   A line without a colon, without a name, or with a name that is none is skipped.

What two recipients may frame in two ways is left as it is, so the parser refuses it: ``chunked``
twice, or not last, beside a Content-Length; lengths that differ; other codings; blanks between
Content-Length or Transfer-Encoding and their colon.

Sources: RFC 9112 sections 5, 5.1, 6.1 and 6.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.fields import Fields
from sojourn_core.values.named_tuple import NamedTuple

from .field_lines import NAME_SHOWN_MAX, field_lines, is_field_line, unfolded

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine

_CODING: Final = b"transfer-encoding"
_LENGTH: Final = b"content-length"
_NAME: Final = re.compile(rb"[\x21-\x39\x3b-\x7e]+")
_NUMBER: Final = re.compile(rb"\+?[0-9]+")
_NO_CODINGS: Final = (b"", b"identity")


class LenientHead(NamedTuple):
    """A head as it was read.

    Attributes:
        octets: What a parser is given.
        fields: All field lines that count, as they came.
        decisions: One for each thing that is not valid; none if the head is.
    """

    octets: bytes
    fields: Fields
    decisions: tuple[Decision, ...]


def lenient_head(head: bytes) -> LenientHead:
    """Read a head leniently.

    Args:
        head: A whole head, its blank line included, without control characters.

    Returns:
        The head; what would not be safe to read in it is unchanged in ``octets``.
    """
    status, *given, blank = field_lines(head)
    decisions: list[Decision] = []
    lines: list[tuple[bytes, bytes]] = []
    parsed: list[bytes] = []  # For the parser: all but the fields of framing.
    framing: dict[bytes, list[bytes]] = {_CODING: [], _LENGTH: []}  # Their lines as they came.
    for field in given:
        line = unfolded(field)
        name, colon, value = line.partition(b":")
        if is_field_line(line):
            framing.get(name.lower(), parsed).append(field)
        elif colon and name.strip(b" \t").lower() in framing:
            parsed.append(field)  # RFC 9112 section 5.1: it is refused.
        else:
            trimmed = name.rstrip(b" \t")
            if not colon or _NAME.fullmatch(trimmed) is None:
                named, colon, _ = field.partition(b"\n")[0].partition(b":")
                decisions.append(_skipped(named if colon else b""))
                continue
            decisions.append(_read_name(name, trimmed))
            name = trimmed
            if is_field_line(name + b":"):
                parsed.append(name + b":" + value + b"\r\n")
        lines.append((name, value.strip(b" \t")))
    decisions += _settle(framing)
    framed = [*framing[_CODING], *framing[_LENGTH]]
    octets = b"".join((status, *parsed, *framed, blank)) if decisions else head
    return LenientHead(octets, Fields.from_lines(_decoded(lines)), tuple(decisions))


def _settle(framing: dict[bytes, list[bytes]]) -> list[Decision]:
    """Replace the lines of fields that frame content by valid ones, where that is safe."""
    decisions: list[Decision] = []
    codings = [coding.lower() for coding in _members(framing[_CODING])]
    said = [coding for coding in codings if coding not in _NO_CODINGS]
    if framing[_CODING] and codings != [b"chunked"]:
        named = [coding for coding in codings if coding]
        certain = len(said) == 1 and named[-1] == b"chunked"
        only_chunked = set(said) <= {b"chunked"}
        if only_chunked and (certain or not said or not framing[_LENGTH]):
            framing[_CODING] = [b"Transfer-Encoding: chunked\r\n"] if said else []
            decisions.append(_UNCLEAN_CODING)
    lengths = _members(framing[_LENGTH])
    if any(length.startswith(b"+") for length in lengths) and all(map(_NUMBER.fullmatch, lengths)):
        framing[_LENGTH] = [b"Content-Length: %b\r\n" % each.lstrip(b"+") for each in lengths]
        decisions.append(_SIGNED_LENGTH)
    return decisions


def _members(fields: list[bytes]) -> list[bytes]:
    values = [unfolded(field).partition(b":")[2] for field in fields]
    return [member.strip(b" \t") for value in values for member in value.split(b",")]


def _decoded(lines: list[tuple[bytes, bytes]]) -> list[FieldLine]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in lines]


def _shown(name: bytes) -> str:
    return repr(name[:NAME_SHOWN_MAX].decode("latin-1")) if name else "field line"


def _skipped(name: bytes) -> Decision:
    return Decision(
        code="head.line.skipped",
        subject=_shown(name),
        reason="it is no field line; the policy reads the rest all the same (lenient_heads)",
        section="RFC 9112 5",
    )


def _read_name(name: bytes, trimmed: bytes) -> Decision:
    if name != trimmed:
        return Decision(
            code="head.name.trimmed",
            subject=_shown(trimmed),
            reason="blanks before the colon are left out (lenient_heads)",
            section="RFC 9112 5.1",
        )
    return Decision(
        code="head.name.read",
        subject=_shown(name),
        reason="the field name is no token, and is read all the same (lenient_heads)",
        section="RFC 9110 5.1",
    )


_UNCLEAN_CODING: Final = Decision(
    code="head.framing.read",
    subject="Transfer-Encoding",
    reason="chunked counts once, and identity says nothing (lenient_heads)",
    section="RFC 9112 6.1",
)
_SIGNED_LENGTH: Final = Decision(
    code="head.framing.read",
    subject="Content-Length",
    reason="the sign before the number is left out (lenient_heads)",
    section="RFC 9112 6.3",
)
