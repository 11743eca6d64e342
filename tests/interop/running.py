"""Programs that are started in a folder of their own, on a free port of the loopback interface."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.servers.nginx import _accepts, _free_ports

from .sites.content import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.authority import Authority

TOP: Final = Path(__file__).parents[2]
START_SECONDS_MAX: Final = 30.0
STOP_SECONDS_MAX: Final = 5.0
STARTS_MAX: Final = 5  # Between finding a free port and binding it, another may take it.


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """All that a program is told.

    Attributes:
        folder: Its own folder, which holds ``text`` with TEXT and is gone with it.
        port: The port that it is to listen on.
        certificate: PEM file with the key and the certificate for TLS; None for plain HTTP.
        authority: Who issued that.
        origin: Port of the server that a front forwards to.
        guarded: Whether a proxy is to ask for credentials.
    """

    folder: Path
    port: int
    certificate: Path | None
    authority: Authority
    origin: int
    guarded: bool

    def write(self, name: str, text: str) -> str:
        """Write a file of its folder, and return its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)


def find(*names: str) -> str | None:
    """Find a program by the first of its names that is there; /usr/sbin is looked at too."""
    for name in names:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
        if found:
            return found
    return None


@contextlib.contextmanager
def running(
    configure: Callable[[Place], list[str]],
    *,
    authority: Authority,
    secure: bool = False,
    origin: int = 0,
    guarded: bool = False,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[int]:
    """Run a program, and give the port that it listens on.

    Args:
        configure: Writes its configuration, and returns its command.
        authority: Issuer of certificates.
        secure: Whether it is to speak TLS.
        origin: Port of the server behind it.
        guarded: Whether it is to ask for credentials.
        stop: The signal that ends it soonest.

    Raises:
        RuntimeError: It does not start; the message has what it wrote.
    """
    # Not below the folders of pytest: programs that root starts become somebody else.
    with tempfile.TemporaryDirectory(prefix="interop-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o777)
        (folder / "text").write_bytes(TEXT)
        certificate = None
        if secure:
            certificate = folder / "certificate.pem"
            certificate.write_bytes(authority.certificate.read_bytes())
            certificate.chmod(0o644)  # A test's certificate is no secret.
        wrote = ""
        for _ in range(STARTS_MAX):
            (port,) = _free_ports(1, ipv6=False)
            place = Place(
                folder=folder,
                port=port,
                certificate=certificate,
                authority=authority,
                origin=origin,
                guarded=guarded,
            )
            output = folder / "output.log"
            with output.open("wb") as written:
                process = subprocess.Popen(
                    configure(place),
                    cwd=TOP,
                    env=os.environ | {"HOME": made, "PYTHONUNBUFFERED": "1"},
                    stdin=subprocess.DEVNULL,
                    stdout=written,
                    stderr=written,
                    start_new_session=True,
                )
            try:
                if _starts(process, port):
                    yield port
                    return
            finally:
                _stop(process, stop)
            wrote = output.read_text(errors="replace")
            if "in use" not in wrote.lower():
                break
        raise RuntimeError(f"it does not start: {wrote}")


def _starts(process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + START_SECONDS_MAX
    while process.poll() is None and time.monotonic() < until:
        if _accepts(port):
            return True
        time.sleep(0.01)
    return False


def _stop(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """End a program, and whatever it has started."""
    if process.poll() is None:
        process.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS_MAX)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
