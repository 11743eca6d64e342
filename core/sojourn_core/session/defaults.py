"""The fields that a session sends if nothing else is said."""

from __future__ import annotations

from sojourn_core.values.content.coding import accept_encoding
from sojourn_core.values.fields import Fields
from sojourn_core.version import __version__


def default_user_agent(name: str = "sojourn") -> str:
    """Return the User-Agent that is sent if nothing else is said."""
    return f"{name}/{__version__}"


def default_headers() -> Fields:
    """Return the fields that a session sends if nothing else is said."""
    return Fields(
        [
            ("User-Agent", default_user_agent()),
            ("Accept-Encoding", accept_encoding()),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
        ]
    )
