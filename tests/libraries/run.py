"""Run one program in this process, whose Requests is ``sojourn.compat``.

``python -m tests.libraries.run toolbelt.multipart URL`` calls the function ``multipart`` of the
module ``programs.toolbelt`` with the URL, and prints what it returns as JSON. With
``LIBRARIES_ON=requests`` in the environment it is Requests itself: so one finds out whether
a program asks for what is there at all.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

OURS: Final = "sojourn.compat"
BASE: Final = os.environ.get("LIBRARIES_ON", OURS)


def run(program: str, *arguments: str) -> Any:
    """What a program returns, once it is certain whose classes it has used.

    Args:
        program: Module and function, with a point between them.
        *arguments: For the function.
    """
    if BASE == OURS:
        import_module(OURS).install_as_requests()
    module, _, function = program.partition(".")
    loaded = import_module(f"{__package__}.programs.{module}")
    result = getattr(loaded, function)(*arguments)
    check_origins(loaded.LIBRARIES)
    return result


def check_origins(libraries: tuple[str, ...]) -> None:
    """Make sure that the libraries are built on ``BASE``, and that nothing of the other is there.

    Raises:
        AssertionError: A library uses no name of it, or Requests itself was imported.
    """
    assert sys.modules["requests"].__name__ == BASE, sys.modules["requests"]
    if BASE == OURS:
        folder = Path(str(distribution("requests").locate_file("requests"))).resolve()
        imported = [
            name
            for name, module in list(sys.modules.items())
            if (file := getattr(module, "__file__", None)) and folder in Path(file).parents
        ]
        assert not imported, f"Requests itself was imported: {imported}"
    for library in libraries:
        used = {
            origin
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] == library
            for value in list(vars(module).values())
            if (origin := origin_of(value)).startswith(f"{BASE}.") or origin == BASE
        }
        assert used, f"{library} has no name of {BASE}"


def origin_of(value: Any) -> str:
    """The module that something is, or comes from; nothing for a value that says neither."""
    name = getattr(value, "__name__" if isinstance(value, type(sys)) else "__module__", "")
    return name if isinstance(name, str) else ""


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))
