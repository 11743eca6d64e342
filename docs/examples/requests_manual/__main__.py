"""One small program for each thing that the first chapters of Requests' manual show.

    python docs/examples/requests_manual requests
    python docs/examples/requests_manual sojourn.compat
    python docs/examples/requests_manual sojourn.compat quickstart_01 advanced_16_keep_alive

The first argument is the module to run them with: each program gets it as its argument
``requests``, and prints the same with both. Names of programs, or beginnings of names, choose some.
The servers that they talk to are started here, on this machine only; that needs ``trustme``.
"""

import importlib
import os
import runpy
import sys
import tempfile
from pathlib import Path

from server import Server

FOLDER = Path(__file__).parent
# What the programs' results must not depend on.
ENVIRONMENT = ("PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "SSL_CERT_FILE")


def programs(*beginnings):
    """The paths of the programs in the order of the manual, or of those with such names."""
    chapters = ("quickstart", "advanced")
    found = [path for chapter in chapters for path in sorted(FOLDER.glob(f"{chapter}_*.py"))]
    return [path for path in found if not beginnings or path.stem.startswith(beginnings)]


def clean_environment(environ):
    """Take out of ``environ`` whatever would lead requests elsewhere."""
    for name in list(environ):
        if name.upper().endswith(ENVIRONMENT):
            del environ[name]


def main(*arguments):
    """Run programs, as the arguments of the command say. Returns the status of the process."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    module, *beginnings = arguments
    chosen = programs(*beginnings)
    if not chosen:
        print(f"no program begins with {' or '.join(beginnings)}", file=sys.stderr)
        return 2
    requests = importlib.import_module(module)
    clean_environment(os.environ)
    with tempfile.TemporaryDirectory() as folder, Server(folder) as server:
        for path in chosen:
            program = runpy.run_path(str(path))
            print(f"{path.stem}: {program['__doc__']}")
            program["main"](requests, server)
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
