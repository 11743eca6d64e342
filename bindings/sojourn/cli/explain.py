"""``sojourn explain``: where each part of a request would come from, and nothing is sent."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sojourn.sync.session import Session
from sojourn_core.values.errors import RequestException

from . import codes
from .address import complete
from .codes import Ending
from .get import described
from .output import Output
from .ways import proxies_of, trusted

if TYPE_CHECKING:
    import argparse


def run_explain(options: argparse.Namespace) -> int:
    """Carry out ``sojourn explain``.

    Raises:
        Ending: The request could not be sent as it is.
        BrokenPipeError: Nobody reads the output any more.
    """
    address = complete(options.url)
    with ExitStack() as files, Session() as session:
        try:
            request = described(options, address.url, files)
            given: dict[str, Any] = {
                "headers": request.headers,
                "data": request.data,
                "auth": request.auth,
                "verify": trusted(options),
                "proxies": proxies_of(options, address.url),
            }
            told = session.explain(request.method or "GET", address.url, **given)
        except (RequestException, OSError, ValueError) as error:
            raise Ending(codes.USAGE, str(error)) from error
    output = Output(sys.stdout)
    if options.as_json:
        output.line(told.as_json())
    else:
        for line in str(told).splitlines():
            output.line(line)
    output.flush()
    return codes.OK
