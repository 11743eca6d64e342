"""Settings of TLS beyond trust and a certificate, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from .record import field, record
from .value import Value

if TYPE_CHECKING:
    from typing import Protocol

    class Path(Protocol):
        """A path, such as ``pathlib.Path``."""

        def __fspath__(self) -> str: ...

    # The path of a PEM file, or what such a file holds.
    PEM: TypeAlias = str | bytes | Path

_HEX = frozenset("0123456789abcdef")
FINGERPRINT_DIGITS = 64


@record(frozen=True, kw_only=True)
class TLSSettings(Value):
    """Settings of TLS, to be given as ``verify``.

    Text that begins with ``-----BEGIN`` and bytes are PEM themselves; other text is a path.

    Attributes:
        trust: What is trusted: True for certifi's bundle, False for no verification, ``"system"``
            for what the operating system trusts, or PEM of CA certificates.
        certificate: A client certificate with its chain, as PEM; its key may be in it. It counts
            where the call and the session give no ``cert``.
        key: The key of the certificate, if it stands elsewhere.
        password: The password of an encrypted key, that of ``cert`` too.
        minimum_version: The least version that is spoken.
        ciphers: Ciphers of TLS 1.2, as OpenSSL lists them (``openssl ciphers``); those of 1.3 are
            always allowed.
        fingerprints: If there are any, the server's certificate must have one of them: SHA-256 of
            its DER, as hexadecimal digits, with or without colons. That is checked before a byte
            of the request is sent, and beside what ``trust`` says.
        key_log: The path of a file that secrets are appended to, for tools that read what was
            recorded. ``SSLKEYLOGFILE`` does the same, if the environment counts (``trust_env``).

    Raises:
        ValueError: For a fingerprint that is none.
    """

    trust: bool | PEM = True
    certificate: PEM | None = field(default=None, repr=False)
    key: PEM | None = field(default=None, repr=False)
    password: str | bytes | None = field(default=None, repr=False)
    minimum_version: Literal["1.2", "1.3"] = "1.2"
    ciphers: str | None = None
    fingerprints: tuple[str, ...] = ()
    key_log: str | None = None

    def __post_init__(self) -> None:
        if self.minimum_version not in ("1.2", "1.3"):
            raise ValueError(f"minimum_version is '1.2' or '1.3', not {self.minimum_version!r}")
        given = (self.fingerprints,) if isinstance(self.fingerprints, str) else self.fingerprints
        read = tuple(each.replace(":", "").lower() for each in given)
        for each in read:
            if len(each) != FINGERPRINT_DIGITS or not _HEX.issuperset(each):
                raise ValueError("a fingerprint is the SHA-256 of a certificate: 64 hex digits")
        object.__setattr__(self, "fingerprints", read)
