"""Look for bytes that the two codecs of HTTP/1.1 read differently.

``python -m tests.fuzz --seconds 600`` plays inputs to ``plain_codec`` and ``h11_codec`` until the
time is over, and ends with 1 at the first on which they differ: other events, another error or
another verdict on the connection. It is led by coverage where atheris is installed (``pip install
atheris``), and else by a seeded mutator. ``--input HEX`` plays one input.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_mutator(seconds: float, seed: int) -> int:
    """Play mutated inputs; how many there were."""
    from tests.fuzz.mutator import Mutator
    from tests.fuzz.target import SEEDS, check

    mutator, count = Mutator(SEEDS, seed), 0
    for each in SEEDS:
        check(each)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutator.next()
        try:
            check(data)
        except BaseException:
            print(f"--input {data.hex()}", file=sys.stderr)
            raise
        count += 1
    return count


def run_atheris(seconds: float, seed: int) -> None:
    """Have atheris make the inputs. It ends the process."""
    import atheris

    with atheris.instrument_imports(include=["sojourn_core.exchange", "h11"]):
        from tests.fuzz.target import SEEDS, check

    corpus = Path(tempfile.mkdtemp(prefix="sojourn-fuzz-"))
    for index, each in enumerate(SEEDS):
        (corpus / f"{index}").write_bytes(each)
    options = [f"-max_total_time={seconds:.0f}", f"-seed={seed}", "-max_len=4096"]
    artifacts = f"-artifact_prefix={corpus}/"
    atheris.Setup([sys.argv[0], *options, artifacts, "-print_final_stats=1", str(corpus)], check)
    atheris.Fuzz()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutator", action="store_true", help="not with atheris in any case")
    parser.add_argument("--input", type=bytes.fromhex, metavar="HEX")
    chosen = parser.parse_args(arguments)
    if chosen.input is not None:
        from tests.fuzz.target import check

        check(chosen.input)
    elif chosen.mutator or importlib.util.find_spec("atheris") is None:
        count = run_mutator(chosen.seconds, chosen.seed)
        print(f"{count} inputs of the mutator, seed {chosen.seed}: both codecs told the same")
    else:
        run_atheris(chosen.seconds, chosen.seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
