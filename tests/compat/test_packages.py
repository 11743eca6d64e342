"""``packages.urllib3`` is urllib3 where it is installed, and enough to go on where it is not."""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

import idna
import pytest
import requests
import urllib3
import urllib3.util.retry

from sojourn.compat import packages


def test_it_is_the_real_one() -> None:
    from sojourn.compat.packages.urllib3.exceptions import InsecureRequestWarning
    from sojourn.compat.packages.urllib3.util.retry import Retry

    assert InsecureRequestWarning is urllib3.exceptions.InsecureRequestWarning
    assert Retry is urllib3.util.retry.Retry
    assert packages.urllib3.PoolManager is urllib3.PoolManager
    assert packages.urllib3.util.retry.Retry is Retry
    assert packages.idna.encode is idna.encode
    assert packages.chardet.detect is requests.packages.chardet.detect


def test_warnings_are_disabled() -> None:
    with warnings.catch_warnings():
        packages.urllib3.disable_warnings()
        warnings.warn("no", urllib3.exceptions.InsecureRequestWarning, stacklevel=1)


@pytest.mark.parametrize("name", packages.MODULES)
def test_each_stands_under_its_name(name: str) -> None:
    assert importlib.import_module(f"{packages.__name__}.{name}").__name__.endswith(name)


def test_what_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = packages.urllib3.nothing
    with pytest.raises(AttributeError, match="__nothing__"):
        _ = packages.urllib3.__nothing__
    with pytest.raises(ImportError):
        importlib.import_module(f"{packages.__name__}.urllib3.nothing")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib3 and the others are not installed."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(packages, "import_module", missing)


@pytest.mark.usefixtures("without")
def test_without_urllib3() -> None:
    made = packages.urllib3
    kind = made.exceptions.InsecureRequestWarning
    assert issubclass(kind, made.exceptions.SecurityWarning)
    assert issubclass(made.exceptions.SecurityWarning, made.exceptions.HTTPWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert made.disable_warnings(kind) is None
        warnings.warn("no", kind, stacklevel=1)
        with pytest.raises(made.exceptions.SecurityWarning):
            warnings.warn("yes", made.exceptions.SecurityWarning, stacklevel=1)
        assert made.disable_warnings() is None
        warnings.warn("no", made.exceptions.SecurityWarning, stacklevel=1)
    with pytest.raises(AttributeError, match="urllib3 is not installed"):
        _ = made.PoolManager
    with pytest.raises(AttributeError, match=r"urllib3\.util\.retry is not installed"):
        _ = made.util.retry.Retry
    with pytest.raises(AttributeError, match="chardet is not installed"):
        _ = packages.chardet.detect


def test_an_unverified_request_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """By urllib3's own class where the program has imported it, and without an import else."""
    own = urllib3.exceptions.InsecureRequestWarning
    with pytest.warns(own, match="Unverified HTTPS request is being made to host 'a.test'"):
        packages.warn_unverified("a.test")
    monkeypatch.delitem(sys.modules, "urllib3.exceptions")
    with pytest.warns(packages.InsecureRequestWarning, match="'a.test'"):
        packages.warn_unverified("a.test")
    assert "urllib3.exceptions" not in sys.modules


def test_a_host_is_warned_of_once_if_nothing_else_is_asked_for() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for host in ("once.test", "other.test", "once.test"):
            packages.warn_unverified(host)
    assert [str(each.message).split("'")[1] for each in caught] == ["once.test", "other.test"]


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    import subprocess

    program = "import sojourn.compat.packages, sys; print('urllib3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
