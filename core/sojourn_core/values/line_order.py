"""The order of many field lines, each of which is found and removed in one step.

A list is enough for the few lines of most messages: it is gone through as fast as anything is
looked up. In a long one each change would take a step for each line.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeAlias

Line: TypeAlias = tuple[str, str]


class LineOrder:
    """Lines by serial number, in their order, and the serial numbers of each name.

    Args:
        lines: Name and value of each line.
    """

    __slots__ = ("_last", "_lines", "_serials")

    def __init__(self, lines: list[Line]) -> None:
        self._lines: dict[int, Line] = {}
        # In the order of each name's first line. OrderedDict finds its first key in one step, also
        # after many were removed there.
        self._serials: OrderedDict[str, list[int]] = OrderedDict()
        self._last = 0
        for line in lines:
            self.append(line[0].lower(), line)

    def lines(self) -> list[Line]:
        """Return the lines in their order, as a list of the caller's."""
        return list(self._lines.values())

    def first_name(self) -> str:
        """Return the name of the first line; there must be one."""
        serials = next(iter(self._serials.values()))
        return self._lines[serials[0]][0]

    def append(self, lowered: str, line: Line) -> None:
        """Add a line behind all others.

        Args:
            lowered: Its name in lower case.
            line: Its name and its value.
        """
        self._last += 1
        self._lines[self._last] = line
        self._serials.setdefault(lowered, []).append(self._last)

    def replace(self, lowered: str, line: Line) -> None:
        """Put a line where the first of its name stands, and remove the others of that name."""
        serials = self._serials[lowered]
        self._lines[serials[0]] = line
        for serial in serials[1:]:
            del self._lines[serial]
        del serials[1:]

    def remove(self, lowered: str) -> None:
        """Remove every line of a name."""
        for serial in self._serials.pop(lowered):
            del self._lines[serial]
