"""Every name of Requests' small modules is there, and is called in the same way."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, Final

import pytest

# What each module has beyond its own needs: what it imports for itself, and what is urllib3's.
THEIR_OWN: Final = {
    "structures": {"Generic", "OrderedDict"},
    "status_codes": set(),
    "certs": set(),
    "hooks": set(),
    "exceptions": {"BaseHTTPError", "CompatJSONDecodeError"},
    "cookies": {"cookielib", "to_native_string", "urlparse", "urlunparse"},
    "compat": {"ModuleType", "importlib", "sys", "urllib3_version"},
    "help": {
        "OpenSSL",
        "charset_normalizer",
        "chardet",
        "cryptography",
        "idna",
        "pyopenssl",
        "requests_version",
        "urllib3",
    },
    "utils": {
        "FileModeWarning",
        "InvalidHeader",
        "InvalidURL",
        "OrderedDict",
        "UnrewindableBodyError",
        "bytes",
        "certs",
        "codecs",
        "contextlib",
        "integer_types",
        "io",
        "is_urllib3_1",
        "make_headers",
        "os",
        "parse_url",
        "re",
        "socket",
        "str",
        "struct",
        "sys",
        "tempfile",
        "warnings",
        "zipfile",
    },
}
# Our product has another name, and our exceptions name their keywords.
OTHER_DEFAULTS: Final = {"default_user_agent"}


def public(module: Any) -> dict[str, Any]:
    """The names of a module that are for users, without those of ``typing``."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "") not in {"typing", "collections.abc", "__future__"}
        and name not in {"annotations", "Iterable", "Iterator", "TYPE_CHECKING", "Mapping"}
    }


@pytest.mark.parametrize("module", THEIR_OWN)
def test_no_name_is_missing(module: str) -> None:
    theirs = importlib.import_module(f"requests.{module}")
    ours = importlib.import_module(f"sojourn.compat.{module}")
    missing = {name for name in public(theirs) if not hasattr(ours, name)}
    assert missing <= THEIR_OWN[module]


def parameters(value: Any) -> Any:
    """Names, kinds and defaults; annotations are another matter."""
    return [
        (parameter.name, parameter.kind, parameter.default)
        for parameter in inspect.signature(value).parameters.values()
    ]


CALLED: Final = [
    (module, name)
    for module in sorted(THEIR_OWN.keys() - {"exceptions"})
    for name, value in public(importlib.import_module(f"requests.{module}")).items()
    if callable(value)
    and name not in THEIR_OWN[module]
    and not (isinstance(value, type) and issubclass(value, Exception))
]


@pytest.mark.parametrize(("module", "name"), CALLED)
def test_it_is_called_in_the_same_way(module: str, name: str) -> None:
    theirs = getattr(importlib.import_module(f"requests.{module}"), name)
    ours = getattr(importlib.import_module(f"sojourn.compat.{module}"), name)
    if ours is theirs:  # The standard library's, or certifi's.
        return
    told, expected = parameters(ours), parameters(theirs)
    if name in OTHER_DEFAULTS:
        told, expected = ([part[:2] for part in each] for each in (told, expected))
    assert told == expected


METHODS: Final = [
    (module, kind, name)
    for module, kind in [
        ("structures", "CaseInsensitiveDict"),
        ("structures", "LookupDict"),
        ("cookies", "RequestsCookieJar"),
        ("cookies", "MockRequest"),
        ("cookies", "MockResponse"),
    ]
    for name, value in inspect.getmembers(
        getattr(importlib.import_module(f"requests.{module}"), kind)
    )
    if not name.startswith("_") and callable(value)
]


@pytest.mark.parametrize(("module", "kind", "name"), METHODS)
def test_methods_are_called_in_the_same_way(module: str, kind: str, name: str) -> None:
    theirs = getattr(getattr(importlib.import_module(f"requests.{module}"), kind), name)
    ours = getattr(getattr(importlib.import_module(f"sojourn.compat.{module}"), kind), name)
    if ours != theirs and not inspect.ismethoddescriptor(theirs):
        assert parameters(ours) == parameters(theirs)
