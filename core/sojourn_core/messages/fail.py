"""The command that ends a machine with an error, on either level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.brief import Brief
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from .effects import Effects


@record()
class Fail(Brief, Value):
    """It cannot be done: the error is for the user. The machine is complete.

    It is a ``RequestException``, or the very error that user code has raised in a call.
    """

    error: Exception
    effects: Effects | None = None
