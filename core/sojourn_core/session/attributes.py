"""The attributes of a session that its users set: what None stands for, and what is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sojourn_core.values.errors import not_taken

if TYPE_CHECKING:
    from collections.abc import Callable

Got_co = TypeVar("Got_co", covariant=True)
Given_contra = TypeVar("Given_contra", contravariant=True)


class Setting(Generic[Got_co, Given_contra]):
    """An attribute that is looked at when it is set: None leaves nothing set.

    It has no ``__get__``, so reading the attribute costs nothing.

    Args:
        taken: What is taken, as a message says it.
        takes: ``takes(value)`` says if a value is of that kind.
        nothing: ``nothing(session)`` is what None stands for.
    """

    __slots__ = ("_name", "_nothing", "_taken", "_takes")

    def __init__(
        self, taken: str, takes: Callable[[Any], bool], nothing: Callable[[Any], Any]
    ) -> None:
        self._name = ""
        self._taken = taken
        self._takes = takes
        self._nothing = nothing

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    if TYPE_CHECKING:

        def __get__(self, session: object, owner: type | None = None) -> Got_co: ...

    def __set__(self, session: Any, value: Given_contra) -> None:
        """Set the attribute.

        Raises:
            InvalidArgument: It takes no such value. The message has its type alone, for a value may
                be secret.
        """
        if value is None:
            value = self._nothing(session)
        elif not self._takes(value):
            raise not_taken(f"session.{self._name}", self._taken, value)
        session.__dict__[self._name] = value


def setting(taken: str, takes: Callable[[Any], bool], nothing: Callable[[Any], Any]) -> Any:
    """Return a ``Setting`` for an attribute that is annotated with what reading it gives."""
    made: Setting[Any, Any] = Setting(taken, takes, nothing)
    return made


def is_pairs(value: Any) -> bool:
    """Tell whether it may be a mapping or an iterable of pairs."""
    return hasattr(value, "items") or (
        isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray))
    )


def is_query(value: Any) -> bool:
    """Tell whether it may be added to a query: text, a mapping, or pairs."""
    return isinstance(value, (str, bytes)) or is_pairs(value)


def is_hooks(value: Any) -> bool:
    """Tell whether it maps events to a function, or to functions."""
    if not isinstance(value, Mapping):
        return False
    given: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType] - it is the caller's
    return all(
        not hooks or callable(hooks) or isinstance(hooks, Iterable) for hooks in given.values()
    )


def is_count(value: Any) -> bool:
    """Tell whether it is a whole number."""
    return isinstance(value, int)


def is_empty_or_mapping(value: Any) -> bool:
    """Tell whether it is a mapping, or anything that is empty."""
    return not value or isinstance(value, Mapping)
