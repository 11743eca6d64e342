"""Mutates inputs, where atheris is not installed: seeded, and without a look at coverage."""

from __future__ import annotations

from random import Random
from typing import Final

SIZE_MAX: Final = 4096
WORDS: Final = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"\0",
        b"\xff",
        b"0",
        b"+",
    ),
    *(b"HTTP/1.1 ", b"HTTP/1.0 ", b"100 ", b"101 ", b"204 ", b"304 ", b"200 OK\r\n", b"chunked"),
    *(b"Content-Length: ", b"Transfer-Encoding: ", b"Connection: ", b"close", b"keep-alive"),
    *(
        b"Upgrade: x\r\n",
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
        b"identity",
        b"A: b\r\n",
        b"g",
        b"F",
        b"+",
    ),
)


class Mutator:
    """Makes inputs out of seeds.

    Args:
        seeds: What to begin with.
        seed: Of the choices: the same gives the same inputs.
    """

    def __init__(self, seeds: list[bytes], seed: int) -> None:
        """Nothing is made yet."""
        self._seeds = seeds
        self._random = Random(seed)

    def next(self) -> bytes:
        """Make an input."""
        random = self._random
        data = bytearray(random.choice(self._seeds))
        for _ in range(random.choice((1, 1, 2, 2, 3, 5, 8))):
            self._mutate(data)
        data[0] = random.randrange(64)
        data[1] = random.choice((0, 0, 1, 2, 3, 7, random.randrange(256)))
        return bytes(data[:SIZE_MAX])

    def _mutate(self, data: bytearray) -> None:
        random = self._random
        place = random.randrange(2, len(data) + 1)
        end = min(len(data), place + random.choice((1, 1, 2, 4, 16)))
        match random.randrange(7):
            case 0:
                data[place:end] = bytes([random.randrange(256)])
            case 1:
                data[place:place] = random.choice(WORDS)
            case 2:
                data[place:end] = random.choice(WORDS)
            case 3:
                del data[place:end]
            case 4:
                data[place:place] = data[place:end] * random.choice((1, 2, 30))
            case 5:
                other = random.choice(self._seeds)
                data[place:] = other[random.randrange(2, len(other) + 1) :]
            case _:
                if place < len(data):
                    data[place] ^= 1 << random.randrange(8)
        if len(data) < 3:
            data += b"\r\n\r\n"
