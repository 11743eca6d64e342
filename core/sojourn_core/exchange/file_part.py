"""Content in a file on a disk, most of which the driver sends without bringing it to the process.

It goes in pieces, between which the exchange can see the peer answer. The end of the file is pulled
and written like any other content, because only reading tells that it is the end. So is the rest
once the peer has answered: what it takes in then is watched more closely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .commands import WriteFile

if TYPE_CHECKING:
    from sojourn_core.values.content.content import Content

    from .codec import Message

PIECE_SIZE: Final = 1024 * 1024
TAIL_SIZE: Final = 64 * 1024


class FilePart:
    """The part of a file that is sent from where it lies.

    Args:
        content: Content that has a ``file``.
        size: How many bytes of it are sent so.

    Attributes:
        sent: How many were sent.
    """

    __slots__ = ("_asked", "_content", "_left", "sent")

    def __init__(self, content: Content, size: int) -> None:
        self._content = content
        self._left = size
        self.sent = 0
        self._asked = 0

    def go_on(self, message: Message, deadline: float) -> WriteFile | None:
        """Count the piece that went out last, and return the command that sends the next.

        Returns:
            None if the rest of the content is to be pulled.

        Raises:
            InvalidContent: If more was sent than the length that was declared.
        """
        if self._asked:
            self.settle(self._asked, message)
        content = self._content
        self._asked = 0 if message.head is not None else min(self._left, PIECE_SIZE)
        if not self._asked:
            self._left = 0
            return None
        return WriteFile(content.file, content.start + self.sent, self._asked, deadline)

    def settle(self, size: int, message: Message) -> None:
        """Count what went out of the last piece, and leave it out of what is pulled."""
        self._asked = 0
        message.count(size)
        self._left -= size
        self.sent += size
        self._content.skip(self.sent)


def file_part(content: Content, length: int | None) -> FilePart | None:
    """Return the part of the content that can be sent from its file; None if there is none.

    Args:
        content: The content.
        length: Its length as the head declares it; None for content in chunks.
    """
    if length is None or length != content.length or content.file is None:
        return None
    return FilePart(content, length - TAIL_SIZE) if length > TAIL_SIZE else None
