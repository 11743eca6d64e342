"""200 rounds of 200 tasks on a pool of ten, each cancelled at an await that is drawn.

``python -m tests.bindings.rounds --rounds 10000`` plays more of them.
"""

from __future__ import annotations

import pytest

from tests.bindings.rounds import TASKS, play

ROUNDS = 200


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_rounds(loop: str) -> None:
    game = play(loop, ROUNDS, seed=3)
    assert game.cancelled + game.finished == ROUNDS * TASKS
    assert game.cancelled > ROUNDS * TASKS / 2
    assert game.finished > ROUNDS
