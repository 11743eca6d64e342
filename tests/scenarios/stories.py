"""All scenarios, story by story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.scenarios import (
    broken_content,
    by_path,
    content,
    credentials,
    expecting,
    faults,
    framing,
    hops,
    kept_cookies,
    odd_heads,
    redirects,
    refusals,
    routes,
    staleness,
    trailers_sent,
    unclean,
    uploads,
)

if TYPE_CHECKING:
    from tests.scenarios.model import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *content.SCENARIOS,
    *uploads.SCENARIOS,
    *expecting.SCENARIOS,
    *trailers_sent.SCENARIOS,
    *framing.SCENARIOS,
    *broken_content.SCENARIOS,
    *unclean.SCENARIOS,
    *odd_heads.SCENARIOS,
    *redirects.SCENARIOS,
    *hops.SCENARIOS,
    *credentials.SCENARIOS,
    *kept_cookies.SCENARIOS,
    *staleness.SCENARIOS,
    *faults.SCENARIOS,
    *refusals.SCENARIOS,
    *routes.SCENARIOS,
    *by_path.SCENARIOS,
)
