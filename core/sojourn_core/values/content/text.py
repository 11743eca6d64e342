"""Text from content: which charset, decoding as it arrives, and lines.

A charset is a name that a peer chose, so it only ever selects one of Python's text codecs, and not
those which are no charsets or take more than linear time.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, AnyStr, Final, Generic

if TYPE_CHECKING:
    from collections.abc import Callable

# Possessive quantifiers never give anything back: one pass over any value. A quoted string
# without its end takes the rest.
_PARAMETER: Final = re.compile(
    r"""
    [\s;]*+
    (?P<name> [^\s=;]*+ ) \s*+
    (?: = \s*+ (?: "(?P<quoted> (?: [^"\\] | \\. )*+ )"? | (?P<token> [^;]*+ ) ) )?
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)

# Longer ones first: the BOM of UTF-32-LE starts with that of UTF-16-LE. Each codec takes it off.
_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BOM_SIZE_MAX: Final = 4

# Python counts these as text, but no page is written in them: "idna" and "punycode" take
# quadratic time, the escapes are for source code, "undefined" always fails.
_NOT_CHARSETS: Final = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
# The registry's longest name has 45 characters (IANA, "Character Sets"). Python remembers each
# name that it was ever asked for, so a peer must not be free to invent long ones.
_CHARSET_NAME: Final = re.compile(r"[\w.:+() -]{1,64}", re.ASCII)


def charset_of(content_type: str | None) -> str | None:
    """The charset that a Content-Type value declares, or None (RFC 9110 section 8.3).

    Quotes are taken off, single ones too, as Requests does; the first charset counts. The name
    is as it was sent and need not be one that is known.
    """
    if content_type is None:
        return None
    position = content_type.find(";")
    while 0 <= position < len(content_type):
        match = _PARAMETER.match(content_type, position)
        assert match is not None, "the pattern matches nothing as well"
        position = match.end()
        if match["name"].lower() != "charset":
            continue
        quoted = match["quoted"]
        value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else match["token"] or ""
        if charset := value.strip().strip("'").strip():
            return charset
    return None


def decode_text(
    content: bytes,
    declared: str | None,
    detect: Callable[[bytes], str | None] | None = None,
) -> str:
    """Content as text, whatever it takes.

    Args:
        content: All of the content, decoded from its content codings.
        declared: The charset that the peer declared, or that the user set.
        detect: Guesses a charset from the content; asked only if nothing else says it.

    Returns:
        The text by the first charset that is known: the declared one, that of a byte order mark,
        the detected one, or UTF-8. Octets that do not fit become U+FFFD.
    """
    if (codec := _codec_for(declared)) is None:
        charset = _charset_of_bom(content)
        if charset is None and detect is not None and content:
            charset = detect(content)
        codec = _codec_for(charset)
    return codec.decode(content, "replace")[0] if codec else content.decode("utf-8", "replace")


def json_encoding(content: bytes) -> str:
    """The codec of a JSON text: UTF-8, UTF-16 or UTF-32, with a byte order mark or without.

    A JSON text starts with an ASCII character, so where the zeros stand in its first four octets
    tells the encoding (RFC 4627 section 3; RFC 8259 section 8.1 leaves only UTF-8).
    """
    charset = _charset_of_bom(content)
    if charset is not None:
        return charset
    zeros = [octet == 0 for octet in content[:4]]
    match zeros:
        case [True, True, *_]:
            return "utf-32-be"
        case [True, False, *_]:
            return "utf-16-be"
        case [False, True, True, True]:
            return "utf-32-le"
        case [False, True, *_]:
            return "utf-16-le"
        case _:
            return "utf-8"


class IncrementalText:
    """Decodes content as it arrives, in pieces of any size, just as ``decode_text`` does at once.

    There is no detection: that would need all of the content.
    """

    __slots__ = ("_decoder", "_held")

    def __init__(self, declared: str | None = None) -> None:
        codec = _codec_for(declared)
        self._decoder = None if codec is None else _decoder_of(codec)
        self._held: bytes = b""  # The first octets, as long as they may become a byte order mark.

    def decode(self, data: bytes) -> str:
        """The text that ``data`` completes."""
        if self._decoder is None:
            data = self._held + data
            if len(data) < _BOM_SIZE_MAX and any(bom.startswith(data) for bom, _ in _BOMS):
                self._held = data
                return ""
            self._held = b""
            self._decoder = _decoder_of(codecs.lookup(_charset_of_bom(data) or "utf-8"))
        return self._decoder.decode(data)

    def finish(self) -> str:
        """What is left at the end of the content: U+FFFD if a character was cut short."""
        if self._decoder is None:
            self._decoder = _decoder_of(codecs.lookup(_charset_of_bom(self._held) or "utf-8"))
        return self._decoder.decode(self._held, final=True)


class LineSplitter(Generic[AnyStr]):
    """Splits text, or octets, into lines as it arrives, in pieces of any size.

    The lines do not depend on where the pieces end. Without a delimiter they are those of
    ``splitlines`` on the whole; with one they are those of ``split`` on the whole, so that a
    delimiter at the very end is followed by an empty line (no input at all has no line).
    """

    __slots__ = ("_begun", "_carry", "_cr_last", "_delimiter", "_parts")

    def __init__(self, delimiter: AnyStr | None = None) -> None:
        self._delimiter: AnyStr | None = delimiter or None  # An empty one is none, as in Requests.
        self._parts: list[Any] = []  # The line that is not complete yet.
        self._carry: AnyStr | None = None  # Its end, where a delimiter may have begun.
        self._cr_last = False
        self._begun = False

    def feed(self, data: AnyStr) -> list[AnyStr]:
        """The lines that ``data`` completes, without their ends."""
        if not data:
            return []
        self._begun = True
        if self._delimiter is not None:
            return self._split(data, self._delimiter)
        if self._cr_last and ord(data[:1]) == 0x0A:
            data = data[1:]  # Second half of a CRLF whose line was complete with its CR.
        lines: list[Any] = data.splitlines()
        self._cr_last = bool(data) and ord(data[-1:]) == 0x0D
        if not lines:
            return []
        # No line holds a line end: if the last ends as the data does, its end is still to come.
        ended = not (lines[-1] and lines[-1][-1] == data[-1])
        rest = None if ended else lines.pop()
        if lines and self._parts:
            lines[0] = self._join(lines[0])
        if rest is not None:
            self._parts.append(rest)
        return lines

    def finish(self) -> AnyStr | None:
        """The last line if no line end follows it; None if there is none."""
        if self._delimiter is not None:
            if not self._begun or self._carry is None:
                return None
            return self._join(self._carry)
        return self._join(self._parts.pop()) if self._parts else None

    def _join(self, end: AnyStr) -> AnyStr:
        self._parts.append(end)
        line: AnyStr = end[:0].join(self._parts)
        self._parts.clear()
        return line

    def _split(self, data: AnyStr, delimiter: AnyStr) -> list[AnyStr]:
        # Only what may be the start of a delimiter is looked at again, so a long line that comes
        # in small pieces does not take quadratic time.
        if self._carry is not None:
            data = self._carry + data
        lines: list[Any] = data.split(delimiter)
        rest = lines.pop()
        if lines:
            lines[0] = self._join(lines[0])
        kept = max(0, len(rest) - (len(delimiter) - 1))
        if kept:
            self._parts.append(rest[:kept])
        self._carry = rest[kept:]
        return lines


def _codec_for(charset: str | None) -> codecs.CodecInfo | None:
    """The codec of a charset's name, or None if there is none that decodes text."""
    if charset is None or _CHARSET_NAME.fullmatch(charset) is None:
        return None
    try:
        codec = codecs.lookup(charset)
        if codec.name.replace("-", "_") in _NOT_CHARSETS:
            return None
        b"a".decode(charset, "replace")  # "base64" is found as well, but is not for text.
    except LookupError:
        return None
    return codec


def _decoder_of(codec: codecs.CodecInfo) -> codecs.IncrementalDecoder:
    return codec.incrementaldecoder("replace")


def _charset_of_bom(content: bytes) -> str | None:
    return next((charset for bom, charset in _BOMS if content.startswith(bom)), None)
