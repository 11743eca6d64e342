"""The transports of a session, by URL prefix."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import not_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Mounted = tuple[tuple[str, Any], ...]


class Mounts(MutableMapping[str, Any]):
    """Transports by URL prefix, the longest prefix first, those of one length as they were mounted.

    They are sorted when they are read, so that n mounts take n log n steps. A reader sees them as
    they were when it began, whatever other threads mount meanwhile.

    Args:
        mounted: A mapping or pairs.

    Attributes:
        ordered: Pairs of prefix, in lower case, and transport; None if they have to be sorted.
        schemes: Transport by prefix, if each of these is a scheme and "://", as most sessions have
            it; empty if they have to be sorted, or some prefix says more.
    """

    def __init__(self, mounted: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self._by_prefix: dict[str, Any] = dict(mounted)
        self._changes = 0
        self.ordered: Mounted | None = None
        self.schemes: dict[str, Any] = {}

    def in_order(self) -> Mounted:
        """Return what ``ordered`` has, after sorting where that is needed."""
        ordered = self.ordered
        if ordered is None:
            changes = self._changes
            by_prefix = self._by_prefix.copy()  # In one step: other threads may be mounting.
            ordered = tuple(
                (prefix.lower(), by_prefix[prefix]) for prefix in _longest_first(by_prefix)
            )
            self.ordered = ordered
            if all(prefix.partition("://")[1:] == ("://", "") for prefix, _ in ordered):
                self.schemes = dict(ordered)
            if self._changes != changes:
                self.ordered, self.schemes = None, {}
        return ordered

    def _changed(self) -> None:
        self._changes += 1
        self.ordered, self.schemes = None, {}

    def __getitem__(self, prefix: str) -> Any:
        return self._by_prefix[prefix]

    def __setitem__(self, prefix: str, transport: Any) -> None:
        self._by_prefix[prefix] = transport
        self._changed()

    def __delitem__(self, prefix: str) -> None:
        del self._by_prefix[prefix]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(_longest_first(self._by_prefix.copy()))

    def __len__(self) -> int:
        return len(self._by_prefix)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"

    def copy(self) -> Mounts:
        """Return other mounts of the same transports."""
        return type(self)(self)


class MountsSetting:
    """The attribute ``adapters`` of a session: None leaves no transports.

    It has no ``__get__``, so reading the attribute costs nothing.
    """

    if TYPE_CHECKING:

        def __get__(self, session: object, owner: type | None = None) -> Mounts: ...

    def __set__(self, session: Any, adapters: Mapping[str, Any] | None) -> None:
        """Set the transports; those of a mapping of another kind are copied.

        Raises:
            InvalidArgument: It is no mapping.
        """
        if adapters is None:
            kept = Mounts()
        elif isinstance(adapters, Mounts):
            kept = adapters
        elif hasattr(adapters, "items"):
            kept = Mounts(adapters)
        else:
            raise not_taken("session.adapters", "a mapping of transports by URL prefix", adapters)
        session.__dict__["adapters"] = kept


def _longest_first(by_prefix: dict[str, Any]) -> list[str]:
    return sorted(by_prefix, key=len, reverse=True)  # In reverse, too, equals keep their order.
