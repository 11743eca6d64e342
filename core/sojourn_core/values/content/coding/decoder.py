"""Decoding of the content of a response, coding by coding, a piece at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sojourn_core.values.decision import Decision
from sojourn_core.values.errors import ContentDecodingError, DecompressionLimit
from sojourn_core.values.limits import KIB

from .codec import codec_for
from .packages import is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sojourn_core.values.limits import Limits

    from .codec import Codec

# Encoded bytes handed to a codec at once. zlib copies what it has not used yet after each piece,
# which for a large input and small pieces would take quadratic time.
_INPUT_SIZE: Final = 16 * KIB

_ALIASES: Final = {"x-gzip": "gzip"}  # Recipients "SHOULD consider" them equal: RFC 9110 8.4.1.3.
_WITH_MEMBERS: Final = frozenset({"gzip", "zstd"})
# Servers send line breaks and worse after these two, and browsers, Requests and HTTPX read past
# them. Nobody does after br and zstd.
_SURPLUS_IGNORED: Final = frozenset({"gzip", "deflate"})
_GZIP_MAGIC: Final = b"\x1f\x8b\x08"  # With the one method that there is (RFC 1952 2.3.1).


class _Layer:
    """One coding: encoded bytes are pushed in, decoded pieces are pulled out.

    A stream is a sequence of members, one after the other; deflate and br have just one.

    Attributes:
        coding: Its name.
        begun: True once it was given a byte.
        ignored: How many bytes came after the end of the stream, and were dropped.
    """

    __slots__ = (
        "_broken",
        "_codec",
        "_empty_members",
        "_input",
        "_members",
        "_members_max",
        "_rest",
        "_yielded",
        "begun",
        "coding",
        "ignored",
    )

    def __init__(self, coding: str, limits: Limits) -> None:
        self.coding = coding
        self.begun = False
        self.ignored = 0
        self._codec: Codec | None = None
        self._input: deque[memoryview] = deque()
        self._rest = b""  # Input that was taken already and comes before that.
        self._members = 0
        self._empty_members = 0  # In a row, up to now.
        self._members_max = limits.coding_members_max
        self._yielded = False  # The member that is open has given content.
        self._broken: Exception | None = None

    def push(self, data: bytes) -> None:
        """Take in encoded bytes (one at least), to be decoded later."""
        self._input.append(memoryview(data))
        self.begun = True

    def pull(self, most: int) -> bytes:
        """Return the next decoded piece, of ``most`` bytes at most; empty if it needs more input.

        Raises:
            ContentDecodingError: What comes next is corrupt; all that was good before it is given.
            DecompressionLimit: Too many members in a row have no content.
        """
        while True:
            if (broken := self._broken) is not None:
                raise ContentDecodingError(f"content is not {self.coding}: {broken}") from broken
            codec = self._codec or self._open()
            if codec is None:
                return b""
            data = b""
            if codec.hungry and not (data := self._take()):
                return b""
            try:
                piece = codec.decompress(data, most)
            except codec.error as error:
                self._broken = error.with_traceback(None)  # That leads to this layer.
                piece = codec.salvaged
            self._yielded = self._yielded or bool(piece)
            if self._broken is None and codec.eof:
                self._end_member(codec)
            if piece:
                return piece

    @property
    def complete(self) -> bool:
        """True where the stream may end."""
        return not self.begun or (self._codec is None and self._members > 0)

    def finish(self) -> None:
        """Take notice that no more input comes: the start of a magic number is none now."""
        if self._codec is None and self._members and self.coding in _SURPLUS_IGNORED:
            self.ignored += len(self._rest)
            self._rest = b""

    def _end_member(self, codec: Codec) -> None:
        # Members without content cost work and yield nothing for the ratio to measure
        # (CVE-2022-30631). Members with content may be many: a watch sends one for each event.
        self._rest = codec.unused_data
        self._codec = None
        self._empty_members = 0 if self._yielded else self._empty_members + 1
        self._yielded = False
        if self._empty_members > self._members_max and self.coding in _WITH_MEMBERS:
            raise DecompressionLimit(
                f"the {self.coding} content has more than {self._members_max} members in a row"
                " that hold nothing"
            )

    def _open(self) -> Codec | None:
        """Open the next member; None if there is no sign of one yet."""
        data = self._take()
        if self._members and self.coding in _SURPLUS_IGNORED:
            data = self._next_member(data)
        if self.coding == "deflate" and not self._members and len(data) == 1:
            data += self._take()  # Two bytes are needed to tell which kind it is.
            if len(data) == 1:
                self._rest = data
                data = b""
        if not data:
            return None
        if self._members and self.coding not in _WITH_MEMBERS:
            raise ContentDecodingError(f"bytes follow the end of the {self.coding} content")
        self._members += 1
        self._rest = data
        self._codec = codec_for(self.coding, data)
        return self._codec

    def _next_member(self, data: bytes) -> bytes:
        """Return the input from the next gzip member on; drop what is none, and all after it."""
        if self.coding == "gzip" and not self.ignored:
            # Zeros may fill up the last block of what was once a tape.
            while data and not (data := data.lstrip(b"\0")):
                data = self._take()
            while len(data) < len(_GZIP_MAGIC) and (more := self._take()):
                data += more
            if data.startswith(_GZIP_MAGIC):
                return data
            if _GZIP_MAGIC.startswith(data):  # Its start, or nothing.
                self._rest = data
                return b""
        while data:
            self.ignored += len(data)
            data = self._take()
        return b""

    def _take(self) -> bytes:
        """Return the next bytes of the input; empty if there are none."""
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
    """A decoder of the content of one response; made by ``decoder_for``.

    Pieces are decoded while the iterators that ``feed`` and ``finish`` return are advanced. What
    an iterator that was left early has not decoded comes first out of the next one.
    """

    __slots__ = ("_decoded", "_encoded", "_layers", "_limits", "_note", "_noted")

    def __init__(
        self,
        codings: Iterable[str],
        limits: Limits,
        note: Callable[[Decision], object] | None = None,
    ) -> None:
        self._limits = limits
        self._note = note
        self._noted = False
        # The last coding named was applied last, so it comes off first (RFC 9110 section 8.4).
        self._layers = [_Layer(coding, limits) for coding in codings][::-1]
        self._decoded = [0] * len(self._layers)
        self._encoded = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take in some of the content as it was sent; return an iterator of its decoded pieces.

        Raises:
            ContentDecodingError: The content does not fit its codings.
            DecompressionLimit: It grows beyond the limits. Both are raised by the iterator.
        """
        if data:
            self._encoded += len(data)
            self._layers[0].push(data)
        return self._pieces()

    def finish(self) -> Iterator[bytes]:
        """Yield what is left at the end of the content.

        The iterator raises as that of ``feed`` does, and ``ContentDecodingError`` at its end if
        the content was cut short. No bytes at all are no content, and no error.
        """
        yield from self._pieces()
        for layer in self._layers:
            layer.finish()
        self._note_ignored()
        for layer in self._layers:
            if not layer.complete:
                raise ContentDecodingError(
                    f"content ends before the {layer.coding} coding is complete"
                )

    @property
    def overrun(self) -> bool:
        """True once more follows the end of a coding than is read to keep a connection.

        All of the content is decoded then, so that a reader may stop (``drain_size_max``).
        """
        most = self._limits.drain_size_max
        return any(layer.ignored > most for layer in self._layers)

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._pull(len(self._layers) - 1):
            yield piece
        self._note_ignored()

    def _note_ignored(self) -> None:
        """Record, once, that bytes after the end of a coding are ignored."""
        if self._noted or self._note is None:
            return
        for layer in self._layers:
            if layer.ignored:
                self._noted = True
                self._note(
                    Decision(
                        code="content.surplus.ignored",
                        subject=layer.coding,
                        reason="bytes follow the end of the coding, and are no part of the content",
                    )
                )
                return

    def _pull(self, index: int) -> bytes:
        """Return the next piece of a layer, with the input it needs from the layer outside it."""
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
                f"{decoded} bytes seen from {self._encoded}"
            )


def decoder_for(
    codings: Iterable[str],
    limits: Limits,
    note: Callable[[Decision], object] | None = None,
) -> Decoder | None:
    """Build the decoder that a response needs.

    Args:
        codings: The values of its Content-Encoding lines, in their order.
        limits: How much it may put out, and how many codings there may be.
        note: Is given the decision to ignore what follows the end of a coding, if that is made.

    Returns:
        A decoder, or None if the content is to be delivered as it is: nothing was applied to it,
        or a coding that is unknown here, which the reader may know (Requests does the same).

    Raises:
        DecompressionLimit: More codings than ``content_codings_max``, over all lines, known or
            not. ``identity`` is none.
    """
    names = _names(codings)
    if len(names) > limits.content_codings_max:
        raise DecompressionLimit(
            f"content has {len(names)} codings, more than {limits.content_codings_max}"
        )
    return Decoder(names, limits, note) if _come_off(names) else None


def is_decoded(codings: Iterable[str]) -> bool:
    """Tell whether a response with these Content-Encoding lines is decoded; see ``decoder_for``."""
    return _come_off(_names(codings))


def _names(codings: Iterable[str]) -> list[str]:
    names = [name.strip().lower() for line in codings for name in line.split(",")]
    return [_ALIASES.get(name, name) for name in names if name not in {"", "identity"}]


def _come_off(names: list[str]) -> bool:
    return bool(names) and all(is_known(name) for name in names)
