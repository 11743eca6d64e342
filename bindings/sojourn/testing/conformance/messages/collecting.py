"""Cases of pytest. Only here is pytest imported, once cases are collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cases import message_cases
from .check import check_messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from .case import MessageCase
    from .driver import MessageDriver


def message_conformance(make_driver: Callable[[], MessageDriver]) -> Callable[[MessageCase], None]:
    """Return a test of pytest that plays each case which concerns a driver.

    ::

        test_my_driver = message_conformance(MyDriver)

    Args:
        make_driver: The class of the driver, which has ``offers``; one is made for each case.
    """
    import pytest

    offers: frozenset[str] = make_driver.offers  # type: ignore[attr-defined]
    cases = [pytest.param(each, id=each.title) for each in message_cases(offers)]

    @pytest.mark.parametrize("case", cases)
    def test(case: MessageCase) -> None:
        check_messages(case, make_driver)

    return test
