"""From the arguments to the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sojourn.local.file_sink import remove_parts

from . import codes
from .arguments import make_parser
from .output import Output, Problems, abandon, empty_into_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; nothing is raised for what goes wrong.

    Args:
        argv: The arguments; those of the process if None.
    """
    problems = Problems(sys.stderr)
    try:
        try:
            code = _run(argv, problems)
            Output(sys.stdout).flush()
        finally:
            remove_parts()
    except KeyboardInterrupt as interrupt:
        remove_parts()  # It may have come in the middle of that.
        ending = codes.interrupted(interrupt)
        problems.line(f"sojourn: {ending.message}", "problem")
        code = ending.code
        empty_into_nothing(sys.stdout)  # A flush could wait for a reader that is asleep.
    except codes.Ending as ending:
        problems.line(f"sojourn: {ending.message}", "problem")
        code = ending.code
        abandon(sys.stdout)
    except BrokenPipeError:
        code = codes.PIPE_CLOSED
        empty_into_nothing(sys.stdout)
    problems.flush()
    return code


def _run(argv: Sequence[str] | None, problems: Problems) -> int:
    try:
        options = make_parser().parse_args(argv)
    except SystemExit as ending:  # argparse has said what there is to say.
        return ending.code if isinstance(ending.code, int) else codes.USAGE
    if options.command == "demo":
        from .demo import run_demo

        return run_demo(Output(sys.stdout), problems)
    if options.command == "explain":
        from .explain import run_explain

        return run_explain(options)
    from .get import run_get

    return run_get(options, problems)
