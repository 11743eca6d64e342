"""The charset of content, as Requests determines it."""

from __future__ import annotations

import codecs
import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.content.text import IncrementalText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A page declares its charset at its start: HTML searches 1024 bytes. The time of a search without
# result grows with the square of the size.
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
# A JSON text starts with two ASCII characters: positions of zeros among its first four bytes.
_JSON_ZEROS: Final[dict[tuple[int, ...], str]] = {
    (): "utf-8",
    (0, 2): "utf-16-be",
    (1, 3): "utf-16-le",
    (0, 1, 2): "utf-32-be",
    (1, 2, 3): "utf-32-le",
}


def parse_content_type(header: str) -> tuple[str, dict[str, str]]:
    """Split a Content-Type value into media type, and parameters by name in lower case."""
    media_type, *parameters = header.split(";")
    found: dict[str, str] = {}
    for parameter in parameters:
        name, equals, value = parameter.strip().partition("=")
        if equals:
            found[name.strip("\"' ").lower()] = value.strip("\"' ")
    return media_type.strip(), found


def get_encoding_from_headers(headers: Any) -> str | None:
    """Return the charset that header fields declare or imply; None if they do neither.

    Without a declaration text is ISO-8859-1 (RFC 2616), and JSON is UTF-8 (RFC 8259).
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
    """Return the charsets that the start of a page declares. Deprecated, as in Requests."""
    warnings.warn("get_encodings_from_content is deprecated", DeprecationWarning, stacklevel=2)
    start = content[:DECLARATIONS_SIZE_MAX]
    return [found for pattern in _DECLARATIONS for found in pattern.findall(start)]


def get_unicode_from_response(r: Any) -> Any:
    """Return the content of a response as text, or None. Deprecated, as in Requests.

    Raises:
        LookupError: Its charset is unknown.
    """
    warnings.warn("get_unicode_from_response is deprecated", DeprecationWarning, stacklevel=2)
    content: bytes | None = r.content
    if content is None:
        return None
    return content.decode(get_encoding_from_headers(r.headers) or "utf-8", "replace")


def stream_decode_response_unicode(iterator: Iterable[bytes], r: Any) -> Iterator[Any]:
    """Decode pieces of content by the encoding of a response; without one they stay bytes.

    Raises:
        LookupError: The encoding is unknown.
    """
    if r.encoding is None:
        yield from iterator
        return
    codecs.lookup(r.encoding)
    # It refuses codecs that are not charsets: some take quadratic time.
    decoder = IncrementalText(r.encoding)
    for data in iterator:
        if text := decoder.decode(data):
            yield text
    if text := decoder.finish():
        yield text


def guess_json_utf(data: bytes) -> str | None:
    """Return the encoding of a JSON text by its first four bytes; None if they do not show it."""
    start = data[:4]
    for bom, encoding in _JSON_BOMS:
        if start.startswith(bom):
            return encoding
    zeros = tuple(position for position, byte in enumerate(start) if not byte)
    return _JSON_ZEROS.get(zeros)
