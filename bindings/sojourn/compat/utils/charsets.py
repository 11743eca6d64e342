"""Which charset content is in, as Requests finds it."""

from __future__ import annotations

import codecs
import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.content.text import IncrementalText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The declarations of a page stand at its start: HTML reads 1024 octets for them. Searching more for
# what need not be there takes time that grows with the square.
DECLARATIONS_SIZE_MAX: Final = 8192
_DECLARATIONS: Final = (
    re.compile(r"""<meta.*?charset=["']*(.+?)["'>]""", re.IGNORECASE),
    re.compile(r"""<meta.*?content=["']*;?charset=(.+?)["'>]""", re.IGNORECASE),
    re.compile(r"""\A<\?xml.*?encoding=["']*(.+?)["'>]"""),
)

_JSON_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A JSON text starts with two ASCII characters: where the zeros stand among the first four octets.
_JSON_ZEROS: Final[dict[tuple[int, ...], str]] = {
    (): "utf-8",
    (0, 2): "utf-16-be",
    (1, 3): "utf-16-le",
    (0, 1, 2): "utf-32-be",
    (1, 2, 3): "utf-32-le",
}


def parse_content_type(header: str) -> tuple[str, dict[str, str]]:
    """The media type of a Content-Type value, and its parameters by name in lower case."""
    media_type, *parameters = header.split(";")
    found: dict[str, str] = {}
    for parameter in parameters:
        name, equals, value = parameter.strip().partition("=")
        if equals:
            found[name.strip("\"' ").lower()] = value.strip("\"' ")
    return media_type.strip(), found


def get_encoding_from_headers(headers: Any) -> str | None:
    """The charset that header fields declare, or imply.

    Without a declaration text is ISO-8859-1, as RFC 2616 had it, and JSON is UTF-8 (RFC 8259).
    """
    content_type: str | None = headers.get("content-type")
    if not content_type:
        return None
    media_type, parameters = parse_content_type(content_type)
    if "charset" in parameters:
        return parameters["charset"]
    if "text" in media_type:
        return "ISO-8859-1"
    if "application/json" in media_type:
        return "utf-8"
    return None


def get_encodings_from_content(content: str) -> list[str]:
    """The charsets that a page declares in its first characters. Deprecated, as in Requests."""
    warnings.warn("get_encodings_from_content is deprecated", DeprecationWarning, stacklevel=2)
    start = content[:DECLARATIONS_SIZE_MAX]
    return [found for pattern in _DECLARATIONS for found in pattern.findall(start)]


def get_unicode_from_response(r: Any) -> Any:
    """The content of a response as text; None if there is none. Deprecated, as in Requests.

    Raises:
        LookupError: If its charset is none that is known.
    """
    warnings.warn("get_unicode_from_response is deprecated", DeprecationWarning, stacklevel=2)
    content: bytes | None = r.content
    if content is None:
        return None
    return content.decode(get_encoding_from_headers(r.headers) or "utf-8", "replace")


def stream_decode_response_unicode(iterator: Iterable[bytes], r: Any) -> Iterator[Any]:
    """The pieces of content as text, in the encoding of a response; as octets, if it has none.

    Raises:
        LookupError: If the encoding is none that is known.
    """
    if r.encoding is None:
        yield from iterator
        return
    codecs.lookup(r.encoding)
    # Codecs that are no charsets it leaves alone: some take quadratic time.
    decoder = IncrementalText(r.encoding)
    for octets in iterator:
        if text := decoder.decode(octets):
            yield text
    if text := decoder.finish():
        yield text


def guess_json_utf(data: bytes) -> str | None:
    """The encoding of a JSON text by its first four octets; None if it cannot be told."""
    start = data[:4]
    for bom, encoding in _JSON_BOMS:
        if start.startswith(bom):
            return encoding
    zeros = tuple(position for position, octet in enumerate(start) if not octet)
    return _JSON_ZEROS.get(zeros)
