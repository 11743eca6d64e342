"""The content of a request within a stack of another's, and what user code raises there.

Such a stack takes an ``OSError`` for one of the network, wherever it comes from: it would be
wrapped, or passed over. So it is shown an error that it does not know, and the driver takes out
what is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .content import Content


class ContentError(Exception):
    """User code has raised an error while the content of a request was read.

    Args:
        error: It.

    Attributes:
        error: The same.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def shielded(content: Content) -> Iterator[bytes]:
    """Yield the chunks of content that is streamed, from where it stands.

    Raises:
        ContentError: User code has raised an error.
    """
    try:
        yield from content.chunks()
    except Exception as error:
        raise ContentError(error) from error


async def shielded_async(content: Content) -> AsyncIterator[bytes]:
    """Yield the chunks as ``shielded`` does, of sync and async content alike."""
    try:
        async for chunk in content.achunks():
            yield chunk
    except Exception as error:
        raise ContentError(error) from error
