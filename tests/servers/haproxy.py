"""A real HAProxy that takes TLS off before another proxy: together they are an HTTPS proxy."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from string import Template
from typing import Final

from .microsocks import Running

CONFIGURATION: Final = Template("""\
defaults
    mode tcp
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen here
    bind 127.0.0.1:$port ssl crt $certificate
    server there 127.0.0.1:$behind
""")


def program() -> str | None:
    """Find HAProxy; None if it is not there."""
    return shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")


class Terminator(Running):
    """HAProxy as it is described above.

    Args:
        behind: The port of the proxy behind it, on the loopback interface.
        certificate: A file with its certificate and its key.
    """

    def __init__(self, behind: int, certificate: Path) -> None:
        super().__init__()
        self._behind = behind
        self._certificate = certificate
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def command(self, port: int) -> list[str]:
        found = program()
        if found is None:
            raise FileNotFoundError("haproxy is not installed")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="haproxy-")
        configuration = Path(self._folder.name) / "haproxy.cfg"
        configuration.write_text(
            CONFIGURATION.substitute(port=port, certificate=self._certificate, behind=self._behind)
        )
        return [found, "-db", "-f", str(configuration)]

    def close(self) -> None:
        super().close()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()
