"""Mistakes in a driver under the conformance kit."""

from collections.abc import Sequence

from sojourn.testing.conformance import Driver, Job, cases, check, conformance


class UnderTest(Driver):
    def run(self, jobs: Sequence[int]) -> None:  # refused: override
        assert jobs

    def carry_out(self) -> None:  # refused: override
        pass


def tell(job: Job) -> None:
    job.take("head", 0.0)  # refused: argument
    job.begin()  # refused: keyword
    print(job.commands)  # refused: attribute


conformance(3)  # refused: argument
cases({"waits"})  # refused: argument
check(cases()[0], UnderTest())  # refused: argument
