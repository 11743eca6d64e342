"""The steps of a script: what a scripted server does on one connection, as values.

A step that is not met (the peer closed, sent something else, or nothing in time) fails the test
when the server is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    import threading


@dataclass(frozen=True, slots=True)
class ReadHead:
    """Read up to the empty line that ends a request's head, and what came along with it."""


@dataclass(frozen=True, slots=True)
class ReadContent:
    """Read content of this many octets, counted from the end of the last thing read."""

    size: int


@dataclass(frozen=True, slots=True)
class Expect:
    """Read up to these octets, wherever they are; what stands before them is not looked at."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Send all of this to a peer that is there to take it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Offer:
    """Send as much of this as the peer takes: it may close first."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Sleep:
    """Do nothing for this many seconds: for tests of timeouts."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Do nothing until the test sets this event: for the order of what both sides do."""

    event: threading.Event


@dataclass(frozen=True, slots=True)
class StartTLS:
    """Speak TLS from here on, inside what there is: behind a CONNECT, say.

    A scenario gives no context: it gets that of the run.
    """

    context: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class WaitClosed:
    """Read until the peer has closed, in whatever way; what still comes is recorded."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the connection, and do nothing until the server is closed."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection; every script ends so if it does not say otherwise.

    Attributes:
        notify: Whether TLS is ended first (close_notify), as it should be.
    """

    notify: bool = True


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection with a TCP reset."""


Step = (
    ReadHead
    | ReadContent
    | Expect
    | Send
    | Offer
    | Sleep
    | Until
    | StartTLS
    | WaitClosed
    | Hold
    | Close
    | Reset
)
