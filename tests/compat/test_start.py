"""Importing the drop-in loads what a first plain GET needs, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bindings.test_start import loaded_by
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.scripted import HandlerServer

pytestmark = pytest.mark.processes

# What neither the import nor a first plain GET may load, and what it is for.
# ``http.cookiejar``, which Requests' jar derives from, loads much more than these: ``http.client``,
# ``ssl``, ``email``, ``urllib.request`` and ``tempfile`` among them.
NEVER: Final = {
    "requests": "nothing",
    "urllib3": "nothing",
    "chardet": "content without a charset",
    "charset_normalizer": "content without a charset",
    "asyncio": "the other binding",
    "certifi": "TLS",
    "csv": "reports of bugs",
    "h11": "messages that are not plain",
    "hmac": "TLS",
    "idna": "names that are not ASCII",
    "importlib.metadata": "reports of bugs",
    "importlib.resources": "TLS",
    "pickle": "sessions that travel",
    "platform": "reports of bugs",
    "rfc3986": "URLs that are not plain",
    "secrets": "saving to a path",
    "zipfile": "certificates in archives",
    "sojourn.aio": "the other binding",
    "sojourn.cli": "the command line",
    "sojourn.compat.origin_file": "programs that look under the raw response",
    "sojourn.compat.tls": "TLS",
    "sojourn.compat.told": "errors",
    "sojourn.local.borrowing": "TLS",
    "sojourn.local.file_sink": "saving to a path",
    "sojourn.shared.saving": "saving to a path",
    "sojourn.shared.state": "sessions that travel",
    "sojourn_core.exchange.h11_codec": "messages that are not plain",
    "sojourn_core.exchange.tls": "TLS",
    "sojourn_core.rules.cookies.interchange": "files of cookies",
    "sojourn_core.rules.cookies.merging": "jars that ran apart",
    "sojourn_core.rules.cookies.netscape": "files of cookies",
    "sojourn_core.values.content.multipart": "files=",
    "sojourn_core.values.url.address": "networks that are refused",
}


def test_the_import_loads_what_a_first_get_needs(serve: Callable[..., HandlerServer]) -> None:
    server = serve(lambda request: response(200, content=b"ok"))
    imported = loaded_by("import sojourn.compat")
    assert not imported & NEVER.keys()
    loaded = loaded_by(f"import sojourn.compat; sojourn.compat.get({server.url()!r}).content")
    assert "sojourn_core.exchange.plain_codec" in loaded
    assert not loaded & NEVER.keys()
