"""The machine, for drivers of your own: what the core needs to know, and does not look up.

The core knows neither files nor sockets nor the environment. Its bindings take all of that from
here, and so can a driver that you write: ``LocalSession`` prepares requests and makes calls with
the environment of the process, ``fetch`` and ``fetch_async`` go through a call over a transport of
yours, ``tls_context`` says what a request trusts, ``proxy_tls_context`` and ``proxy_handshake``
are for its proxy, and the rest is for transports over sockets.
Only ``resolve``, ``connect``, ``wait`` and ``fetch`` block.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from math import inf
from time import monotonic, sleep
from typing import TYPE_CHECKING

from .local.environment import read_environment
from .local.netrc_files import read_netrc
from .local.public_suffixes import is_public_suffix
from .shared.addresses import addresses_of, new_socket, place_of
from .shared.fetching import fetch, fetch_async, tls_context
from .shared.proxies import proxy_handshake, proxy_tls_context
from .shared.session_base import LocalSession
from .sync import connecting
from .sync.resolving import in_time
from .sync.stream import MOST_TIMEOUT

if TYPE_CHECKING:
    import socket

    from sojourn_core.commands import Address
    from sojourn_core.exchange.ticket import Ticket
    from sojourn_core.values.route import SocketSettings

__all__ = [
    "LocalSession",
    "addresses_of",
    "connect",
    "entropy",
    "fetch",
    "fetch_async",
    "is_public_suffix",
    "new_socket",
    "place_of",
    "proxy_handshake",
    "proxy_tls_context",
    "read_environment",
    "read_netrc",
    "resolve",
    "seconds_left",
    "sleep_until",
    "tls_context",
    "wait",
]


def entropy(size: int) -> bytes:
    """Return random bytes of the system, as ``Session(entropy=...)`` takes them.

    Args:
        size: How many.
    """
    return os.urandom(size)


def resolve(host: str, port: int, deadline: float = inf) -> tuple[Address, ...]:
    """Return the addresses of a host, in the order in which the system prefers them.

    It blocks. On an event loop, ask that for its own, and hand the answer to ``addresses_of``.

    Args:
        host: A name.
        port: For the addresses.
        deadline: When to give up, on the monotonic clock.

    Raises:
        TimeoutError: The deadline has passed.
        OSError: There are no addresses.
    """
    return in_time(partial(connecting.resolve, host, port), deadline)


def connect(
    address: Address, deadline: float = inf, settings: SocketSettings | None = None
) -> socket.socket:
    """Return a blocking socket that is connected to an address.

    Args:
        address: As ``resolve`` gives it.
        deadline: When to give up, on the monotonic clock.
        settings: How the socket is set up before it connects, as a ``Connect`` asks for it.

    Raises:
        TimeoutError: The deadline has passed.
        OSError: It cannot be connected to.
    """
    return connecting.connect(address, deadline, settings)


def seconds_left(deadline: float) -> float | None:
    """Return the timeout of a blocking socket that has to be done by a deadline.

    Args:
        deadline: On the monotonic clock; ``math.inf`` for none.

    Returns:
        Seconds, above 0; None for ever.

    Raises:
        TimeoutError: The deadline has passed.
    """
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return None if left == inf else min(left, MOST_TIMEOUT)


def sleep_until(when: float) -> None:
    """Wait until a time of the monotonic clock."""
    sleep(max(when - monotonic(), 0.0))


def wait(ticket: Ticket, deadline: float = inf) -> None:
    """Wait until another thread gives up what the ticket waits for.

    Args:
        ticket: A place in the queue of a ``Pool``, which has to have a guard.
        deadline: When to give up, on the monotonic clock.

    Raises:
        TimeoutError: The deadline has passed.
    """
    ready = threading.Event()
    ticket.wake = ready.set  # Before the look: whoever gives it up between the two wakes us.
    while not ticket.ready:
        ready.wait(seconds_left(deadline))
