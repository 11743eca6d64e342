"""A fresh process loads what its first plain GET needs, and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer

pytestmark = pytest.mark.processes

# What neither the import nor a first plain GET may load, and what it is for.
NEVER: Final = {
    "ssl": "TLS",
    "asyncio": "the other binding",
    "h11": "messages that are not plain",
    "certifi": "TLS",
    "rfc3986": "URLs that are not plain",
    "idna": "names that are not ASCII",
    "logging": "programs that log",
    "http": "reason phrases that are looked up",
    "email": "nothing",
    "dataclasses": "programs that ask for the fields of a value",
    "inspect": "the same",
    "json": "JSON",
    "zlib": "content that is encoded",
    "datetime": "cookies that say when they end",
    "urllib.request": "proxies of other systems than POSIX",
    "tempfile": "nothing",
    "shutil": "saving to a path",
    "secrets": "saving to a path",
    "hashlib": "Digest",
    "pickle": "sessions that travel",
    "rich": "the command line",
    "sojourn.compat": "programs written for Requests",
    "sojourn.cli": "the command line",
    "sojourn.aio": "the other binding",
    "sojourn.local.netscape_jar": "jars of http.cookiejar",
    "sojourn.local.file_sink": "saving to a path",
    "sojourn.shared.state": "sessions that travel",
    "sojourn_core.exchange.h11_codec": "messages that are not plain",
    "sojourn_core.exchange.tls": "TLS",
    "sojourn_core.rules.auth.digest": "Digest",
    "sojourn_core.rules.auth.challenge": "a 401 or 407",
    "sojourn_core.rules.cookies.cookie": "cookies",
    "sojourn_core.rules.cookies.storing": "cookies that a response sets",
    "sojourn_core.rules.cookies.interchange": "files of cookies",
    "sojourn_core.rules.cookies.merging": "jars that ran apart",
    "sojourn_core.rules.cookies.netscape": "files of cookies",
    "sojourn_core.values.content.coding.decoder": "content that is encoded",
    "sojourn_core.values.content.multipart": "files=",
    "sojourn_core.values.url.address": "networks that are refused",
}


def loaded_by(statement: str) -> set[str]:
    """The modules that a statement has loaded in a fresh process."""
    environment = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    program = (
        f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    )
    command = [sys.executable, "-c", program]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return set(made.stdout.split())


def test_the_import_loads_no_more_than_itself() -> None:
    ours = {name for name in loaded_by("import sojourn") if name.startswith("sojourn")}
    assert ours == {"sojourn"}


def test_the_session_is_there_without_what_it_does_not_need() -> None:
    loaded = loaded_by("import sojourn; sojourn.Session")
    assert "sojourn.sync.session" in loaded
    more = {"pathlib", "unicodedata"}
    assert not loaded & {*NEVER, *more}


def test_a_first_plain_get_loads_what_it_needs(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=b"ok"))
    loaded = loaded_by(f"import sojourn; sojourn.get({server.url()!r}).content")
    assert "sojourn_core.exchange.plain_codec" in loaded
    assert not loaded & set(NEVER)
