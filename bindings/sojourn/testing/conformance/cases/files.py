"""Files on a disk, as content."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def file_of(content: bytes, position: int = 0, cut: int | None = None) -> Callable[..., Any]:
    """Return what makes a file.

    Args:
        content: What it holds.
        position: Where it stands.
        cut: To how many bytes it is cut, once its length was looked at; None for not at all.
    """

    def make(flags: Any) -> Any:
        made: Any = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it is closed as the case ends
        made.write(content)
        made.seek(position)
        flags.files.append((made, cut))
        return made

    return make
