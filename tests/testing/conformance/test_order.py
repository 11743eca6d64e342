"""Jobs begin in their order, whatever a system does with the threads that they have."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import pytest

from sojourn.testing.conformance import cases, check
from tests.testing.conformance.drivers import SyncDriver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sojourn.testing.conformance import Case, Job


class Backwards(SyncDriver):
    """Has the thread of the last job run first."""

    def run(self, jobs: Sequence[Job]) -> None:
        threads = [threading.Thread(target=self.carry, args=(job,)) for job in reversed(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


QUEUES: Final = [each for each in cases(Backwards.offers) if "waiter" in each.name]


@pytest.mark.parametrize("case", QUEUES, ids=lambda case: case.title)
def test_jobs_begin_in_their_order(case: Case) -> None:
    check(case, Backwards)
