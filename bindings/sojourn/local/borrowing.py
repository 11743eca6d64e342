"""TLS contexts that are laxer than one that was given, and have its client certificate.

Nothing that a caller gave is made laxer: others may use it. A certificate with its key cannot be
copied from one context to another. A connection that is there can take it over from another
context, and keeps the verification that it was made with.
"""

from __future__ import annotations

import ssl
from typing import Self


class BorrowingContext(ssl.SSLContext):
    """A context whose connections have the client certificate of another one.

    Attributes:
        given: The other context; None if the certificate is the own.
    """

    given: ssl.SSLContext | None = None

    @classmethod
    def like(cls, given: ssl.SSLContext | None) -> Self:
        """Make a context with the ciphers, versions, options and loaded CAs of another."""
        made = cls(ssl.PROTOCOL_TLS_CLIENT)
        made.given = given if isinstance(given, ssl.SSLContext) else None
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

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Wrap as ``ssl.SSLContext`` does, with the client certificate of the other context."""
        made = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if self.given is not None:
            made.context = self.given
        return made


def unverified(given: ssl.SSLContext) -> ssl.SSLContext:
    """Return a context that verifies nothing, and is like another one in all else.

    One that verifies nothing already is returned as it is.
    """
    if given.verify_mode is ssl.CERT_NONE:
        return given
    made = BorrowingContext.like(given)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made
