"""``packages.urllib3`` and its siblings, for programs that import them through Requests.

Sojourn does not use urllib3. If it is installed, the modules here stand for the real ones, which
are imported when an attribute is read. If it is not, the one call that nearly all of these programs
make still works: ``packages.urllib3.disable_warnings()``, for the warning of an unverified request.

The modules can also be imported by their names here, as in
``from sojourn.compat.packages.urllib3.util.retry import Retry``.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any, Final

MODULES: Final = (
    "urllib3",
    "urllib3._collections",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.contrib",
    "urllib3.contrib.pyopenssl",
    "urllib3.contrib.socks",
    "urllib3.exceptions",
    "urllib3.fields",
    "urllib3.filepost",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util",
    "urllib3.util.connection",
    "urllib3.util.request",
    "urllib3.util.response",
    "urllib3.util.retry",
    "urllib3.util.ssl_",
    "urllib3.util.timeout",
    "urllib3.util.url",
    "idna",
    "chardet",
)


class HTTPWarning(Warning):
    """The base of urllib3's warnings, where it is not imported."""


class SecurityWarning(HTTPWarning):
    """A doubt about security."""


class InsecureRequestWarning(SecurityWarning):
    """A request over TLS whose peer is not verified."""


def disable_warnings(category: type[Warning] = HTTPWarning) -> None:
    """Give no more warnings of this category, as urllib3's function of this name."""
    warnings.simplefilter("ignore", category)


def warn_unverified(host: str) -> None:
    """Warn of a request over TLS whose peer is not verified, as urllib3 does.

    The category is urllib3's own if the program has imported it, so filters for either count; so do
    those for the module that warns with Requests.
    """
    known: Any = sys.modules.get("urllib3.exceptions")
    warnings.warn_explicit(
        f"Unverified HTTPS request is being made to host '{host}'. "
        "Adding certificate verification is strongly advised.",
        InsecureRequestWarning if known is None else known.InsecureRequestWarning,
        "<sojourn.compat>",
        1,
        module="urllib3.connectionpool",
        registry=_WARNED,
    )


_WARNED: Final[dict[Any, Any]] = {}  # Kept by ``warnings``: what was warned of once.


_WITHOUT: Final[dict[str, dict[str, Any]]] = {
    "urllib3": {"disable_warnings": disable_warnings},
    "urllib3.exceptions": {
        "HTTPWarning": HTTPWarning,
        "SecurityWarning": SecurityWarning,
        "InsecureRequestWarning": InsecureRequestWarning,
    },
}


class Lazy(ModuleType):
    """Stands for a module, which is imported when an attribute is read.

    Args:
        name: The module's name here.
        target: The module's own name.
    """

    def __init__(self, name: str, target: str) -> None:
        super().__init__(name, f"Stands for {target}.")
        self.__path__ = []  # It makes this a package, whose submodules are in ``sys.modules``.
        self._target = target

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # The import system asks about this object, not its target.
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        inner = sys.modules.get(f"{self.__name__}.{name}")
        if inner is not None:
            return inner
        try:
            real = real_module(self._target)
        except ImportError:
            known = _WITHOUT.get(self._target, {})
            if name not in known:
                raise AttributeError(
                    f"{self._target} is not installed, so it has no {name!r} here"
                ) from None
            return known[name]
        return getattr(real, name)


def real_module(name: str) -> ModuleType:
    """Import a module by its own name; for chardet, charset_normalizer may take its place.

    Raises:
        ImportError: It is not installed.
    """
    if name != "chardet":
        return import_module(name)
    try:
        return import_module(name)
    except ImportError:
        return import_module("charset_normalizer")


for _target in MODULES:
    sys.modules[f"{__name__}.{_target}"] = Lazy(f"{__name__}.{_target}", _target)

urllib3: Any = sys.modules[f"{__name__}.urllib3"]
idna: Any = sys.modules[f"{__name__}.idna"]
chardet: Any = sys.modules[f"{__name__}.chardet"]
