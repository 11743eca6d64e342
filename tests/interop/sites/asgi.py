"""The site as an ASGI application."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from .content import PIECES, Receipt, represent

# After the first piece: who forwards it cannot have all of it at once.
PAUSE: Final = 0.02


async def site(scope: Any, receive: Any, send: Any) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        raise RuntimeError("this application knows nothing of " + scope["type"])
    fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, method = scope["path"], scope["method"]
    if path == "/text":
        status, found, content = represent(
            method, fields.get("if-none-match", ""), fields.get("accept-encoding", "")
        )
        await _answer(send, status, found, content)
    elif path == "/pieces":
        await _answer(send, 200, {"Content-Type": "text/plain"}, *PIECES, pause=PAUSE)
    elif path == "/upload":
        receipt = Receipt()
        more = True
        while more:
            event = await receive()
            receipt.add(event.get("body", b""))
            more = event.get("more_body", False)
        content = bytes(receipt)
        await _answer(send, 200, {"Content-Length": str(len(content))}, content)
    elif path == "/refused":
        await _answer(send, 413, {"Content-Length": "9"}, b"too large")
    else:
        await _answer(send, 404, {"Content-Length": "0"}, b"")


async def _answer(
    send: Any, status: int, fields: dict[str, str], *pieces: bytes, pause: float = 0
) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if pause:
            await asyncio.sleep(pause)
            pause = 0
    await send({"type": "http.response.body", "body": b"", "more_body": False})
