"""The memory of large pieces of content, which the system's allocator is to keep between them."""

from __future__ import annotations

from typing import Final

BLOCK_SIZE: Final = 1024 * 1024


def keep_large_pieces() -> None:
    """Have memory of a freed piece kept for the next one; once in a process is enough.

    glibc returns a large block to the system when it is freed, and takes it again for the next
    piece, a page fault for every 4 KiB, until it has seen a larger one freed (mallopt(3),
    M_MMAP_THRESHOLD). Nothing is written to this one, so it takes no memory; a ``bytearray`` would
    have zeros written to it.
    """
    bytes(BLOCK_SIZE)
