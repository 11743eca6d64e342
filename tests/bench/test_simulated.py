"""Simulating a chain is about the work of driving it by hand, in calls."""

from __future__ import annotations

from . import simulated


def test_both_play_the_same_chain() -> None:
    assert simulated.by_hand() == simulated.simulated() == simulated.REDIRECTS + 1


def test_simulating_adds_little() -> None:
    by_hand, played = (simulated.calls(each) for each in (simulated.by_hand, simulated.simulated))
    assert played <= simulated.RATIO_MAX * by_hand
