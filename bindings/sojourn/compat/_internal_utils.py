"""Functions that Requests keeps for itself, and that programs import all the same."""

from __future__ import annotations

import re
from typing import Any, Final

from .compat import builtin_str
from .utils import to_native_string

__all__ = ["HEADER_VALIDATORS", "builtin_str", "to_native_string", "unicode_is_ascii"]

_NAME: Final = r"[^:\s][^:\r\n]*\Z"
_VALUE: Final = r"\S[^\r\n]*\Z|\Z"
_VALID_HEADER_NAME_RE_STR: Final = re.compile(_NAME)
_VALID_HEADER_VALUE_RE_STR: Final = re.compile(_VALUE)
_VALID_HEADER_NAME_RE_BYTE: Final = re.compile(_NAME.encode())
_VALID_HEADER_VALUE_RE_BYTE: Final = re.compile(_VALUE.encode())
_HEADER_VALIDATORS_STR: Final = _VALID_HEADER_NAME_RE_STR, _VALID_HEADER_VALUE_RE_STR
_HEADER_VALIDATORS_BYTE: Final = _VALID_HEADER_NAME_RE_BYTE, _VALID_HEADER_VALUE_RE_BYTE
# Patterns that names and values match from their beginning, by type; fields have rules of their own
# (RFC 9110 section 5), and are not checked by these.
HEADER_VALIDATORS: Final[dict[type[Any], tuple[re.Pattern[Any], re.Pattern[Any]]]] = {
    bytes: _HEADER_VALIDATORS_BYTE,
    str: _HEADER_VALIDATORS_STR,
}


def unicode_is_ascii(u_string: str) -> bool:
    """Return True if a text has characters of ASCII only."""
    return u_string.isascii()
