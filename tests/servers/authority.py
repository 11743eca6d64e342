"""The certificates of the test servers, issued by a certificate authority made for one run."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

import trustme

if TYPE_CHECKING:
    from pathlib import Path

SERVER_NAMES: Final = ("a.test", "b.test", "localhost", "127.0.0.1", "::1")
CLIENT_NAME: Final = "client@a.test"


class Authority:
    """A certificate authority and what it issued, as files and as contexts.

    Attributes:
        path: The authority's own certificate, ``ca.pem``: what a client is told to trust.
        certificate: PEM file with key and certificate of a server for ``SERVER_NAMES``.
        client_certificate: PEM file with key and certificate of a client, ``CLIENT_NAME``.
    """

    def __init__(self, folder: Path) -> None:
        """Issue everything, and write it to ``folder``, which exists."""
        authority = trustme.CA()
        self.path: Final = folder / "ca.pem"
        self.certificate: Final = folder / "server.pem"
        self.client_certificate: Final = folder / "client.pem"
        authority.cert_pem.write_to_path(str(self.path))
        for names, path in (
            (SERVER_NAMES, self.certificate),
            ((CLIENT_NAME,), self.client_certificate),
        ):
            issued = authority.issue_cert(*names)
            issued.private_key_and_cert_chain_pem.write_to_path(str(path))

    def server_context(self) -> ssl.SSLContext:
        """Make a new context for a server that speaks HTTP/1.1 only (by ALPN too)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def client_context(self) -> ssl.SSLContext:
        """Make a new context for a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.path))
