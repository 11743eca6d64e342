"""Timeouts of a call, phase by phase.

The core never waits: it turns these values into the absolute deadlines that commands carry.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from .errors import InvalidArgument
from .pickling import NamedState
from .record import record, replace
from .value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence


STAGGER: Final = 0.25  # RFC 8305 section 8, "Connection Attempt Delay".
EXPECT_SECONDS: Final = 1.0  # As curl and Apache's HttpClient have it, and 3 s at most.


@record(frozen=True, kw_only=True)
class Timeouts(Value, NamedState):
    """Timeouts in seconds, one for each phase; None waits for ever.

    Attributes:
        connect: Resolving the host, connecting, the TLS handshake and any tunnel, together.
        read: Silence of the peer while a response is awaited or received.
        write: Silence of the peer while a request is sent.
        pool: Waiting for a connection of the pool.
        total: The whole call: every hop, resend and the content of the response.
        stagger: Before the next address of a host is tried beside those that have not answered yet
            (RFC 8305); None tries one after another, each for its share of ``connect``.
        expect: Waiting for 100 (Continue), where a request asks for it; then its content is sent
            all the same (RFC 9110 section 10.1.1).
    """

    connect: float | None = 10.0
    read: float | None = 60.0
    write: float | None = 60.0
    pool: float | None = 60.0
    total: float | None = None
    stagger: float | None = STAGGER
    expect: float | None = EXPECT_SECONDS

    def __post_init__(self) -> None:
        for name in ("connect", "read", "write", "pool", "total", "stagger", "expect"):
            check_seconds(name, getattr(self, name))

    def replace(self, **changes: Any) -> Timeouts:
        """Return these timeouts with some of them changed."""
        return replace(self, **changes)


def check_seconds(name: str, seconds: object) -> None:
    """Check one timeout: a number above zero, or None.

    Raises:
        InvalidArgument: It is neither. It is a ValueError too, which Requests raises.
    """
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise InvalidArgument(
            f"the {name} timeout must be a number of seconds or None, not {seconds!r}",
            maybe_sent=False,
        )
    if not seconds > 0:
        message = f"the {name} timeout must be above zero, not {seconds!r}"
        raise InvalidArgument(message, maybe_sent=False)
    try:
        float(seconds)
    except OverflowError:  # Its digits are more than anybody wants to read.
        message = f"the {name} timeout is too large; None waits for ever"
        raise InvalidArgument(message, maybe_sent=False) from None


NO_TIMEOUTS: Final = Timeouts(connect=None, read=None, write=None, pool=None, total=None)
DEFAULT_TIMEOUTS: Final = Timeouts()

TimeoutInput: TypeAlias = "float | tuple[float | None, float | None] | Timeouts | None"


class Unset:
    """Type of ``UNSET``, which stands for a setting that was not given, where None is a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


def timeouts_from(given: object, default: Timeouts) -> Timeouts:
    """Read the ``timeout`` argument of a call, in each of Requests' forms.

    Args:
        given: ``UNSET`` for the session's own; None to wait for ever; a number for connect, read,
            write and pool silence alike; ``(connect, read)``; or ``Timeouts``.
        default: The timeouts of the session.

    Raises:
        InvalidArgument: A tuple has another length, or a number is not above zero.
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
            raise InvalidArgument(
                f"invalid timeout {pair!r}: pass a (connect, read) timeout tuple, "
                "or a single number to set both to the same value",
                maybe_sent=False,
            )
        connect, read = pair
        check_seconds("connect", connect)
        check_seconds("read", read)
        return Timeouts(connect=connect, read=read, write=read, pool=connect)
    seconds: Any = given
    check_seconds("connect and read", seconds)
    return Timeouts(connect=seconds, read=seconds, write=seconds, pool=seconds)


def deadline_at(now: float, seconds: float | None, most: float = inf) -> float:
    """Return the time at which ``seconds`` from ``now`` are over, ``most`` at the latest."""
    if seconds is None:
        return most
    end = now + seconds
    if end < most:  # min() costs three times as much, and each transfer comes here.
        return end
    return most
