"""What a report tells has the keys of Requests' report."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import idna
import pytest
import requests.help as theirs

from sojourn.compat import help as ours
from sojourn_core import __version__


def test_it_has_what_requests_tells() -> None:
    told: dict[str, Any] = ours.info()
    expected = theirs.info()
    assert expected.keys() <= told.keys()
    for key in ("platform", "implementation", "system_ssl", "idna", "urllib3", "requests"):
        assert told[key] == expected[key]
    assert told["sojourn"] == {"version": __version__}


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "PACKAGES", ("charset_normalizer", "no-such-package"))
    assert ours.info()["no-such-package"] == {"version": None}


@pytest.mark.processes
def test_the_module_run_writes_json() -> None:
    command = [sys.executable, "-m", "sojourn.compat.help"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == ours.info()


@pytest.mark.parametrize("name", ["idna", "cryptography", "chardet", "charset_normalizer"])
def test_a_module_that_was_put_there_tells_its_version(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for module in (theirs, ours):
        monkeypatch.setattr(module, name, SimpleNamespace(__version__="2.6"))
    told, expected = ours.info(), theirs.info()
    assert told[name] == expected[name] == {"version": "2.6"}
    assert told["using_charset_normalizer"] is expected["using_charset_normalizer"]
    for module in (theirs, ours):
        monkeypatch.setattr(module, name, None)
    assert ours.info()[name] == theirs.info()[name]


def test_modules_are_names_of_it() -> None:
    assert (ours.idna, ours.platform) == (idna, platform)
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = ours.other
