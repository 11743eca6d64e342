"""Hooks, as Requests has them: functions that see each response."""

from __future__ import annotations

from typing import Any

from sojourn_core.values.hooks import HOOKS, default_hooks

__all__ = ["HOOKS", "default_hooks", "dispatch_hook"]


def dispatch_hook(key: str, hooks: Any, hook_data: Any, **kwargs: Any) -> Any:
    """Show ``hook_data`` to each function that is registered for an event.

    Args:
        key: The event.
        hooks: By event, a function or several; None for none. A function that registers one more
            in the same list has it called as well.
        hook_data: The response.
        **kwargs: Given to each function.

    Returns:
        The response, or what the functions put in its place: one that returns something other than
        None decides what the next one sees.
    """
    found = hooks.get(key) if hooks else None
    if not found:
        return hook_data
    for hook in [found] if callable(found) else found:
        replacement = hook(hook_data, **kwargs)
        if replacement is not None:
            hook_data = replacement
    return hook_data
