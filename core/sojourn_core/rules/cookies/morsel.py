"""Reads a ``Morsel`` of ``http.cookies``, one cookie of a ``SimpleCookie``, without that module."""

from __future__ import annotations

from typing import Any

from .date import parse_date


def is_morsel(value: Any) -> bool:
    """Say whether a value is a ``Morsel``: a mapping of attributes with a key and a value."""
    return hasattr(value, "coded_value") and hasattr(value, "key") and hasattr(value, "keys")


def lifetime_of(morsel: Any) -> float | None:
    """Return how long the cookie of a ``Morsel`` lives, in seconds; None if it says no such thing.

    ``max-age`` goes before ``expires``, which may be such a number, too.

    Raises:
        ValueError: Its ``max-age`` is no number.
    """
    age = morsel["max-age"]
    if age or age == 0:
        try:
            return float(int(age))
        except (TypeError, ValueError):
            raise ValueError(
                f"the max-age of cookie {morsel.key!r} is no number of seconds"
            ) from None
    expires = morsel["expires"]
    if isinstance(expires, int | float):
        return float(expires)
    return None


def morsel_parts(morsel: Any) -> dict[str, Any]:
    """Return the arguments for ``make_cookie``, but for an end that depends on the time.

    Raises:
        ValueError: Its ``expires`` is no date.
    """
    expires: float | None = None
    text = morsel["expires"]
    if text and isinstance(text, str) and not morsel["max-age"]:
        expires = parse_date(text)
        if expires is None:
            raise ValueError(f"the expires of cookie {morsel.key!r} is no date")
    return {
        "name": morsel.key,
        "value": morsel.value,
        "domain": morsel["domain"] or "",
        "path": morsel["path"] or "/",
        "secure": bool(morsel["secure"]),
        "http_only": bool(morsel["httponly"]),
        "same_site": str(morsel["samesite"] or "").capitalize(),
        "expires": expires,
    }
