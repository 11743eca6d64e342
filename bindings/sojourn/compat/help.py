"""Versions to put into a bug report: ``python -m sojourn.compat.help``."""

from __future__ import annotations

import json
import ssl
import sys
from importlib import import_module
from typing import Any, Final

from sojourn_core import __version__

# Packages that Requests lists, and those that Sojourn needs.
PACKAGES: Final = (
    "brotli",
    "certifi",
    "chardet",
    "charset_normalizer",
    "cryptography",
    "h11",
    "idna",
    "pyOpenSSL",
    "requests",
    "rfc3986",
    "urllib3",
)
# Modules that are names of this one, as of Requests' own; None if one is not installed. They are
# imported when somebody asks for them: few programs do.
VERSIONED: Final = ("chardet", "charset_normalizer", "cryptography", "idna")
MODULES: Final = (*VERSIONED, "platform")


def info() -> dict[str, Any]:
    """Return the platform and the versions of packages; None for one that is not installed.

    The keys include those of Requests' own; ``requests`` is that package, if it is installed. A
    module that somebody has put in the place of one of ``VERSIONED`` tells its own version.
    """
    import platform

    packages: dict[str, Any] = {name: {"version": _version_of(name)} for name in PACKAGES}
    return {
        "platform": {"system": platform.system(), "release": platform.release()},
        "implementation": {
            "name": platform.python_implementation(),
            "version": platform.python_version(),
        },
        "system_ssl": {"version": f"{ssl.OPENSSL_VERSION_NUMBER:x}"},
        "using_pyopenssl": False,
        "using_charset_normalizer": getattr(sys.modules[__name__], "chardet") is None,  # noqa: B009 - it is made when it is asked for
        "sojourn": {"version": __version__},
        **packages,
    }


def _version_of(package: str) -> str | None:
    from importlib import metadata

    if package in globals() and package in VERSIONED:
        return getattr(globals()[package], "__version__", _UNVERSIONED.get(package))
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


_UNVERSIONED: Final = {"cryptography": "", "idna": ""}  # As Requests tells of these.


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return import_module(name)
    except ImportError:
        return None


def main() -> None:
    """Write ``info()`` as JSON."""
    sys.stdout.write(json.dumps(info(), sort_keys=True, indent=2) + "\n")


if __name__ == "__main__":
    main()
