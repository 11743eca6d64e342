"""Requests and ``sojourn.compat`` side by side: what each makes of one input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# The standard library's and urllib3's errors in the places where the other one has another kind.
KINDS: Final = {"NetmaskValueError": "ValueError", "LocationParseError": "InvalidURL"}


def outcome(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a function gives, with its type, or the name of the error that it raises."""
    try:
        result = function(*arguments, **named)
        if isinstance(result, Iterator):
            result = list(result)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is compared
        name = type(error).__name__
        return "raised", KINDS.get(name, name)
    return type(result).__name__, result
