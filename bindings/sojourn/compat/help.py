"""Versions to put into a bug report: ``python -m sojourn.compat.help``."""

from __future__ import annotations

import json
import platform
import ssl
import sys
from importlib import metadata
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


def info() -> dict[str, Any]:
    """Return the platform and the versions of packages; None for one that is not installed.

    The keys include those of Requests' own; ``requests`` is that package, if it is installed.
    """
    packages: dict[str, Any] = {name: {"version": _version_of(name)} for name in PACKAGES}
    return {
        "platform": {"system": platform.system(), "release": platform.release()},
        "implementation": {
            "name": platform.python_implementation(),
            "version": platform.python_version(),
        },
        "system_ssl": {"version": f"{ssl.OPENSSL_VERSION_NUMBER:x}"},
        "using_pyopenssl": False,
        "using_charset_normalizer": packages["charset_normalizer"]["version"] is not None,
        "sojourn": {"version": __version__},
        **packages,
    }


def _version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Write ``info()`` as JSON."""
    sys.stdout.write(json.dumps(info(), sort_keys=True, indent=2) + "\n")


if __name__ == "__main__":
    main()
