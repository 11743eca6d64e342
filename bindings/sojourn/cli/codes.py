"""The exit codes of the program, which are part of its promises."""

from __future__ import annotations

import signal
from typing import Final

OK: Final = 0
FAILED: Final = 1  # --fail and a status of 400 or above; a demo that did not keep a promise.
USAGE: Final = 2  # The arguments make no sense; nothing was sent. argparse ends so too.
NO_RESPONSE: Final = 3  # Network, TLS, protocol or time: there is no response, or not all of it.
NOT_WRITTEN: Final = 4  # The response is there and could not be written where it should go.
PIPE_CLOSED: Final = 141  # Nobody reads the output any more, as shells report it (128 and SIGPIPE).

EPILOGUE: Final = """\
exit codes:
  0    a response came and was written, whatever its status
  1    with --fail: the status is 400 or above
  2    the arguments make no sense; nothing was sent
  3    there was no response, or not all of it: network, TLS, protocol, time
  4    the response could not be written
  129  the terminal was closed
  130  interrupted with Ctrl-C
  141  whoever read the output went away
  143  terminated
"""

_WORDS: Final = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}


class Ending(Exception):
    """The end of the program, and its reason.

    Args:
        code: The exit code.
        message: One line for standard error.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def interrupted(interrupt: KeyboardInterrupt) -> Ending:
    """Return how a signal ends the program: 128 and its number, as shells report it."""
    number: int = interrupt.args[0] if interrupt.args else signal.SIGINT
    return Ending(128 + number, _WORDS.get(signal.Signals(number).name, "interrupted"))
