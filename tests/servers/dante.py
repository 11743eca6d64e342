"""A real Dante in a folder of its own, run as a child of this process: SOCKS 4 and 5.

It takes everybody from the loopback interface, and connects to nothing but that.
"""

from __future__ import annotations

import getpass
import shutil
import tempfile
from pathlib import Path
from string import Template
from typing import Final

from .microsocks import Running

CONFIGURATION: Final = Template("""\
logoutput: stderr
internal: 127.0.0.1 port = $port
external: 127.0.0.1
socksmethod: none
clientmethod: none
user.privileged: $user
user.unprivileged: $user
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks block { from: 127.0.0.0/8 to: 127.0.0.9/32 }
socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }
socks pass { from: 127.0.0.0/8 to: localhost }
""")


def program() -> str | None:
    """Find Dante's server, whose name is another where Debian has it; None if it is not there."""
    places = ("danted", "/usr/sbin/danted", "sockd", "/usr/sbin/sockd")
    return next((found for each in places if (found := shutil.which(each))), None)


class Dante(Running):
    """Dante as it is described above. It refuses connections to 127.0.0.9."""

    def __init__(self) -> None:
        super().__init__()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def command(self, port: int) -> list[str]:
        found = program()
        if found is None:
            raise FileNotFoundError("dante is not installed")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="dante-")
        folder = Path(self._folder.name)
        configuration = folder / "danted.conf"
        configuration.write_text(CONFIGURATION.substitute(port=port, user=getpass.getuser()))
        return [found, "-f", str(configuration), "-p", str(folder / "danted.pid")]

    def close(self) -> None:
        super().close()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()
