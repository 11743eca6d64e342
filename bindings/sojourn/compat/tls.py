"""TLS contexts made from the settings of a pool.

A context that the caller gave is used itself. As in Requests, ``verify`` decides in the end if the
peer is verified. A given context is only changed to be stricter; for laxer settings a new one is
made.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from typing import TYPE_CHECKING, Any, Final, cast

from certifi import where

from sojourn.local.tls_contexts import file_identity
from sojourn_core.values.errors import SSLError

if TYPE_CHECKING:
    from .pooling import ConnectionPool

_DIGESTS: Final = {32: "md5", 40: "sha1", 64: "sha256"}  # By the number of hexadecimal digits.
_OWN: Final = (
    "ssl_context",
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
        verified = pool.cert_reqs not in ("CERT_NONE", "NONE", ssl.CERT_NONE)
        if not any(getattr(pool, name) is not None for name in _OWN):
            path = pool.ca_certs or pool.ca_cert_dir
            verify: Any = (True if path in (None, where()) else str(path)) if verified else False
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


def _context_for(pool: ConnectionPool, *, verified: bool) -> ssl.SSLContext:
    given: ssl.SSLContext | None = pool.ssl_context
    names_checked = pool.assert_hostname is not False and pool.assert_fingerprint is None
    pinned = bool(pool.assert_hostname or pool.server_hostname or pool.assert_fingerprint)
    if given is not None and verified and not pinned:
        context = given
        context.verify_mode = ssl.CERT_REQUIRED
        if names_checked:
            context.check_hostname = True
    else:
        context = _like(given)
        context.check_hostname = verified and names_checked
        context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
        context.name = pool.assert_hostname or pool.server_hostname or None
        context.fingerprint = pool.assert_fingerprint
    if pool.assert_hostname is False:
        context.check_hostname = False
    _set_versions(context, pool)
    if verified:
        _load_authorities(context, pool, given)
    if pool.cert_file:
        context.load_cert_chain(pool.cert_file, pool.key_file, pool.key_password)
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
    path = pool.ca_certs
    if path not in (None, where()):
        context.load_verify_locations(cafile=path)
    elif given is None or (
        type(given) is ssl.SSLContext and not context.cert_store_stats()["x509"]
    ):
        context.load_verify_locations(cafile=where())


class PinnedContext(ssl.SSLContext):
    """A context that expects another name than the origin's host, or one certificate.

    Attributes:
        name: The name sent as SNI and expected in the certificate; None for the host.
        fingerprint: The digest of the certificate, in hexadecimal digits; None for any.
    """

    name: str | None
    fingerprint: str | None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Wrap as ``ssl.SSLContext`` does, with the pinned name."""
        return super().wrap_bio(
            incoming, outgoing, server_side, self.name or server_hostname, session
        )


class PinnedObject(ssl.SSLObject):
    """A TLS connection that checks the fingerprint of the certificate after the handshake."""

    def do_handshake(self) -> None:
        """Do the handshake, then check the fingerprint.

        Raises:
            ssl.SSLCertVerificationError: The certificate has another fingerprint.
        """
        super().do_handshake()
        context = cast("PinnedContext", self.context)
        if context.fingerprint is not None:
            check_fingerprint(self.getpeercert(binary_form=True), context.fingerprint)


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


def _like(given: ssl.SSLContext | None) -> PinnedContext:
    """Make a context with the ciphers, versions, options and loaded CAs of another."""
    made = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    made.name = made.fingerprint = None
    if given is None:
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        return made
    made.options = given.options
    made.minimum_version = given.minimum_version
    made.maximum_version = given.maximum_version
    level = getattr(given, "security_level", None)
    ciphers = ":".join(cipher["name"] for cipher in given.get_ciphers())
    if ciphers:
        made.set_ciphers(ciphers if level is None else f"{ciphers}:@SECLEVEL={level}")
    for certificate in given.get_ca_certs(binary_form=True):
        made.load_verify_locations(cadata=certificate)
    return made
