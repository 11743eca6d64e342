"""Memory that a process holds, and the most that it has held."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_RESET: Final = Path("/proc/self/clear_refs")


def _read(name: str) -> int | None:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(f"{name}:")), None)
    return None if found is None else int(found.split()[1]) * 1024


def start() -> int:
    """Begin to watch: return what is held now, in bytes, which is the most from here on.

    Where there is no ``/proc`` the most since the start of the process takes its place.
    """
    with contextlib.suppress(OSError):
        _RESET.write_text("5")  # proc(5): the peak is what is held now.
    held = _read("VmRSS")
    return peak() if held is None else held


def peak() -> int:
    """Return the most that was held, in bytes."""
    most = _read("VmHWM")
    if most is not None:
        return most
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024
