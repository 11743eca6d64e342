"""Mistakes in programs upon ``sojourn.testing``."""

from sojourn.testing import Answer, Situation, Trail, check_small_scope, play, simulate
from sojourn.testing.machine import RedirectMachine
from sojourn_core import Policy, Request

ASKED = Request("GET", "https://a.test/")


class Machine(RedirectMachine):
    def check(self, send: int) -> None:  # refused: override
        assert send


def judge(number: int) -> None:
    assert number


def run(trail: Trail) -> None:
    simulate({"https://a.test/": 200}, ASKED, Policy())  # refused: argument
    play(ASKED, {})  # refused: argument
    check_small_scope(Policy(), judge)  # refused: argument
    Answer("200")  # refused: argument
    Situation(auth="ada")  # refused: argument
    print(trail.requests)  # refused: attribute
    Policy(field_origins={"x-api-key": 3})  # refused: argument
