"""Values survive pickling by the names of their fields, whatever another release has added."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from sojourn_core import Limits, Policy, PoolLimits, Timeouts
from sojourn_core.rules.redirect_tables import Methods
from sojourn_core.values.pickling import _made

VALUES: list[Any] = [
    Policy.requests().replace(https_only=True),
    Limits(head_size_max=5),
    Timeouts(connect=1.0, total=9.0),
    PoolLimits(idle_max=3),
    Methods.all_but("GET"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_goes_through_pickle_by_names(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    _, (kind, state) = value.__reduce__()
    assert set(state) == set(kind.__dataclass_fields__)


def test_fields_of_another_release() -> None:
    assert _made(Timeouts, {"connect": 1.0, "of_tomorrow": True}) == Timeouts(connect=1.0)
