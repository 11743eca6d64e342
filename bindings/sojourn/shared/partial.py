"""Content that breaks off: an error has what came of it and was not handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.errors import RequestException

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sojourn_core.values.content.text import LineSplitter


def joined(pieces: Iterable[bytes]) -> bytes:
    """Join pieces of content as they are read.

    Raises:
        RequestException: What reading raises; it has the pieces that came before.
    """
    kept: list[bytes] = []
    try:
        kept.extend(pieces)
    except RequestException as error:
        put_before(error, b"".join(kept))
        raise
    return b"".join(kept)


def put_before(error: RequestException, came: Any) -> None:
    """Put content that was not handed out, bytes or text, before what the error has of it."""
    error.partial = came + (error.partial or came[:0])


class Unended:
    """A block that reads lines: an error of it has the line whose end has not come.

    Args:
        splitter: What the block feeds.
    """

    def __init__(self, splitter: LineSplitter[Any]) -> None:
        self._splitter = splitter

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, RequestException) and (line := self._splitter.finish()) is not None:
            put_before(error, line)
