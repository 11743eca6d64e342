"""A real nginx in a folder of its own, run as a child of this process.

It listens on free ports of the loopback interface (IPv4, and IPv6 where there is one), for HTTP
and, when given a certificate, for HTTPS; and on a Unix socket for HTTP. One process, in the
foreground, and nothing of the system's own nginx but its program.

Locations (each answers HEAD too):

=====================  =================================================================
``/small``             100 octets of text, made without a file; ``?number=N`` is told in X-Number
``/hello.txt``         a small file: validators, ranges
``/big``               64 MiB of zeros
``/gz``                100 KB of text, with gzip for a client that accepts it
``/chunked``           that text in chunks, without a content coding
``/until-close``       that text, ended by the end of the connection
``/redirect/N``        302 to ``/redirect/N-1``; from ``/redirect/1`` to ``/small``; N is 1 to 5
``/upload``            takes content of any method, whole, and answers with its size in octets
``/echo-method``       answers with the method
``/echo/...``          answers with the request-target as it was sent
``/cookie/set``        sets the cookie ``seen=1``
``/cookie/echo``       answers with the Cookie field
``/client-verified``   answers what became of the client's certificate: ``SUCCESS``, ``NONE``,
                       or nothing over plain HTTP
=====================  =================================================================
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import string
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL: Final = b"sojourn ".ljust(99, b".") + b"\n"
HELLO: Final = b"hello, world\n"
BIG_SIZE: Final = 64 * 1024 * 1024
LINE: Final = b"%05d the quick brown fox jumps over the lazy dog\n"
TEXT: Final = b"".join(LINE % number for number in range(2000))
REDIRECTS: Final = 5

UNIX_PATH_MAX: Final = 100  # Systems have room for 104 characters at least.
START_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 10.0
STARTS_MAX: Final = 5  # Between finding a free port and binding it, another may take it.

CONFIGURATION: Final = string.Template("""\
daemon off;
master_process off;  # One process: what it has written is in the log in the order of its events.
pid "$prefix/nginx.pid";
error_log "$prefix/error.log" warn;

events { worker_connections 4096; }

http {
    types { text/plain txt; }
    default_type text/plain;
    client_body_temp_path "$prefix/client_body";
    proxy_temp_path "$prefix/proxy";
    fastcgi_temp_path "$prefix/fastcgi";
    uwsgi_temp_path "$prefix/uwsgi";
    scgi_temp_path "$prefix/scgi";

    log_format counted '$$connection $$connection_requests $$status $$request_length $$request';
    access_log $access_log;

    absolute_redirect off;
    client_max_body_size 200m;
    keepalive_requests 1000000;
    keepalive_timeout 1h;
    sendfile on;
    server_tokens off;

    map $$http_content_length $$received { "" 0; default $$http_content_length; }

    server {
        listen 127.0.0.1:$inner_port;
        access_log off;
        return 200 "$$received";
    }

    server {
$listens
$tls
        root "$prefix/files";

        # With a number its head differs from others, as the heads of real resources do.
        location = /small { add_header X-Number $$arg_number; return 200 "$small"; }
        location = /echo-method { return 200 "$$request_method"; }
        location /echo/ { return 200 "$$request_uri"; }
        location = /marker { access_log off; return 204; }
        location = /cookie/set { add_header Set-Cookie "seen=1; Path=/"; return 200 ""; }
        location = /cookie/echo { return 200 "$$http_cookie"; }
        location = /client-verified { return 200 "$$ssl_client_verify"; }
        location = /gz { gzip on; gzip_types text/plain; gzip_min_length 1; }

        # The SSI filter takes the length away, whatever it finds to include. Without sendfile,
        # because with it the last chunk waits for an acknowledgement.
        location = /chunked { ssi on; ssi_types text/plain; sendfile off; }
        location = /until-close {
            ssi on; ssi_types text/plain; sendfile off; chunked_transfer_encoding off;
        }

        # "return" alone would answer before it has read the content. A buffering proxy reads all
        # of it, takes the chunks off, and tells the inner server how much there was.
        location = /upload {
            proxy_pass http://127.0.0.1:$inner_port;
            proxy_method POST;
            proxy_http_version 1.1;
            proxy_request_buffering on;
        }
$redirects
    }
}
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One request as the server's log has it.

    Attributes:
        connection: Serial number of the connection, unique in one run of the server.
        connection_requests: How many requests that connection has had, this one included.
        method: Method, or the whole request line if it has no three parts.
        target: Request-target as sent, or empty.
        status: Status code of the response.
        request_length: Octets of the request: request line, fields and content.
    """

    connection: int
    connection_requests: int
    method: str
    target: str
    status: int
    request_length: int


def program() -> str | None:
    """Find nginx: its path, or None. /usr/sbin is not on every user's search path."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


class Nginx:
    """nginx with the locations listed above; start it with ``with``, or ``start`` and ``close``.

    Attributes:
        port: Port for HTTP.
        tls_port: Port for HTTPS, or None without a certificate.
        ipv6: Whether it listens on ::1 too, on the same ports.
        unix_path: The Unix socket that it listens on too; None if its path would be too long.
    """

    def __init__(
        self,
        folder: Path,
        *,
        certificate: Path | None = None,
        client_authority: Path | None = None,
        logged: bool = True,
    ) -> None:
        """Write the files to serve.

        Args:
            folder: An empty folder that the server may fill.
            certificate: PEM file with the server's key and chain, for HTTPS.
            client_authority: PEM file of the authority that issues client certificates.
            logged: Whether to write an access log; a benchmark has no use for it.
        """
        self.port = 0
        self.tls_port: int | None = None
        self.ipv6: Final = _has_ipv6_loopback()
        self._folder = folder
        path = folder / "nginx.sock"
        short = len(str(path)) < UNIX_PATH_MAX
        self.unix_path: Final = str(path) if short and hasattr(socket, "AF_UNIX") else None
        self._certificate = certificate
        self._client_authority = client_authority
        self._log = folder / "access.log" if logged else None
        self._process: subprocess.Popen[bytes] | None = None

        files = folder / "files"
        files.mkdir()
        (files / "hello.txt").write_bytes(HELLO)
        for name in ("gz", "chunked", "until-close"):
            (files / name).write_bytes(TEXT)
        with (files / "big").open("wb") as big:
            big.truncate(BIG_SIZE)  # Sparse: it takes no room.

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def url(self, path: str, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        """Make the URL of a path; an IPv6 address comes in its brackets."""
        return f"{scheme}://{host}:{self.tls_port if scheme == 'https' else self.port}{path}"

    def start(self) -> None:
        """Start, and return when every port accepts connections.

        Raises:
            FileNotFoundError: nginx is not installed.
            RuntimeError: It does not start; the message has what it wrote.
        """
        nginx = program()
        if nginx is None:
            raise FileNotFoundError("nginx is not installed")
        for _ in range(STARTS_MAX):
            wrote = self._try_start(nginx)
            if wrote is None:
                return
            if "Address already in use" not in wrote:
                break
        raise RuntimeError(f"nginx does not start: {wrote}")

    def close(self) -> None:
        """Stop the server and wait until it is gone; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def mark(self) -> int:
        """Say how long the log is now, for ``accesses`` to start from."""
        return len(self._read_log())

    def accesses(self, since: int = 0) -> list[Access]:
        """List the requests answered so far, in the order of their ends.

        Args:
            since: A former answer of ``mark``; 0 is the start of the server.
        """
        return [_parse_access(line) for line in self._read_log()[since:].decode().splitlines()]

    def _read_log(self) -> bytes:
        """Read the log, complete up to every response that a client has already read.

        nginx logs a request after its last octet was sent, so a client may be faster than the
        log. But the one process does so before it turns to another event: once it has answered
        a request that came later, the line is there.
        """
        assert self._log is not None, "this server keeps no log"
        with socket.create_connection(("127.0.0.1", self.port), START_SECONDS_MAX) as sock:
            sock.sendall(b"GET /marker HTTP/1.1\r\nHost: marker\r\nConnection: close\r\n\r\n")
            while sock.recv(4096):
                pass
        return self._log.read_bytes()

    def _try_start(self, nginx: str) -> str | None:
        """Start on ports that are free now; None, or what nginx wrote when it gave up."""
        port, tls_port, inner_port = _free_ports(3, ipv6=self.ipv6)
        self.port = port
        self.tls_port = tls_port if self._certificate else None
        if self.unix_path is not None:
            Path(self.unix_path).unlink(missing_ok=True)  # A server that was killed has left it.
        configuration = self._folder / "nginx.conf"
        configuration.write_text(self._configure(inner_port))
        output = self._folder / "output.log"
        with output.open("wb") as written:
            process = subprocess.Popen(
                [nginx, "-p", str(self._folder), "-c", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        self._process = process
        ports = [each for each in (self.port, self.tls_port, inner_port) if each is not None]
        until = time.monotonic() + START_SECONDS_MAX
        while process.poll() is None and time.monotonic() < until:
            # The log is written even if an unrelated program should own one of the ports.
            if (self._folder / "nginx.pid").exists() and all(map(_accepts, ports)):
                return None
            time.sleep(0.01)
        self.close()
        (self._folder / "nginx.pid").unlink(missing_ok=True)
        return output.read_text(errors="replace") + self._read_errors()

    def _read_errors(self) -> str:
        """Read and empty the error log, so that the next start has its own."""
        path = self._folder / "error.log"
        if not path.exists():
            return ""
        errors = path.read_text(errors="replace")
        path.unlink()
        return errors

    def _configure(self, inner_port: int) -> str:
        listens = [f"{self.port}", *([f"{self.tls_port} ssl"] if self.tls_port else [])]
        hosts = ["127.0.0.1", *(["[::1]"] if self.ipv6 else [])]
        tls: list[str] = []
        if self._certificate:
            tls = [
                f'ssl_certificate "{self._certificate}";',
                f'ssl_certificate_key "{self._certificate}";',
                "ssl_protocols TLSv1.2 TLSv1.3;",
                "ssl_session_cache shared:tls:1m;",
            ]
        if self._certificate and self._client_authority:
            tls += [
                f'ssl_client_certificate "{self._client_authority}";',
                "ssl_verify_client optional;",
            ]
        targets = ["/small", *(f"/redirect/{number}" for number in range(1, REDIRECTS))]
        redirects = [
            f"location = /redirect/{number} {{ return 302 {target}; }}"
            for number, target in enumerate(targets, 1)
        ]
        return CONFIGURATION.substitute(
            prefix=self._folder,
            access_log=f'"{self._log}" counted' if self._log else "off",
            inner_port=inner_port,
            listens=_indent(
                [
                    *(f"listen {host}:{each};" for host in hosts for each in listens),
                    *([f'listen "unix:{self.unix_path}";'] if self.unix_path else []),
                ]
            ),
            tls=_indent(tls),
            small=SMALL.decode(),
            redirects=_indent(redirects),
        )


def _indent(lines: Sequence[str]) -> str:
    return "\n".join(" " * 8 + line for line in lines)


def _parse_access(line: str) -> Access:
    connection, requests, status, length, request = line.split(" ", 4)
    parts = request.split(" ")
    method, target = parts[:2] if len(parts) == 3 else (request, "")
    return Access(
        connection=int(connection),
        connection_requests=int(requests),
        method=method,
        target=target,
        status=int(status),
        request_length=int(length),
    )


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def _free_ports(count: int, *, ipv6: bool) -> list[int]:
    """Find ports that are free on each loopback address; held together, so that they differ."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            sock = held.enter_context(socket.socket())
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
            if ipv6:
                other = held.enter_context(socket.socket(socket.AF_INET6))
                try:
                    other.bind(("::1", port))
                except OSError:
                    continue
            ports.append(port)
        return ports
