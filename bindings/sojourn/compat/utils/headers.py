"""Header fields: those that a session sends by default, and parsing of values."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.request import parse_http_list

from sojourn.compat.structures import CaseInsensitiveDict
from sojourn_core.session.defaults import default_headers as _own_headers
from sojourn_core.session.defaults import default_user_agent as _own_user_agent
from sojourn_core.values.content.coding import accept_encoding
from sojourn_core.values.errors import InvalidHeader
from sojourn_core.values.fields import cut

DEFAULT_ACCEPT_ENCODING: Final = accept_encoding()

# Requests' own rules: nothing may end the line, or change the name or the value. Sojourn checks
# more when it prepares a request.
_NAME: Final = r"[^:\s][^:\r\n]*\Z"
_VALUE: Final = r"(?:\S[^\r\n]*)?\Z"
HEADER_VALIDATORS: Final[dict[type, tuple[re.Pattern[Any], re.Pattern[Any]]]] = {
    bytes: (re.compile(_NAME.encode()), re.compile(_VALUE.encode())),
    str: (re.compile(_NAME), re.compile(_VALUE)),
}


def default_user_agent(name: str = "sojourn") -> str:
    """Return a User-Agent value: a product name with Sojourn's version."""
    return _own_user_agent(name)


def default_headers() -> CaseInsensitiveDict[str]:
    """Return the fields that a session sends by default."""
    return CaseInsensitiveDict(_own_headers().lines)


def to_native_string(string: str | bytes, encoding: str = "ascii") -> str:
    """Return text; bytes are decoded."""
    return string if isinstance(string, str) else string.decode(encoding)


def check_header_validity(header: tuple[Any, Any]) -> None:
    """Raise an error for a field that would not be sent as it is.

    Raises:
        InvalidHeader: Name or value is not text or bytes, starts with a blank, or has a line
            break. The message names the field, and never holds its value.
    """
    name, value = header
    for kind, part in enumerate((name, value)):
        what = f"the value of field {cut(name)}" if kind else f"the field name {cut(name)}"
        validators = next((v for t, v in HEADER_VALIDATORS.items() if isinstance(part, t)), None)
        if validators is None:
            raise InvalidHeader(f"{what} must be of type str or bytes, not {type(part).__name__}")
        if validators[kind].match(part) is None:
            reserved = "" if kind else ", or a ':'"
            raise InvalidHeader(f"{what} starts with a blank, or has a line break{reserved}")


def unquote_header_value(value: str, is_filename: bool = False) -> str:
    r"""Remove the quotes around a value, as browsers do.

    Args:
        value: A value with or without quotes.
        is_filename: The value is the name of a file. Some peers send ``\\host\share`` for one,
            and do not escape its backslashes.
    """
    if not value or not value[0] == value[-1] == '"':
        return value
    value = value[1:-1]
    if is_filename and value.startswith("\\\\"):
        return value
    return value.replace("\\\\", "\\").replace('\\"', '"')


def parse_list_header(value: str) -> list[str]:
    """Split a list at its commas (RFC 9110 section 5.6.1), and remove quotes of members."""
    return [_unquoted(item) for item in parse_http_list(value)]


def parse_dict_header(value: str) -> dict[str, str | None]:
    """Parse a list of ``name=value``; the value is None where there is no ``=``."""
    found: dict[str, str | None] = {}
    for item in parse_http_list(value):
        name, equals, text = item.partition("=")
        found[name] = _unquoted(text) if equals else None
    return found


def _unquoted(text: str) -> str:
    # A single quotation mark counts as both ends.
    return unquote_header_value(text[1:-1]) if text[:1] == text[-1:] == '"' else text


def parse_header_links(value: str) -> list[dict[str, str]]:
    """Parse the links of a Link field, in order: parameters, and the target as ``url``.

    It parses as Requests does: the parameters end at one without the form ``name=value``, and a
    comma or a semicolon within quotes separates. ``Response.links`` parses by RFC 8288.
    """
    links: list[dict[str, str]] = []
    value = value.strip(_AROUND)
    for text in re.split(", *<", value) if value else ():
        target, *parameters = text.split(";")
        link = {"url": target.strip("<>" + _AROUND)}
        for parameter in parameters:
            if parameter.count("=") != 1:
                break
            name, _, found = parameter.partition("=")
            link[name.strip(_AROUND)] = found.strip(_AROUND)
        links.append(link)
    return links


_AROUND: Final = " '\""
