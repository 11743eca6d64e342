"""The CA certificates are certifi's."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests.certs

from sojourn.compat import certs


def test_they_are_where_requests_finds_them() -> None:
    assert certs.where() == requests.certs.where()


@pytest.mark.processes
def test_the_module_run_tells_where() -> None:
    command = [sys.executable, "-m", "sojourn.compat.certs"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout == f"{certs.where()}\n"
