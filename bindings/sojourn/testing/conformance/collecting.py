"""Cases of pytest. Only here is pytest imported, once cases are collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cases import cases
from .play import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from .case import Case
    from .driver import Driver


def conformance(make_driver: Callable[[], Driver]) -> Callable[[Case], None]:
    """Return a test of pytest that plays each case which concerns a driver.

    ::

        test_my_driver = conformance(MyDriver)

    Args:
        make_driver: The class of the driver, or what makes one; it is called once for each case,
            and once before, for ``offers``, if it has no such attribute.
    """
    import pytest

    offers: frozenset[str] | None = getattr(make_driver, "offers", None)
    if offers is None:
        driver = make_driver()
        offers = driver.offers
        driver.close()

    @pytest.mark.parametrize("case", [pytest.param(each, id=each.title) for each in cases(offers)])
    def test(case: Case) -> None:
        check(case, make_driver)

    return test
