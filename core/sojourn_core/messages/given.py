"""Content that a response is given, and did not receive from an exchange.

Drivers over a stack of somebody else's (a browser's fetch, another client) have the head and the
content of a response, and tests have both made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sojourn_core.values.fields import Fields
from sojourn_core.values.head import ResponseHead
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.status import reason_for

from .decided import Decided

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.content.pipeline import Pipeline
    from sojourn_core.values.fields import FieldsInput
    from sojourn_core.values.limits import Limits

    from .request import PreparedRequest


def head_of(
    status: int, fields: FieldsInput | None = None, reason: str | None = None
) -> ResponseHead:
    """Build the head of a response.

    Args:
        status: Three digits.
        fields: Field lines: a mapping, or pairs; names may repeat in pairs.
        reason: The reason phrase; that of RFC 9110 section 15 if it is not given.
    """
    if reason is None:
        reason = reason_for(status)
    return ResponseHead(status, Fields(fields), reason)


class ContentReceiver:
    """Takes the content of a response piece by piece.

    Args:
        pipeline: Removes content codings, and holds the content to its limit.
        keep: Is told the whole content and the trailers.
    """

    __slots__ = ("_keep", "_pieces", "_pipeline")

    def __init__(self, pipeline: Pipeline, keep: Callable[[bytes, Fields | None], object]) -> None:
        self._pipeline = pipeline
        self._keep = keep
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take some bytes.

        Raises:
            ContentDecodingError: They do not fit the content coding.
            ContentTooLarge: They are more than the limits allow.
        """
        self._pieces.extend(self._pipeline.feed(data))

    def finish(self, trailers: FieldsInput | None = None) -> None:
        """End the content: from here on, the response has it.

        Args:
            trailers: Field lines that came after it.

        Raises:
            ContentDecodingError: The content coding has not ended.
        """
        self._pieces.extend(self._pipeline.finish())
        self._keep(b"".join(self._pieces), None if trailers is None else Fields(trailers))


def _leave(data: bytes, trailers: Fields | None) -> None:
    """Leave the content as it is."""


class Given(Decided):
    """The part of a response that takes a head and content from elsewhere than an exchange."""

    def __init__(
        self, head: ResponseHead | None, request: PreparedRequest | None, limits: Limits
    ) -> None:
        raise NotImplementedError

    @classmethod
    def of(
        cls,
        status: int,
        fields: FieldsInput | None = None,
        content: bytes = b"",
        *,
        request: PreparedRequest | None = None,
        reason: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Self:
        """Build a response, as a test needs it.

        Args:
            status: Three digits.
            fields: Field lines: a mapping, or pairs; names may repeat in pairs.
            content: The content as it would be received: content codings are removed from it.
            request: The request that it answers; a call that has sent one fills it in.
            reason: The reason phrase; that of RFC 9110 section 15 if it is not given.
            limits: Limits on the size of its content, and on its content codings.

        Raises:
            ContentDecodingError: The content does not fit its content coding.
        """
        response = cls(head_of(status, fields, reason), request, limits)
        response.give(content)
        return response

    def give(
        self, data: bytes, *, decoded: bool = False, trailers: FieldsInput | None = None
    ) -> None:
        """Give the response its whole content.

        Args:
            data: All of it.
            decoded: Content codings were removed already.
            trailers: Field lines that came after it.

        Raises:
            StreamConsumedError: The content was read before, and not kept.
            ContentDecodingError: The content does not fit its content coding.
            ContentTooLarge: It is larger than the limits allow.
        """
        receiver = self.receiver(decoded=decoded)
        receiver.feed(data)
        receiver.finish(trailers)

    def receiver(self, *, decoded: bool = False) -> ContentReceiver:
        """Return what takes the content piece by piece.

        A response that has its content already keeps it, whatever its receiver is fed.

        Args:
            decoded: Content codings were removed already.

        Raises:
            StreamConsumedError: The content was read before, and not kept.
        """
        pipeline = self.pipeline(None, decoded=decoded)
        known = self.claim_content()
        return ContentReceiver(pipeline, _leave if known else self.set_content)

    # --- what a response has --------------------------------------------------------------------

    def claim_content(self) -> bool:
        """Claim the content for one reader."""
        raise NotImplementedError

    def pipeline(
        self, chunk_size: int | None, *, as_text: bool = False, decoded: bool = False
    ) -> Pipeline:
        """Build the pipeline that turns received content into pieces for its reader."""
        raise NotImplementedError

    def set_content(self, data: bytes, trailers: Fields | None) -> None:
        """Set the whole content, and the trailer fields after it."""
        raise NotImplementedError
