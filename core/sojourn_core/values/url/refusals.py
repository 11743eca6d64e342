"""The errors for URLs that are refused."""

from __future__ import annotations

from sojourn_core.values.errors import InvalidURL, MissingSchema
from sojourn_core.values.limits import DEFAULT_LIMITS

from .shown import shown_text


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
