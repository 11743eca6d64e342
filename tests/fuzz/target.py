"""One input of the fuzzer, played to both codecs: they must tell the same.

An input is a byte that chooses the request and the way of reading, a byte that says how the rest is
cut, and the bytes of the peer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from tests.core.codecs import HOST
from tests.core.exchange.test_codecs_agree import CONTENT, HEADS, outcome

METHODS: Final = ("GET", "HEAD", "POST", "CONNECT")
LINES: Final = (
    [HOST],
    [HOST, ("Connection", "close")],
    [HOST, ("Content-Length", "2")],
    [HOST, ("Upgrade", "echo"), ("Connection", "upgrade")],
)
PIECES_MAX: Final = 64
# Seeds: each head, alone and with each content, in one piece, strictly and leniently.
SEEDS: Final = [
    bytes([choice, 0]) + head + content
    for head in HEADS
    for content in (b"", *CONTENT)
    for choice in (0x10, 0x30)
]


def read(data: bytes) -> tuple[str, list[tuple[str, str]], bool, bool, list[bytes]]:
    """Return method, field lines, whether all is sent, whether heads are lenient, and the pieces.

    A size of 0 leaves the stream whole; up to 200 it is cut into pieces of that size, at most
    ``PIECES_MAX`` of them; beyond it is cut in two, a few bytes from its start or its end.
    """
    choice, size, stream = data[0], data[1], data[2:]
    if 0 < size <= 200:
        places = [*range(0, len(stream), size)][:PIECES_MAX]
    elif size:
        place = size - 200 if size % 2 else len(stream) - (size - 200)
        places = [0, place] if 0 < place < len(stream) else [0]
    else:
        places = [0]
    edges = [*places, len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges) if end > start]
    method = METHODS[choice & 3]
    return method, LINES[choice >> 2 & 3], bool(choice & 16), bool(choice & 32), pieces


def check(data: bytes) -> None:
    """Play an input.

    Raises:
        AssertionError: If the codecs tell different things.
    """
    if len(data) < 3:
        return
    method, lines, sends, lenient, pieces = read(data)
    told: list[dict[str, Any]] = [
        outcome(codec, method, lines, pieces, sends, lenient) for codec in ("plain", "h11")
    ]
    ours, theirs = told
    different = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}
    assert not different, f"{data!r}: {different}"
