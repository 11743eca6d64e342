"""The command that ends a machine with an error, on either level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sojourn_core.values.errors import RequestException

    from .effects import Effects


@dataclass(slots=True)
class Fail:
    """It cannot be done: the error is for the user. The machine is complete."""

    error: RequestException
    effects: Effects | None = None
