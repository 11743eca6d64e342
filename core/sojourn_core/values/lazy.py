"""Names of a package that are loaded when somebody first asks for one (PEP 562)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def loader(
    package: str, places: Mapping[str, Iterable[str]], modules: Iterable[str] = ()
) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package, which keeps each name where the next look finds it.

    Args:
        package: Its ``__name__``.
        places: By module, relative to the package or absolute: the names that are taken from it.
        modules: Modules of the package that are names of it as well.
    """
    found_in = {name: module for module, names in places.items() for name in names}
    found_in.update({name: f".{name}" for name in modules})

    def load(name: str) -> Any:
        place = found_in.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: Any = import_module(place, package)
        if place != f".{name}":
            found = getattr(found, name)
        setattr(import_module(package), name, found)
        return found

    return load
