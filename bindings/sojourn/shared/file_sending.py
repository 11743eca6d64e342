"""A file sent to a socket by the system, which need not bring its bytes to the process for that."""

from __future__ import annotations

import errno
import os
from typing import Any, Final

HAS_SENDFILE: Final = hasattr(os, "sendfile")
PIECE_SIZE: Final = 256 * 1024
# Of files, or sockets, that it cannot be done for.
_CANNOT: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})


def send_some(connected: int, file: Any, offset: int, size: int) -> int:
    """Send some bytes of a file to a socket that does not block.

    Args:
        connected: The descriptor of the socket.
        file: A file on a disk.
        offset: The first byte to send, counted from the start of the file.
        size: How many bytes to send at most.

    Returns:
        How many bytes the socket took; 0 if the file has none there.

    Raises:
        BlockingIOError: If the socket takes none at the moment.
        OSError: If the connection is broken.
    """
    try:
        return os.sendfile(connected, file.fileno(), offset, size)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    data = some_of(file, offset, size)
    return os.write(connected, data) if data else 0


def some_of(file: Any, offset: int, size: int) -> bytes:
    """Return some bytes of a file, at most ``size``, without moving where it stands."""
    return os.pread(file.fileno(), min(size, PIECE_SIZE), offset)
