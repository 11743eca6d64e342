"""The cases of the kit, by subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import (
    addresses,
    cancelling,
    connecting,
    deadlines,
    expecting,
    keepalive,
    pooling,
    proxies,
    proxies_more,
    requests,
    responses,
    tls,
)

if TYPE_CHECKING:
    from sojourn.testing.conformance.case import Case

ALL: Final[tuple[Case, ...]] = (
    *connecting.CASES,
    *addresses.CASES,
    *requests.CASES,
    *expecting.CASES,
    *responses.CASES,
    *keepalive.CASES,
    *pooling.CASES,
    *deadlines.CASES,
    *cancelling.CASES,
    *tls.CASES,
    *proxies.CASES,
    *proxies_more.CASES,
)


def cases(offers: frozenset[str] | None = None) -> tuple[Case, ...]:
    """Return the cases that concern a driver.

    Args:
        offers: What it can do, as ``Driver.offers``; None for all cases.
    """
    return ALL if offers is None else tuple(each for each in ALL if each.needs <= offers)
