"""Hooks: the user's functions that see each response (Requests' ``hooks``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

Hook: TypeAlias = Callable[..., Any]
Hooks: TypeAlias = dict[str, list[Hook]]

HOOKS: Final = ["response"]


def default_hooks() -> Hooks:
    """Return a fresh mapping with no hooks for each event."""
    return {"response": []}


def hooks_for(event: str, hooks: Any) -> list[Hook]:
    """List the functions registered for an event; a single one may stand without a list."""
    found = hooks.get(event) if hooks else None
    if not found:
        return []
    if callable(found):
        return [found]
    return list(found)


class HookRegistry:
    """Base of ``Request`` and ``PreparedRequest``, which have hooks."""

    hooks: Hooks

    def register_hook(self, event: str, hook: Hook | Iterable[Hook]) -> None:
        """Add a hook, or several, to those of an event.

        Raises:
            ValueError: There is no such event.
        """
        if event not in self.hooks:
            raise ValueError(f'Unsupported event specified, with event name "{event}"')
        if callable(hook):
            self.hooks[event].append(hook)
        elif hasattr(hook, "__iter__"):  # Anything else is ignored, as in Requests.
            self.hooks[event].extend(one for one in hook if callable(one))

    def deregister_hook(self, event: str, hook: Hook) -> bool:
        """Remove a hook; return whether it was registered."""
        try:
            self.hooks[event].remove(hook)
        except ValueError:
            return False
        return True
