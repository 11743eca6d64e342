"""The server of these programs: three origins and two proxies, all on the loopback interface.

It needs ``trustme``, which makes the certificates; the rest is the standard library. Ports are
chosen by the system, so ``named`` puts lasting names in their place before anything is printed.
"""

import contextlib
import http.client
import os
import re
import select
import socket
import ssl
import threading
import urllib.parse
from base64 import b64encode
from http.server import ThreadingHTTPServer
from pathlib import Path

import trustme
from pages import PASSWORD, SECONDS_MAX, USER, Handler, Pages

HOSTS = ("127.0.0.1", "localhost")
CLIENT = "ada@library.test"
READ_SIZE = 65536
# What only concerns the client and the proxy, or is written anew.
OWN_FIELDS = {"connection", "proxy-connection", "proxy-authorization", "transfer-encoding"}


class Server:
    """Everything that a program may talk to. A context manager, which closes it all.

    Attributes:
        folder: A directory for files of the programs; exists, and is the caller's to remove.
        ca: Path of the certificate to trust.
        client_cert: Path of a PEM file with a client's certificate and key.
        proxy_url: A proxy for everybody.
        locked_proxy_url: A proxy that wants credentials, without these.
        user, password: The only credentials that anything here takes.
    """

    user, password = USER, PASSWORD

    def __init__(self, folder):
        """Make the certificates in ``folder``, listen and serve."""
        self.folder = Path(folder)
        self.ca = str(self.folder / "ca.pem")
        self.client_cert = str(self.folder / "client.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca)
        issued = authority.issue_cert(CLIENT)
        issued.private_key_and_cert_chain_pem.write_to_path(self.client_cert)

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*HOSTS).configure_cert(context)
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL  # A client may show who it is, and need not.

        self._proxied = []
        self._origins = {
            "server.test": Origin(Pages),
            "secure.test": Origin(Pages, context=context),
            "other.test": Origin(Pages),
            "proxy.test": Origin(Proxy, proxied=self._proxied),
            "locked.test": Origin(Proxy, proxied=self._proxied, locked=True),
        }
        self.proxy_url = f"http://127.0.0.1:{self._port('proxy.test')}"
        self.locked_proxy_url = f"http://127.0.0.1:{self._port('locked.test')}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for origin in self._origins.values():
            origin.close()

    def url(self, path):
        """The URL of a page."""
        return f"http://127.0.0.1:{self._port('server.test')}{path}"

    def https_url(self, path):
        """The URL of a page, by TLS."""
        return f"https://127.0.0.1:{self._port('secure.test')}{path}"

    def other_url(self, path):
        """The URL of a page on another host."""
        return f"http://localhost:{self._port('other.test')}{path}"

    def closed_url(self, path):
        """A URL where nobody listens (now, and in all likelihood for a while)."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return f"http://127.0.0.1:{listener.getsockname()[1]}{path}"

    def named(self, text):
        """Put names in the place of addresses: ``http://127.0.0.1:51234`` -> ``http://server.test``."""
        names = {str(origin.port): name for name, origin in self._origins.items()}
        return re.sub(
            r"(?:127\.0\.0\.1|localhost):(\d+)",
            lambda found: names.get(found[1], found[0]),
            str(text),
        )

    def proxied(self):
        """What the proxies were asked for since the last call: lines such as ``GET URL``."""
        seen = [self.named(line) for line in self._proxied]
        self._proxied.clear()
        return seen

    def forget(self):
        """Be as new: what one program has left does not concern the next one."""
        self._proxied.clear()
        for origin in self._origins.values():
            origin.counts.clear()
            origin.notes.clear()

    def file(self, name, content):
        """Write a file, and give its path. ``content`` is octets, or text for UTF-8."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    @contextlib.contextmanager
    def environment(self, **variables):
        """Set environment variables within a ``with``."""
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def _port(self, name):
        return self._origins[name].port


class Origin(ThreadingHTTPServer):
    """One listener, with a thread for itself and one for each connection.

    Attributes:
        port: Where it listens.
        secure: Whether it speaks TLS.
        locked: Whether it wants credentials; for proxies.
        proxied: Where a proxy writes down what it was asked for.
        counts, notes: What the pages remember between requests.
    """

    daemon_threads = False  # ``server_close`` waits for them all.

    def __init__(self, handler, *, context=None, proxied=(), locked=False):
        """Listen and serve."""
        self.secure, self.proxied, self.locked = context is not None, proxied, locked
        self.counts, self.notes = {}, {}
        self._context = context
        self._open = set()
        self._changing = threading.Lock()
        super().__init__(("127.0.0.1", 0), handler)
        self.port = self.server_address[1]
        self._serving = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._serving.start()

    def get_request(self):
        """Accept; the handshake is the business of the connection's own thread."""
        sock, address = super().get_request()
        if self._context is not None:
            sock = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        with self._changing:
            self._open.add(sock)
        return sock, address

    def shutdown_request(self, request):
        """Close a connection."""
        with self._changing:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Keep quiet: a client that goes away, or distrusts the certificate, is no news."""

    def close(self):
        """Stop listening, end every connection, and wait for all threads."""
        self.shutdown()
        self._serving.join()
        with self._changing:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    # The socket's own, below TLS: another thread may be reading.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        self.server_close()


class Proxy(Handler):
    """Forwards requests to the loopback interface, and makes tunnels there (RFC 9110 9.3.6)."""

    def reply(self, content):
        self.server.proxied.append(f"{self.command} {self.path}")
        wanted = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        target = self.path if self.command == "CONNECT" else urllib.parse.urlsplit(self.path).netloc
        host, _, port = target.rpartition(":")
        if self.server.locked and self.headers.get("Proxy-Authorization") != wanted:
            self.answer(407, ("Proxy-Authenticate", 'Basic realm="proxy"'))
        elif host not in HOSTS:
            self.answer(403)
        elif self.command == "CONNECT":
            self.tunnel(host, int(port))
        else:
            self.forward(host, int(port), content)

    def forward(self, host, port, content):
        """Ask the origin, and hand its response on."""
        origin = http.client.HTTPConnection(host, port, timeout=SECONDS_MAX)
        url = urllib.parse.urlsplit(self.path)
        with contextlib.closing(origin):
            target = f"{url.path}?{url.query}" if url.query else url.path
            origin.putrequest(self.command, target, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in OWN_FIELDS:
                    origin.putheader(name, value)
            if "Content-Length" not in self.headers and content:
                origin.putheader("Content-Length", str(len(content)))
            origin.putheader("Via", "1.1 proxy")
            origin.endheaders(content)
            response = origin.getresponse()
            got = response.read()
            fields = [
                (name, value)
                for name, value in response.getheaders()
                if name.lower() not in OWN_FIELDS | {"content-length"}
            ]
            self.answer(response.status, *fields, ("Via", "1.1 proxy"), content=got)

    def tunnel(self, host, port):
        """Carry octets both ways until one side ends."""
        self.close_connection = True
        with socket.create_connection((host, port), timeout=SECONDS_MAX) as origin:
            self.send_response_only(200)
            self.end_headers()
            self.wfile.flush()
            ends = {self.connection: origin, origin: self.connection}
            while True:
                ready, _, _ = select.select(list(ends), [], [], SECONDS_MAX)
                if not ready:
                    return
                for end in ready:
                    data = end.recv(READ_SIZE)
                    if not data:
                        return
                    ends[end].sendall(data)
