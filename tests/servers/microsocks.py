"""A real microsocks, run as a child of this process: a SOCKS 5 proxy of other people.

It resolves names by the system, and takes everybody, or ``USER`` with ``PASSWORD`` alone.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import Final, Self

from .nginx import _accepts, _free_ports

USER: Final = "me@a.test"
PASSWORD: Final = "p:ss w/rd%"  # All of it is special somewhere in a URL.

START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 10.0
STARTS_MAX: Final = 5  # Between finding a free port and binding it, another may take it.


def program() -> str | None:
    """Find microsocks; None if it is not there."""
    return shutil.which("microsocks")


class Running:
    """A program that listens on a port of the loopback interface; start it with ``with``.

    Attributes:
        port: Its port.
    """

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, port: int) -> list[str]:
        """Return the command that starts it."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        for _ in range(STARTS_MAX):
            (self.port,) = _free_ports(1, ipv6=False)
            process = self._process = subprocess.Popen(
                self.command(self.port),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            until = time.monotonic() + START_SECONDS_MAX
            while process.poll() is None and time.monotonic() < until:
                if _accepts(self.port):
                    return self
                time.sleep(0.01)
            self.close()
        raise RuntimeError(f"{type(self).__name__} does not start")

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop it and wait until it is gone; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Microsocks(Running):
    """Microsocks as it is described above.

    Args:
        guarded: Whether it wants the user and the password.
    """

    def __init__(self, *, guarded: bool = False) -> None:
        super().__init__()
        self._guarded = guarded

    def command(self, port: int) -> list[str]:
        found = program()
        if found is None:
            raise FileNotFoundError("microsocks is not installed")
        credentials = ["-u", USER, "-P", PASSWORD] if self._guarded else []
        return [found, "-i", "127.0.0.1", "-p", str(port), *credentials]
