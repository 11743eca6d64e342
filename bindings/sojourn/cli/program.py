"""From the arguments to the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import codes
from .arguments import make_parser
from .output import Output, leave_pipe

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; nothing is raised for what goes wrong.

    Args:
        argv: The arguments; those of the process if None.
    """
    try:
        options = make_parser().parse_args(argv)
    except SystemExit as ending:  # argparse has said what there is to say.
        return ending.code if isinstance(ending.code, int) else codes.USAGE
    problems = Output(sys.stderr)
    try:
        if options.command == "demo":
            from .demo import run_demo

            return run_demo(Output(sys.stdout), problems)
        from .get import run_get

        return run_get(options, problems)
    except KeyboardInterrupt:
        problems.line("sojourn: interrupted", "problem")
        return codes.INTERRUPTED
    except codes.Ending as ending:
        problems.line(f"sojourn: {ending.message}", "problem")
        return ending.code
    except BrokenPipeError:
        leave_pipe()
        return codes.PIPE_CLOSED
