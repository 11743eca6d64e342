"""Decoding the content of a response, coding by coding, a piece at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import ContentDecodingError, DecompressionLimit
from sojourn_core.values.limits import KIB

from .codec import codec_for, is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sojourn_core.values.limits import Limits

    from .codec import Codec

# Encoded octets handed to a codec at once. zlib copies what it has not used yet after each piece,
# which for a large input and small pieces would take quadratic time.
_INPUT_SIZE: Final = 16 * KIB

_ALIASES: Final = {"x-gzip": "gzip"}  # Recipients "SHOULD consider" them equal: RFC 9110 8.4.1.3.
_WITH_MEMBERS: Final = frozenset({"gzip", "zstd"})


class _Layer:
    """One coding: encoded octets are pushed in, decoded pieces are pulled out.

    A stream is a sequence of members, one after the other; deflate and br have just one.
    """

    __slots__ = ("_codec", "_input", "_members", "_members_max", "_rest", "begun", "coding")

    def __init__(self, coding: str, limits: Limits) -> None:
        self.coding = coding
        self.begun = False
        self._codec: Codec | None = None
        self._input: deque[memoryview] = deque()
        self._rest = b""  # Input that was taken already and comes before that.
        self._members = 0
        self._members_max = limits.coding_members_max if coding in _WITH_MEMBERS else 1

    def push(self, data: bytes) -> None:
        """Take in encoded octets (one at least), to be decoded later."""
        self._input.append(memoryview(data))
        self.begun = True

    def pull(self, most: int) -> bytes:
        """The next decoded piece, of ``most`` octets at most; empty if that needs more input."""
        while True:
            codec = self._codec or self._open()
            if codec is None:
                return b""
            data = b""
            if codec.hungry and not (data := self._take()):
                return b""
            try:
                piece = codec.decompress(data, most)
            except codec.error as error:
                raise ContentDecodingError(f"content is not {self.coding}: {error}") from error
            if codec.eof:
                self._rest = codec.unused_data
                self._codec = None
            if piece:
                return piece

    @property
    def complete(self) -> bool:
        """Whether the stream may end here."""
        return not self.begun or (self._codec is None and self._members > 0)

    def _open(self) -> Codec | None:
        """The codec of the next member, or None if there is no sign of one yet."""
        data = self._take()
        if self._members and self.coding == "gzip":
            # Zeros may fill up the last block of what was once a tape.
            while data and not (data := data.lstrip(b"\0")):
                data = self._take()
        if self.coding == "deflate" and not self._members and len(data) == 1:
            data += self._take()  # Which kind it is can be told from two octets only.
            if len(data) == 1:
                self._rest = data
                data = b""
        if not data:
            return None
        if self._members == self._members_max:
            if self.coding not in _WITH_MEMBERS:
                raise ContentDecodingError(f"octets follow the end of the {self.coding} content")
            raise DecompressionLimit(
                f"the {self.coding} content has more than {self._members_max} members"
            )
        self._members += 1
        self._rest = data
        self._codec = codec_for(self.coding, data)
        return self._codec

    def _take(self) -> bytes:
        """The next octets of the input; empty if there are none."""
        if rest := self._rest:
            self._rest = b""
            return rest
        if not self._input:
            return b""
        head = self._input.popleft()
        if len(head) > _INPUT_SIZE:
            self._input.appendleft(head[_INPUT_SIZE:])
        return bytes(head[:_INPUT_SIZE])


class Decoder:
    """Decodes the content of one response; made by ``decoder_for``.

    Pieces are decoded while the iterators that ``feed`` and ``finish`` return are advanced. What
    an iterator that was left early has not decoded comes first out of the next one.
    """

    __slots__ = ("_decoded", "_encoded", "_layers", "_limits")

    def __init__(self, codings: Iterable[str], limits: Limits) -> None:
        self._limits = limits
        # The last coding named was applied last, so it comes off first (RFC 9110 section 8.4).
        self._layers = [_Layer(coding, limits) for coding in codings][::-1]
        self._decoded = [0] * len(self._layers)
        self._encoded = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take in some of the content as it was sent; its decoded pieces.

        Raises:
            ContentDecodingError: The content does not fit its codings.
            DecompressionLimit: It grows beyond the limits. Both are raised by the iterator.
        """
        if data:
            self._encoded += len(data)
            self._layers[0].push(data)
        return self._pieces()

    def finish(self) -> Iterator[bytes]:
        """The end of the content: what is left of it.

        The iterator raises as that of ``feed`` does, and ``ContentDecodingError`` at its end if
        the content was cut short. No octets at all are no content, and no error.
        """
        yield from self._pieces()
        for layer in self._layers:
            if not layer.complete:
                raise ContentDecodingError(
                    f"content ends before the {layer.coding} coding is complete"
                )

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._pull(len(self._layers) - 1):
            yield piece

    def _pull(self, index: int) -> bytes:
        """The next piece of a layer, with the input that it needs from the layer outside it."""
        layer = self._layers[index]
        while not (piece := layer.pull(self._limits.decoded_step_max)):
            if index == 0 or not (data := self._pull(index - 1)):
                return b""
            layer.push(data)
        self._decoded[index] += len(piece)
        self._check_growth(self._decoded[index])
        return piece

    def _check_growth(self, decoded: int) -> None:
        ratio = self._limits.decoded_ratio_max
        if decoded > self._limits.decoded_free and decoded > ratio * self._encoded:
            raise DecompressionLimit(
                f"content grows beyond {ratio} times its encoded size: "
                f"{decoded} octets seen from {self._encoded}"
            )


def decoder_for(codings: Iterable[str], limits: Limits) -> Decoder | None:
    """The decoder that a response needs.

    Args:
        codings: The values of its Content-Encoding lines, in their order.
        limits: How much it may put out, and how many codings there may be.

    Returns:
        A decoder, or None if the content is to be delivered as it is: nothing was applied to it,
        or a coding that is unknown here, which the reader may know (Requests does the same).

    Raises:
        DecompressionLimit: More codings than ``content_codings_max``, over all lines, known or
            not. ``identity`` is none.
    """
    names = [name.strip().lower() for line in codings for name in line.split(",")]
    names = [_ALIASES.get(name, name) for name in names if name not in {"", "identity"}]
    if len(names) > limits.content_codings_max:
        raise DecompressionLimit(
            f"content has {len(names)} codings, more than {limits.content_codings_max}"
        )
    if not names or not all(is_known(name) for name in names):
        return None
    return Decoder(names, limits)
