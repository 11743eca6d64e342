"""The facts that TLS has found out about a peer, as a value."""

from __future__ import annotations

from hashlib import sha256

from .record import field, record
from .value import Value


@record(frozen=True, kw_only=True)
class TLSInfo(Value):
    """A TLS connection, and the certificate of its peer.

    OpenSSL reads a certificate only if it verifies it: where nothing is verified, the DER is all
    that there is of it.

    Attributes:
        version: The version of TLS, such as ``"TLSv1.3"``.
        cipher: The name of the cipher suite.
        protocol: What was agreed on by ALPN (RFC 7301), such as ``"http/1.1"``; empty if nothing.
        certificate: The certificate of the peer, as DER; None if it has shown none.
        subject: Names and values of whom it is for, such as ``("commonName", "a.test")``.
        issuer: The same of who has issued it.
        names: Kind and value of its subjectAltName, such as ``("DNS", "a.test")``.
        not_before: When it becomes valid, in seconds since 1970.
        not_after: When it ends to be, likewise.
    """

    version: str
    cipher: str
    protocol: str = ""
    certificate: bytes | None = field(default=None, repr=False)
    subject: tuple[tuple[str, str], ...] = ()
    issuer: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    not_before: int | None = None
    not_after: int | None = None

    @property
    def fingerprint(self) -> str | None:
        """The SHA-256 of the certificate's DER, as hexadecimal digits in lower case."""
        return None if self.certificate is None else sha256(self.certificate).hexdigest()
