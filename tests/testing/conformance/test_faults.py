"""The kit has teeth: each fault that is put into a plain driver is caught."""

from __future__ import annotations

import gc
from typing import Final

import pytest

from sojourn.testing.conformance import cases, check, conformance, leaks, play
from tests.testing.conformance.faults import CAUGHT
from tests.testing.conformance.plain import PlainDriver

CASES: Final = {case.name: case for case in cases()}
HANGS: Final = 1.0  # Seconds: nothing here takes so long that is in order.

test_the_driver_without_a_fault = conformance(PlainDriver)


@pytest.mark.parametrize("fault", CAUGHT, ids=lambda fault: fault.__name__)
@pytest.mark.filterwarnings("ignore")  # Faults leave coroutines and sockets behind.
def test_a_fault_is_caught(fault: type[PlainDriver], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "LEAK_SECONDS", 0.2)
    monkeypatch.setattr(leaks, "SECONDS", 0.2)
    with pytest.raises(AssertionError) as caught:
        check(CASES[CAUGHT[fault]], fault, guard=HANGS)
    assert str(caught.value).startswith(CAUGHT[fault])
    gc.collect()  # Here, where what a fault leaves behind may be warned of.
