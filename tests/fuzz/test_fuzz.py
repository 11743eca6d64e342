"""The fuzzer's target holds for its seeds, and for a thousand inputs of the mutator."""

from __future__ import annotations

import pytest

from tests.fuzz.mutator import SIZE_MAX, Mutator
from tests.fuzz.target import SEEDS, check, read


def test_the_seeds() -> None:
    for each in SEEDS:
        check(each)


def test_the_mutator() -> None:
    mutator, again = Mutator(SEEDS, 0), Mutator(SEEDS, 0)
    for _ in range(1000):
        data = mutator.next()
        assert 3 <= len(data) <= SIZE_MAX
        assert data == again.next()
        check(data)


@pytest.mark.parametrize(
    ("size", "pieces"),
    [(0, [b"abcdef"]), (4, [b"abcd", b"ef"]), (201, [b"a", b"bcdef"]), (202, [b"abcd", b"ef"])],
)
def test_the_ways_to_cut(size: int, pieces: list[bytes]) -> None:
    assert read(bytes([0, size]) + b"abcdef")[-1] == pieces
