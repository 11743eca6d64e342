"""A real Apache httpd in a folder of its own, run as a child of this process: one that asks who.

It listens on a free port of the loopback interface, for plain HTTP. Nothing of the system's own
Apache is used but its program and modules. Everything below a space is protected in the same way,
and open to ``USER`` with ``PASSWORD`` and to some more:

=============  =========================================================================
``/basic/``    Basic; ``ACCENTED`` too, whose passwords there are in UTF-8 and in ISO-8859-1
``/digest/``   Digest with qop ``auth``; a nonce count that is not above the last one is refused
``/other/``    the same, with another realm
``/next/``     Digest whose nonces are good for one request; a response with 200 names the next
``/stale/``    the same, and no response does: each nonce but the first is asked for by stale
=============  =========================================================================

In each of them:

=============  =========================================================================
``echo``       answers with the content of the request, of any method
``moved``      307 to ``echo`` of that space
``to?URL``     302 to that URL, which has no query
=============  =========================================================================

Apache sends no ``charset`` with its challenges, and its Digest is MD5 alone.
"""

from __future__ import annotations

import base64
import grp
import hashlib
import itertools
import os
import pwd
import shutil
import string
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from .nginx import _accepts, _free_ports

USER: Final = "me@a.test"
PASSWORD: Final = 'p:ss "w/rd\\%'  # All of it is special somewhere in a field.
ACCENTED: Final = "pässwörd"  # Of "utf8" in UTF-8, and of "latin1" in ISO-8859-1.
SPACES: Final = ("basic", "digest", "other", "next", "stale")
DIGEST_SPACES: Final = SPACES[1:]

START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 10.0
LOG_SECONDS_MAX: Final = 30.0
STARTS_MAX: Final = 5  # Between finding a free port and binding it, another may take it.

PROGRAMS: Final = ("apache2", "/usr/sbin/apache2")
MODULES: Final = Path("/usr/lib/apache2/modules")
LOADED: Final = (
    "mpm_worker",
    "alias",
    "auth_basic",
    "auth_digest",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_user",
    "cgi",
    "headers",
    "rewrite",
)

CONFIGURATION: Final = string.Template("""\
ServerRoot "$folder"
ServerName a.test
Listen 127.0.0.1:$port
PidFile "$folder/apache.pid"
DefaultRuntimeDir "$folder"
Mutex file:$folder default
ErrorLog "$folder/error.log"
LogLevel error
$modules
$identity

# One process, so that one log has the requests of a client in their order.
ServerLimit 1
StartServers 1
ThreadsPerChild 32
MaxRequestWorkers 32
MinSpareThreads 1
MaxSpareThreads 32
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60

LogFormat "%k %>s %m %U%q" counted
CustomLog "$folder/access.log" counted

DocumentRoot "$folder"
<Directory />
    Require all denied
</Directory>
<Directory "$folder/programs">
    Options ExecCGI FollowSymLinks
    Require all denied
</Directory>
ScriptAliasMatch "^/[a-z]+/echo$$" "$folder/programs/echo"
$spaces
""")

SPACE: Final = string.Template("""\
<Location "/$space/">
    AuthName "$space"
    Require valid-user
$rules
    RewriteEngine On
    RewriteRule "/moved$$" "/$space/echo" [R=307,L]
    RewriteCond "%{QUERY_STRING}" "^(.+)$$"
    RewriteRule "/to$$" "%1" [R=302,L,QSD,NE]
</Location>
""")

DIGEST: Final = """AuthType Digest
AuthUserFile "{folder}/digests"
"""
RULES: Final = {
    "basic": 'AuthType Basic\nAuthUserFile "{folder}/passwords"',
    "digest": DIGEST + "AuthDigestNonceLifetime 300\nAuthDigestNcCheck On",
    "other": DIGEST + "AuthDigestNonceLifetime 300\nAuthDigestNcCheck On",
    "next": DIGEST + "AuthDigestNonceLifetime 0",
    "stale": DIGEST + "AuthDigestNonceLifetime 0\nHeader always unset Authentication-Info\n"
    "Header unset Authentication-Info",
}

ECHO: Final = """\
#!/bin/sh
printf 'Content-Type: application/octet-stream\\n\\n'
exec cat
"""


@dataclass(frozen=True, slots=True)
class Access:
    """One request as the server's log has it.

    Attributes:
        earlier: How many requests its connection has had before.
        status: Status code of the response.
        method: Method.
        target: Path and query.
    """

    earlier: int
    status: int
    method: str
    target: str


def program() -> str | None:
    """Find Apache: its path; None if it, or one of its modules, is not there."""
    if not all((MODULES / f"mod_{name}.so").exists() for name in LOADED):
        return None
    return next((path for path in map(shutil.which, PROGRAMS) if path is not None), None)


class Apache:
    """Apache as it is described above; start it with ``with``, or ``start`` and ``close``.

    Attributes:
        port: Its port.
    """

    def __init__(self) -> None:
        """Nothing is made yet."""
        self.port = 0
        self._numbers = itertools.count()
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

    def url(self, path: str, *, host: str = "127.0.0.1", userinfo: str = "") -> str:
        """Make the URL of a path; ``userinfo`` comes percent-encoded."""
        return f"http://{userinfo}{'@' if userinfo else ''}{host}:{self.port}{path}"

    def start(self) -> None:
        """Start, and return when the port accepts connections.

        Raises:
            FileNotFoundError: Apache is not installed.
            RuntimeError: It does not start; the message has what it wrote.
        """
        apache = program()
        if apache is None:
            raise FileNotFoundError("apache2 is not installed")
        # Not below the folders of pytest: Apache started by root becomes somebody else, who has no
        # access to these.
        self._folder = tempfile.TemporaryDirectory(prefix="apache-")
        folder = Path(self._folder.name)
        folder.chmod(0o755)
        _write_files(folder)
        for _ in range(STARTS_MAX):
            wrote = self._try_start(folder, apache)
            if wrote is None:
                return
            if "Address already in use" not in wrote:
                break
        raise RuntimeError(f"apache2 does not start: {wrote}")

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

    def accesses(self, query: str, count: int) -> list[Access]:
        """List the requests with this query in the order of their ends, once there are so many.

        A request is logged after its last octet was sent, so a client may be faster than the log:
        ``count`` says how long to wait. What there is beyond it is listed too.

        Args:
            query: What no other test asks for: see ``unique``.
            count: How many requests have been answered.
        """
        until = time.monotonic() + LOG_SECONDS_MAX
        while True:
            lines = self._log().read_text().splitlines(keepends=True)
            found = [line.split() for line in lines if line.endswith(f"?{query}\n")]
            if len(found) >= count or time.monotonic() > until:
                return [Access(int(k), int(status), *rest) for k, status, *rest in found]
            time.sleep(0.005)

    def unique(self) -> str:
        """Make a query that nobody has asked for."""
        return f"unique{next(self._numbers)}"

    def _log(self) -> Path:
        assert self._folder is not None, "the server is not running"
        return Path(self._folder.name, "access.log")

    def _try_start(self, folder: Path, apache: str) -> str | None:
        """Start on a port that is free now; None, or what Apache wrote when it gave up."""
        (self.port,) = _free_ports(1, ipv6=False)
        configuration = folder / "apache.conf"
        configuration.write_text(_configure(folder, self.port))
        output = folder / "output.log"
        with output.open("wb") as written:
            process = subprocess.Popen(
                [apache, "-f", str(configuration), "-D", "FOREGROUND"],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        self._process = process
        until = time.monotonic() + START_SECONDS_MAX
        while process.poll() is None and time.monotonic() < until:
            if _accepts(self.port):
                return None
            time.sleep(0.01)
        wrote = output.read_text(errors="replace")
        errors = folder / "error.log"
        if errors.exists():
            wrote += errors.read_text(errors="replace")
            errors.unlink()
        process.kill()
        process.wait()
        self._process = None
        return wrote


def _write_files(folder: Path) -> None:
    """Write passwords, and the program that answers."""
    (folder / "passwords").write_text(
        f"{USER}:{_sha(PASSWORD.encode())}\n"
        f"utf8:{_sha(ACCENTED.encode())}\n"
        f"latin1:{_sha(ACCENTED.encode('latin-1'))}\n"
    )
    digests = [
        f"{user}:{space}:{hashlib.md5(secret, usedforsecurity=False).hexdigest()}\n"
        for space in DIGEST_SPACES
        for user, password in (
            (USER, PASSWORD.encode()),
            ("utf8", ACCENTED.encode()),
            ("latin1", ACCENTED.encode("latin-1")),
        )
        for secret in [f"{user}:{space}:".encode() + password]
    ]
    (folder / "digests").write_text("".join(digests))
    programs = folder / "programs"
    programs.mkdir()
    (programs / "echo").write_text(ECHO)
    for path in (programs, programs / "echo"):
        path.chmod(0o755)


def _sha(password: bytes) -> str:
    digest = hashlib.sha1(password, usedforsecurity=False).digest()
    return "{SHA}" + base64.b64encode(digest).decode()


def _configure(folder: Path, port: int) -> str:
    identity = ""
    if os.geteuid() == 0:  # Apache refuses to serve as root.
        nobody = pwd.getpwnam("nobody")
        identity = f"User {nobody.pw_name}\nGroup {grp.getgrgid(nobody.pw_gid).gr_name}"
    return CONFIGURATION.substitute(
        folder=folder,
        port=port,
        identity=identity,
        modules="\n".join(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in LOADED),
        spaces="".join(
            SPACE.substitute(space=space, rules=_indent(RULES[space].format(folder=folder)))
            for space in SPACES
        ),
    )


def _indent(text: str) -> str:
    return "\n".join(" " * 4 + line for line in text.splitlines())
