"""Header fields: what a session sends of its own, and reading values apart."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.request import parse_http_list

from sojourn.compat.structures import CaseInsensitiveDict
from sojourn_core.session.session import default_headers as _own_headers
from sojourn_core.session.session import default_user_agent as _own_user_agent
from sojourn_core.values.content.coding import accept_encoding
from sojourn_core.values.errors import InvalidHeader
from sojourn_core.values.fields import cut

DEFAULT_ACCEPT_ENCODING: Final = accept_encoding()

# Requests' own rules: what would end a line, or make the name or the value another one. Sojourn
# checks more of them where they are sent.
_NAME: Final = r"[^:\s][^:\r\n]*\Z"
_VALUE: Final = r"(?:\S[^\r\n]*)?\Z"
HEADER_VALIDATORS: Final[dict[type, tuple[re.Pattern[Any], re.Pattern[Any]]]] = {
    bytes: (re.compile(_NAME.encode()), re.compile(_VALUE.encode())),
    str: (re.compile(_NAME), re.compile(_VALUE)),
}


def default_user_agent(name: str = "sojourn") -> str:
    """A product with Sojourn's version."""
    return _own_user_agent(name)


def default_headers() -> CaseInsensitiveDict:
    """The fields that a session sends if nothing else is said."""
    return CaseInsensitiveDict(_own_headers().lines)


def to_native_string(string: str | bytes, encoding: str = "ascii") -> str:
    """Text; octets are decoded."""
    return string if isinstance(string, str) else string.decode(encoding)


def check_header_validity(header: tuple[Any, Any]) -> None:
    """Refuse a field that would not be sent as it is.

    Raises:
        InvalidHeader: Name or value is not text or octets, starts with a blank, or has a line
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
    r"""A value without the quotes around it, as browsers take them off.

    Args:
        value: With quotes, or without.
        is_filename: Whether it is the name of a file. Some send ``\\host\share`` for one, and do
            not escape its backslashes.
    """
    if not value or not value[0] == value[-1] == '"':
        return value
    value = value[1:-1]
    if is_filename and value.startswith("\\\\"):
        return value
    return value.replace("\\\\", "\\").replace('\\"', '"')


def parse_list_header(value: str) -> list[str]:
    """The members of a list, separated by commas (RFC 9110 section 5.6.1), without their quotes."""
    return [_unquoted(item) for item in parse_http_list(value)]


def parse_dict_header(value: str) -> dict[str, str | None]:
    """The members of a list as pairs ``name=value``; the value is None where there is no ``=``."""
    found: dict[str, str | None] = {}
    for item in parse_http_list(value):
        name, equals, text = item.partition("=")
        found[name] = _unquoted(text) if equals else None
    return found


def _unquoted(text: str) -> str:
    # A quotation mark all alone is one at both ends.
    return unquote_header_value(text[1:-1]) if text[:1] == text[-1:] == '"' else text


def parse_header_links(value: str) -> list[dict[str, str]]:
    """The links of a Link field, in their order: their parameters, and the target as ``url``.

    It reads them as Requests does: the parameters end where one is not of the form ``name=value``,
    and a comma or a semicolon within quotes is taken for what it looks like. ``Response.links``
    reads by RFC 8288.
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
