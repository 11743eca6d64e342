from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core.values.content.detection import detector

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    detector.cache_clear()
    yield
    detector.cache_clear()


def test_the_extra_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)  # Its import fails.
    assert detector() is None
    monkeypatch.delitem(sys.modules, "charset_normalizer")
    assert detector() is None


@pytest.mark.parametrize(
    ("best", "charset"),
    [(SimpleNamespace(encoding="utf_8"), "utf-8"), (None, None)],
)
def test_a_charset_is_named_as_fields_name_it(
    best: Any, charset: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra: Any = ModuleType("charset_normalizer")
    extra.from_bytes = lambda content, **_: SimpleNamespace(best=lambda: best)
    monkeypatch.setitem(sys.modules, "charset_normalizer", extra)
    detect = detector()
    assert detect is not None
    assert detect(b"abc") == charset
