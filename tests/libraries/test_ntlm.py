"""requests-ntlm at work: the server checks the connection's credentials by pyspnego."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import spnego

from tests.servers.scripted import Received, response

from .process import result_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from tests.servers.scripted import HandlerServer


def test_a_connection_is_authenticated(
    serve: Callable[..., HandlerServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "users"
    known.write_text("DOMAIN:user:secret\n", encoding="ascii")
    monkeypatch.setenv("NTLM_USER_FILE", str(known))
    contexts: dict[int, Any] = {}  # By connection: NTLM is for one, not for a request.

    def answer(request: Received) -> bytes:
        scheme, _, token = (request.value("authorization") or "").partition(" ")
        if scheme != "NTLM":
            return response(401, ("WWW-Authenticate", "NTLM"), content=b"who are you")
        context = contexts.setdefault(
            request.connection,
            spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm),
        )
        try:
            said = context.step(b64decode(token))
        except spnego.exceptions.SpnegoError:
            del contexts[request.connection]
            return response(401, content=b"not you")
        if context.complete:
            del contexts[request.connection]
            return response(200, content=context.client_principal.encode() + request.content)
        return response(401, ("WWW-Authenticate", f"NTLM {b64encode(said).decode()}"))

    server = serve(answer)
    told = result_of("ntlm.authenticated", server.url("/"))
    assert told == [200, "DOMAIN\\usercontent", [401, 401], 401]
    assert len(server.requests) == 6
    assert {each.connection for each in server.requests} == {0}
