"""Cookies from a dictionary, and back."""

from __future__ import annotations

from typing import Any

from sojourn.compat.cookies import cookiejar_from_dict


def dict_from_cookiejar(cj: Any) -> dict[str, str | None]:
    """Return names and values of the cookies of a jar; the last cookie of a name wins."""
    return {cookie.name: cookie.value for cookie in cj}


def add_dict_to_cookiejar(cj: Any, cookie_dict: Any) -> Any:
    """Add a cookie for each name of a dictionary to a jar, and return it."""
    return cookiejar_from_dict(cookie_dict, cj)
