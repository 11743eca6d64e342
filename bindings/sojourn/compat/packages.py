"""``packages.urllib3`` and its like, for programs that reach for them through Requests.

Sojourn does not use urllib3. If it is installed, what is found here is the real thing, imported
when something is asked of it. If it is not, there is what nearly all of these programs want: to
silence a warning that Sojourn never gives, by ``packages.urllib3.disable_warnings()``.

The modules can be imported by their names here as well, as in
``from sojourn.compat.packages.urllib3.util.retry import Retry``.
"""

from __future__ import annotations

import sys
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
    """urllib3's warnings, which nothing here gives."""


class SecurityWarning(HTTPWarning):
    """A doubt about security."""


class InsecureRequestWarning(SecurityWarning):
    """A request over TLS whose peer is not verified."""


def disable_warnings(category: type[Warning] = HTTPWarning) -> None:
    """Do nothing: without urllib3 nobody gives its warnings."""


_WITHOUT: Final[dict[str, dict[str, Any]]] = {
    "urllib3": {"disable_warnings": disable_warnings},
    "urllib3.exceptions": {
        "HTTPWarning": HTTPWarning,
        "SecurityWarning": SecurityWarning,
        "InsecureRequestWarning": InsecureRequestWarning,
    },
}


class Lazy(ModuleType):
    """Stands for a module that is imported when something is asked of it.

    Args:
        name: Its name here.
        target: Its own name.
    """

    def __init__(self, name: str, target: str) -> None:
        super().__init__(name, f"Stands for {target}.")
        self.__path__ = []  # So that it may have submodules; there is no place to look for them.
        self._target = target

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # The import system's questions are about this very module.
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
    """A module by its own name; for chardet, what Requests takes in its place.

    Raises:
        ImportError: If it is not installed.
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
