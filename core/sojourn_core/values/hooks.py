"""Hooks: the user's functions that see each response (Requests' ``hooks``).

Those of ``response`` see responses, which a call hands to them. Those of ``informational`` see the
1xx responses before (RFC 9110 section 15.2), where they arrive: each is called with a response that
has a head and no content, and what it returns does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, TypeAlias

Hook: TypeAlias = Callable[..., Any]
Hooks: TypeAlias = dict[str, list[Hook]]

HOOKS: Final = ["response"]


NO_HOOKS: Final[Hooks] = {"response": []}  # As requests and sessions have them at first.


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
    """Base of ``Request`` and ``PreparedRequest``, which have hooks.

    Attributes:
        hook_events: The events that there are.
    """

    hook_events: ClassVar[frozenset[str]] = frozenset({"response", "informational"})
    hooks: Hooks

    def register_hook(self, event: str, hook: Hook | Iterable[Hook]) -> None:
        """Add a hook, or several, to those of an event.

        Raises:
            ValueError: There is no such event.
        """
        if event not in self.hooks and event not in self.hook_events:
            raise ValueError(f'Unsupported event specified, with event name "{event}"')
        if callable(hook):
            self.hooks.setdefault(event, []).append(hook)
        elif hasattr(hook, "__iter__"):  # Anything else is ignored, as in Requests.
            self.hooks.setdefault(event, []).extend(one for one in hook if callable(one))

    def deregister_hook(self, event: str, hook: Hook) -> bool:
        """Remove a hook; return whether it was registered."""
        try:
            self.hooks[event].remove(hook)
        except ValueError:
            return False
        return True
