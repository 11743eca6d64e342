"""How much work a call is, counted: no clock tells a busy machine from a bad algorithm."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

GROWTH_MAX: Final = 2.6  # For twice the size: 2 is linear, 4 is the square.


def work_of(run: Callable[[], object]) -> int:
    """The Python lines that a call executes, and the functions that it calls, those in C included.

    What goes on inside one function in C counts as one, however long it takes.
    """
    count = 0

    def trace(_frame: FrameType, _event: str, _: object) -> Any:
        nonlocal count
        count += 1
        return trace

    def profile(_frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "c_call"

    before = sys.gettrace(), sys.getprofile(), gc.isenabled()
    gc.disable()  # Finalizers, and whoever asked to be told of a collection, are not its work.
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(before[1])
        sys.settrace(before[0])
        if before[2]:
            gc.enable()
    return count


def assert_linear(run: Callable[[int], object], size: int = 2000) -> None:
    """Assert that the work of ``run(size)`` grows with the size, and not with its square."""
    once = work_of(lambda: run(size))
    twice = work_of(lambda: run(2 * size))
    assert twice <= GROWTH_MAX * once, f"{once} for {size}, but {twice} for {2 * size}"
