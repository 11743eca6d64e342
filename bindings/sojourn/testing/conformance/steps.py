"""The steps of a peer's script: one script for each connection, in the order of accept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ReadHead:
    """Read until the empty line that ends a head, which must begin with this, and hold that."""

    begins: bytes = b""
    holds: bytes = b""


@dataclass(frozen=True, slots=True)
class Expect:
    """Read as many bytes as these are, which must be these."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ReadChunks:
    """Read content in chunks, up to its last chunk; it must be this."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Send all of it, as one piece; a client that goes away meanwhile is a fault."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Trickle:
    """Send it in pieces of ``size`` bytes, one after the other."""

    data: bytes
    size: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """Send as much of it as the client takes: it may go away meanwhile."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Flag:
    """Set a flag, for which another script may wait, or the case itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Until:
    """Wait for a flag."""

    name: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for some hundredths of a second."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Secure:
    """Speak TLS from here on; with ``fails`` the client must end the handshake."""

    fails: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """End the peer's own side of the stream, and go on reading."""

    notify: bool = True


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection with a reset."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Read to the end: the client must close. Whatever comes before that is left out."""


Step: TypeAlias = (
    ReadHead
    | Expect
    | ReadChunks
    | Send
    | Trickle
    | Offer
    | Flag
    | Until
    | Pause
    | Secure
    | End
    | Close
    | Reset
    | Gone
)
Script: TypeAlias = tuple[Step, ...]
