"""TLS contexts: what is trusted, made from ``verify`` and ``cert``.

Reading a bundle of CA certificates takes longer than a whole request over TLS. A context is made
when the first connection needs it, once for each setting, and shared by all sessions; a bundle that
changed on disk makes another.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import certifi

if TYPE_CHECKING:
    import ssl

CONTEXTS_MAX: Final = 32

_contexts: dict[Any, ssl.SSLContext] = {}
_lock = threading.Lock()


def context_for(verify: Any, cert: Any) -> ssl.SSLContext:
    """The context for these settings.

    Args:
        verify: True for certifi's bundle, False for no verification, the path of a bundle file or
            of a directory of hashed certificates, or an ``ssl.SSLContext``, used as it is.
        cert: None, the path of a PEM file with certificate and key, or a pair of paths, one of
            each.

    Raises:
        OSError: If a file is not there, or holds nothing of use; as Requests does.
    """
    if isinstance(verify, (int, float)) and not isinstance(verify, bool):
        raise ValueError(f"verify must be True, False, a path or an SSLContext, not {verify!r}")
    if not isinstance(verify, (bool, str, Path)) and verify is not None and cert is None:
        return cast("ssl.SSLContext", verify)
    key = _identity(verify, cert)
    context = _contexts.get(key)
    if context is None:
        with _lock:
            context = _contexts.get(key)
            if context is None:
                context = _make(verify, cert)
                if len(_contexts) >= CONTEXTS_MAX:
                    _contexts.pop(next(iter(_contexts)))
                _contexts[key] = context
    return context


def _identity(verify: Any, cert: Any) -> tuple[Any, ...]:
    return (_file_identity(verify), _file_identity(cert))


def _file_identity(setting: Any) -> Any:
    if isinstance(setting, (tuple, list)):
        return tuple(_file_identity(part) for part in cast("tuple[Any, ...]", setting))
    if isinstance(setting, (str, Path)):
        try:
            status = Path(setting).stat()
        except OSError:
            return str(setting)
        return (str(setting), status.st_mtime_ns, status.st_size)
    return setting


def _make(verify: Any, cert: Any) -> ssl.SSLContext:
    import ssl

    if isinstance(verify, ssl.SSLContext):
        raise OSError("give a client certificate to the SSLContext itself (load_cert_chain)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _load_authorities(context, certifi.where() if verify in (True, None) else str(verify))
    if cert:
        _load_certificate(context, cert)
    return context


def _load_authorities(context: ssl.SSLContext, path: str) -> None:
    where = Path(path)
    try:
        if where.is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:  # ssl.SSLError is one: a file without a certificate.
        raise OSError(
            f"Could not find a suitable TLS CA certificate bundle, invalid path: {path}"
        ) from error


def _load_certificate(context: ssl.SSLContext, cert: Any) -> None:
    certificate, key = cert if isinstance(cert, (tuple, list)) else (cert, None)  # pyright: ignore[reportUnknownVariableType]
    for what, path in (("certificate file", certificate), ("key file", key)):  # pyright: ignore[reportUnknownVariableType]
        if path is not None and not Path(cast("str", path)).exists():
            raise OSError(f"Could not find the TLS {what}, invalid path: {path}")
    context.load_cert_chain(cast("str", certificate), cast("str | None", key))
