"""The codings that can be decoded, and the optional packages for br and zstd.

The packages are imported when a session first has to say what it accepts, or when a response needs
them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def brotli_package() -> Any:
    """Return the package that decodes br; None without one."""
    for name in ("brotli", "brotlicffi"):
        package = _import_if_present(name)
        # Before 1.2 neither could bound its output. Being without br is better than that.
        if hasattr(getattr(package, "Decompressor", None), "can_accept_more_data"):
            return package
    return None


def zstd_package() -> Any:
    """Return the package that decodes zstd; None without one."""
    return _import_if_present("compression.zstd") or _import_if_present("backports.zstd")


_PACKAGES: Final[dict[str, Callable[[], Any]]] = {"br": brotli_package, "zstd": zstd_package}


def _import_if_present(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:  # Absent, or present without the library that it wraps.
        return None


@cache
def accept_encoding() -> str:
    """Return the Accept-Encoding value that names what can be decoded, as Requests writes it.

    The optional packages are looked for once.
    """
    optional = [coding for coding in _PACKAGES if is_known(coding)]
    return ", ".join(["gzip", "deflate", *optional])


def is_known(coding: str) -> bool:
    """Return True if there is a codec for this coding."""
    if coding in _PACKAGES:
        return _PACKAGES[coding]() is not None
    return coding in {"gzip", "deflate"}
