"""TLS contexts from ``TLSSettings``: keys with a password, PEM from memory, versions, ciphers."""

from __future__ import annotations

import os
import ssl
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.errors import SSLError

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import NoReturn

    from sojourn_core.values.tls_settings import PEM, TLSSettings

VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
BEGIN: Final = "-----BEGIN"


def set_up(
    context: ssl.SSLContext, settings: TLSSettings, cert: str | tuple[str, str] | None
) -> None:
    """Apply settings to a context that nothing was loaded into but certificates of authorities.

    Args:
        context: The context.
        settings: The settings.
        cert: The paths of the call's or the session's client certificate, which count first.

    Raises:
        OSError: A file is not there.
        SSLError: Something of it is of no use.
    """
    context.minimum_version = VERSIONS[settings.minimum_version]
    if settings.ciphers is not None:
        try:
            context.set_ciphers(settings.ciphers)
        except ssl.SSLError as error:
            message = f"no cipher is known by {settings.ciphers!r}"
            raise SSLError(message, maybe_sent=False) from error
    certificate, key = settings.certificate, settings.key
    if cert is not None:
        certificate, key = cert if isinstance(cert, tuple) else (cert, None)
    if certificate is not None:
        context.post_handshake_auth = True
        with _file_of(certificate) as first, _file_of(key) as second:
            load(context, first, second, settings.password)


def trust_pem(context: ssl.SSLContext, pem: str | bytes) -> None:
    """Trust the certificates of authorities in a text.

    Raises:
        SSLError: There is none.
    """
    try:
        context.load_verify_locations(cadata=pem.decode() if isinstance(pem, bytes) else pem)
    except (ssl.SSLError, ValueError) as error:
        message = "there is no certificate in the text that is to be trusted"
        raise SSLError(message, maybe_sent=False) from error


def load(
    context: ssl.SSLContext, certificate: str, key: str | None, password: str | bytes | None
) -> None:
    """Load a client certificate, and its key by its password.

    Raises:
        OSError: A file is not there.
        SSLError: They are of no use, or the password is missing or wrong.
    """

    def ask() -> NoReturn:
        raise SSLError(
            "the key of the client certificate is encrypted: TLSSettings takes its password",
            maybe_sent=False,
        )

    try:
        context.load_cert_chain(certificate, key, ask if password is None else password)
    except ssl.SSLError as error:
        said = error.reason or "is its password wrong?"
        message = f"the client certificate cannot be used: {said}"
        raise SSLError(message, maybe_sent=False) from error


def is_pem(setting: object) -> bool:
    """Tell whether it is PEM itself, and no path."""
    return isinstance(setting, bytes) or (
        isinstance(setting, str) and setting.lstrip().startswith(BEGIN)
    )


@contextmanager
def _file_of(pem: PEM | None) -> Generator[Any]:
    """Have PEM in a file for as long as OpenSSL reads it; in memory, where there are such files."""
    if pem is None or not is_pem(pem):
        yield pem if pem is None else os.fspath(pem)
        return
    data = pem if isinstance(pem, bytes) else str(pem).encode()
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("sojourn")
        with os.fdopen(number, "wb", buffering=0) as file:
            file.write(data)
            yield f"/proc/self/fd/{number}"
        return
    with tempfile.NamedTemporaryFile(delete=False) as kept:  # Nobody else may read it.
        kept.write(data)
    try:
        yield kept.name
    finally:
        Path(kept.name).unlink()
