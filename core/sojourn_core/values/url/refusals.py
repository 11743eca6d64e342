"""The errors for URLs that are refused, and how their messages show a URL.

No message holds a userinfo: it may be a secret.
"""

from __future__ import annotations

import re
from typing import Final

from sojourn_core.values.errors import InvalidURL, MissingSchema
from sojourn_core.values.fields import cut
from sojourn_core.values.limits import DEFAULT_LIMITS

SHOWN_SIZE_MAX: Final = 256

_BEFORE_SECRET: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?/*")


def shown_text(text: str) -> str:
    """Quote a URL for a message, cut short and without what may be a userinfo.

    Everything before the last ``@`` is masked, and before a character that becomes ``@`` under
    NFKC, because whoever wrote the URL may have taken the userinfo to end there.
    """
    end = max(text.rfind(char) for char in "@\uff20\ufe6b")
    if end >= 0:
        start = _BEFORE_SECRET.match(text, 0, end)
        assert start is not None, "it matches nothing at least"
        text = f"{start[0][:SHOWN_SIZE_MAX]}***@{text[end + 1 : end + 1 + SHOWN_SIZE_MAX]}"
    return cut(text, SHOWN_SIZE_MAX)


def invalid(text: str, reason: str) -> InvalidURL:
    """Build the error for a text that is no URL of HTTP."""
    return InvalidURL(f"invalid URL {shown_text(text)}: {reason}")


def too_long(text: str) -> InvalidURL:
    """Build the error for a URL that is longer than ``Limits.url_size_max``."""
    return invalid(text, f"longer than {DEFAULT_LIMITS.url_size_max} characters")


def without_scheme(text: str) -> MissingSchema:
    """Build the error for a text without a scheme; its message proposes ``https``."""
    shown = shown_text(text)
    meant = shown[1:-1].lstrip("/")
    return MissingSchema(
        f"invalid URL {shown}: no scheme supplied; perhaps you meant https://{meant}?"
    )


def decode(data: bytes) -> str:
    """Decode a URL that is given as UTF-8.

    Raises:
        InvalidURL: It is not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise invalid(data.decode("latin-1"), "not UTF-8") from None
