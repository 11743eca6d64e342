"""Values that are shown in short: what is as always is left out, and so is what nobody reads.

A command is printed by whoever writes a driver, in logs and in failing tests. It has to fit a line,
and must not show the bytes of a message, which may hold anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .record import MISSING, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTED_MAX: Final = 3  # Of a longer tuple its length is shown.


class Brief:
    """A record that shows the fields that are not at their default; see ``brief_value``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown())})"

    def _shown(self) -> Iterable[str]:
        for name, given in fields_of(self).items():
            value = getattr(self, name)
            default = given.default if given.factory is MISSING else given.factory()
            if given.repr and value is not default and value != default:
                yield f"{name}={brief_value(value)}"


def brief_value(value: Any) -> str:
    """Show a value in short: of bytes their number, of a long tuple its length."""
    shown: Any = value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(shown)} bytes>"
    if isinstance(value, tuple) and len(shown) > LISTED_MAX and not hasattr(shown, "_fields"):
        return f"<{len(shown)} of them>"
    return repr(shown)
