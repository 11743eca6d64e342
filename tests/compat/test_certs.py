"""The CA certificates are certifi's."""

from __future__ import annotations

import runpy

import pytest
import requests.certs

from sojourn.compat import certs


def test_they_are_where_requests_finds_them() -> None:
    assert certs.where() == requests.certs.where()


# runpy finds the module loaded already, and says so.
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_the_module_run_tells_where(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_module("sojourn.compat.certs", run_name="__main__")
    assert capsys.readouterr().out == f"{certs.where()}\n"
