"""The threads and files that a case leaves behind."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS: Final = 3.0  # The time that sockets and threads have to go away.
PAUSE: Final = 0.001
FILES: Final = Path("/dev/fd")


class Before:
    """The threads and open files of this process before a case."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._files = open_files()

    def left(self) -> Iterator[str]:
        """Wait until all that came since is gone; give a sentence for each thing that stays."""
        until = time.monotonic() + SECONDS
        while (threads := self._new_threads()) and time.monotonic() < until:
            time.sleep(PAUSE)
        if threads:
            yield f"threads are left: {', '.join(each.name for each in threads)}"
        if self._more_files():
            gc.collect()  # A part of a circle is closed late, and is no leak.
        while self._more_files() and time.monotonic() < until:  # Another thread may close it.
            time.sleep(PAUSE)
        if more := self._more_files():
            now = open_files()
            new = sorted(now[each] for each in now if self._files.get(each) != now[each])
            yield f"{more} files are left open; new since the case began: {', '.join(new)}"

    def _new_threads(self) -> list[threading.Thread]:
        return [
            each
            for each in threading.enumerate()
            # Trio keeps the threads that it has used for some seconds.
            if each not in self._threads and not each.name.startswith("Trio thread ")
        ]

    def _more_files(self) -> int:
        return max(0, len(open_files()) - len(self._files))


def open_files() -> dict[str, str]:
    """Map each open file of this process to its name; where the system does not tell, to none."""
    try:
        return {each.name: _name(each) for each in FILES.iterdir()}
    except OSError:
        return {}


def _name(file: Path) -> str:
    """Return the name that the system has for an open file, ``socket:[4711]``, or its number."""
    try:
        return str(file.readlink())
    except OSError:  # It is closed by now, or is no link on this system.
        return file.name
