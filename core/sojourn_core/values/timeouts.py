"""How long a call may take, phase by phase.

Sojourn's core never waits. These values become the absolute deadlines that commands carry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from .pickling import NamedState

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts(NamedState):
    """Seconds that each phase may take; None waits for ever.

    Attributes:
        connect: From asking for the host's addresses until the connection, TLS and any
            tunnel included, is there.
        read: Silence of the peer while a response is awaited or received.
        write: Silence of the peer while a request is sent.
        pool: Waiting for a connection of the pool.
        total: The whole call: every hop, resend and the content of the response.
    """

    connect: float | None = 10.0
    read: float | None = 60.0
    write: float | None = 60.0
    pool: float | None = 60.0
    total: float | None = None

    def __post_init__(self) -> None:
        for name in ("connect", "read", "write", "pool", "total"):
            check_seconds(name, getattr(self, name))

    def replace(self, **changes: Any) -> Timeouts:
        """These timeouts with some of them changed."""
        return replace(self, **changes)


def check_seconds(name: str, seconds: object) -> None:
    """Refuse what is not a time to wait.

    Raises:
        ValueError: For a number that is not above zero, or no number at all; Requests raises
            the same class.
    """
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise ValueError(f"the {name} timeout must be a number of seconds or None, not {seconds!r}")
    if not seconds > 0:
        raise ValueError(f"the {name} timeout must be above zero, not {seconds!r}")
    try:
        float(seconds)
    except OverflowError:  # Its digits are more than anybody wants to read.
        raise ValueError(f"the {name} timeout is too large; None waits for ever") from None


NO_TIMEOUTS: Final = Timeouts(connect=None, read=None, write=None, pool=None, total=None)
DEFAULT_TIMEOUTS: Final = Timeouts()

TimeoutInput: TypeAlias = "float | tuple[float | None, float | None] | Timeouts | None"


class Unset:
    """The type of ``UNSET``: a setting that was not given, which None cannot say."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


def timeouts_from(given: object, default: Timeouts) -> Timeouts:
    """The timeouts of a call from its ``timeout`` argument, in each of Requests' forms.

    Args:
        given: ``UNSET`` for the session's own; None to wait for ever; a number for connect, read,
            write and pool silence alike; ``(connect, read)``; or ``Timeouts``.
        default: The session's.

    Raises:
        ValueError: For a tuple of another length, or what is no number above zero.
    """
    if given is UNSET:
        return default
    if isinstance(given, Timeouts):
        return given
    if given is None:
        return NO_TIMEOUTS
    if isinstance(given, tuple):
        pair = cast("Sequence[Any]", given)
        if len(pair) != 2:
            raise ValueError(
                f"invalid timeout {pair!r}: pass a (connect, read) timeout tuple, "
                "or a single number to set both to the same value"
            )
        connect, read = pair
        check_seconds("connect", connect)
        check_seconds("read", read)
        return Timeouts(connect=connect, read=read, write=read, pool=connect)
    seconds: Any = given
    check_seconds("connect and read", seconds)
    return Timeouts(connect=seconds, read=seconds, write=seconds, pool=seconds)


def deadline_at(now: float, seconds: float | None, most: float = inf) -> float:
    """The absolute time at which ``seconds`` from ``now`` are over, ``most`` at the latest."""
    if seconds is None:
        return most
    end = now + seconds
    if end < most:  # min() costs three times as much, and each transfer comes here.
        return end
    return most
