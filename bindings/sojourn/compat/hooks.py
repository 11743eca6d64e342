"""Hooks, as in Requests: functions that are called with each response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.hooks import HOOKS, default_hooks

if TYPE_CHECKING:
    from .arguments import Hooks
    from .models import Response

__all__ = ["HOOKS", "default_hooks", "dispatch_hook"]


def dispatch_hook(key: str, hooks: Hooks | None, hook_data: Response, **kwargs: Any) -> Response:
    """Call each function that is registered for an event with ``hook_data``.

    Args:
        key: The event.
        hooks: A function or a list of them by event; None for none. A function may append another
            to the list, which is called as well.
        hook_data: The response.
        **kwargs: Given to each function.

    Returns:
        The response, or its replacement: a value other than None that a function returns is given
        to the next one.
    """
    found = hooks.get(key) if hooks else None
    if not found:
        return hook_data
    for hook in [found] if callable(found) else found:
        replacement = hook(hook_data, **kwargs)
        if replacement is not None:
            hook_data = replacement
    return hook_data
