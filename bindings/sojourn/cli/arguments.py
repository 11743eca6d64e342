"""The arguments of the command line, with the names that people know from curl and HTTPie."""

from __future__ import annotations

import argparse
import sys
from typing import Any, Final

from sojourn_core.version import __version__

from .codes import EPILOGUE
from .output import Problems, encodable, opened, written
from .ways import add_proxies, add_trust, add_ways

DESCRIPTION: Final = "HTTP from the command line: one request, its redirects, and why."


class Parser(argparse.ArgumentParser):
    """A parser that guesses no names, and writes by the rules of the program's streams."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def _print_message(self, message: str, file: Any = None) -> None:
        if not message:
            return
        if file is sys.stderr:  # It may be None, as standard output may.
            Problems(sys.stderr).text(message)
            return
        with written():
            opened(file).write(encodable(message, file))


def make_parser() -> argparse.ArgumentParser:
    """Build the parser of the whole program."""
    parser = Parser(prog="sojourn", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"sojourn {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "demo",
        help="send one session through two servers of its own, and tell what happens",
        description="Starts two small HTTP servers on the loopback interface, sends one session "
        "through them, tells each hop with what was decided and why, and checks what the servers "
        "saw. Ends with 0 if every promise was kept, else with 1.",
    )
    _add_get(
        commands.add_parser(
            "get",
            help="make a request (GET, unless -X or content says otherwise)",
            description="Makes a request, follows redirects, and writes the content of the last "
            "response to standard output. Everything else goes to standard error.",
            epilog=EPILOGUE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    explain = commands.add_parser(
        "explain",
        help="tell where each part of a request would come from, and send nothing",
        description="Prepares a request as get does, and tells on standard output where each "
        "field, cookie, credential and proxy would come from: the arguments, the environment, "
        "netrc, the URL, or a default. Nothing is sent, and no value is shown.",
    )
    _add_request(explain)
    explain.add_argument("--as-json", action="store_true", help="write JSON, for programs")
    add_proxies(explain, sends=False)
    add_trust(explain)
    return parser


def _add_request(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is sent."""
    parser.add_argument(
        "url",
        metavar="URL",
        help="an http or https URL; without a scheme, names with a "
        "dot get https, and localhost, addresses and local names http; :8000/x is localhost's",
    )
    request = parser.add_argument_group("what is sent")
    request.add_argument("-X", "--request", dest="method", metavar="METHOD", help="the method")
    request.add_argument("-I", "--head", action="store_true", help="HEAD; implies -i")
    request.add_argument(
        "-H",
        "--header",
        dest="headers",
        action="append",
        default=[],
        metavar="LINE",
        help="a field line, 'Name: value'; 'Name:' leaves one out that is sent by default, 'Name;' "
        "sends it empty",
    )
    content = request.add_mutually_exclusive_group()
    content.add_argument(
        "-d",
        "--data",
        action="append",
        metavar="DATA",
        help="form content, joined with & if given more than once; @FILE sends a file without its "
        "line ends, @- standard input",
    )
    content.add_argument(
        "--data-binary",
        metavar="DATA",
        help="content as it is; @FILE sends a file as it is read, @- standard input",
    )
    content.add_argument(
        "-j",
        "--json",
        action="append",
        metavar="DATA",
        help="JSON text, sent as it is, with Content-Type and Accept for JSON; @FILE, @-",
    )
    request.add_argument(
        "--expect",
        action="store_true",
        help="wait with the content until the server wants it (Expect: 100-continue), for 1 s at "
        "most",
    )
    request.add_argument("-A", "--user-agent", metavar="TEXT", help="the User-Agent field")
    request.add_argument("-e", "--referer", metavar="URL", help="the Referer field")
    request.add_argument(
        "-b",
        "--cookie",
        dest="cookies",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a cookie for the origin of URL, or several with '; ' between them",
    )
    request.add_argument(
        "-a",
        "-u",
        "--auth",
        "--user",
        dest="auth",
        metavar="USER:PASSWORD",
        help="Basic credentials for the origin of URL; without a password it is asked for",
    )


def _add_get(parser: argparse.ArgumentParser) -> None:
    _add_request(parser)
    response = parser.add_argument_group("what is shown")
    response.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the content there: a file all or nothing, a "
        "pipe or a device as it comes; - is standard output",
    )
    response.add_argument(
        "-i", "--include", action="store_true", help="show the response head first"
    )
    response.add_argument(
        "--explain",
        action="store_true",
        help="tell each hop and each decision on standard error, before the content",
    )
    response.add_argument(
        "-f",
        "--fail",
        action="store_true",
        help="for a status of 400 or above write no content, and end with 1",
    )
    add_ways(parser)
