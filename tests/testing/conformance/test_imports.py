"""The kit needs the core and the standard library; pytest is there once cases are collected."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from sojourn.testing.conformance import USUAL, cases, check
assert cases(USUAL)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"pytest", "hypothesis", "trio"}))
"""


def test_the_kit_loads_nothing_that_is_to_be_installed_besides() -> None:
    made = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert made.stdout == "[]\n"
