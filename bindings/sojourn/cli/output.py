"""The streams that the program writes to, and the looks of its lines.

Colours come from rich, if it is installed (the extra ``cli``), if the stream is a terminal, and if
NO_COLOR is not set (no-color.org). In all other cases the same lines are written without them.
"""

from __future__ import annotations

import contextlib
import errno
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TextIO

from . import codes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

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
        stream: Where to write; None if the process was started without it.
        colour: False for plain lines, whatever the stream is.

    Raises:
        BrokenPipeError: By each method, if nobody reads the stream any more.
        Ending: By each method, if the stream cannot be written for another reason.
    """

    def __init__(self, stream: TextIO | None, *, colour: bool = True) -> None:
        self._stream = stream
        self._console = _console(stream) if colour and stream is not None else None

    def line(self, text: str = "", kind: str = "text") -> None:
        """Write one line; what a server sent into it is made harmless for terminals."""
        text = printable(text)
        with written():
            stream = opened(self._stream)
            text = encodable(text, stream)
            if self._console is None:
                stream.write(text + "\n")
                return
            made, console = self._console
            console.print(made(text, style=STYLES[kind]), soft_wrap=True)

    def lines(self, lines: Iterable[Line]) -> None:
        """Write lines of a story."""
        for line in lines:
            self.line(line.text, line.kind)

    def flush(self) -> None:
        """Hand on what was written."""
        with written():
            if self._stream is not None:
                self._stream.flush()


class Problems(Output):
    """Standard error: what is said there is lost if nobody listens, and nothing else is."""

    def line(self, text: str = "", kind: str = "text") -> None:
        """Write one line, and hand it on at once."""
        try:
            super().line(text, kind)
            super().flush()
        except (BrokenPipeError, codes.Ending):
            abandon(self._stream)

    def text(self, text: str) -> None:
        """Write text of several lines, as it is."""
        try:
            with written():
                stream = opened(self._stream)
                stream.write(encodable(text, stream))
        except (BrokenPipeError, codes.Ending):
            abandon(self._stream)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            super().flush()
        except (BrokenPipeError, codes.Ending):
            abandon(self._stream)


@contextlib.contextmanager
def written(place: str = "the output") -> Generator[None]:
    """Tell what is in the way of writing.

    Args:
        place: What is written to, for the message.

    Raises:
        BrokenPipeError: As it is.
        Ending: For every other error of the system.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        why = error.strerror or error
        raise codes.Ending(codes.NOT_WRITTEN, f"{place} cannot be written: {why}") from error


def opened(stream: TextIO | None) -> TextIO:
    """Return a standard stream of the process.

    Raises:
        OSError: The process was started without it.
    """
    if stream is None:
        raise OSError(errno.EBADF, "it is closed")
    return stream


def encodable(text: str, stream: TextIO) -> str:
    """Return text with an escape for each character that the stream's encoding does not have."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def printable(text: str) -> str:
    """Return text with an escape for each character that could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def abandon(stream: TextIO | None) -> None:
    """Let a stream go, so that the interpreter does not stumble over what it will not take."""
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):  # ValueError: it is closed.
        empty_into_nothing(stream)


def empty_into_nothing(stream: TextIO | None) -> None:
    """Put the null device behind a stream, for what it still holds."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # It is no file of the system.
        descriptor = opened(stream).fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, descriptor)
        finally:
            os.close(nowhere)


def _console(stream: TextIO) -> tuple[Any, Any] | None:
    """Return rich's class of text, and a console for the stream; None for plain lines."""
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return None
    try:
        console = import_module("rich.console").Console(file=stream, highlight=False)
        return import_module("rich.text").Text, console
    except ImportError:
        return None
