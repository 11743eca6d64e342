"""Objects of urllib3 that programs give: its timeouts and its field lines.

urllib3 is not imported here; a program that has such an object has imported it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core.values.timeouts import NO_TIMEOUTS, Timeouts, timeouts_from

if TYPE_CHECKING:
    from sojourn_core.values.fields import FieldLine


def lines_of(headers: Any) -> list[FieldLine]:
    """Return field lines, each line of a name that repeats."""
    lines: Any = getattr(headers, "lines", None)
    if lines is None:
        lines = headers.items() if hasattr(headers, "items") else headers
    return [*lines]


def timeouts_of(given: Any) -> Timeouts:
    """Convert a timeout in one of Requests' forms, or urllib3's ``Timeout``.

    Raises:
        ValueError: It is neither.
    """
    if given is None:
        return NO_TIMEOUTS
    if hasattr(given, "_connect") and hasattr(given, "_read"):
        connect, read, total = (
            seconds if isinstance(seconds, (int, float)) else None
            for seconds in (given._connect, given._read, given.total)
        )
        least = [seconds for seconds in (read, total) if seconds is not None]
        connect = connect if connect is not None else total
        return NO_TIMEOUTS.replace(
            connect=connect, read=min(least) if least else None, write=connect
        )
    try:
        timeouts = timeouts_from(given, NO_TIMEOUTS)
    except ValueError as error:
        tell_timeout(error, given)
        raise
    # The socket of Requests has the time for connecting until the request is sent.
    return timeouts.replace(pool=None, write=timeouts.connect)


def tell_timeout(error: ValueError, given: Any) -> None:
    """Give an error of what is no timeout Requests' words, which tests and programs look for."""
    if "must be a number" in str(error):
        error.args = (f"Timeout value was {given!r}, but it must be an int, float or None.",)
