"""TLS contexts made from the settings of a pool.

A context that the caller gave is used itself where it can be, and only ever changed to be stricter.
As in Requests, ``verify`` decides in the end if the peer is verified; where nothing was said, the
context decides. For laxer settings, and for those that a context cannot express, another one does
the handshake, with the client's certificate of the one that was given.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn.local.borrowing import BorrowingContext
from sojourn.local.tls_contexts import file_identity
from sojourn_core.values.errors import SSLError

from . import certs

if TYPE_CHECKING:
    from .pooling import ConnectionPool

_DIGESTS: Final = {32: "md5", 40: "sha1", 64: "sha256"}  # By the number of hexadecimal digits.
_OWN: Final = (
    "ssl_context",
    "ca_cert_data",
    "key_password",
    "assert_hostname",
    "server_hostname",
    "assert_fingerprint",
    "ssl_minimum_version",
    "ssl_maximum_version",
    "ssl_version",
)
_READ: Final = (*_OWN, "cert_reqs", "ca_certs", "ca_cert_dir", "cert_file", "key_file")
_FILES: Final = ("ca_certs", "ca_cert_dir", "cert_file", "key_file")
_VERSIONS: Final = {
    ssl.PROTOCOL_TLSv1: ssl.TLSVersion.TLSv1,
    ssl.PROTOCOL_TLSv1_1: ssl.TLSVersion.TLSv1_1,
    ssl.PROTOCOL_TLSv1_2: ssl.TLSVersion.TLSv1_2,
}
CONTEXTS_MAX: Final = 32


class Contexts:
    """TLS contexts of one adapter, made when needed; ``CONTEXTS_MAX`` of them are kept."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], ssl.SSLContext] = {}

    def settings_for(self, pool: ConnectionPool) -> tuple[Any, Any]:
        """Return ``verify`` and ``cert`` for the transport.

        Settings that a flag and paths can express are passed on as such; others make a context.

        Raises:
            OSError: A file does not exist.
            SSLError: A file holds no certificate or key that can be used.
            ValueError: A setting has a value that TLS does not know.
        """
        verified = is_verified(pool)
        if not any(getattr(pool, name) is not None for name in _OWN):
            path = pool.ca_certs or pool.ca_cert_dir
            verify: Any = (
                (True if path in (None, certs.where()) else str(path)) if verified else False
            )
            cert = pool.cert_file
            return verify, (cert, pool.key_file) if cert and pool.key_file else cert
        key = tuple(getattr(pool, name) for name in _READ)
        key += tuple(file_identity(getattr(pool, name)) for name in _FILES)
        context = self._made.get(key)
        if context is None:
            try:
                context = _context_for(pool, verified=verified)
            except ssl.SSLError as error:
                raise SSLError(f"the settings for TLS cannot be used: {error.reason}") from error
            if len(self._made) >= CONTEXTS_MAX:
                self._made.pop(next(iter(self._made)))
            self._made[key] = context
        return context, None


def is_verified(pool: ConnectionPool) -> bool:
    """Return True if the peer must have a certificate; where nothing is said, the context says."""
    asked: Any = pool.cert_reqs
    given: ssl.SSLContext | None = pool.ssl_context
    if asked is None:
        return given is None or given.verify_mode is not ssl.CERT_NONE
    return asked not in ("CERT_NONE", "NONE", ssl.CERT_NONE)


def _context_for(pool: ConnectionPool, *, verified: bool) -> ssl.SSLContext:
    given: ssl.SSLContext | None = pool.ssl_context
    expected = pool.assert_hostname
    server_name = pool.server_hostname
    fingerprint = pool.assert_fingerprint
    by_itself = expected is None and fingerprint is None
    if given is not None and server_name is None and fingerprint is None and not expected:
        if pool.cert_reqs is None or (not verified and given.verify_mode is ssl.CERT_NONE):
            return _with_files(given, pool, given, verified=verified)
        if verified and expected is None:
            given.verify_mode = ssl.CERT_REQUIRED
            given.check_hostname = True
            return _with_files(given, pool, given, verified=verified)
    context = PinnedContext.like(given)
    context.check_hostname = verified and by_itself
    context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    context.name = server_name or None
    context.expected = expected or None if verified and fingerprint is None else None
    context.fingerprint = fingerprint
    return _with_files(context, pool, given, verified=verified)


def _with_files(
    context: ssl.SSLContext,
    pool: ConnectionPool,
    given: ssl.SSLContext | None,
    *,
    verified: bool,
) -> ssl.SSLContext:
    """Add versions, CAs and the client's certificate that the pool names to a context."""
    _set_versions(context, pool)
    if verified:
        _load_authorities(context, pool, given)
    if pool.cert_file:
        context.load_cert_chain(pool.cert_file, pool.key_file, pool.key_password)
        if isinstance(context, PinnedContext):
            context.given = None  # The certificate is another one.
    return context


def _set_versions(context: ssl.SSLContext, pool: ConnectionPool) -> None:
    only = _VERSIONS.get(pool.ssl_version)
    least = pool.ssl_minimum_version or only
    most = pool.ssl_maximum_version or only
    if least is not None:
        context.minimum_version = least
    if most is not None:
        context.maximum_version = most


def _load_authorities(
    context: ssl.SSLContext, pool: ConnectionPool, given: ssl.SSLContext | None
) -> None:
    """Load the CAs that ``verify`` names; certifi's only if the context has none yet."""
    if pool.ca_cert_dir:
        context.load_verify_locations(capath=pool.ca_cert_dir)
        return
    data = pool.ca_cert_data
    if data:
        context.load_verify_locations(cadata=data)
    path = pool.ca_certs
    if path not in (None, certs.where()):
        context.load_verify_locations(cafile=path)
    elif (given is None and not data) or (
        type(given) is ssl.SSLContext and not context.cert_store_stats()["x509"]
    ):
        context.load_verify_locations(cafile=certs.where())


class PinnedContext(BorrowingContext):
    """A context that expects another name than the origin's host, or one certificate.

    Attributes:
        name: The name sent as SNI, and checked unless ``expected`` is; None for the host.
        expected: The name that the certificate must be for; None for the name above.
        fingerprint: The digest of the certificate, in hexadecimal digits; None for any.
    """

    name: str | None = None
    expected: str | None = None
    fingerprint: str | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Wrap as ``ssl.SSLContext`` does, with the pinned name."""
        name = self.name or server_hostname
        made = super().wrap_bio(incoming, outgoing, server_side, name, session)
        cast("PinnedObject", made).pins = self
        return made


class PinnedObject(ssl.SSLObject):
    """A TLS connection that checks what is pinned after the handshake.

    Attributes:
        pins: The context that it was made by.
    """

    pins: PinnedContext

    def do_handshake(self) -> None:
        """Do the handshake, then check the fingerprint and the name.

        Raises:
            ssl.SSLCertVerificationError: The certificate has another fingerprint, or another name.
        """
        super().do_handshake()
        pins = self.context = self.pins
        if pins.fingerprint is not None:
            check_fingerprint(self.getpeercert(binary_form=True), pins.fingerprint)
        elif pins.expected is not None:
            check_name(cast("Any", self.getpeercert()) or {}, pins.expected)


PinnedContext.sslobject_class = PinnedObject


def check_fingerprint(certificate: bytes | None, fingerprint: str) -> None:
    """Refuse a certificate that does not have this digest: MD5, SHA-1 or SHA-256.

    Raises:
        ssl.SSLCertVerificationError: Its digest differs, or the fingerprint is malformed.
    """
    wanted = fingerprint.replace(":", "").lower()
    name = _DIGESTS.get(len(wanted))
    if name is None:
        raise ssl.SSLCertVerificationError(f"fingerprint of invalid length: {fingerprint}")
    found = hashlib.new(name, certificate or b"", usedforsecurity=False).hexdigest()
    if certificate is None or not hmac.compare_digest(found, wanted):
        raise ssl.SSLCertVerificationError(
            f"the fingerprint of the certificate is {found}, not {wanted}"
        )


def check_name(certificate: dict[str, Any], expected: str) -> None:
    """Refuse a certificate that is not for this name or address (RFC 9110 section 4.3.4).

    Only subjectAltName counts; a wildcard is a whole leftmost label (RFC 6125 section 6.4.3).

    Raises:
        ssl.SSLCertVerificationError: It is for others.
    """
    wanted = expected.strip("[]").lower().removesuffix(".")
    try:
        address = ip_address(wanted)
    except ValueError:
        address = None
    names: list[str] = []
    for kind, value in certificate.get("subjectAltName", ()):
        names.append(value)
        if kind == "IP Address" and address is not None and ip_address(value.strip()) == address:
            return
        if kind == "DNS" and address is None:
            name = value.lower().removesuffix(".")
            first, _, rest = wanted.partition(".")
            if name == wanted or (first and name.startswith("*.") and name[2:] == rest):
                return
    raise ssl.SSLCertVerificationError(
        f"Hostname mismatch, certificate is not valid for {expected!r}, but for {names}"
    )
