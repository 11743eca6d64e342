"""``python -m sojourn``, and the program ``sojourn``: where its process begins and ends.

Little is imported before ``main`` runs: the program itself is loaded within it, so that a signal
which comes while it loads ends it in one line, as at any other moment.
"""

import os
import signal
import sys
from types import FrameType

# SIGHUP is what a process gets whose terminal is closed; Windows has none.
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in dir(signal)
]
_WORDS = {2: "interrupted", 15: "terminated", 1: "hung up"}

# A signal that could not be raised where it came is raised again so many seconds later.
_AGAIN_SECONDS = 0.001


class _Signal(KeyboardInterrupt):
    """A signal, by its number.

    Python notes a bare KeyboardInterrupt that leaves an ``exec``, as dataclasses have one that are
    loaded, and kills the process by SIGINT in the end, although it was caught.
    """


def main() -> int:
    """Run the program, and return its exit code: 128 and the signal's number if one ended it."""
    try:
        _occupy_closed_streams()
        _watch_signals()
        from .cli import main as run

        code = run()
        _disregard_signals()  # All is done: what comes now changes nothing.
    except KeyboardInterrupt as interrupt:  # It came outside of what ``run`` watches.
        number = interrupt.args[0] if interrupt.args else int(signal.SIGINT)
        code = 128 + number
        try:
            sys.stderr.write(f"sojourn: {_WORDS.get(number, 'interrupted')}\n")
            sys.stderr.flush()
        except (AttributeError, OSError):  # There is no standard error, or it takes nothing.
            pass
    return code


def _occupy_closed_streams() -> None:
    """Put the null device where a standard stream is closed, so that no file or socket lands there.

    ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` are None then, and stay so.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # It takes the lowest number that is free: this one.


def _watch_signals() -> None:
    """Have signals raise a KeyboardInterrupt with their number, so that all is cleaned up."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # As ``nohup`` has it.
            signal.signal(number, _interrupt)
    sys.unraisablehook = _raise_again


def _disregard_signals() -> None:
    for number in _SIGNALS:
        # Python complains, with a traceback, about one that came just before SIG_IGN was set.
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, _disregard)


def _disregard(number: int, frame: FrameType | None) -> None:
    """Do nothing."""


def _interrupt(number: int, _: FrameType | None) -> None:
    _disregard_signals()  # One is enough; a second one must not disturb the cleaning up.
    raise _Signal(number)


def _raise_again(lost: "sys.UnraisableHookArgs") -> None:
    """Raise a signal once more that came in a callback, where Python only prints a traceback."""
    if not isinstance(lost.exc_value, KeyboardInterrupt) or not hasattr(signal, "setitimer"):
        sys.__unraisablehook__(lost)
        return
    number = lost.exc_value.args[0] if lost.exc_value.args else int(signal.SIGINT)

    def interrupt_again(_: int, frame: FrameType | None) -> None:
        _interrupt(number, frame)

    signal.signal(signal.SIGALRM, interrupt_again)
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
