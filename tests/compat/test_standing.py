"""The mixin of redirects follows them without a session, over a ``send`` of its own."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

import pytest


@pytest.mark.parametrize("library", ["requests", "sojourn.compat"])
def test_the_mixin_of_redirects_needs_no_session(library: str) -> None:
    requests: Any = import_module(library)

    # The silenced check: to a type checker the mixin is of an unknown type.
    class Sending(requests.sessions.SessionRedirectMixin):  # type: ignore[misc]
        """Answers with redirects, of its own making."""

        def __init__(self, *statuses: int) -> None:
            self.statuses = list(statuses)
            self.cookies: dict[str, str] = {}
            self.max_redirects = 30
            self.trust_env = False
            self.asked: list[tuple[str, dict[str, Any]]] = []

        def send(self, request: Any, **settings: Any) -> Any:
            self.asked.append((request.method, settings))
            response = requests.Response()
            response.status_code = self.statuses.pop(0) if self.statuses else 200
            response.headers = requests.structures.CaseInsensitiveDict({"Location": "/"})
            response.raw, response.request = io.BytesIO(), request
            return response

    sending = Sending(303, 307)
    request = requests.Request("POST", "http://a.test/x").prepare()
    first = sending.send(request)
    found = [each.status_code for each in sending.resolve_redirects(first, request)]
    settings = {"stream": False, "verify": True, "cert": None, "timeout": None, "proxies": {}}
    settings["allow_redirects"] = False
    assert found == [307, 200]
    assert sending.asked == [("POST", {}), ("GET", settings), ("GET", settings)]
