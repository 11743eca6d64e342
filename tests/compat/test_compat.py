"""The names of ``requests.compat`` are the same things."""

from __future__ import annotations

import builtins
import importlib

import pytest
import requests.compat as theirs

from sojourn.compat import compat as ours


@pytest.mark.parametrize("name", sorted({*ours.__all__, "chardet"}))
def test_they_are_the_same(name: str) -> None:
    assert getattr(ours, name) == getattr(theirs, name)


def test_what_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cchardet'"):
        _ = ours.cchardet


def test_without_a_package_that_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(ours, "import_module", missing)
    assert ours.chardet is None


def test_its_names_do_not_hide_what_they_stand_for() -> None:
    fresh = importlib.reload(ours)
    assert (fresh.str, fresh.bytes) == (builtins.str, builtins.bytes)
