"""Mappings and pairs, and cookies as such: ``requests.utils`` and ours say the same."""

from __future__ import annotations

from collections import OrderedDict
from http.cookiejar import CookieJar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests.utils as theirs

from sojourn.compat import utils as ours
from sojourn.compat.structures import CaseInsensitiveDict

from .sides import outcome

if TYPE_CHECKING:
    from collections.abc import Callable

GIVEN: list[Callable[[], Any]] = [
    lambda: None,
    dict,
    lambda: {"a": 1},
    lambda: OrderedDict(a=1),
    lambda: CaseInsensitiveDict(A=1),
    lambda: SimpleNamespace(items=lambda: [("a", 1)]),
    list,
    lambda: [("a", 1), ("a", 2)],
    lambda: (("a", 1),),
    lambda: iter([("a", 1)]),
    lambda: [1, 2],
    lambda: ["ab"],
    lambda: {1, 2},
    lambda: "ab",
    lambda: b"ab",
    lambda: True,
    lambda: 5,
    lambda: 5.0,
]


@pytest.mark.parametrize("name", ["to_key_val_list", "from_key_val_list"])
@pytest.mark.parametrize("given", GIVEN)
def test_pairs(name: str, given: Callable[[], Any]) -> None:
    assert outcome(getattr(ours, name), given()) == outcome(getattr(theirs, name), given())


@pytest.mark.parametrize("given", [{"a": 1}, [("a", 1)], "ab", None])
def test_a_sequence(given: Any) -> None:
    assert ours.dict_to_sequence(given) == theirs.dict_to_sequence(given)


@pytest.mark.parametrize("jar", [CookieJar, None])
@pytest.mark.parametrize("cookies", [{}, {"a": "1", "b": "2"}])
def test_cookies(jar: Any, cookies: dict[str, str]) -> None:
    filled = ours.add_dict_to_cookiejar(jar and jar(), cookies)
    expected = theirs.add_dict_to_cookiejar(jar and jar(), cookies)
    assert ours.dict_from_cookiejar(filled) == theirs.dict_from_cookiejar(expected) == cookies
    assert type(filled).__name__ == type(expected).__name__
