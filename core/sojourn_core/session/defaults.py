"""The fields that a session sends if nothing else is said."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sojourn_core.values.content.coding import accept_encoding
from sojourn_core.values.fields import Fields
from sojourn_core.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from sojourn_core.values.fields import FieldLine

    # The lines of a session that were checked, what is sent of them, and that by name.
    Checked: TypeAlias = tuple[list[FieldLine], Fields, Mapping[str, str]]


def default_user_agent(name: str = "sojourn") -> str:
    """Return the User-Agent that is sent if nothing else is said."""
    return f"{name}/{__version__}"


def default_headers() -> Fields:
    """Return the fields that a session sends if nothing else is said."""
    return checked_defaults()[1].copy()


def checked_defaults() -> Checked:
    """Return these fields as a session keeps its own once they were checked: they can be sent."""
    return _with_codings(accept_encoding())


@lru_cache(1)  # All sessions share them, until one of them changes its own.
def _with_codings(codings: str) -> Checked:
    fields = Fields(
        [
            ("User-Agent", default_user_agent()),
            ("Accept-Encoding", codings),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
        ]
    )
    return fields.lines, fields, fields.by_name()
