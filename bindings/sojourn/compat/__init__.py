"""Requests' interface on Sojourn: ``import sojourn.compat as requests``, and nothing breaks.

Names, arguments, exceptions and modules are those of Requests 2.34, and so is the behaviour
(``Policy.requests()``), except where Requests loses data, lets errors of other libraries through,
or changes its caller's objects. ``install_as_requests`` puts it in the place of Requests for
libraries that import it by name, and ``use_urllib3`` puts urllib3 under it.
"""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Final

from . import (
    adapters,
    api,
    auth,
    certs,
    compat,
    cookies,
    exceptions,
    help,  # noqa: A004 - Requests' own name
    hooks,
    models,
    packages,
    sessions,
    status_codes,
    structures,
    utils,
)
from .api import delete, get, head, options, patch, post, put, request
from .by_urllib3 import use_urllib3
from .exceptions import (
    ConnectionError,
    ConnectTimeout,
    FileModeWarning,
    HTTPError,
    JSONDecodeError,
    ReadTimeout,
    RequestException,
    Timeout,
    TooManyRedirects,
    URLRequired,
)
from .models import PreparedRequest, Request, Response
from .sessions import Session, session
from .status_codes import codes

__all__ = [
    "ConnectTimeout",
    "ConnectionError",
    "FileModeWarning",
    "HTTPError",
    "JSONDecodeError",
    "PreparedRequest",
    "ReadTimeout",
    "Request",
    "RequestException",
    "Response",
    "Session",
    "Timeout",
    "TooManyRedirects",
    "URLRequired",
    "adapters",
    "api",
    "auth",
    "certs",
    "codes",
    "compat",
    "cookies",
    "delete",
    "exceptions",
    "get",
    "head",
    "help",
    "hooks",
    "install_as_requests",
    "models",
    "options",
    "packages",
    "patch",
    "post",
    "put",
    "request",
    "session",
    "sessions",
    "status_codes",
    "structures",
    "use_urllib3",
    "utils",
]

# The release of Requests whose interface this is; libraries read it to choose what to use.
__title__: Final = "requests"
__version__: Final = "2.34.2"
__build__: Final = 0x023402

logging.getLogger(__name__).addHandler(logging.NullHandler())
warnings.simplefilter("default", FileModeWarning, append=True)


def install_as_requests() -> None:
    """Make ``import requests`` import this package from now on, in this process.

    Call it before anything imports Requests: modules that are imported already stay as they are.
    """
    here = sys.modules[__name__]
    sys.modules["requests"] = here
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{__name__}."):
            sys.modules[f"requests{name[len(__name__) :]}"] = module
