"""A real Squid in a folder of its own, run as a child of this process: a proxy of other people.

It forwards and opens tunnels to whatever it is asked for, on three ports of the loopback interface:
for everybody on ``port``, and for ``USER`` with ``PASSWORD`` on ``guarded_port``, by Basic, and on
``digest_port``, by Digest: MD5, qop ``auth``, each nonce for ``NONCE_COUNT_MAX`` requests or one
more, whose counts go up by one. It knows the names ``a.test`` and ``b.test``, which nobody else
does: a response from there has come through it. Nothing is cached, and nothing of the system's own
Squid is used but its programs.
"""

from __future__ import annotations

import hashlib
import shutil
import string
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final, Self

from .nginx import _accepts, _free_ports

USER: Final = "me@a.test"
PASSWORD: Final = "p:ss w/rd%"  # All of it is special somewhere in a URL, or in Basic.
NAMES: Final = ("a.test", "b.test")
NONCE_COUNT_MAX: Final = 3

START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 10.0
STARTS_MAX: Final = 5  # Between finding a free port and binding it, another may take it.

# Where distributions keep the programs that check passwords.
FOLDERS: Final = ("/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid", "/usr/libexec")
HELPERS: Final = ("basic_ncsa_auth", "digest_file_auth")

CONFIGURATION: Final = string.Template("""\
http_port 127.0.0.1:$port
http_port 127.0.0.1:$guarded_port
http_port 127.0.0.1:$digest_port
visible_hostname squid.test
pid_filename none
access_log none
cache_log /dev/null
cache deny all
cache_mem 0
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024  # It makes tables for as many as the system allows.
hosts_file $folder/hosts
dns_nameservers 127.0.0.1  # No name leaves this machine.

auth_param basic program $basic_helper $folder/passwords
auth_param basic children 1 startup=1
auth_param basic realm squid
auth_param digest program $digest_helper -c $folder/digests
auth_param digest children 1 startup=1
auth_param digest realm squid
auth_param digest nonce_max_count $nonce_count_max
auth_param digest nonce_strictness on
acl guarded localport $guarded_port
acl digested localport $digest_port
acl by_basic req_header Proxy-Authorization -i ^basic
acl known proxy_auth REQUIRED
auth_schemes basic guarded
auth_schemes digest digested
http_access deny guarded !known
http_access deny digested by_basic known  # Denied with 407: it is "known" that decides, being last.
http_access deny digested !known
http_access allow all
""")


def programs() -> tuple[str, str, str] | None:
    """Find Squid and its checkers of passwords; None if one of them is not there."""
    squid = shutil.which("squid") or shutil.which("/usr/sbin/squid")
    basic, digest = (
        next((str(path) for folder in FOLDERS if (path := Path(folder, name)).exists()), None)
        for name in HELPERS
    )
    if squid is None or basic is None or digest is None:
        return None
    return squid, basic, digest


class Squid:
    """Squid as it is described above; start it with ``with``, or ``start`` and ``close``.

    Attributes:
        port: Port for everybody.
        guarded_port: Port for those who have a password, by Basic.
        digest_port: The same, by Digest.
    """

    def __init__(self) -> None:
        """Nothing is made yet."""
        self.port = 0
        self.guarded_port = 0
        self.digest_port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def url(self, *, guarded: bool = False, digest: bool = False, userinfo: str = "") -> str:
        """Make the URL of the proxy; ``userinfo`` comes percent-encoded."""
        port = self.digest_port if digest else self.guarded_port if guarded else self.port
        return f"http://{userinfo}{'@' if userinfo else ''}127.0.0.1:{port}"

    def start(self) -> None:
        """Start, and return when all ports accept connections.

        Raises:
            FileNotFoundError: Squid is not installed.
            RuntimeError: It does not start; the message has what it wrote.
        """
        found = programs()
        if found is None:
            raise FileNotFoundError("squid is not installed")
        # Not below the folders of pytest: Squid started by root becomes somebody else, who has no
        # access to these.
        self._folder = tempfile.TemporaryDirectory(prefix="squid-")
        folder = Path(self._folder.name)
        folder.chmod(0o755)
        (folder / "hosts").write_text(f"127.0.0.1 {' '.join(NAMES)}\n")
        digest = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()
        (folder / "passwords").write_text(f"{USER}:{digest}\n")
        secret = f"{USER}:squid:{PASSWORD}".encode()
        digest = hashlib.md5(secret, usedforsecurity=False).hexdigest()
        (folder / "digests").write_text(f"{USER}:squid:{digest}\n")
        for _ in range(STARTS_MAX):
            wrote = self._try_start(folder, *found)
            if wrote is None:
                return
            if "Address already in use" not in wrote:
                break
        raise RuntimeError(f"squid does not start: {wrote}")

    def close(self) -> None:
        """Stop the server and wait until it is gone; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def _try_start(
        self, folder: Path, squid: str, basic_helper: str, digest_helper: str
    ) -> str | None:
        """Start on ports that are free now; None, or what Squid wrote when it gave up."""
        ports = self.port, self.guarded_port, self.digest_port = _free_ports(3, ipv6=False)
        configuration = folder / "squid.conf"
        configuration.write_text(
            CONFIGURATION.substitute(
                folder=folder,
                basic_helper=basic_helper,
                digest_helper=digest_helper,
                nonce_count_max=NONCE_COUNT_MAX,
                port=self.port,
                guarded_port=self.guarded_port,
                digest_port=self.digest_port,
            )
        )
        output = folder / "output.log"
        with output.open("wb") as written:
            process = subprocess.Popen(
                [squid, "-N", "-f", str(configuration)],  # In the foreground, as one process.
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        self._process = process
        until = time.monotonic() + START_SECONDS_MAX
        while process.poll() is None and time.monotonic() < until:
            if all(map(_accepts, ports)):
                return None
            time.sleep(0.01)
        wrote = output.read_text(errors="replace")
        process.kill()
        process.wait()
        self._process = None
        return wrote
