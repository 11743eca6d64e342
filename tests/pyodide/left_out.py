"""Tests that Pyodide leaves out: a row for each kind, with the reason.

A test says by a mark what it needs. The run fails if a mark of the table leaves nothing out, or if
a test is skipped for a reason that is not in the table.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARKS: Final = {
    "tls": "the module ssl is there, and does nothing",
    "threads": "no thread can be started",
    "processes": "no process can be started",
    "event_loop": "the loop is that of Node, and asyncio.run cannot wait for it",
    "sha512_256": "hashlib is without OpenSSL, and so without SHA-512/256",
}
# The beginnings of the reasons that skipped tests give.
SKIPS: Final = {
    "needs brotli": "brotli is compiled code",
    "needs /proc": "there is no kernel below",
    "no vectors in ": "the vectors are not part of the repository",
    "got empty parameter set": "and without them there are no cases",
}


def faults(marked: Mapping[str, int], skipped: Mapping[str, int]) -> Iterator[str]:
    """Tell what the tables do not say, or say in vain.

    Args:
        marked: How many tests each mark of ``MARKS`` left out; one that is missing left out none.
        skipped: How many tests were skipped, by their reasons.
    """
    for mark in MARKS:
        if not marked.get(mark):
            yield f"{mark}: no test is left out for it"
    for reason, count in skipped.items():
        if not reason.startswith(tuple(SKIPS)):
            yield f"{count} skipped without a row: {reason}"


def summary(marked: Mapping[str, int], skipped: Mapping[str, int]) -> Iterator[str]:
    """Tell how many tests each row left out, and why; arguments as ``faults`` takes them."""
    for mark, reason in MARKS.items():
        yield f"{marked.get(mark, 0)} marked {mark}: {reason}"
    counts: Counter[str] = Counter()
    for reason, count in skipped.items():
        for start in SKIPS:
            if reason.startswith(start):
                counts[start] += count
    for start, count in counts.items():
        yield f"{count} skipped, {start!r}: {SKIPS[start]}"
