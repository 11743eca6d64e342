"""What a report tells has the keys of Requests' report."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

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
