"""Lines of content as Requests gives them, which depend on where its pieces end (Q25)."""

from __future__ import annotations

from typing import Any, AnyStr

from sojourn_core.values.content.text import LineSplitter


class ChunkLines(LineSplitter[AnyStr]):
    """A splitter of text or bytes that arrive in pieces, each of which is split by itself.

    Without a delimiter it splits as ``splitlines`` does, which for text ends lines at ten
    characters; where CRLF is cut there is an empty line more. With a delimiter, a piece that ends
    with one is followed by an empty line.
    """

    __slots__ = ()

    def feed(self, data: AnyStr) -> list[AnyStr]:
        """Return the lines that ``data`` completes, without their ends."""
        if not data:
            return []
        if self._delimiter is not None:
            self._begun = True
            lines = self._split(data, self._delimiter)
            if not (self._parts or self._carry):
                lines.append(data[:0])
                self._carry = None
            return lines
        found: list[Any] = data.splitlines()
        # No line holds a line end: if the last ends as the data does, its end is still to come.
        rest = found.pop() if found[-1] and found[-1][-1] == data[-1] else None
        if found and self._parts:
            found[0] = self._join(found[0])
        if rest is not None:
            self._parts.append(rest)
        return found
