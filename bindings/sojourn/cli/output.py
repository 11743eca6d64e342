"""Where the program writes, and how it looks.

Colours come from rich, if it is installed (the extra ``cli``), if the stream is a terminal, and if
NO_COLOR is not set (no-color.org). In all other cases the same lines are written without them.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .story import Line

STYLES: Final = {
    "title": "bold",
    "request": "bold cyan",
    "sent": "",
    "response": "bold",
    "decision": "green",
    "problem": "bold red",
    "kept": "green",
    "text": "",
}


class Output:
    """One stream of text.

    Args:
        stream: Where to write.
        colour: False for plain lines, whatever the stream is.
    """

    def __init__(self, stream: TextIO, *, colour: bool = True) -> None:
        self._stream = stream
        self._console = _console(stream) if colour else None

    def line(self, text: str = "", kind: str = "text") -> None:
        """Write one line; what a server sent into it is made harmless for terminals."""
        text = printable(text)
        if self._console is None:
            self._stream.write(self._encodable(text) + "\n")
            return
        made, console = self._console
        console.print(made(text, style=STYLES[kind]), soft_wrap=True)

    def lines(self, lines: Iterable[Line]) -> None:
        """Write lines of a story."""
        for line in lines:
            self.line(line.text, line.kind)

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()

    def _encodable(self, text: str) -> str:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)


def _console(stream: TextIO) -> tuple[Any, Any] | None:
    """rich's way of writing text, and a console for the stream; None for plain lines."""
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return None
    try:
        console = import_module("rich.console").Console(file=stream, highlight=False)
        return import_module("rich.text").Text, console
    except ImportError:
        return None


def printable(text: str) -> str:
    """Text in which each character that could steer a terminal is written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def leave_pipe() -> None:
    """Nobody reads the output any more: let the interpreter not stumble over that when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        with contextlib.suppress(OSError, ValueError):  # Not a file of the system: left alone.
            os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
