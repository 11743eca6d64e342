"""The framing of a request where it is sent, beside what was prepared."""

from __future__ import annotations

from typing import Any

from .structures import CaseInsensitiveDict


def framed(request: Any) -> Any:
    """Return a request as it is sent: without a length it goes in chunks, be it a form of nothing.

    It may be of any class; it is not changed.
    """
    body = request.body
    if body or not isinstance(body, (str, bytes)):
        return request
    if {"content-length", "transfer-encoding"} & {str(name).lower() for name in request.headers}:
        return request
    sent = request.copy()
    lines = [("Transfer-Encoding", "chunked"), *request.headers.items()]
    sent.headers = CaseInsensitiveDict.from_lines(lines)
    return sent
