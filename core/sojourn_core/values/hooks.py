"""Hooks: the user's functions that see each response (Requests' ``hooks``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

Hook: TypeAlias = Callable[..., Any]
Hooks: TypeAlias = dict[str, list[Hook]]

HOOKS: Final = ["response"]


def default_hooks() -> Hooks:
    """No hooks, for each event that there is."""
    return {"response": []}


def hooks_for(event: str, hooks: Any) -> list[Hook]:
    """The functions registered for an event; one that stands alone counts as a list of one."""
    found = hooks.get(event) if hooks else None
    if not found:
        return []
    if callable(found):
        return [found]
    return list(found)


class HookRegistry:
    """What has hooks: ``Request`` and ``PreparedRequest``."""

    hooks: Hooks

    def register_hook(self, event: str, hook: Hook | Iterable[Hook]) -> None:
        """Call this for the event, or each of these.

        Raises:
            ValueError: For an event that there is not.
        """
        if event not in self.hooks:
            raise ValueError(f'Unsupported event specified, with event name "{event}"')
        if callable(hook):
            self.hooks[event].append(hook)
        elif hasattr(hook, "__iter__"):  # Else it is none, as in Requests.
            self.hooks[event].extend(one for one in hook if callable(one))

    def deregister_hook(self, event: str, hook: Hook) -> bool:
        """Call this no more; whether it was registered."""
        try:
            self.hooks[event].remove(hook)
        except ValueError:
            return False
        return True
