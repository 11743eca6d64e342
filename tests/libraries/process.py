"""Programs in processes of their own, so that no module of Requests is there before them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS_MAX: Final = 180.0  # A program takes less than one, but for a machine that is busy.


def result_of(program: str, *arguments: object) -> Any:
    """What a program returns; see ``run``. Warnings and what is left open are its errors.

    Args:
        program: As ``run`` takes it.
        *arguments: For it, as text.
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", f"{__package__}.run", program]
        + [str(argument) for argument in arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr  # Of finalizers, which cannot raise.
    return json.loads(done.stdout)
