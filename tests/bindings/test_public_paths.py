"""The paths that users import: where modules move, these stay."""

from __future__ import annotations

from importlib import import_module

import pytest

PUBLIC = {
    "sojourn": ["AsyncSession", "Session", "HTTPAdapter", "AsyncHTTPAdapter", "Response", "get"],
    "sojourn.api": ["delete", "get", "head", "options", "patch", "post", "put", "request"],
    "sojourn.compat": ["Session", "get", "install_as_requests"],
    "sojourn.cookiejars": ["from_standard", "to_standard"],
    "sojourn.exceptions": ["ConnectionError", "HTTPError", "PolicyRefused", "RequestException"],
    "sojourn_core": ["Call", "CookieJar", "Exchange", "Pool", "Session", "decide_redirect"],
    "sojourn_core.commands": ["CALL_REPLIES", "EXCHANGE_REPLIES", "Fail", "Read", "Send", "Write"],
    "sojourn_core.cookies": ["Cookie", "CookieJar", "format_cookies_txt", "merge"],
    "sojourn_core.errors": ["ConnectionError", "RequestException", "TooManyRedirects"],
}


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_path_has_its_names(path: str) -> None:
    module = import_module(path)
    for name in PUBLIC[path]:
        assert hasattr(module, name), f"{path}.{name}"


@pytest.mark.parametrize("path", [path for path in PUBLIC if path != "sojourn.compat"])
def test_a_public_module_says_what_is_public(path: str) -> None:
    module = import_module(path)
    for name in module.__all__:
        assert hasattr(module, name), f"{path}.{name}"
    assert set(PUBLIC[path]) <= set(module.__all__)


def test_each_name_of_the_core_is_the_same_on_every_path() -> None:
    core, errors = import_module("sojourn_core"), import_module("sojourn_core.errors")
    assert core.RequestException is errors.RequestException
    assert core.CookieJar is import_module("sojourn_core.cookies").CookieJar
