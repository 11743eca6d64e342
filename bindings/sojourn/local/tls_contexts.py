"""TLS contexts: what is trusted, made from ``verify`` and ``cert``.

Reading a bundle of CA certificates takes longer than a whole request over TLS. A context is made
when the first connection needs it, once for each setting, and shared by all sessions; a bundle that
changed on disk makes another.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn_core.values.errors import InvalidArgument, SSLError

from .locks import new_lock

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sojourn_core.values.tls_settings import TLSSettings

CONTEXTS_MAX: Final = 32

SYSTEM: Final = "system"  # As ``verify``: what the operating system trusts.
_SYSTEM_TRUST: Final = object()  # The same once it is told from a path of that name.

_OWN_TRUST: Final = object()  # Nothing, until authorities are loaded from memory.

_contexts: dict[Any, ssl.SSLContext] = {}
_lock = new_lock()


def context_for(
    verify: Any,
    cert: Any,
    *,
    knows_system: bool = True,
    given: Any = None,
    key_log: str | None = None,
) -> ssl.SSLContext:
    """Return the context for these settings.

    Args:
        verify: True for certifi's bundle, False for no verification, "system" for what the
            operating system trusts, the path of a bundle file or of a directory of hashed
            certificates, ``TLSSettings``, or an ``ssl.SSLContext``, used as it is.
        cert: None, the path of a PEM file with certificate and key, or a pair of paths, one of
            each.
        given: A context that is used without its verification where ``verify`` is False, for the
            client certificate that it may have.
        knows_system: False if "system" is a path as any other, as it is for Requests.
        key_log: The path of a file for the secrets of connections (``SSLKEYLOGFILE``); a context
            of the caller's has its own.

    Raises:
        OSError: If a file is not there, as Requests does.
        SSLError: If a file holds nothing of use.
        InvalidArgument: If a setting is none of these.
    """
    if knows_system and isinstance(verify, str) and verify == SYSTEM:
        verify = _SYSTEM_TRUST
    if cert is not None:
        cert = as_certificate(cert)
    if not isinstance(verify, (str, bool)):
        verify = as_path(verify)
    if not isinstance(verify, (str, bool)) and verify is not None and verify is not _SYSTEM_TRUST:
        if hasattr(verify, "fingerprints"):
            return _context_from(verify, cert, key_log)
        if not hasattr(verify, "wrap_bio"):
            raise InvalidArgument(
                f"verify must be True, False, a path or an SSLContext, or 'system', not {verify!r}",
                maybe_sent=False,
            )
        if cert is None:
            return cast("ssl.SSLContext", verify)
    lax = given if verify is False and cert is None else None
    key = (lax, key_log, file_identity(verify), cert and file_identity(cert))
    context = _contexts.get(key)
    if context is not None:
        return context
    return _kept(key, key_log, lambda: _make(verify, cert) if lax is None else _unverified(lax))


def _kept(key: Any, key_log: str | None, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return the context of a key, which is made if there is none."""
    with _lock:
        context = _contexts.get(key)
        if context is None:
            context = make()
            if key_log:
                context.keylog_filename = key_log
            if len(_contexts) >= CONTEXTS_MAX:
                _contexts.pop(next(iter(_contexts)))
            _contexts[key] = context
    return context


def _context_from(settings: TLSSettings, cert: Any, key_log: str | None) -> ssl.SSLContext:
    """Return the context for settings that are a value."""
    from .tls_from_settings import is_pem, set_up, trust_pem  # Few ask for more than trust.

    trust = settings.trust
    key_log = settings.key_log or key_log
    files = (settings.certificate, settings.key, trust)
    known = [each if is_pem(each) else as_path(each) for each in files]

    def make() -> ssl.SSLContext:
        if is_pem(trust):
            context = _make(_OWN_TRUST, None)
            trust_pem(context, cast("str | bytes", trust))
        else:
            context = _make(_SYSTEM_TRUST if trust == SYSTEM else as_path(trust), None)
        set_up(context, settings, cert)
        return context

    key = (settings, key_log, file_identity(cert), *map(file_identity, known))
    return _contexts.get(key) or _kept(key, key_log, make)


def _unverified(given: ssl.SSLContext) -> ssl.SSLContext:
    from .borrowing import unverified  # It loads ssl.

    return unverified(given)


def as_path(setting: Any) -> Any:
    """Return a path as text; anything else as it is."""
    return os.fsdecode(setting) if isinstance(setting, (bytes, os.PathLike)) else setting  # pyright: ignore[reportUnknownArgumentType] - it is the caller's


def as_certificate(cert: Any) -> Any:
    """Return a path, or a pair of paths, as text; None for nothing.

    Raises:
        InvalidArgument: If it is neither.
    """
    if not cert and not hasattr(cert, "items"):
        return None
    parts: list[Any] = list(cast("Any", cert)) if isinstance(cert, (tuple, list)) else [cert, None]
    paths = [as_path(part) for part in parts]
    if len(paths) == 2 and isinstance(paths[0], str) and isinstance(paths[1], (str, type(None))):
        return paths[0] if paths[1] is None else (paths[0], paths[1])
    # The value is not shown: people put the password of their key there.
    what = f"{len(parts)} of them" if isinstance(cert, (tuple, list)) else type(cert).__name__
    raise InvalidArgument(
        f"cert must be a path or a pair of paths, (certificate, key), not {what}", maybe_sent=False
    )


def file_identity(setting: Any) -> Any:
    """Return a value that changes when the file at a path does, or one of several files.

    What is replaced by another file within one tick of the clock has another inode; what is
    written in place, and given its old time back, has another time of change.
    """
    if isinstance(setting, (tuple, list)):
        return tuple(file_identity(part) for part in cast("tuple[Any, ...]", setting))
    if not isinstance(setting, str):
        return setting
    try:
        status = os.stat(setting)  # noqa: PTH116 - each request asks, and a Path takes long to make
    except (OSError, ValueError):  # ValueError: no path holds a zero byte.
        return setting
    return (
        setting,
        status.st_dev,
        status.st_ino,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_size,
    )


def _make(verify: Any, cert: Any) -> ssl.SSLContext:
    import ssl

    if verify is _SYSTEM_TRUST:
        context = _system_context()
    elif verify not in (None, _OWN_TRUST) and not isinstance(verify, (bool, str)):
        raise OSError("give a client certificate to the SSLContext itself (load_cert_chain)")
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # RFC 6125 6.4.4 and RFC 9110 4.3.4: a name in the subject counts no more. OpenSSL takes it
    # where there is no subjectAltName, and Python lets it by default.
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    if verify is _SYSTEM_TRUST:
        pass
    elif verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif verify is not _OWN_TRUST:
        _load_authorities(context, verify if isinstance(verify, str) else _bundle())
    if cert:
        context.post_handshake_auth = True  # RFC 8446 section 4.6.2: it may be asked for later.
        _load_certificate(context, cert)
    return context


def _system_context() -> ssl.SSLContext:
    """Make a context that asks the operating system, by the extra ``truststore``.

    Raises:
        SSLError: The extra is not installed.
    """
    import ssl

    try:
        truststore = import_module("truststore")
    except ImportError as error:
        raise SSLError(
            "verify='system' takes the extra truststore: pip install 'sojourn[truststore]'",
            maybe_sent=False,
        ) from error
    return cast("ssl.SSLContext", truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _load_authorities(context: ssl.SSLContext, path: str) -> None:
    import ssl
    from pathlib import Path

    where = Path(path)
    problem = f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}"
    try:
        if where.is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:  # A file without a certificate.
        raise SSLError(problem) from error
    except (OSError, ValueError) as error:
        raise OSError(problem) from error


def _bundle() -> str:
    import certifi  # Plain HTTP goes without.

    return certifi.where()


def _load_certificate(context: ssl.SSLContext, cert: str | tuple[str, str]) -> None:
    import ssl
    from pathlib import Path

    certificate, key = (cert, None) if isinstance(cert, str) else cert
    for what, path in (("certificate file", certificate), ("key file", key)):
        if path is not None and (not Path(path).exists() or Path(path).is_dir()):
            raise OSError(f"Could not find the TLS {what}, invalid path: {path}")
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        said = error.reason or "no certificate with its key"
        raise SSLError(f"the client certificate {certificate} cannot be used: {said}") from error
