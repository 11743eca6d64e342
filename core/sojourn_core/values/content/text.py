"""Text from content: its charset, its decoding as it arrives, and its lines.

A peer chooses the name of a charset. So a name only ever selects one of Python's text codecs, and
never one that is no charset or that takes more than linear time.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, AnyStr, Final, Generic

from sojourn_core.values.expressions import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Possessive quantifiers never give anything back, so this passes over any value once. A quoted
# string without its end takes the rest.
_PARAMETER: Final = expression(
    r"""
    [\s;]*+
    (?P<name> [^\s=;]*+ ) \s*+
    (?: = \s*+ (?: "(?P<quoted> (?: [^"\\] | \\. )*+ )"? | (?P<token> [^;]*+ ) ) )?
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = expression(r"\\(.)", re.DOTALL)

# Longer ones come first: the mark of UTF-32-LE starts with that of UTF-16-LE. These codecs take the
# mark off themselves.
_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BOM_SIZE_MAX: Final = 4
# These codecs leave the mark at the start of the text, where it is no character of it.
_LEAVE_MARK: Final = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
_MARK: Final = "\ufeff"

# Content that is shorter has too little text for statistics: of 150 random ASCII texts of two
# characters charset-normalizer takes 16 for something else.
DETECTION_SIZE_MIN: Final = 64
# Any two bytes are a character of UTF-16, so a guess of it is never wrong and rarely right.
_GUESSED_ONLY_WITH_MARK: Final = ("utf16", "utf32")

# Python counts these as text codecs, but nobody writes pages in them: "idna" and "punycode" take
# quadratic time, the escapes are for source code, and "undefined" always fails.
_NOT_CHARSETS: Final = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
_CR: Final = 0x0D
_LF: Final = 0x0A

# The registry's longest name has 45 characters (IANA, "Character Sets"). Python remembers each
# name that it was ever asked for, so a peer must not be free to invent long ones.
_CHARSET_NAME: Final = expression(r"[\w.:+() -]{1,64}", re.ASCII)


def charset_of(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type value declares, or None (RFC 9110 section 8.3).

    Quotes are taken off, single ones too, as Requests does. Of several charsets the first counts.
    The name is as it was sent, and need not be a known one.
    """
    if content_type is None:
        return None
    for value in parameters_of(content_type, "charset"):
        if charset := value.strip().strip("'").strip():
            return charset
    return None


def parameters_of(content_type: str, name: str) -> Iterator[str]:
    """Yield the values of each parameter of this name, in lower case, without their quotes."""
    position = content_type.find(";")
    while 0 <= position < len(content_type):
        match = _PARAMETER.match(content_type, position)
        assert match is not None, "the pattern matches nothing as well"
        position = match.end()
        if match["name"].lower() == name:
            quoted, token = match["quoted"], match["token"] or ""
            yield token.rstrip(" \t") if quoted is None else _ESCAPED.sub(r"\1", quoted)


def decode_text(
    content: bytes,
    declared: str | None,
    detect: Callable[[bytes], str | None] | None = None,
    *,
    keeps_mark: bool = False,
) -> str:
    """Decode content to text; no content makes this fail.

    Args:
        content: All of the content, decoded from its content codings.
        declared: The charset that the peer declared, or that the user set.
        detect: Guesses a charset from the content; see ``charset_of_content``.
        keeps_mark: Leave a byte order mark in the text where ``declared`` names UTF-8, or UTF-16
            or UTF-32 with a byte order, as Python and Requests do.

    Returns:
        The text by the declared charset, if it is known, else by that of the content. Bytes that
        do not fit become U+FFFD. A byte order mark of the charset is not part of the text (WHATWG
        Encoding, "UTF-8 decode").
    """
    codec = _codec_for(declared)
    if codec is None:
        if _charset_of_bom(content) is None:
            try:
                return content.decode("utf-8")  # Nearly all content is, and this is quickest.
            except UnicodeDecodeError:
                pass
        codec = _codec_for(charset_of_content(content, detect))
        assert codec is not None, "the charset of content is always known"
    text: str = codec.decode(content, "replace")[0]
    if keeps_mark or codec.name not in _LEAVE_MARK:
        return text
    return text.removeprefix(_MARK)


def charset_of_content(content: bytes, detect: Callable[[bytes], str | None] | None = None) -> str:
    """Return the charset that undeclared content is in, as far as can be told; always a known one.

    Args:
        content: All of the content.
        detect: Guesses a charset from the content. It is asked only about content of
            ``DETECTION_SIZE_MIN`` bytes or more that has no byte order mark and is not UTF-8, and
            is not believed if it says UTF-16 or UTF-32, which take a mark.

    Returns:
        The charset of the byte order mark, else UTF-8 if the content is valid in it, else the
        guess, else UTF-8.
    """
    if (charset := _charset_of_bom(content)) is not None:
        return charset
    if detect is None or len(content) < DETECTION_SIZE_MIN:
        return "utf-8"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        guess = detect(content)
        codec = _codec_for(guess)
        if codec is None or guess is None or _takes_a_mark(codec.name):
            return "utf-8"
        return guess
    return "utf-8"


def decode_json(content: bytes) -> str | None:
    """Decode a JSON text by the encoding that it shows; None if it does not fit that.

    A declared charset is not asked: for JSON it "really has no effect" (RFC 8259 section 11).
    """
    try:
        return content.decode(json_encoding(content))
    except UnicodeDecodeError:
        return None


def json_encoding(content: bytes) -> str:
    """Return the codec of a JSON text: UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    A JSON text starts with an ASCII character, so where the zeros stand in its first four bytes
    tells the encoding (RFC 4627 section 3; RFC 8259 section 8.1 leaves only UTF-8).
    """
    charset = _charset_of_bom(content)
    if charset is not None:
        return charset
    zeros = [byte == 0 for byte in content[:4]]
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
    """A decoder of content that arrives in pieces of any size.

    It gives the text that ``decode_text`` gives for the whole, but never guesses: that would take
    all of the content.

    Args:
        declared: The charset that the peer declared, or that the user set.
        keeps_mark: As for ``decode_text``.
    """

    __slots__ = ("_decoder", "_held", "_mark_may_come")

    def __init__(self, declared: str | None = None, *, keeps_mark: bool = False) -> None:
        codec = _codec_for(declared)
        self._decoder = None if codec is None else _decoder_of(codec)
        self._mark_may_come = codec is not None and not keeps_mark and codec.name in _LEAVE_MARK
        self._held: bytes = b""  # The first bytes, as long as they may become a byte order mark.

    def decode(self, data: bytes) -> str:
        """Return the text that ``data`` completes."""
        if self._decoder is None:
            data = self._held + data
            if len(data) < _BOM_SIZE_MAX and any(bom.startswith(data) for bom, _ in _BOMS):
                self._held = data
                return ""
            self._held = b""
            self._decoder = _decoder_of(codecs.lookup(_charset_of_bom(data) or "utf-8"))
        text = self._decoder.decode(data)
        return self._without_mark(text) if self._mark_may_come else text

    def finish(self) -> str:
        """Return what is left at the end of the content: U+FFFD if a character was cut short."""
        if self._decoder is None:
            self._decoder = _decoder_of(codecs.lookup(_charset_of_bom(self._held) or "utf-8"))
        return self._decoder.decode(self._held, final=True)

    def _without_mark(self, text: str) -> str:
        if not text:
            return text
        self._mark_may_come = False
        return text.removeprefix(_MARK)


class LineSplitter(Generic[AnyStr]):
    """A splitter of text, or of bytes, into lines as it arrives, in pieces of any size.

    The lines do not depend on where the pieces end. Without a delimiter a line ends with CR, LF or
    CRLF, in text as in bytes (WHATWG HTML, "Parsing an event stream"), and the last line needs no
    end. With a delimiter the lines are those of ``split`` on the whole, so that a delimiter at the
    very end is followed by an empty line (no input at all has no line).
    """

    __slots__ = ("_begun", "_carry", "_cr_last", "_delimiter", "_parts")

    def __init__(self, delimiter: AnyStr | None = None) -> None:
        self._delimiter: AnyStr | None = delimiter or None  # An empty one is none, as in Requests.
        self._parts: list[Any] = []  # The line that is not complete yet.
        self._carry: AnyStr | None = None  # Its end, where a delimiter may have begun.
        self._cr_last = False
        self._begun = False

    def feed(self, data: AnyStr) -> list[AnyStr]:
        """Return the lines that ``data`` completes, without their ends."""
        if not data:
            return []
        self._begun = True
        if self._delimiter is not None:
            return self._split(data, self._delimiter)
        if self._cr_last and ord(data[:1]) == _LF:
            data = data[1:]  # Second half of a CRLF whose line was complete with its CR.
        self._cr_last = bool(data) and ord(data[-1:]) == _CR
        lines = _lines_of(data)
        rest = lines.pop()
        if lines and self._parts:
            lines[0] = self._join(lines[0])
        if rest:
            self._parts.append(rest)
        return lines

    def finish(self) -> AnyStr | None:
        """Return the last line if no line end follows it; None if there is none."""
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


def _lines_of(data: Any) -> list[Any]:
    """Split text or bytes at CR, LF and CRLF; the last item is what follows the last of them."""
    # str.splitlines() knows six more ends of lines, which JSON and event streams may hold.
    if isinstance(data, str):
        return data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    octets: bytes = data
    return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _codec_for(charset: str | None) -> codecs.CodecInfo | None:
    """Return the codec of a charset's name, or None if there is none that decodes text."""
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


def _takes_a_mark(name: str) -> bool:
    plain = name.replace("-", "").replace("_", "")
    return plain.startswith(_GUESSED_ONLY_WITH_MARK)


def _decoder_of(codec: codecs.CodecInfo) -> codecs.IncrementalDecoder:
    return codec.incrementaldecoder("replace")


def _charset_of_bom(content: bytes) -> str | None:
    return next((charset for bom, charset in _BOMS if content.startswith(bom)), None)
